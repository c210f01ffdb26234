"""The log as verification meets it: ``attestation.context.Context`` over the tables, inside one write transaction.

A bulk transaction accepts thousands of readings. What they need of the store is the head of their stream, so heads
are kept here while the transaction runs, rows are collected and inserted together, and a query is made only where the
answer is not at the head: a repeated or late statement, a close, a report. Before any query the collected rows are
sent, so that every answer includes the earlier lines of the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from attestation.accounting.factor_sets import FactorSet
from attestation.context import (
    CitedReadings,
    ClosedSpan,
    EntryRef,
    IdentifierRecord,
    KeyRecord,
    Period,
    RecoveryOnChain,
    RecoveryRecord,
    ReportRef,
    StreamState,
)
from attestation.keys import PublicKey
from attestation.statements import Close, Statement
from attestation.typed_data import Domain
from ledger.bodies import body_of, sum_readings
from ledger.db.entries import CLOSE, READING, EntryRepository
from ledger.db.gaps import GapRepository
from ledger.db.identities import IdentityRepository
from ledger.db.log_models import Entry, LogState
from ledger.records import identifier_record, key_record, recovery_on_chain, recovery_record
from ledger.streams import Heads

FACTOR_SET = "factor-set"
OBLIGATION_BASE = "obligation-base"
DEFAULT_BASE = "direct"


@dataclass(frozen=True, slots=True)
class LogParameters:
    """What binds a log: its origin, the registrar that signs ``key`` and ``policy`` statements, and the EIP-712 domains
    of the two contracts (``None`` without a chain).

    ``skew``: seconds a signer's clock may be ahead. ``integrate_within``: seconds a promise allows until integration.
    ``recovery_delay``: seconds from a proposed recovery to its completion.
    """

    origin: str
    deployment_id: bytes
    registrar_identifier: str
    registrar: PublicKey
    registry_domain: Domain | None
    checkpoint_domain: Domain | None = None
    skew: int = 300
    integrate_within: int = 60
    recovery_delay: int = 604_800


class LedgerContext:
    """Answers verification's questions as of ``next_index`` and takes in what was judged good."""

    def __init__(
        self,
        session: Session,
        parameters: LogParameters,
        state: LogState,
        now: int,
    ) -> None:
        self.entries = EntryRepository(session)
        self.identities = IdentityRepository(session)
        self.gaps = GapRepository(session)
        self.parameters = parameters
        self._state = state
        self._now = now
        self._next = state.next_index
        self._heads = Heads(self.entries)
        self._rows: list[dict[str, Any]] = []
        self._known_identifiers: dict[str, IdentifierRecord] = {}
        self._known_keys: dict[tuple[str, str], KeyRecord] = {}
        # By stream, the last range counted and closed span found: each late reading would scan its whole period again.
        self._counted: dict[int, tuple[int, int, int]] = {}
        self._spans: dict[int, ClosedSpan] = {}

    def read_ahead(self, statements: Collection[Statement]) -> None:
        """Read in a few queries what judging these statements will surely ask: signers, keys, heads of streams."""
        signers = {(statement.iss, statement.kid_key) for statement in statements}
        self._heads.read_ahead({(statement.iss, statement.stream) for statement in statements})
        for identifier in self.identities.identifiers({issuer for issuer, _ in signers}):
            self._known_identifiers[identifier.identifier] = identifier_record(identifier)
        for row in self.identities.keys({thumbprint for _, thumbprint in signers}):
            self._known_keys[row.identifier, row.thumbprint] = key_record(row)

    @property
    def origin(self) -> str:
        """The log's origin."""
        return self.parameters.origin

    @property
    def now(self) -> int:
        """Acceptance time, unix seconds."""
        return self._now

    @property
    def skew(self) -> int:
        """Seconds that a claimed time may be ahead."""
        return self.parameters.skew

    @property
    def next_index(self) -> int:
        """The log position that the next accepted statement gets."""
        return self._next

    @property
    def registrar(self) -> PublicKey:
        """The root key."""
        return self.parameters.registrar

    @property
    def registrar_identifier(self) -> str:
        """The root key's holder."""
        return self.parameters.registrar_identifier

    @property
    def registry_domain(self) -> Domain | None:
        """EIP-712 domain of the identifier registry."""
        return self.parameters.registry_domain

    @property
    def recovery_delay(self) -> int:
        """Seconds from a proposed recovery to its completion."""
        return self.parameters.recovery_delay

    def identifier(self, identifier: str, /) -> IdentifierRecord | None:
        """See ``Context``."""
        known = self._known_identifiers.get(identifier)
        if known is None and (row := self.identities.identifier(identifier)) is not None:
            known = identifier_record(row)
            self._known_identifiers[identifier] = known
        return known

    def key(self, identifier: str, thumbprint_b64: str, /) -> KeyRecord | None:
        """See ``Context``."""
        known = self._known_keys.get((identifier, thumbprint_b64))
        if known is None:
            row = self.identities.key(thumbprint_b64)
            if row is None or row.identifier != identifier:
                return None
            known = key_record(row)
            self._known_keys[identifier, thumbprint_b64] = known
        return known

    def key_owner(self, thumbprint_b64: str, /) -> str | None:
        """See ``Context``."""
        row = self.identities.key(thumbprint_b64)
        return None if row is None else row.identifier

    def keys_of(self, identifier: str, /) -> Sequence[KeyRecord]:
        """See ``Context``."""
        self.flush()
        return [key_record(row) for row in self.identities.keys_of(identifier)]

    def recovery(self, statement_id: bytes, /) -> RecoveryRecord | None:
        """See ``Context``."""
        row = self.identities.recovery(statement_id)
        return None if row is None else recovery_record(row)

    def recovery_of(self, thumbprint_b64: str, /) -> RecoveryRecord | None:
        """See ``Context``."""
        row = self.identities.recovery_of(thumbprint_b64)
        return None if row is None else recovery_record(row)

    def recovery_on_chain(self, thumbprint_b64: str, /) -> RecoveryOnChain | None:
        """See ``Context``."""
        row = self.identities.recovery_on_chain(thumbprint_b64)
        return None if row is None else recovery_on_chain(row)

    def entry(self, issuer: str, stream: str, seq: int, /) -> EntryRef | None:
        """See ``Context``."""
        head = self._heads.get(issuer, stream)
        if head is None or seq > head.last_seq:
            return None
        self.flush()
        row = self.entries.at(head.id, seq)
        return None if row is None else EntryRef(row.index, row.statement_id, row.leaf_hash)

    def stream(self, issuer: str, stream: str, /) -> StreamState:
        """See ``Context``."""
        head = self._heads.get(issuer, stream)
        if head is None:
            return StreamState(0, 0, 0, 0)
        return StreamState(head.last_seq, head.count, head.closed_seq, head.closed_until)

    def neighbours(self, issuer: str, stream: str, seq: int, /) -> tuple[Period | None, Period | None]:
        """See ``Context``."""
        head = self._heads.get(issuer, stream)
        if head is None:
            return None, None
        if seq > head.head_seq:
            below = Period(head.head_start, head.head_end, head.head_seq) if head.head_seq else None
            return below, None
        self.flush()
        return (
            _period(self.entries.reading_below(head.id, seq)),
            _period(self.entries.reading_above(head.id, seq)),
        )

    def readings_between(self, issuer: str, stream: str, after_seq: int, up_to_seq: int, /) -> int:
        """See ``Context``."""
        head = self._heads.get(issuer, stream)
        if head is None:
            return 0
        known = self._counted.get(head.id)
        if known is not None and known[:2] == (after_seq, up_to_seq):
            return known[2]
        self.flush()
        count = self.entries.count_readings(head.id, after_seq, up_to_seq)
        self._counted[head.id] = (after_seq, up_to_seq, count)
        return count

    def closed_span(self, issuer: str, stream: str, seq: int, /) -> ClosedSpan | None:
        """See ``Context``."""
        head = self._heads.get(issuer, stream)
        if head is None or head.closed_seq <= seq:
            return None
        # A close comes after everything in its stream, so that none can split a span that is there.
        known = self._spans.get(head.id)
        if known is not None and known.after_seq < seq <= known.last_seq:
            return known
        self.flush()
        closing, before = self.entries.closes_around(head.id, seq)
        if closing is None:
            return None
        body = body_of(closing.entry, Close)
        span = ClosedSpan(
            after_seq=0 if before is None else before.seq,
            last_seq=body.last_seq,
            count=body.count,
            start=closing.period_start or 0,
            end=closing.period_end or 0,
        )
        self._spans[head.id] = span
        return span

    def open_range(self, issuer: str, stream: str, seq: int, /) -> tuple[int, int] | None:
        """See ``Context``."""
        head = self._heads.get(issuer, stream)
        return None if head is None or seq >= head.last_seq else self.gaps.open_range(head.id, seq)

    def loss_of(self, issuer: str, stream: str, seq: int, /) -> EntryRef | None:
        """See ``Context``."""
        head = self._heads.get(issuer, stream)
        index = None if head is None else self.gaps.loss_of(head.id, seq)
        if index is None:
            return None
        entry = self.entries.require(index)
        return EntryRef(entry.index, entry.statement_id, entry.leaf_hash)

    def stream_id(self, issuer: str, stream: str) -> int:
        """The row of a stream that has entries. Raises LookupError for another one."""
        head = self._heads.get(issuer, stream)
        if head is None:
            raise LookupError(f"{issuer} {stream} has no entries")
        return head.id

    def cited(self, issuer: str, stream: str, first_seq: int, last_seq: int, /) -> CitedReadings | None:
        """See ``Context``."""
        head = self._heads.get(issuer, stream)
        if head is None or not 0 < first_seq <= last_seq <= head.last_seq:
            return None
        self.flush()
        if self.entries.count_readings(head.id, first_seq - 1, last_seq) != last_seq - first_seq + 1:
            return None
        return sum_readings(self.entries.span(head.id, first_seq, last_seq))

    def overlapping_reports(self, issuer: str, stream: str, start: int, end: int, /) -> Sequence[ReportRef]:
        """See ``Context``."""
        head = self._heads.get(issuer, stream)
        if head is None:
            return ()
        self.flush()
        return [
            ReportRef(entry.index, entry.statement_id, entry.leaf_hash, report.period_start, report.period_end)
            for report, entry in self.identities.overlapping_reports(head.id, start, end)
        ]

    def superseded(self, statement_id: bytes, /) -> bool:
        """See ``Context``."""
        report = self.identities.report(statement_id)
        return report is not None and report.superseded_by is not None

    def factor_set(self, factor_set_id: str, version: str, /) -> FactorSet | None:
        """See ``Context``."""
        row = self.identities.policy(FACTOR_SET, factor_set_id, version)
        return None if row is None else FactorSet.from_document(row.document)

    def obligation_base(self, year: int, /) -> str:
        """See ``Context``."""
        row = self.identities.policy_of_year(OBLIGATION_BASE, year)
        return DEFAULT_BASE if row is None else str(row.document["base"])

    def policy(self, policy: str, policy_id: str, version: str, /) -> EntryRef | None:
        """See ``Context``."""
        row = self.identities.policy(policy, policy_id, version)
        if row is None:
            return None
        entry = self.entries.require(row.entry_index)
        return EntryRef(entry.index, entry.statement_id, entry.leaf_hash)

    def forget_keys(self) -> None:
        """Read keys anew: an entry changed what is known of them."""
        self.identities.send()
        self._known_keys.clear()

    def take(self, row: dict[str, Any], issuer: str, stream: str) -> int:
        """Give a judged statement its index, move its stream's head and collect its row. Returns the index.

        ``row`` has the columns of ``entries`` but ``idx`` and ``stream_id``.
        """
        head = self._heads.get(issuer, stream) or self._heads.open(issuer, stream)
        index = self._next
        self._next += 1
        seq = int(row["seq"])
        if seq > head.last_seq + 1:
            self.gaps.skip(head.id, head.last_seq + 1, seq - 1)
        elif seq < head.last_seq:
            self.gaps.fill(head.id, seq, seq)
        head.moved = True
        head.count += 1
        head.last_seq = max(head.last_seq, seq)
        if row["type"] == READING:
            self._count(head.id, seq)
        if row["type"] == READING and seq > head.head_seq:
            head.head_seq, head.head_start, head.head_end = seq, row["period_start"], row["period_end"]
        elif row["type"] == CLOSE:
            head.closed_seq, head.closed_until = seq, row["period_end"]
        self._rows.append({"idx": index, "stream_id": head.id, **row})
        return index

    def flush(self) -> None:
        """Send the collected rows and where the log stands."""
        self.entries.insert_entries(self._rows)
        self._rows.clear()
        self._heads.write_back()
        self._state.next_index = self._next
        self.entries.send()

    def _count(self, stream_id: int, seq: int) -> None:
        known = self._counted.get(stream_id)
        if known is not None and known[0] < seq <= known[1]:
            self._counted[stream_id] = (known[0], known[1], known[2] + 1)


def _period(entry: Entry | None) -> Period | None:
    if entry is None or entry.period_start is None or entry.period_end is None:
        return None
    return Period(entry.period_start, entry.period_end, entry.seq)
