"""What the entries establish, applied anew to an empty store of its own: identifiers, keys, policies, reports, gaps
and losses, wishes.

The rules are those of acceptance (``ledger.effects``), since a second copy of them would only drift. Readings and
closes are not copied: the scratch store is small however long the log is, and is gone with the check.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.context import KeyRecord
from attestation.statements import Close, Reading, Statement
from attestation.verification import find_key
from ledger import effects
from ledger.chain.outbox import State
from ledger.context import LedgerContext, LogParameters
from ledger.db.base import Base, Database
from ledger.db.chain_models import OutboxRow
from ledger.db.entries import EntryRepository
from ledger.db.gaps import GapRepository
from ledger.db.log_models import Stream
from ledger.fsck.store import Store


class Replay:
    """The scratch store inside one transaction that is never committed.

    ``refused``: operations (id and kind) that contracts finally refused. Terms, prices and fills among them count for
    nothing in what later entries establish; that a contract said so is in no entry.
    """

    def __init__(
        self, session: Session, parameters: LogParameters, refused: Collection[tuple[bytes, str]] = ()
    ) -> None:
        self._refused = frozenset(refused)
        self._session = session
        self._parameters = parameters
        self._entries = EntryRepository(session)
        self._entries.initialise(parameters.origin)
        self._gaps = GapRepository(session)
        self._highest: dict[int, int] = {}
        self._context = self._fresh(0, 0)

    def store(self) -> Store:
        """What was established so far, for reading."""
        self._session.flush()
        return Store(self._session.connection())

    def find_key(self, statement: Statement) -> KeyRecord:
        """The key by which the statement says it is signed, as of where the replay stands. Raises AttestationError."""
        return find_key(statement, self._context)

    def apply(self, row: dict[str, Any], statement: Statement) -> None:
        """Apply what an entry establishes; ``row`` has the columns of ``entries``, good ones.

        Raises whatever acceptance would have raised; the replay stands where it stood then.
        """
        self.place(row["stream_id"], (statement.iss, statement.stream), statement.seq)
        if isinstance(statement.body, Reading | Close):
            return
        with self._session.begin_nested():
            context = self._fresh(row["idx"] + 1, row["accepted_at"])
            self._entries.insert_entries([row])
            effects.apply(self._session, context, statement, row["idx"])
            self._refuse(row["idx"])
            self._session.flush()
        # Key records are kept by a context: what this entry changed is for the next one.
        self._context = self._fresh(row["idx"] + 1, row["accepted_at"])

    def _refuse(self, index: int) -> None:
        if not self._refused:
            return
        for wish in self._session.scalars(select(OutboxRow).where(OutboxRow.position == index)):
            if (wish.op_id, wish.kind) in self._refused:
                wish.state = State.REFUSED.value

    def place(self, stream_id: int, name: tuple[str, str], seq: int) -> None:
        """Take an entry's seq: what it leaves open below, or fills. Raises RuntimeError where the seq is not free."""
        if stream_id not in self._highest:
            empty = dict.fromkeys(
                ("last_seq", "count", "closed_seq", "closed_until", "head_seq", "head_start", "head_end"), 0
            )
            self._session.add(Stream(id=stream_id, issuer=name[0], name=name[1], **empty))
            self._session.flush()
        highest = self._highest.setdefault(stream_id, 0)
        self._highest[stream_id] = max(highest, seq)
        if seq > highest + 1:
            self._gaps.skip(stream_id, highest + 1, seq - 1)
        elif seq <= highest:
            self._gaps.fill(stream_id, seq, seq)

    def _fresh(self, next_index: int, now: int) -> LedgerContext:
        state = self._entries.state()
        state.next_index = next_index
        return LedgerContext(self._session, self._parameters, state, now)


@contextmanager
def replaying(parameters: LogParameters, refused: Collection[tuple[bytes, str]] = ()) -> Iterator[Replay]:
    """A replay over an empty scratch store, removed afterwards; ``refused`` as of :class:`Replay`."""
    with tempfile.TemporaryDirectory(prefix="tanlu-fsck-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'scratch.sqlite3'}")
        try:
            Base.metadata.create_all(database.engine)
            with Session(database.writer, expire_on_commit=False) as session:
                yield Replay(session, parameters, refused)
        finally:
            database.close()
