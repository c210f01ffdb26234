"""Ranges of a stream's seqs: what was passed over, what of it is open, what is declared lost.

All three are ranges with both ends included, a few rows however long the stream is, so that nobody who asks for gaps
reads entries. A range that is looked up by a seq in it is found by one seek of (stream, first seq): those of one table
and stream do not meet.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    case,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from attestation.keys import Kind
from ledger.db.log_models import BACKFILLED, NOT_A_READING, Entry, GapRow, IdentifierRow, LossRow, SkipRow, Stream

Ranges = type[SkipRow] | type[GapRow] | type[LossRow]
Place = tuple[str, str, int]
"""Where a range stands among all: issuer, stream, first seq."""


@dataclass(frozen=True, slots=True)
class ListedRange:
    """A range that is open, or lost by the statement at ``entry_index`` for its ``reason``."""

    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    entry_index: int | None
    reason: str | None


class GapRepository:
    """Reads and writes of ``skips``, ``gaps`` and ``losses`` in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def skip(self, stream_id: int, first_seq: int, last_seq: int) -> None:
        """A statement became the stream's highest and left this range below it."""
        row = {"stream_id": stream_id, "first_seq": first_seq, "last_seq": last_seq}
        self._session.execute(insert(SkipRow).values(row))
        self._session.execute(insert(GapRow).values(row))

    def fill(self, stream_id: int, first_seq: int, last_seq: int) -> None:
        """The range is open no more. Raises RuntimeError where part of it was not."""
        found = self.open_range(stream_id, first_seq)
        if found is None or found[1] < last_seq:
            raise RuntimeError(f"seqs {first_seq} to {last_seq} of stream {stream_id} are not all open")
        opened, end = found
        self._session.execute(delete(GapRow).where(GapRow.stream_id == stream_id, GapRow.first_seq == opened))
        left = [(opened, first_seq - 1), (last_seq + 1, end)]
        rows = [{"stream_id": stream_id, "first_seq": one, "last_seq": two} for one, two in left if one <= two]
        if rows:
            self._session.execute(insert(GapRow), rows)

    def open_range(self, stream_id: int, seq: int) -> tuple[int, int] | None:
        """First and last seq of the open range that holds ``seq``."""
        row = self._holding(GapRow, stream_id, seq)
        return None if row is None else (row.first_seq, row.last_seq)

    def skipped(self, stream_id: int, seq: int) -> bool:
        """Whether a higher statement was there before what is logged at ``seq``."""
        return self._holding(SkipRow, stream_id, seq) is not None

    def whole(self, stream_id: int, first_seq: int, last_seq: int) -> bool:
        """Whether every seq of the range, which ends at the stream's highest or below, is a logged reading."""
        for table in (GapRow, LossRow):
            nearest = self._nearest(table, stream_id, last_seq)
            if nearest is not None and nearest.last_seq >= first_seq:
                return False
        query = select(Entry.seq).where(Entry.stream_id == stream_id, Entry.seq >= first_seq, Entry.seq <= last_seq)
        return self._session.scalar(query.where(text(NOT_A_READING)).limit(1)) is None

    def lose(self, row: LossRow) -> None:
        """The row's range, which is open, is declared lost."""
        self.fill(row.stream_id, row.first_seq, row.last_seq)
        self._session.add(row)
        self._session.flush()

    def loss_of(self, stream_id: int, seq: int) -> int | None:
        """The index of the loss that declares ``seq``."""
        found = self._session.execute(
            select(LossRow.entry_index, LossRow.last_seq)
            .where(LossRow.stream_id == stream_id, LossRow.first_seq <= seq)
            .order_by(LossRow.first_seq.desc())
            .limit(1)
        ).one_or_none()
        return None if found is None or found.last_seq < seq else int(found.entry_index)

    def open_ranges(self, stream_id: int, limit: int) -> list[tuple[int, int]]:
        """The stream's first open ranges, as (first, last)."""
        query = select(GapRow.first_seq, GapRow.last_seq).where(GapRow.stream_id == stream_id)
        return [(first, last) for first, last in self._session.execute(query.order_by(GapRow.first_seq).limit(limit))]

    def listed(self, issuer: str, after: Place | None, limit: int, *, lost: bool | None = None) -> list[ListedRange]:
        """Open and lost ranges of the issuer's streams and of those of its devices, above ``after`` in the order of
        their places; ``lost``: only those, or only the open ones."""
        parts = []
        for table in _tables(lost):
            query = _described(table).where(of_body(issuer))
            if after is not None:
                place = tuple_(Stream.issuer, Stream.name, table.first_seq)
                query = query.where(place > tuple_(*(literal(part) for part in after)))
            parts.append(query)
        both = union_all(*parts).order_by("issuer", "name", "first_seq").limit(limit)
        return [ListedRange(*row) for row in self._session.execute(both)]

    def meeting(self, stream_id: int, first_seq: int, last_seq: int, limit: int) -> list[ListedRange]:
        """Open and lost ranges, whole, of which a seq lies in ``first_seq`` to ``last_seq``, in their order."""
        parts = []
        for table in _tables(None):
            low = self._reaching_in(table, stream_id, first_seq)
            parts.append(
                _described(table).where(
                    table.stream_id == stream_id, table.first_seq >= low, table.first_seq <= last_seq
                )
            )
        both = union_all(*parts).order_by("first_seq").limit(limit)
        return [ListedRange(*row) for row in self._session.execute(both)]

    def size_within(self, table: Ranges, stream_id: int, first_seq: int, last_seq: int) -> int:
        """How many seqs of ``first_seq`` to ``last_seq`` the ranges of one table hold."""
        low = case((table.first_seq > first_seq, table.first_seq), else_=first_seq)
        high = case((table.last_seq < last_seq, table.last_seq), else_=last_seq)
        query = select(func.sum(high - low + 1)).where(
            table.stream_id == stream_id,
            table.first_seq >= self._reaching_in(table, stream_id, first_seq),
            table.first_seq <= last_seq,
        )
        return int(self._session.scalar(query) or 0)

    def counted(self, stream_id: int, first_seq: int, last_seq: int) -> tuple[int, int, int]:
        """Of the entries ``first_seq`` to ``last_seq``: how many are no readings, how many of these were skipped at
        first, and how many readings came later than DOMAIN 43 allows a meter."""
        within = (Entry.stream_id == stream_id, Entry.seq >= first_seq, Entry.seq <= last_seq)
        skipped = select(SkipRow.stream_id).where(
            SkipRow.stream_id == Entry.stream_id, SkipRow.first_seq <= Entry.seq, SkipRow.last_seq >= Entry.seq
        )
        others = select(func.count()).select_from(Entry).where(*within, text(NOT_A_READING))
        return (
            int(self._session.scalar(others) or 0),
            int(self._session.scalar(others.where(skipped.exists())) or 0),
            int(self._session.scalar(select(func.count()).select_from(Entry).where(*within, text(BACKFILLED))) or 0),
        )

    def _reaching_in(self, table: Ranges, stream_id: int, first_seq: int) -> int:
        """Where the ranges begin that meet a range from ``first_seq`` on: those of one table do not meet, so that at
        most one that begins below reaches in."""
        held = self._holding(table, stream_id, first_seq)
        return first_seq if held is None else int(held.first_seq)

    def _holding(self, table: Ranges, stream_id: int, seq: int) -> Row[int, int] | None:
        found = self._nearest(table, stream_id, seq)
        return None if found is None or found.last_seq < seq else found

    def _nearest(self, table: Ranges, stream_id: int, seq: int) -> Row[int, int] | None:
        """The last range that begins at ``seq`` or below."""
        return self._session.execute(
            select(table.first_seq, table.last_seq)
            .where(table.stream_id == stream_id, table.first_seq <= seq)
            .order_by(table.first_seq.desc())
            .limit(1)
        ).one_or_none()


def of_body(issuer: str) -> ColumnElement[bool]:
    """A stream is the issuer's own, or one of its devices'."""
    devices = select(IdentifierRow.identifier).where(
        IdentifierRow.parent == issuer, IdentifierRow.kind == Kind.DEVICE.value
    )
    return or_(Stream.issuer == issuer, Stream.issuer.in_(devices))


def _tables(lost: bool | None) -> tuple[type[GapRow] | type[LossRow], ...]:
    return (GapRow, LossRow) if lost is None else (LossRow,) if lost else (GapRow,)


def _described(table: type[GapRow] | type[LossRow]) -> Select[str, str, int, int, int | None, str | None]:
    lost = table is LossRow
    return select(
        Stream.issuer,
        Stream.name,
        table.first_seq,
        table.last_seq,
        (LossRow.entry_index if lost else null()).label("entry_index"),
        (LossRow.reason if lost else null()).label("reason"),
    ).join(table, table.stream_id == Stream.id)
