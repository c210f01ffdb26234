"""A meter file into the log: every row exactly once, however often the import is interrupted.

A row's statement is a function of the row and its place alone: ``iat`` is the end of its interval (when a meter that
signs by itself would have signed), both algorithms sign deterministically, and ``seq`` is the row's position after
``first_seq``. An import that died between signing and the answer, or lost its journal, therefore signs the same bytes
again and is answered with the first acceptance; with a fresh time per run it would equivocate.

1. ask the service where the stream stands, and find `first_seq`
2. compare a sample of what is there, the first and the last included, with the rows
3. send from the first missing row on, in the rows' order
4. journal every acknowledged chunk with its promise
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from tanlu.journal import Journal
from tanlu.readings import MeterFile, MeterRow

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
    gap, `state` the stream as the service gave it."""

    first_seq: int
    resume: int
    state: Stream


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: counts of this run, the range in the stream, and the close's index (None without one)."""

    first_seq: int
    last_seq: int
    present: int
    accepted: int
    repeated: int
    total: str
    unit: str
    close_index: int | None


class Importer:
    """Imports one meter file through one client."""

    def __init__(self, client: Client, meter: Meter, file: MeterFile) -> None:
        self._client = client
        self._meter = meter
        self._file = file

    def plan(self, first_seq: int | None = None) -> Plan:
        """Steps 1 and 2. `first_seq` is what the journal or the caller knows; None has it found in the log.

        Raises InputRefused: ``import.other_data`` (the stream holds something else there), ``import.lost`` (a row's
        place was declared lost).
        """
        state = self._client.stream(self._meter.issuer, self._meter.stream)
        first = first_seq or self._find_first(state)
        count = len(self._file.rows)
        missing = [start for start, end in state.gaps if end >= first and start < first + count]
        resume_seq = max(first, min([state.last_seq + 1, *missing]))
        self._compare(first, state)
        self._require_not_lost(first, state)
        return Plan(first, min(resume_seq - first, count), state)

    def run(
        self, plan: Plan, journal: Journal, *, close: bool = False, on_progress: Callable[[int], None] | None = None
    ) -> Imported:
        """Steps 3 and 4, and with `close` the close statement. `on_progress` gets the rows that are done so far.

        Raises ImportRefused naming the file's line when the service refuses one, and what Client raises.
        """
        rows, first = self._file.rows, plan.first_seq
        done = plan.resume
        accepted = repeated = 0

        def settle(chunk: BulkChunk) -> None:
            nonlocal done, accepted, repeated
            refused = [result for result in chunk.results if result.status == "refused"]
            # Lines beside a refused one are in the log and promised: that is kept before the import stops.
            journal.acknowledge(first + done, first + done + len(chunk.results) - 1, chunk)
            if refused:
                line = plan.resume + refused[0].line - 1
                raise ImportRefused(rows[line].line, first + line, refused[0].problem or {}, len(refused))
            done += len(chunk.results)
            accepted += sum(result.status == "accepted" for result in chunk.results)
            repeated += sum(result.status == "repeated" for result in chunk.results)
            if on_progress is not None:
                on_progress(done)

        self._client.submit_bulk(self._signed(first, rows, plan.resume), on_chunk=settle)
        close_index = self._close(plan) if close else None
        imported = Imported(
            first_seq=first,
            last_seq=first + len(rows) - 1,
            present=plan.resume,
            accepted=accepted,
            repeated=repeated,
            total=format_decimal(self._file.total),
            unit=self._file.unit,
            close_index=close_index,
        )
        journal.finish(imported.last_seq, imported.total, imported.unit, close_index)
        return imported

    def _signed(self, first: int, rows: Sequence[MeterRow], start: int) -> Iterator[bytes]:
        for position in range(start, len(rows)):
            yield self._meter.reading(first + position, rows[position], self._file.unit)

    def _find_first(self, state: Stream) -> int:
        last = self._last_reading(state.last_seq)
        if last is None:
            return state.last_seq + 1
        seq, reading = last
        rows = self._file.rows
        position = next(
            (i for i, row in enumerate(rows) if row.start == reading.start and row.end == reading.end), None
        )
        if position is not None and seq > position:
            return seq - position
        if position is None and parse_instant(reading.end) <= rows[0].start_at:
            return state.last_seq + 1
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
        last = min(state.last_seq, first + len(self._file.rows) - 1)
        if last < first:
            return
        step = max(1, (last - first) // (SAMPLES - 1))
        for seq in sorted({*range(first, last + 1, step), last}):
            entry = self._client.entry_at(self._meter.issuer, self._meter.stream, seq)
            own = statement_id(self._meter.reading(seq, self._file.rows[seq - first], self._file.unit))
            if entry is not None and entry.statement_id != own:
                row = self._file.rows[seq - first]
                raise InputRefused(
                    rule="import.other_data",
                    value=f"seq {seq}: statement {entry.statement_id}",
                    expected=f"line {row.line} of the file: statement {own}",
                    message=f"Seq {seq} of {self._meter.stream} is in the log with other content than line {row.line}; "
                    "nothing was sent",
                    message_zh=f"日志中第 {seq} 号与文件第 {row.line} 行内容不同；未发送任何数据",
                )

    def _require_not_lost(self, first: int, state: Stream) -> None:
        last = min(state.last_seq, first + len(self._file.rows) - 1)
        if last < first:
            return
        issuer, stream = self._meter.issuer, self._meter.stream
        if self._client.coverage(issuer, stream, first, last).lost == 0:
            return
        # All of them: an answer about a range names a thousand at most, and open ones may come first.
        here = (found for found in self._client.gaps(issuer, state="lost") if found.stream == stream)
        lost = next((found for found in here if found.first_seq <= last and found.last_seq >= first), None)
        if lost is None:  # the service contradicts itself; the log refuses the line then
            return
        place = max(lost.first_seq, first)
        line = self._file.rows[place - first].line
        raise InputRefused(
            rule="import.lost",
            value=f"line {line}, seq {place}",
            expected="rows whose places were not declared lost; those below and above as files of their own, "
            "with --first-seq",
            message=f"Seqs {lost.first_seq} to {lost.last_seq} of {self._meter.stream} were declared lost by entry "
            f"{lost.entry_index} ({lost.reason}); line {line} cannot be logged there, and nothing was sent",
            message_zh=f"第 {lost.entry_index} 条记录已声明 {self._meter.stream} 第 {lost.first_seq} 至 "
            f"{lost.last_seq} 号缺失；第 {line} 行无法入账，未发送任何数据",
        )

    def _close(self, plan: Plan) -> int:
        rows = self._file.rows
        seq = plan.first_seq + len(rows)
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
            start = earliest.body.start if earliest is not None and isinstance(earliest.body, Reading) else start
        return self._client.submit(self._meter.close(seq, start, rows[-1], seq - 1 - after)).index
