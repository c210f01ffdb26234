"""Acceptance: statements go in, durable entries with an index and the log's promise come out.

Durability contract: when ``submit`` returns, every outcome in it is committed; when it raises, nothing of the call is
in the log. Signatures are checked before the write transaction, with keys that no statement can change (a key is named
by its own thumbprint); everything that depends on the log's state is judged inside it, line after line.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct
from sqlalchemy.orm import Session

from attestation.context import EntryRef
from attestation.errors import AttestationError, Equivocation
from attestation.keys import PrivateKey, PublicKey
from attestation.statements import Statement
from attestation.verification import Verdict, check_signature, examine, find_key, judge
from ledger import effects, promises
from ledger.citations import Sums, cited_ranges, sums_cited
from ledger.context import LedgerContext, LogParameters
from ledger.db.base import Database
from ledger.db.entries import EntryRepository
from ledger.db.identities import IdentityRepository
from ledger.errors import HistoryDiverged
from ledger.records import public_key
from ledger.verifying import Check, Checker, check_here
from ledger.view import no_entry

_KEY_CACHE = 100_000


class Accepted(Struct, frozen=True):
    """A durable entry. ``repeated``: it was in the log already, and this is its first acceptance."""

    ref: EntryRef
    accepted_at: int
    repeated: bool
    opens_gap: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement that did not enter, and why."""

    error: AttestationError


Outcome = Accepted | Refused


@dataclass(frozen=True, slots=True)
class Batch:
    """Outcomes in the order of the entries, and the promise (JWS) over the newly accepted ones, if any."""

    outcomes: tuple[Outcome, ...]
    promise: str | None


class _Examined(Struct, frozen=True):
    statement: Statement
    key: PublicKey | None  # the key its signature was checked with; None: not known before the transaction


@dataclass(frozen=True, slots=True)
class Examination:
    """Entries whose form and signature were looked at, for :meth:`Log.settle`, and the sums of what they cite."""

    items: tuple[_Examined | Refused, ...]
    sums: Sums = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.items)


class Log:
    """The append-only log of one deployment.

    Parameters
    ----------
    database
        With all migrations applied.
    parameters
        What binds the log.
    log_key
        Ed25519 key that signs promises.
    clock
        Unix seconds.
    checker
        Checks many signatures; in this thread unless told otherwise.
    """

    def __init__(
        self,
        database: Database,
        parameters: LogParameters,
        log_key: PrivateKey,
        clock: Callable[[], float] = time.time,
        checker: Checker = check_here,
    ) -> None:
        self._checker = checker
        self._database = database
        self._parameters = parameters
        self._log_key = log_key
        self._clock = clock
        self._keys: dict[tuple[str, str], PublicKey] = {}

    @property
    def parameters(self) -> LogParameters:
        """What binds this log."""
        return self._parameters

    def open(self) -> None:
        """Create the log's state in a new store, or check that the store holds this log.

        Raises ``HistoryDiverged`` for the store of another log.
        """
        with self._database.write() as session:
            entries = EntryRepository(session)
            entries.initialise(self._parameters.origin)
            state = entries.state()
            if state.origin != self._parameters.origin:
                raise HistoryDiverged(
                    "The database holds another log.",
                    rule="log.origin",
                    value=state.origin,
                    expected=self._parameters.origin,
                    message_zh="数据库中是另一个日志。",
                )

    def submit(self, entries: Sequence[bytes]) -> Batch:
        """Judge entries one after the other and make the good ones durable, in one transaction.

        A refused entry leaves nothing behind but, for an equivocation, itself as evidence. Callers split long input:
        a call holds the log's write lock while it judges.
        """
        return self.settle(self.examine(entries))

    def examine(self, entries: Sequence[bytes]) -> Examination:
        """Form and signature of entries, without the write lock: while one chunk is written the next is examined."""
        examined: list[_Examined | Refused] = [self._read(entry) for entry in entries]
        places = [place for place, item in enumerate(examined) if isinstance(item, _Examined) and item.key is not None]
        checks = [_check_of(examined[place]) for place in places]
        for place, good in zip(places, self._checker(checks), strict=True):
            if not good:
                examined[place] = self._refused(examined[place])
        return Examination(tuple(examined), self._sums(examined))

    def settle(self, examination: Examination) -> Batch:
        """The second half of :meth:`submit`: judge what was examined against the log and make it durable."""
        examined = examination.items
        with self._database.write() as session:
            state = EntryRepository(session).state(lock=True)
            # Not before the lock: a wait for it would eat into the time that the promise allows for integration.
            now = int(self._clock())
            first_index = state.next_index
            context = LedgerContext(session, self._parameters, state, now, examination.sums)
            context.read_ahead([item.statement for item in examined if isinstance(item, _Examined)])
            leaves: list[bytes] = []
            outcomes = tuple(self._settle(session, context, item, leaves) for item in examined)
            context.flush()
        promise = self._promise(first_index, leaves, now) if leaves else None
        return Batch(outcomes, promise)

    def promise_of(self, accepted: Accepted) -> str:
        """The promise over one outcome alone, with the entry's first acceptance time: for a repeated statement."""
        return self._promise(accepted.ref.index, [accepted.ref.leaf_hash], accepted.accepted_at)

    def promise_for(self, index: int) -> str:
        """The promise over one entry that is in the log, with its own acceptance time. Raises ``OutOfRange``."""
        with self._database.read() as session:
            entry = EntryRepository(session).entry(index)
        if entry is None:
            raise no_entry(index)
        return self._promise(index, [entry.leaf_hash], entry.accepted_at)

    def _promise(self, first_index: int, leaves: Sequence[bytes], accepted_at: int) -> str:
        integrate_by = accepted_at + self._parameters.integrate_within
        made = promises.make(self._parameters.origin, first_index, leaves, accepted_at, integrate_by)
        return promises.sign(made, self._log_key)

    def _read(self, entry: bytes) -> _Examined | Refused:
        try:
            statement = examine(entry, self._parameters.origin)
            key = self._known_key(statement.iss, statement.kid_key)
        except AttestationError as error:
            return Refused(error)
        if key is not None and key.algorithm is not statement.jws.header.alg:
            key = None  # step 4 refuses it, before the signature is looked at
        return _Examined(statement, key)

    @staticmethod
    def _refused(item: _Examined | Refused) -> _Examined | Refused:
        # Once more, here: the refusal says exactly what is wrong, and no answer depends on another process alone.
        if isinstance(item, _Examined) and item.key is not None:
            try:
                check_signature(item.statement, item.key)
            except AttestationError as error:
                return Refused(error)
        return item

    def _sums(self, examined: Sequence[_Examined | Refused]) -> Sums:
        """What reports with a good signature cite, summed while others may write."""
        reports = [item.statement for item in examined if isinstance(item, _Examined) and item.key is not None]
        if not any(cited_ranges(statement) for statement in reports):
            return {}
        with self._database.read() as session:
            return sums_cited(session, reports)

    def _known_key(self, identifier: str, thumbprint: str) -> PublicKey | None:
        known = self._keys.get((identifier, thumbprint))
        if known is None:
            with self._database.read() as session:
                row = IdentityRepository(session).key(thumbprint)
            if row is None or row.identifier != identifier:
                return None
            if len(self._keys) >= _KEY_CACHE:
                self._keys.clear()
            known = self._keys[identifier, thumbprint] = public_key(row)
        return known

    def _settle(
        self, session: Session, context: LedgerContext, item: _Examined | Refused, leaves: list[bytes]
    ) -> Outcome:
        if isinstance(item, Refused):
            return item
        statement = item.statement
        try:
            record = find_key(statement, context)
            if item.key is None:
                check_signature(statement, record.key)
            verdict = judge(statement, context, record)
        except Equivocation as error:
            context.flush()
            context.entries.keep_equivocation(
                error.existing_index, statement.statement_id, statement.entry, context.now
            )
            return Refused(error)
        except AttestationError as error:
            return Refused(error)
        if verdict.duplicate_of is not None:
            accepted_at = context.entries.require(verdict.duplicate_of.index).accepted_at
            return Accepted(verdict.duplicate_of, accepted_at, repeated=True, opens_gap=None)
        leaf = statement.leaf_hash
        index = context.take(_row(statement, leaf, verdict, context.now), statement.iss, statement.stream)
        effects.apply(session, context, statement, index)
        leaves.append(leaf)
        ref = EntryRef(index, statement.statement_id, leaf)
        return Accepted(ref, context.now, repeated=False, opens_gap=verdict.opens_gap)


def _check_of(item: _Examined | Refused) -> Check:
    if not isinstance(item, _Examined) or item.key is None:
        raise TypeError("nothing to check in what was refused or is by an unknown key")
    return Check(item.key, item.statement.jws.signing_input, item.statement.jws.signature)


def _row(statement: Statement, leaf: bytes, verdict: Verdict, now: int) -> dict[str, Any]:
    start, end = verdict.period or (None, None)
    return {
        "seq": statement.seq,
        "type": statement.type,
        "statement_id": statement.statement_id,
        "leaf_hash": leaf,
        "accepted_at": now,
        "period_start": start,
        "period_end": end,
        "entry": statement.entry,
    }
