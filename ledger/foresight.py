"""What the log would refuse of a body that nobody signed yet, judged by its own rules and tables as they stand.

Nothing is written. Between this and the signed statement the log goes on, and judges again: a body that passes here is
accepted only by the log's own word, a promise.
"""

from __future__ import annotations

from attestation.bodies import Body
from attestation.foresight import unsigned
from attestation.verification import judge
from ledger.context import LedgerContext, LogParameters
from ledger.db.base import Database
from ledger.db.entries import EntryRepository


class Foresight:
    """Reads one log. ``parameters``: what binds it."""

    def __init__(self, database: Database, parameters: LogParameters) -> None:
        self._database = database
        self._parameters = parameters

    def judge(self, type_: str, body: Body, issuer: str, now: int) -> int:
        """Judge it as ``issuer`` would sign it at ``now`` (unix seconds); how many entries the log had then.

        Raises the AttestationError of steps 8 to 12 by which the statement would be refused, were it signed by a good
        key and in its place. Approvals and signatures inside the body are judged last, as always.
        """
        statement, key = unsigned(type_, body, issuer=issuer, origin=self._parameters.origin, now=now)
        with self._database.read() as session:
            state = EntryRepository(session).state()
            judge(statement, LedgerContext(session, self._parameters, state, now), key)
            return int(state.next_index)
