"""How well a stream is covered: marks of readings, what is open, what is lost (DOMAIN 43).

Marks follow from what the log holds of a reading and are stored nowhere: who signed it, when its period ended and when
it was accepted, and whether a higher statement of its stream was there before. Counts come from ranges and from partial
indexes, so that their cost grows with what is missing, late or no reading, and not with the stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from attestation.keys import Kind
from ledger.db.entries import READING
from ledger.db.gaps import GapRepository, ListedRange
from ledger.db.identities import IdentityRepository
from ledger.db.log_models import DEVICE_CATCH_UP, Entry, GapRow, LossRow, SkipRow, Stream
from ledger.errors import OutOfRange

GAPS_SHOWN = 1000
"""A stream's answer names at most this many gaps, ``missing`` counts all; a range's answer as many ranges."""


class Mark(StrEnum):
    """How a reading came. One of the first three, and ``late`` besides where it applies."""

    DEVICE = "device"
    """Signed by its meter, accepted at most 40 days after the end of its period."""
    BACKFILLED = "backfilled"
    """Signed by its meter, accepted later than that."""
    MANUAL = "manual"
    """Signed by an enterprise or a person."""
    LATE = "late"
    """A higher statement of its stream, a close perhaps, was accepted before it."""


class RangeState(StrEnum):
    """Whether a range without entries can still be filled."""

    OPEN = "open"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class GapView:
    """Seqs ``first_seq`` to ``last_seq`` (both included) of a stream that are not logged; for ``lost`` ones the entry
    that says so, and why."""

    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    state: RangeState
    entry_index: int | None
    reason: str | None

    @property
    def place(self) -> tuple[str, str, int]:
        """Where it stands in a listing: what the next page asks for with ``after``."""
        return self.issuer, self.stream, self.first_seq


@dataclass(frozen=True, slots=True)
class Coverage:
    """What stands at the seqs ``first_seq`` to ``last_seq`` of a stream.

    ``device``, ``backfilled``, ``manual`` (readings by mark), ``other`` (statements that are no readings), ``open`` and
    ``lost`` add up to the range; ``late`` says how many of the readings came late, and is part of the first three.
    """

    first_seq: int
    last_seq: int
    device: int
    backfilled: int
    manual: int
    other: int
    open: int
    lost: int
    late: int


@dataclass(frozen=True, slots=True)
class CoveredRange:
    """A range of a stream: what stands at its seqs, and the open and lost ranges that meet it, whole, at most 1,000."""

    issuer: str
    stream: str
    coverage: Coverage
    ranges: tuple[GapView, ...]


@dataclass(frozen=True, slots=True)
class StreamView:
    """Where a stream stands.

    ``missing``: how many seqs are open; ``gaps``: their ranges (first, last), at most 1,000. ``closed_seq`` and
    ``closed_until`` (unix seconds) are those of the last close, 0 for a stream that was never closed. ``coverage``: of
    all seqs up to ``last_seq``.
    """

    issuer: str
    stream: str
    last_seq: int
    count: int
    missing: int
    closed_seq: int
    closed_until: int
    gaps: tuple[tuple[int, int], ...]
    coverage: Coverage


def marks(session: Session, row: Entry, stream: Stream) -> tuple[Mark, ...]:
    """The marks of a reading; none for another statement."""
    if row.type != READING or row.period_end is None:
        return ()
    if _is_manual(session, stream.issuer):
        mark = Mark.MANUAL
    else:
        mark = Mark.DEVICE if row.accepted_at - row.period_end <= DEVICE_CATCH_UP else Mark.BACKFILLED
    return (mark, Mark.LATE) if GapRepository(session).skipped(row.stream_id, row.seq) else (mark,)


def cover(session: Session, stream: Stream, first_seq: int = 1, last_seq: int | None = None) -> Coverage:
    """What stands at the seqs from ``first_seq`` to ``last_seq``, the stream's highest where none is named.

    Raises ``OutOfRange`` (``coverage.range``) unless 1 ≤ first_seq ≤ last_seq ≤ the highest.
    """
    last = stream.last_seq if last_seq is None else last_seq
    if not 1 <= first_seq <= last <= stream.last_seq:
        raise OutOfRange(
            "The stream has no such range of sequence numbers.",
            rule="coverage.range",
            value=f"{first_seq} to {last}",
            expected=f"first at most last, within 1 to {stream.last_seq}",
            message_zh="该流没有这一序号区间。",
        )
    ranges = GapRepository(session)
    skipped, still_open, lost = (
        ranges.size_within(table, stream.id, first_seq, last) for table in (SkipRow, GapRow, LossRow)
    )
    other, other_late, backfilled = ranges.counted(stream.id, first_seq, last)
    readings = last - first_seq + 1 - still_open - lost - other
    manual = _is_manual(session, stream.issuer)
    return Coverage(
        first_seq=first_seq,
        last_seq=last,
        device=0 if manual else readings - backfilled,
        backfilled=0 if manual else backfilled,
        manual=readings if manual else 0,
        other=other,
        open=still_open,
        lost=lost,
        late=skipped - still_open - lost - other_late,
    )


def cover_in_detail(session: Session, stream: Stream, first_seq: int, last_seq: int | None) -> CoveredRange:
    """What stands at those seqs, and which ranges are open or lost there. Raises as :func:`cover`."""
    covered = cover(session, stream, first_seq, last_seq)
    found = GapRepository(session).meeting(stream.id, covered.first_seq, covered.last_seq, GAPS_SHOWN)
    return CoveredRange(stream.issuer, stream.name, covered, tuple(view_gap(one) for one in found))


def view_stream(session: Session, row: Stream) -> StreamView:
    """Where a stream stands and how well it is covered."""
    covered = cover(session, row)
    gaps = tuple(GapRepository(session).open_ranges(row.id, GAPS_SHOWN)) if covered.open else ()
    return StreamView(
        issuer=row.issuer,
        stream=row.name,
        last_seq=row.last_seq,
        count=row.count,
        missing=covered.open,
        closed_seq=row.closed_seq,
        closed_until=row.closed_until,
        gaps=gaps,
        coverage=covered,
    )


def view_gap(found: ListedRange) -> GapView:
    """A listed range, with its state."""
    state = RangeState.OPEN if found.entry_index is None else RangeState.LOST
    return GapView(found.issuer, found.stream, found.first_seq, found.last_seq, state, found.entry_index, found.reason)


def _is_manual(session: Session, issuer: str) -> bool:
    return IdentityRepository(session).require_identifier(issuer).kind != Kind.DEVICE.value
