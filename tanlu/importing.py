"""A meter file into the log: every row exactly once, however often the import is interrupted.

A row's statement is a function of the row and its place alone: ``iat`` is the end of its interval (when a meter that
signs by itself would have signed), both algorithms sign deterministically, and ``seq`` is the row's position after
``first_seq``, or after as many more as there are readings missing before it (`tanlu.holes`). An import that died
between signing and the answer, or lost its journal, therefore signs the same bytes again and is answered with the
first acceptance; with a fresh time per run it would equivocate.

1. ask the service where the stream stands, and find `first_seq`
2. compare a sample of what is there, the first and the last included, with the rows, and the unit of those that are
   not with the meter's (`tanlu.measured_unit`)
3. send from the first missing row on, in the rows' order
4. journal every acknowledged chunk with its promise
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from attestation.decimals import format_decimal
from attestation.envelope import Statement
from attestation.examination import examine
from attestation.instants import parse_instant
from attestation.keys import Signer
from attestation.statements import Close, Reading, build
from tanlu.client import BulkChunk, Client, Stream
from tanlu.client.promises import statement_id
from tanlu.errors import ImportRefused, InputRefused
from tanlu.holes import Before, Hole, Numbering, hole_before
from tanlu.journal import Journal
from tanlu.lost_places import require_not_lost
from tanlu.measured_unit import OutsideTerms, check_unit
from tanlu.readings import MeterFile, MeterRow
from tanlu.wording import in_words

SAMPLES = 16
"""How many logged rows are compared with the file before anything is sent."""


@dataclass(frozen=True, slots=True)
class Meter:
    """Who signs, where: the log's origin, the issuer's identifier, its stream, its key. ``by_hand``: the device whose
    values these are, where an enterprise or a person signs them (DOMAIN 43: ``manual``)."""

    log: str
    issuer: str
    stream: str
    key: Signer
    by_hand: str | None = None

    def reading(self, seq: int, row: MeterRow, unit: str) -> bytes:
        """The signed reading of a row at `seq`; the same bytes whenever it is asked for."""
        body = Reading(start=row.start, end=row.end, quantity=row.quantity, unit=unit, meter=self.by_hand)
        return self._build("reading", row.end_at, seq, body)

    def close(self, seq: int, start: str, last: MeterRow, count: int) -> bytes:
        """The signed close at `seq` of the period from `start` to the end of the `last` row, with `count` readings."""
        body = Close(start=start, end=last.end, last_seq=seq - 1, count=count)
        return self._build("close", last.end_at, seq, body)

    def _build(self, type_: str, iat: int, seq: int, body: Reading | Close) -> bytes:
        return build(
            type_, log=self.log, iss=self.issuer, key=self.key, iat=iat, stream=self.stream, seq=seq, body=body
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """`first_seq` is the seq of the file's first row, `resume` how many rows from the top are in the log without a
    gap, `state` the stream as the service gave it. `holes` are those in time, the one before the first row included
    where the file goes on after the stream's last reading. `outside`: rows to be sent that no term of the device
    holds."""

    first_seq: int
    resume: int
    state: Stream
    holes: tuple[Hole, ...] = ()
    outside: OutsideTerms | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: counts of this run, the range in the stream, how many numbers in it and right before it
    were left open for missing readings, and the close's index (None without one)."""

    first_seq: int
    last_seq: int
    present: int
    accepted: int
    repeated: int
    left_open: int
    total: str
    unit: str
    close_index: int | None


class Importer:
    """Imports one meter file through one client. `leave_gaps` leaves a number open for each reading that is missing in
    time; raises InputRefused (``import.intervals``, ``import.hole_length``) where it is not known how many are."""

    def __init__(self, client: Client, meter: Meter, file: MeterFile, *, leave_gaps: bool = False) -> None:
        self._client = client
        self._meter = meter
        self._file = file
        self._numbering = Numbering(file.rows, leave_gaps=leave_gaps)
        self._offsets = self._numbering.offsets

    def plan(self, first_seq: int | None = None) -> Plan:
        """Steps 1 and 2. `first_seq` is what the journal or the caller knows; None has it found in the log.

        Raises InputRefused: ``import.other_data`` (the stream holds something else there), ``import.lost`` (a row's
        place was declared lost), ``import.unit`` (a row that is still to be sent is in another unit than its meter),
        ``import.intervals`` and ``import.hole_length`` (gaps to be left before the file).
        """
        state = self._client.stream(self._meter.issuer, self._meter.stream)
        holes = self._numbering.holes
        if first_seq is None:
            first_seq, before = self._find_first(state)
            holes = before + holes
        self._compare(first_seq, state)
        meter, rows = self._meter, self._file.rows
        require_not_lost(
            self._client, (meter.issuer, meter.stream), self._numbering, rows, first=first_seq, state=state
        )
        resume = self._resume(first_seq, state)
        outside = check_unit(self._client, meter.by_hand or meter.issuer, rows[resume:], self._file.unit)
        return Plan(first_seq, resume, state, holes, outside)

    def run(
        self, plan: Plan, journal: Journal, *, close: bool = False, on_progress: Callable[[int], None] | None = None
    ) -> Imported:
        """Steps 3 and 4, and with `close` the close statement. `on_progress` gets the rows that are done so far.

        Raises ImportRefused naming the file's line when the service refuses one, and what Client raises.
        """
        rows, first, places = self._file.rows, plan.first_seq, self._offsets
        done = plan.resume
        accepted = repeated = 0

        def settle(chunk: BulkChunk) -> None:
            nonlocal done, accepted, repeated
            refused = [result for result in chunk.results if result.status == "refused"]
            # Lines beside a refused one are in the log and promised: that is kept before the import stops.
            journal.acknowledge(first + places[done], first + places[done + len(chunk.results) - 1], chunk)
            if refused:
                line = plan.resume + refused[0].line - 1
                raise ImportRefused(rows[line].line, first + places[line], refused[0].problem or {}, len(refused))
            done += len(chunk.results)
            accepted += sum(result.status == "accepted" for result in chunk.results)
            repeated += sum(result.status == "repeated" for result in chunk.results)
            if on_progress is not None:
                on_progress(done)

        self._client.submit_bulk(self._signed(first, plan.resume), on_chunk=settle)
        close_index = self._close(plan) if close else None
        imported = Imported(
            first_seq=first,
            last_seq=first + places[-1],
            present=plan.resume,
            accepted=accepted,
            repeated=repeated,
            left_open=self._numbering.left_open(plan.holes),
            total=format_decimal(self._file.total),
            unit=self._file.unit,
            close_index=close_index,
        )
        journal.finish(imported.last_seq, self._ranges(first), imported.total, imported.unit, close_index)
        return imported

    def _signed(self, first: int, start: int) -> Iterator[bytes]:
        for position in range(start, len(self._file.rows)):
            yield self._reading(first, position)

    def _reading(self, first: int, position: int) -> bytes:
        return self._meter.reading(first + self._offsets[position], self._file.rows[position], self._file.unit)

    def _rows_below(self, first: int, seq: int) -> int:
        """How many rows from the top stand below `seq`."""
        return self._numbering.below(seq - first)

    def _resume(self, first: int, state: Stream) -> int:
        resume = self._rows_below(first, state.last_seq + 1)
        for start, end in state.gaps:
            position = self._rows_below(first, start)
            if position < self._rows_below(first, end + 1):
                return min(resume, position)
        if sum(end - start + 1 for start, end in state.gaps) < state.missing:
            # The service names only the first ranges: beyond them nothing is known to be there.
            resume = min(resume, self._rows_below(first, state.gaps[-1][1] if state.gaps else 0))
        return resume

    def _ranges(self, first: int) -> list[tuple[int, int, str]]:
        """What a report can cite: runs of numbers without one left open, with their sums."""
        return [
            (first + self._offsets[start], first + self._offsets[end - 1], format_decimal(self._file.sum(start, end)))
            for start, end in self._numbering.runs()
        ]

    def _find_first(self, state: Stream) -> tuple[int, tuple[Hole, ...]]:
        last = self._last_reading(state.last_seq)
        if last is None:
            return state.last_seq + 1, ()
        seq, reading = last
        rows = self._file.rows
        position = next(
            (i for i, row in enumerate(rows) if row.start == reading.start and row.end == reading.end), None
        )
        if position is not None and seq > self._offsets[position]:
            return seq - self._offsets[position], ()
        end_at = parse_instant(reading.end)
        if position is None and end_at <= rows[0].start_at:
            before = Before(reading.end, end_at, end_at - parse_instant(reading.start))
            holes = hole_before(before, rows)
            return state.last_seq + 1 + self._numbering.left_open(holes, before), holes
        raise InputRefused(
            rule="import.other_data",
            value=f"seq {seq}: {reading.start} to {reading.end}",
            expected=f"a stream whose last reading is one of the file's rows, or ends by {rows[0].start}",
            message=f"Stream {self._meter.stream} holds other readings than this file; its place cannot be found",
            message_zh=f"数据流 {self._meter.stream} 中的读数与该文件不符，无法确定续传位置",
        )

    def _last_reading(self, seq: int) -> tuple[int, Reading] | None:
        while seq > 0:
            statement = self._logged(seq)
            if statement is None:
                return None
            body = statement.body
            if isinstance(body, Reading):
                return seq, body
            seq = body.last_seq if isinstance(body, Close) else seq - 1
        return None

    def _logged(self, seq: int) -> Statement | None:
        entry = self._client.entry_at(self._meter.issuer, self._meter.stream, seq)
        return None if entry is None else examine(entry.entry.encode("ascii"), self._meter.log)

    def _compare(self, first: int, state: Stream) -> None:
        last = self._rows_below(first, state.last_seq + 1) - 1
        if last < 0:
            return
        step = max(1, last // (SAMPLES - 1))
        for position in sorted({*range(0, last + 1, step), last}):
            seq, row = first + self._offsets[position], self._file.rows[position]
            entry = self._client.entry_at(self._meter.issuer, self._meter.stream, seq)
            own = self._reading(first, position)
            if entry is not None and entry.statement_id != statement_id(own):
                raise InputRefused(
                    rule="import.other_data",
                    value=f"seq {seq}: {in_words(entry.entry.encode('ascii'), self._meter.log)}",
                    expected=f"line {row.line} of the file: {in_words(own, self._meter.log)}",
                    message=f"Seq {seq} of {self._meter.stream} is in the log with other content than line {row.line}; "
                    "nothing was sent",
                    message_zh=f"日志中第 {seq} 号与文件第 {row.line} 行内容不同；未发送任何数据",
                )

    def _close(self, plan: Plan) -> int:
        rows = self._file.rows
        seq = plan.first_seq + self._offsets[-1] + 1
        existing = self._client.entry_at(self._meter.issuer, self._meter.stream, seq)
        if existing is not None:
            if existing.type == "close":
                return existing.index
            raise InputRefused(
                rule="import.close",
                value=f"seq {seq}: {existing.type}",
                expected="a stream that ends with this file's rows",
                message=f"Seq {seq} is taken: the stream goes on after this file and cannot be closed here",
                message_zh=f"第 {seq} 号已被占用，数据流在该文件之后仍有记录，不能在此关闭",
            )
        after = plan.state.closed_seq
        start = rows[0].start
        if after + 1 < plan.first_seq:
            earliest = self._logged(after + 1)
            if earliest is not None and isinstance(earliest.body, Reading):
                start = earliest.body.start
            elif after > 0 and (closed := self._logged(after)) is not None and isinstance(closed.body, Close):
                # The first number after the last close is open: what fills it late lies in this period too.
                start = closed.body.end
        return self._client.submit(self._meter.close(seq, start, rows[-1], seq - 1 - after)).index
