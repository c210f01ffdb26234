"""Meter files (CSV) as readings: real intervals in true time order, decimals taken as text.

A file names instants by a local clock, often by the interval's end, sometimes with a day's last midnight
filed under the day that ends (`midnight_next_day`). This module turns rows into half-open periods and refuses
what it cannot place: nothing is guessed, reordered or filled.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from attestation.decimals import exact_sum, parse_decimal
from attestation.errors import SchemaRefused
from attestation.instants import parse_instant
from attestation.units import check_reading_limit, parse_unit
from tanlu.errors import BadRow, InputRefused, ReadingsRefused

MAX_FILE_BYTES = 512 * 1024 * 1024
"""Largest meter file, unpacked: ten years of one-second rows lie below it."""

RFC3339 = "rfc3339"
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a meter file says what it measured.

    ``quantity`` names the column of the decimal. ``start`` and ``end`` name the columns of the interval's bounds; with
    only one of them ``interval`` gives the length. ``time_format`` is a `strptime` format or ``rfc3339``. ``zone``
    places times without an offset. ``midnight_next_day``: a label 00:00 means the midnight at which its date ends.
    """

    quantity: str
    start: str | None = None
    end: str | None = None
    time_format: str = RFC3339
    zone: ZoneInfo | None = None
    interval: timedelta | None = None
    midnight_next_day: bool = False
    delimiter: str = ","

    def __post_init__(self) -> None:
        if self.start is None and self.end is None:
            raise _no_layout("layout.columns", "none", "a column of the interval's start or end", "未指定时间列")
        if (self.start is None or self.end is None) and self.interval is None:
            raise _no_layout("layout.interval", "none", "an interval length, as one bound is missing", "缺少区间长度")
        if self.interval is not None and self.interval <= timedelta(0):
            raise _no_layout("layout.interval", self.interval, "a positive length", "区间长度须为正")
        if self.time_format != RFC3339 and self.zone is None and "%z" not in self.time_format:
            raise _no_layout("layout.zone", self.time_format, "a time zone for times without an offset", "缺少时区")


PRESETS = {
    "plain": Layout(quantity="quantity", start="from", end="to"),
    # UCI "Steel Industry Energy Consumption" (V E Sathishkumar et al.): day first, labels are interval ends.
    "steel": Layout(
        quantity="Usage_kWh",
        end="date",
        time_format="%d/%m/%Y %H:%M",
        zone=ZoneInfo("Asia/Seoul"),
        interval=timedelta(minutes=15),
        midnight_next_day=True,
    ),
}
"""Layouts by name: ``plain`` (from, to, quantity in RFC 3339) and ``steel``."""


@dataclass(frozen=True, slots=True)
class MeterRow:
    """A reading to be: period ``[start, end)`` in RFC 3339 with the file's own offset, quantity as written."""

    line: int
    start: str
    end: str
    start_at: int
    end_at: int
    quantity: str


@dataclass(frozen=True, slots=True)
class MeterFile:
    """The rows of a file in time order, and the rows left out (empty unless bad rows were to be skipped)."""

    rows: tuple[MeterRow, ...]
    skipped: tuple[BadRow, ...]
    unit: str

    @property
    def total(self) -> Decimal:
        """The exact sum of the rows, in ``unit``."""
        return self.sum(0, len(self.rows))

    def sum(self, start: int, end: int) -> Decimal:
        """The exact sum of the rows from position `start` up to `end`, that one excluded, in ``unit``."""
        return exact_sum(Decimal(row.quantity) for row in self.rows[start:end])


def read_meter_file(path: Path, layout: Layout, unit: str, *, now: int, skip_bad: bool = False) -> MeterFile:
    """The readings of a CSV file (UTF-8, a BOM allowed, gzip recognised by its first bytes).

    `now` (unix seconds) bounds the periods: a meter cannot have measured the future. Raises ReadingsRefused naming
    every bad line (rules ``row.columns``, ``row.time``, ``row.order``, ``row.period``, ``row.future``,
    ``decimal.grammar``, ``reading.absurd``) unless `skip_bad`, InputRefused for a file that is no such table, and
    SchemaRefused for an unknown unit.
    """
    parse_unit(unit)
    rows: list[MeterRow] = []
    bad: list[BadRow] = []
    previous_end: int | None = None
    for line, cells in _table(path, layout):
        try:
            row = _row(line, cells, layout, unit, previous_end=previous_end, now=now)
        except _Bad as problem:
            bad.append(BadRow(line, problem.column, problem.value, problem.rule, problem.expected))
            continue
        rows.append(row)
        previous_end = row.end_at
    if bad and not skip_bad:
        raise ReadingsRefused(bad)
    if not rows:
        raise _unusable(path, "file.empty", "no row", "at least one row that is a reading", "文件中没有可用的读数")
    return MeterFile(tuple(rows), tuple(bad), unit)


class _Bad(Exception):
    def __init__(self, rule: str, column: str, value: str, expected: str) -> None:
        self.rule, self.column, self.value, self.expected = rule, column, value[:80], expected


def _table(path: Path, layout: Layout) -> Iterator[tuple[int, dict[str, str] | None]]:
    try:
        text = _unpacked(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unusable(
            path, "file.encoding", f"no UTF-8 at byte {error.start}", "UTF-8", "文件不是UTF-8编码"
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter, strict=True)
    needed = [name for name in (layout.start, layout.end, layout.quantity) if name is not None]
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in needed if header.count(name) != 1]
        if missing:
            # Not what is there instead: whoever took the wrong file may have taken one that nobody should see.
            names, wanted = ", ".join(missing), "in the first line once each: " + ", ".join(needed)
            raise _unusable(
                path, "file.columns", f"missing or repeated columns: {names}", wanted, f"所需的列缺失或重复（{names}）"
            )
        for cells in reader:
            if not cells:
                continue
            whole = dict(zip(header, cells, strict=True)) if len(cells) == len(header) else None
            yield reader.line_num, whole
    except csv.Error as error:
        raise _unusable(
            path, "file.csv", f"line {reader.line_num}: {error}", "a table of comma-separated values", "CSV格式错误"
        ) from None


def _unpacked(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        if data.startswith(_GZIP_MAGIC):
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(MAX_FILE_BYTES + 1)
    except (OSError, EOFError) as error:
        raise _unusable(path, "file.unreadable", f"{error}", "a readable CSV or gzip file", "无法读取文件") from None
    if len(data) > MAX_FILE_BYTES:
        raise _unusable(path, "file.size", "more", f"at most {MAX_FILE_BYTES} bytes", "文件过大")
    return data


def _row(
    line: int, cells: dict[str, str] | None, layout: Layout, unit: str, *, previous_end: int | None, now: int
) -> MeterRow:
    if cells is None:
        raise _Bad("row.columns", "*", "another number of cells", "as many cells as the header has")
    end = start = None
    if layout.start is not None:
        start = _instant(cells, layout.start, layout, previous_end, may_equal=True)
    if layout.end is not None:
        floor = previous_end if start is None else int(start.timestamp())
        end = _instant(cells, layout.end, layout, floor, may_equal=False)
    if layout.interval is not None:
        # Lengths are elapsed time, so that they are added in UTC: a local clock jumps.
        start = start or (end.astimezone(UTC) - layout.interval).astimezone(end.tzinfo) if end else start
        end = end or (start.astimezone(UTC) + layout.interval).astimezone(start.tzinfo) if start else end
    if start is None or end is None:
        raise _Bad("row.time", "*", "", "both bounds of the interval")
    label = layout.end or layout.start or ""
    text = cells[label].strip()
    try:
        start_at, end_at = parse_instant(_rfc3339(start)), parse_instant(_rfc3339(end))
    except SchemaRefused:
        raise _Bad("row.time", label, text, "an instant from 1970 on, with an offset in whole minutes") from None
    if end_at <= start_at:
        raise _Bad("row.period", label, text, f"an end after the start, {start.isoformat()}")
    if previous_end is not None and start_at < previous_end:
        before = datetime.fromtimestamp(previous_end, start.tzinfo).isoformat()
        raise _Bad("row.order", label, text, f"a start from {before} on, where the row before ends")
    if end_at > now:
        raise _Bad("row.future", label, text, "a period that is over")
    return MeterRow(line, _rfc3339(start), _rfc3339(end), start_at, end_at, _quantity(cells, layout.quantity, unit))


def _quantity(cells: dict[str, str], column: str, unit: str) -> str:
    text = cells[column].strip()
    try:
        check_reading_limit(parse_decimal(text), unit)
    except SchemaRefused as refusal:
        raise _Bad(refusal.rule, column, text, refusal.expected) from None
    return text


def _instant(cells: dict[str, str], column: str, layout: Layout, floor: int | None, *, may_equal: bool) -> datetime:
    text = cells[column].strip()
    try:
        moment = (
            datetime.fromisoformat(text)
            if layout.time_format == RFC3339
            else datetime.strptime(text, layout.time_format)  # noqa: DTZ007 - the zone is attached below
        )
    except ValueError:
        raise _Bad("row.time", column, text, _shown(layout)) from None
    if moment.microsecond or (layout.time_format == RFC3339 and len(text) < len("2018-01-01T00:15:00")):
        raise _Bad("row.time", column, text, "whole seconds, written out")
    if layout.midnight_next_day and (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        moment += timedelta(days=1)
    if moment.tzinfo is not None:
        return moment
    if layout.zone is None:
        raise _Bad("row.time", column, text, "a UTC offset, or a time zone for the file")
    return _placed(moment, layout.zone, floor, column, text, may_equal=may_equal)


def _placed(
    moment: datetime, zone: ZoneInfo, floor: int | None, column: str, text: str, *, may_equal: bool
) -> datetime:
    # An hour that the clock shows twice is told apart by the order of the rows: the second one follows the first.
    for fold in (0, 1):
        local = moment.replace(tzinfo=zone, fold=fold)
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
            raise _Bad("row.time", column, text, f"a time that the clocks of {zone.key} showed")
        at = int(local.timestamp())
        if floor is None or at > floor or (may_equal and at == floor):
            return local
    return moment.replace(tzinfo=zone, fold=0)


def _rfc3339(moment: datetime) -> str:
    text = moment.isoformat(timespec="seconds")
    return text[:-6] + "Z" if moment.tzinfo is UTC else text


def _shown(layout: Layout) -> str:
    return "an RFC 3339 instant" if layout.time_format == RFC3339 else f"a time as {layout.time_format}"


def _no_layout(rule: str, value: object, expected: str, zh: str) -> InputRefused:
    return InputRefused(
        rule=rule,
        value=value,
        expected=expected,
        message=f"This layout reads no file: found {value}, expected {expected}",
        message_zh=zh,
    )


def _unusable(path: Path, rule: str, value: str, expected: str, zh: str) -> InputRefused:
    return InputRefused(
        rule=rule,
        value=value,
        expected=expected,
        message=f"{path.name}: {value}; expected {expected}",
        message_zh=f"{path.name}：{zh}",
    )


def adjusted(layout: Layout, **changes: object) -> Layout:
    """`layout` with the members that are not None replaced: what the command line's options do to a preset.

    Where one column of times is named without the other, the preset's other one is not in that file.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    if ("start" in given) != ("end" in given):
        given = {"start": None, "end": None} | given
    return replace(layout, **given)  # type: ignore[arg-type]  # options have the members' types
