"""One pass over a cited range: every reading's bytes against its leaf hash, sums by mark, holes, what stands out.

What is counted comes from the signed bytes alone; only when an entry was accepted is the store's word. Entries of one
range are read a thousand at a time and let go, so that memory does not grow with the range. A range that was good when
its report was accepted and is not now was altered in the store: ``ReadingAltered`` names it.
"""

from __future__ import annotations

import heapq
from binascii import a2b_base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from hashlib import sha256

from sqlalchemy import Connection

from attestation.context import CitedReadings
from attestation.decimals import exact_context
from attestation.errors import AttestationError
from attestation.instants import parse_instant
from ledger.db.entries import READING
from ledger.db.log_models import DEVICE_CATCH_UP
from ledger.errors import ReadingAltered
from ledger.merkle import leaf_hash
from ledger.reading_payloads import NOTHING, URL_SAFE, Beginning, Payload, decode_rest, decode_whole
from ledger.sample import Sample

NAMED = 100
"""Holes and overlaps that one range names; all are counted. Of its readings the largest twenty may be named."""
_LARGEST = 20
_ROWS = 1_000
_QUERY = (
    "SELECT seq, leaf_hash, accepted_at, entry FROM entries WHERE stream_id = ? AND seq >= ? AND seq <= ? ORDER BY seq"
)

Row = tuple[int, bytes, int, bytes]
"""Seq, leaf hash, acceptance (unix seconds), entry."""


@dataclass(frozen=True, slots=True)
class Seam:
    """Two readings that follow each other by seq, and not in time: from the end of the first to the start of the
    second, which lies before it where they overlap."""

    first_seq: int
    last_seq: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Large:
    """A reading that is larger than most of its range."""

    quantity: Decimal
    seq: int
    start: int
    end: int


@dataclass(slots=True)
class RangeRead:
    """What a range holds. Quantities are in the range's unit, times in seconds; ``late_*`` is what of them the meter
    sent more than 40 days after its period (DOMAIN 43). ``median`` is None where nothing is above zero."""

    readings: CitedReadings
    seconds: int
    late_total: Decimal
    late_seconds: int
    late_count: int
    median: Decimal | None
    largest: list[Large]
    gaps: list[Seam]
    gap_count: int
    gap_seconds: int
    overlaps: list[Seam]
    overlap_count: int


def read_range(connection: Connection, place: Place, first: int, last: int) -> RangeRead:
    """Read the seqs ``first`` to ``last`` of a stream, both included.

    Raises ``ReadingAltered``: bytes that are not those of the leaf hash (``coverage.altered``), bytes of another place
    (``coverage.misplaced``), no reading at a seq, or readings that are not in one unit (``coverage.missing``).
    """
    found = _Pass(place, first)
    for rows in _chunks(connection, place.stream_id, first, last):
        found.take(rows)
    return found.result(last)


@dataclass(frozen=True, slots=True)
class Place:
    """A stream: its row, and the names that its entries must carry."""

    stream_id: int
    issuer: str
    stream: str


def _chunks(connection: Connection, stream_id: int, first: int, last: int) -> Iterator[Sequence[Row]]:
    place = stream_id, first, last
    if connection.dialect.name != "sqlite":
        options = {"stream_results": True, "max_row_buffer": _ROWS}
        query = _QUERY.replace("?", "%s")
        with connection.exec_driver_sql(query, place, execution_options=options) as result:
            yield from result.partitions(_ROWS)
        return
    with connection.exec_driver_sql(_QUERY, place) as result:
        cursor = result.cursor
        if cursor is None:
            raise RuntimeError("a query without a cursor")
        # Rows as the driver gives them: the toolkit's own cost as much as judging them.
        while rows := cursor.fetchmany(_ROWS):
            yield rows


@dataclass(slots=True)
class _Pass:
    place: Place
    next_seq: int
    first: int = field(init=False)
    count: int = 0
    total: Decimal = Decimal(0)
    unit: str = ""
    meters: tuple[str | None, ...] = ()
    meter: str | None = None
    begins: Beginning = NOTHING
    begun: int = 0
    ended: int = 0
    seconds: int = 0
    late: list[Decimal] = field(default_factory=list)
    late_total: Decimal = Decimal(0)
    late_seconds: int = 0
    late_count: int = 0
    gaps: list[Seam] = field(default_factory=list)
    gap_count: int = 0
    gap_seconds: int = 0
    overlaps: list[Seam] = field(default_factory=list)
    overlap_count: int = 0
    sample: Sample = field(init=False)
    largest: list[tuple[Decimal, int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.first = self.next_seq
        self.sample = Sample()

    def take(self, rows: Sequence[Row]) -> None:
        """Count some rows in. The one hot loop: whatever does not need a look at each reading is done after it."""
        seq, ended, stream, unit, meter = self.next_seq, self.ended, self.place.stream, self.unit, self.meter
        begun, cut, over, skip = self.begins
        quantities: list[Decimal] = []
        bounds: list[tuple[int, int]] = []
        for row_seq, leaf, accepted, entry in rows:
            if sha256(b"\x00" + entry).digest() != leaf:
                raise self._altered(row_seq, leaf, entry)
            if row_seq != seq:
                raise self._missing(seq)
            text = entry.split(b".", 2)[1]
            try:
                if text.startswith(begun):
                    rest = a2b_base64(text[cut:].translate(URL_SAFE) + b"==")
                    payload = decode_rest(b"{" + rest[skip:]) if rest.startswith(over) else self._whole(text)
                else:
                    payload = self._whole(text)
                    begun, cut, over, skip = self.begins
                body = payload.body
                quantity = Decimal(body.quantity)
                start, end = parse_instant(body.start), parse_instant(body.end)
            except (ValueError, InvalidOperation, AttestationError) as error:
                raise self._misplaced(row_seq, error) from error
            if payload.seq != seq or payload.stream != stream or body.unit != unit or body.meter != meter:
                self._judge(payload, seq)
                unit, meter = self.unit, self.meter
            if start != ended and ended:
                self._seam(seq, ended, start)
            if accepted - end > DEVICE_CATCH_UP:
                self.late.append(quantity)
                self.late_seconds += end - start
            quantities.append(quantity)
            bounds.append((start, end))
            ended, seq = end, seq + 1
        self.begun = self.begun if self.count else bounds[0][0]
        self.count += len(rows)
        self.next_seq, self.ended = seq, ended
        self.seconds += sum(end - start for start, end in bounds)
        exact = exact_context()
        for quantity in quantities:
            self.total = exact.add(self.total, quantity)
        for quantity in self.late:
            self.late_total = exact.add(self.late_total, quantity)
        self.late_count += len(self.late)
        self.late.clear()
        self.sample.take([quantity for quantity in quantities if quantity])
        self._keep_largest(quantities, bounds, seq - len(rows))

    def result(self, last: int) -> RangeRead:
        """What was read. Raises ``ReadingAltered`` where the range is not whole."""
        if self.next_seq != last + 1:
            raise self._missing(self.next_seq)
        readings = CitedReadings(self.count, self.total, self.unit, self.begun, self.ended, self.meters)
        return RangeRead(
            readings=readings,
            seconds=self.seconds,
            late_total=self.late_total,
            late_seconds=self.late_seconds,
            late_count=self.late_count,
            median=self.sample.median(),
            largest=[Large(*one) for one in sorted(self.largest, reverse=True)],
            gaps=self.gaps,
            gap_count=self.gap_count,
            gap_seconds=self.gap_seconds,
            overlaps=self.overlaps,
            overlap_count=self.overlap_count,
        )

    def _whole(self, payload: bytes) -> Payload:
        """A payload of which nothing is known. Raises ValueError for what is no reading of this issuer."""
        text = a2b_base64(payload.translate(URL_SAFE) + b"==")
        whole = decode_whole(text)
        if whole.type != READING or whole.iss != self.place.issuer:
            raise ValueError(f"a {whole.type} by {whole.iss}")
        self.begins = Beginning.of(payload, text, whole)
        return Payload(whole.stream, whole.seq, whole.body)

    def _judge(self, payload: Payload, seq: int) -> None:
        """The first reading, or one that is not like the one before."""
        unit, meter = payload.body.unit, payload.body.meter
        if (payload.stream, payload.seq) != (self.place.stream, seq):
            raise self._misplaced(seq, f"{payload.stream} {payload.seq}")
        if self.unit not in ("", unit):
            raise self._misplaced(seq, f"unit {unit}, others {self.unit}")
        self.unit = unit
        if not self.meters or meter != self.meter:
            self._name(meter)

    def _name(self, meter: str | None) -> None:
        # Two that differ are enough to say that they do.
        self.meters = (meter,) if not self.meters else (self.meters[-1], meter)
        self.meter = meter

    def _seam(self, seq: int, ended: int, start: int) -> None:
        seam = Seam(seq - 1, seq, ended, start)
        if start > ended:
            self.gap_count += 1
            self.gap_seconds += start - ended
            kept = self.gaps
        else:
            self.overlap_count += 1
            kept = self.overlaps
        if len(kept) < NAMED:
            kept.append(seam)

    def _keep_largest(self, quantities: list[Decimal], bounds: list[tuple[int, int]], first: int) -> None:
        if len(self.largest) == _LARGEST and max(quantities) <= self.largest[0][0]:
            return
        for place, quantity in enumerate(quantities):
            if len(self.largest) < _LARGEST:
                heapq.heappush(self.largest, (quantity, first + place, *bounds[place]))
            elif quantity > self.largest[0][0]:
                heapq.heapreplace(self.largest, (quantity, first + place, *bounds[place]))

    def _where(self, seq: int) -> str:
        return f"{self.place.issuer} {self.place.stream} seq {seq}"

    def _altered(self, seq: int, leaf: bytes, entry: bytes) -> ReadingAltered:
        return ReadingAltered(
            "A cited reading is not the one that was logged: its bytes are not those of its leaf hash.",
            rule="coverage.altered",
            value=f"{self._where(seq)}: bytes of leaf hash {leaf_hash(entry).hex()}",
            expected=f"bytes of leaf hash {leaf.hex()}",
            message_zh="所引读数并非入账时的读数：其字节与叶哈希不符。",
        )

    def _misplaced(self, seq: int, why: object) -> ReadingAltered:
        return ReadingAltered(
            "What stands at a cited place is not the reading that was logged there.",
            rule="coverage.misplaced",
            value=f"{self._where(seq)}: {why}",
            expected="the reading of this place, in one unit with the others",
            message_zh="所引位置上的条目并非当时入账的读数。",
        )

    def _missing(self, seq: int) -> ReadingAltered:
        return ReadingAltered(
            "A cited reading is no longer in the store.",
            rule="coverage.missing",
            value=self._where(seq),
            expected="a logged reading",
            message_zh="所引读数已不在库中。",
        )
