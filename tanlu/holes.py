"""Holes in time: what no row of a meter file covers, and the numbers that are left open for it.

A row's number comes from its place in the file, so a missing row leaves no trace: the rows after it close up, and the
stream never shows that a reading is missing (DOMAIN 43 asks for exactly that). Here a hole is seen by the clock; where
all rows have one length, the number of missing readings is known and their numbers can stay open.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tanlu.errors import InputRefused
from tanlu.readings import MeterRow

SHOWN = 100
"""Most holes that are named one by one; beyond it there is the count."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Time between two readings that none covers: from the end of one to the start of the next, in RFC 3339 as the
    file writes them; ``seconds`` long; ``position`` of the row after it (from 0), ``line`` that row's line."""

    start: str
    end: str
    seconds: int
    position: int
    line: int

    def as_dict(self) -> dict[str, object]:
        """JSON-ready members: from, to and the line after it."""
        return {"from": self.start, "to": self.end, "line": self.line}


@dataclass(frozen=True, slots=True)
class Before:
    """The reading that stands before a file's first row: when it ended (RFC 3339, unix seconds), its seconds."""

    end: str
    end_at: int
    seconds: int


def find_holes(rows: Sequence[MeterRow]) -> tuple[Hole, ...]:
    """Every hole between the rows of a file, in time order."""
    return tuple(
        Hole(before.end, after.start, after.start_at - before.end_at, position, after.line)
        for position, (before, after) in enumerate(pairwise(rows), start=1)
        if after.start_at > before.end_at
    )


def hole_before(before: Before | None, rows: Sequence[MeterRow]) -> tuple[Hole, ...]:
    """The hole between the stream's last reading and the file's first row: one or none."""
    first = rows[0]
    if before is None or first.start_at <= before.end_at:
        return ()
    return (Hole(before.end, first.start, first.start_at - before.end_at, 0, first.line),)


def missing_readings(hole: Hole, seconds: int) -> int:
    """How many readings of `seconds` fit in a hole. Raises InputRefused (``import.hole_length``) where they do not."""
    count, rest = divmod(hole.seconds, seconds)
    if rest:
        raise InputRefused(
            rule="import.hole_length",
            value=f"line {hole.line}: {hole.start} to {hole.end}, {hole.seconds} s",
            expected=f"holes that are whole multiples of the rows' {seconds} s",
            message=f"Before line {hole.line} {hole.seconds} s are missing ({hole.start} to {hole.end}), no whole "
            f"multiple of the rows' {seconds} s: how many numbers to leave open is not known; nothing was sent",
            message_zh=f"第 {hole.line} 行之前缺少 {hole.seconds} 秒（{hole.start} 至 {hole.end}），"
            f"不是区间长度 {seconds} 秒的整数倍，无法确定应留出的序号数；未发送任何数据",
        )
    return count


def one_length(rows: Sequence[MeterRow], before: Before | None = None) -> int:
    """The seconds that every row covers, and the reading `before` them too.

    Raises InputRefused (``import.intervals``) where they differ.
    """
    seconds = rows[0].end_at - rows[0].start_at
    other = next((row for row in rows if row.end_at - row.start_at != seconds), None)
    if other is not None:
        raise _lengths_differ(
            f"line {rows[0].line}: {seconds} s, line {other.line}: {other.end_at - other.start_at} s",
            f"第 {rows[0].line} 行 {seconds} 秒，第 {other.line} 行 {other.end_at - other.start_at} 秒",
        )
    if before is not None and before.seconds != seconds:
        raise _lengths_differ(
            f"the stream's last reading: {before.seconds} s, line {rows[0].line}: {seconds} s",
            f"数据流最后一条读数 {before.seconds} 秒，第 {rows[0].line} 行 {seconds} 秒",
        )
    return seconds


def _lengths_differ(value: str, value_zh: str) -> InputRefused:
    return InputRefused(
        rule="import.intervals",
        value=value,
        expected="rows of one length, where --leave-gaps is to leave numbers open",
        message=f"The readings' lengths differ ({value}): how many are missing in a hole is not known; "
        "nothing was sent",
        message_zh=f"读数区间长度不一（{value_zh}），无法确定缺少几条；未发送任何数据",
    )


class Numbering:
    """Which number each row of a file gets, counted from the first row's (0): one after the other, or with
    `leave_gaps` a number left open for each reading that is missing between two rows.

    ``holes`` are those between the rows; ``offsets[i]`` is the distance of row `i` from the first. Raises InputRefused
    (``import.intervals``, ``import.hole_length``) where it is not known how many readings are missing.
    """

    def __init__(self, rows: Sequence[MeterRow], *, leave_gaps: bool) -> None:
        self._rows = rows
        self._leave_gaps = leave_gaps
        self.holes = find_holes(rows)
        self.offsets: Sequence[int] = range(len(rows))
        if leave_gaps and self.holes:
            self.offsets = _spread(rows, self.holes)

    def below(self, offset: int) -> int:
        """How many rows from the top have a smaller offset."""
        return bisect_left(self.offsets, offset)

    def left_open(self, holes: Sequence[Hole], before: Before | None = None) -> int:
        """How many numbers `holes` leave open; `before` is the reading that one before the first row follows."""
        if not self._leave_gaps or not holes:
            return 0
        seconds = one_length(self._rows, before)
        return sum(missing_readings(hole, seconds) for hole in holes)

    def runs(self) -> Iterator[tuple[int, int]]:
        """The runs of rows without a number left open, as positions: first, and one beyond the last."""
        starts = [hole.position for hole in self.holes] if self._leave_gaps else []
        return pairwise([0, *starts, len(self._rows)])


def _spread(rows: Sequence[MeterRow], holes: Sequence[Hole]) -> Sequence[int]:
    seconds = one_length(rows)
    missing = {hole.position: missing_readings(hole, seconds) for hole in holes}
    places: list[int] = []
    left = 0
    for position in range(len(rows)):
        left += missing.get(position, 0)
        places.append(position + left)
    return places


def undecided(holes: Sequence[Hole]) -> InputRefused:
    """The refusal ``import.holes``: rows are missing, and nobody said what becomes of their numbers."""
    first = holes[0]
    return InputRefused(
        rule="import.holes",
        value=f"{len(holes)}, the first before line {first.line}: {first.start} to {first.end}",
        expected="rows that follow each other in time; or --leave-gaps (the missing readings' numbers stay open), or "
        "--ignore-holes (numbered through: the stream will never show that readings are missing)",
        message=f"Readings are missing: {len(holes)} {'hole' if len(holes) == 1 else 'holes'} in time, the first "
        f"before line {first.line}, from {first.start} to {first.end}. Nothing was sent, as a stream cannot be "
        "mended afterwards. Say --leave-gaps: their numbers stay open, can be filled late or declared lost; or "
        "--ignore-holes: numbered through, the stream will never show them",
        message_zh=f"缺少读数：时间上有 {len(holes)} 处空缺，第一处在第 {first.line} 行之前，{first.start} 至 "
        f"{first.end}。数据流事后无法修补，因此未发送任何数据。请选择 --leave-gaps（留出序号，日后可补传或声明缺失）"
        "或 --ignore-holes（连续编号，数据流将不显示空缺）",
    )
