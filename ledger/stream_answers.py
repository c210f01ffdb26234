"""The streams of the log while one transaction runs: what is at a place, next to it, above it, open and lost.

What a transaction needs of the store is mostly the head of a stream, so heads are kept here, rows are collected and
inserted together, and a query is made only where the answer is not at the head. Before any query the collected rows
are sent, so that every answer includes the earlier lines of the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from attestation.bodies import MAX_SEQ
from attestation.context import CitedReadings, ClosedSpan, EntryRef, Period, StreamState
from attestation.errors import Unsettled
from attestation.statements import Close
from ledger.bodies import body_of
from ledger.citations import Range, Sums, sum_ranges
from ledger.db.entries import CLOSE, READING, EntryRepository
from ledger.db.gaps import GapRepository
from ledger.db.log_models import Entry, LogState
from ledger.streams import Head, Heads

SUMMED_UNDER_LOCK = 50_000
"""Readings that one transaction adds up itself, for reports whose ranges were not whole when it was prepared: a meter's
year of quarters of an hour, and half as much again."""


class StreamAnswers:
    """Answers what ``attestation.context.Context`` asks about streams, and takes in what was judged good."""

    def __init__(self, session: Session, state: LogState, sums: Sums) -> None:
        """``sums``: of ranges that were whole before the transaction began; more are made here, few."""
        self.entries = EntryRepository(session)
        self.gaps = GapRepository(session)
        self._state = state
        self._next = state.next_index
        self._heads = Heads(self.entries)
        self._sums: dict[Range, CitedReadings | None] = dict(sums)
        self._sums_left = SUMMED_UNDER_LOCK
        self._rows: list[dict[str, Any]] = []
        # By stream, the ranges counted and closed spans found: each late reading would scan its whole period again.
        self._counted: dict[int, dict[tuple[int, int], int]] = defaultdict(dict)
        self._spans: dict[int, list[ClosedSpan]] = defaultdict(list)

    def know_heads(self, heads: Mapping[tuple[str, str], Head]) -> None:
        """Take these as where their streams stand, by issuer and name: who has the store to itself knows it."""
        self._heads.know(heads)

    @property
    def next_index(self) -> int:
        """The log position that the next accepted statement gets."""
        return self._next

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
        # Up to the highest means all that will come above, too: refused closes over ever more seqs share one count.
        counted, place = self._counted[head.id], (after_seq, MAX_SEQ if up_to_seq >= head.last_seq else up_to_seq)
        if place not in counted:
            self.flush()
            counted[place] = self.entries.count_readings(head.id, *place)
        return counted[place]

    def closed_span(self, issuer: str, stream: str, seq: int, /) -> ClosedSpan | None:
        """See ``Context``."""
        head = self._heads.get(issuer, stream)
        if head is None or head.closed_seq <= seq:
            return None
        # A close comes after everything in its stream, so that none can split a span that is there.
        for known in self._spans[head.id]:
            if known.after_seq < seq <= known.last_seq:
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
        self._spans[head.id].append(span)
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
        """See ``Context``. While readings are added up here nobody else writes: raises ``Unsettled`` where too much
        became whole since the sums were made."""
        place = issuer, stream, first_seq, last_seq
        if place in self._sums:
            return self._sums[place]
        head = self._heads.get(issuer, stream)
        if head is None or not 0 < first_seq <= last_seq <= head.last_seq:
            return None
        self.flush()
        if not self.gaps.whole(head.id, first_seq, last_seq):
            return None
        size = last_seq - first_seq + 1
        if size > self._sums_left:
            raise Unsettled(f"{issuer} {stream} {first_seq}-{last_seq}")
        self._sums_left -= size
        self._sums[place] = sum_ranges(self.entries, head.id, [(first_seq, last_seq)])[first_seq, last_seq]
        return self._sums[place]

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
        if stream_id not in self._counted:
            return
        counted = self._counted[stream_id]
        for after, up_to in counted:
            if after < seq <= up_to:
                counted[after, up_to] += 1


def _period(entry: Entry | None) -> Period | None:
    if entry is None or entry.period_start is None or entry.period_end is None:
        return None
    return Period(entry.period_start, entry.period_end, entry.seq)
