"""``tanlu import-readings``: a meter file becomes signed readings in the log."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from rich.console import Console as Terminal
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from attestation.units import UNITS
from tanlu.cli import options
from tanlu.cli.console import console, is_terminal
from tanlu.client import Client
from tanlu.errors import InputRefused
from tanlu.holes import SHOWN, Hole
from tanlu.holes import undecided as undecided_holes
from tanlu.importing import Imported, Importer, Meter, Plan
from tanlu.journal import Journal
from tanlu.keyring import HeldKey, open_key
from tanlu.measured_unit import OutsideTerms
from tanlu.readings import PRESETS, MeterFile, adjusted, read_meter_file
from tanlu.trustfile import load_trust

_INTERVAL = re.compile(r"([1-9][0-9]{0,5})(s|min|h|d)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


@click.command(name="import-readings")
@click.argument("path", metavar="FILE.csv", type=options.FILE)
@options.key
@click.option("--stream", required=True, help="The meter's sequence. 数据流")
@click.option("--unit", type=click.Choice(list(UNITS)), required=True, help="Unit of the quantities. 计量单位")
@click.option(
    "--format",
    "preset",
    type=click.Choice(list(PRESETS)),
    default="plain",
    show_default=True,
    help="plain: from,to,quantity in RFC 3339; steel: UCI steel plant file. 文件格式",
)
@click.option("--from-column", help="Column of the interval's start. 起始时间列")
@click.option("--to-column", help="Column of the interval's end. 结束时间列")
@click.option("--quantity-column", help="Column of the decimal. 数值列")
@click.option("--time-format", help="strptime format, or rfc3339. 时间格式")
@click.option("--time-zone", help="IANA zone of times without an offset. 时区")
@click.option("--interval", help="Length where one bound is missing: 15min, 1h, 1d. 区间长度")
@click.option(
    "--midnight-next-day/--midnight-same-day",
    default=None,
    help="A label 00:00 means the end, or the start, of its date. 零点归属",
)
@click.option("--delimiter", help="Between the cells. 分隔符")
@click.option("--skip-bad", is_flag=True, help="Leave bad rows out instead of refusing the file. 跳过错误行")
@click.option("--first-seq", type=click.IntRange(1), help="Seq of the first row, where it cannot be found. 首行序号")
@click.option(
    "--leave-gaps/--ignore-holes",
    default=None,
    help="Rows missing in time: leave their numbers open, or number through. 缺失读数留出序号，或连续编号",
)
@click.option("--close", is_flag=True, help="Sign the close of the period at the end. 结束后签署关闭声明")
@click.option(
    "--meter", "by_hand", metavar="DEVICE", help="By hand: --key is of an enterprise or a person. 手工读数所属设备"
)
@click.option("--journal", "journal_path", type=options.NEW_FILE, help="Else FILE.csv.STREAM.journal. 导入日志")
@options.server
@options.trust
@options.password_file
@options.patience
def command(
    *,
    path: Path,
    key_path: Path,
    stream: str,
    unit: str,
    preset: str,
    from_column: str | None,
    to_column: str | None,
    quantity_column: str | None,
    time_format: str | None,
    time_zone: str | None,
    interval: str | None,
    midnight_next_day: bool | None,
    delimiter: str | None,
    skip_bad: bool,
    first_seq: int | None,
    leave_gaps: bool | None,
    close: bool,
    by_hand: str | None,
    journal_path: Path | None,
    server: str,
    trust_path: Path,
    password_file: Path | None,
    patience: float,
) -> None:
    """Sign a meter's readings and submit them; run again to go on where it stopped. 导入并提交读数

    FILE.csv (or .gz) is UTF-8. Every row is checked before anything is sent. The journal keeps the log's promises and
    the sum that `tanlu report build --evidence LINE=JOURNAL` cites. Rows that do not follow each other in time are
    refused until --leave-gaps or --ignore-holes says what becomes of the missing ones, and so are rows in another unit
    than the device's events say. With --meter the rows are read by hand: signed by an enterprise or a person, marked
    `manual`.
    """
    if close and by_hand is not None:
        raise click.UsageError("--close is a meter's own word, not one by hand (--meter). 手工读数不能关闭时段。")
    trust = load_trust(trust_path)
    layout = adjusted(
        PRESETS[preset],
        start=from_column,
        end=to_column,
        quantity=quantity_column,
        time_format=time_format,
        zone=None if time_zone is None else _zone(time_zone),
        interval=None if interval is None else _interval(interval),
        midnight_next_day=midnight_next_day,
        delimiter=delimiter,
    )
    file = read_meter_file(path, layout, unit, now=int(time.time()), skip_bad=skip_bad)
    held = open_key(key_path, options.read_password(password_file))
    meter = Meter(trust.log, held.card.identifier, stream, held.private, by_hand)
    where = journal_path or path.with_name(f"{path.name}.{stream}.journal")
    with (
        Journal(where, _header(path, meter, held, file, leave_gaps=bool(leave_gaps))) as journal,
        Client(server, trust=trust, patience=patience, credentials=options.signs_in(held)) as client,
    ):
        importer = Importer(client, meter, file, leave_gaps=bool(leave_gaps))
        plan = importer.plan(journal.place(first_seq))
        # What a journal or the log holds already is numbered for ever, and what was read by hand goes on from nothing.
        undecided = [hole for hole in plan.holes if hole.position >= plan.resume]
        if undecided and leave_gaps is None and journal.first_seq is None and by_hand is None:
            raise undecided_holes(undecided)
        if plan.holes and not leave_gaps:
            _warn(plan.holes)
        if plan.outside is not None:
            _warn_outside(plan.outside)
        journal.start(plan.first_seq)
        with ExitStack() as stack:
            advance = _progress(stack, len(file.rows), plan.resume)
            imported = importer.run(plan, journal, close=close, on_progress=advance)
    _show(imported, plan, file, meter, where)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise _bad_option("layout.zone", name, "a time zone of the IANA database, as Asia/Shanghai") from error


def _interval(text: str) -> timedelta:
    found = _INTERVAL.fullmatch(text)
    if found is None:
        raise _bad_option("layout.interval", text, "a number and s, min, h or d, as 15min")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


def _bad_option(rule: str, value: str, expected: str) -> InputRefused:
    return InputRefused(
        rule=rule,
        value=value,
        expected=expected,
        message=f"{value}: expected {expected}",
        message_zh=f"选项值 {value} 无效",
    )


def _header(path: Path, meter: Meter, held: HeldKey, file: MeterFile, *, leave_gaps: bool) -> dict[str, object]:
    return {
        "log": meter.log,
        "issuer": meter.issuer,
        "kid": held.card.kid,
        "stream": meter.stream,
        **({} if meter.by_hand is None else {"meter": meter.by_hand}),
        "unit": file.unit,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "rows": len(file.rows),
        **({"leave_gaps": True} if leave_gaps else {}),
    }


def _progress(stack: ExitStack, total: int, done: int) -> Callable[[int], None] | None:
    if not is_terminal() or console().json:
        return None
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = stack.enter_context(Progress(*columns, console=Terminal(stderr=True)))
    task = bar.add_task(console().pick("readings", "读数"), total=total, completed=done)
    return lambda rows: bar.update(task, completed=rows)


def _warn(holes: Sequence[Hole]) -> None:
    first = holes[0]
    english = f"warning: {_count(holes)} in time, the first before line {first.line}, {first.start} to {first.end}; "
    english += "the numbers go on as if nothing were missing (--leave-gaps leaves them open, at the first import)"
    chinese = f"警告：时间上有 {len(holes)} 处空缺，第一处在第 {first.line} 行之前，{first.start} 至 {first.end}；"
    chinese += "序号连续，不显示缺失（首次导入时可用 --leave-gaps 留出序号）"
    console().note(english, chinese)


def _count(holes: Sequence[Hole]) -> str:
    return f"{len(holes)} {'hole' if len(holes) == 1 else 'holes'}"


def _warn_outside(outside: OutsideTerms) -> None:
    first, last, count = outside.first, outside.last, outside.count
    rows = "1 row lies" if count == 1 else f"{count} rows lie"
    english = f"warning: {rows} in no term of service of {outside.device}, the first line {first.line}, "
    english += f"{first.start} to {first.end}, the last line {last.line}, {last.start} to {last.end}; no report can "
    english += "cite them unless a device event says that it measured then (tanlu device show)"
    chinese = f"警告：有 {count} 行不在设备 {outside.device} 的任何服役期内，首行为第 {first.line} 行，"
    chinese += f"{first.start} 至 {first.end}，末行为第 {last.line} 行，{last.start} 至 {last.end}；"
    chinese += "除非另有设备事件说明其当时在役，否则报告不能引用（tanlu device show）"
    console().note(english, chinese)


def _show(imported: Imported, plan: Plan, file: MeterFile, meter: Meter, journal: Path) -> None:
    holes = plan.holes
    data = {
        **dataclasses.asdict(imported),
        "issuer": meter.issuer,
        "stream": meter.stream,
        "rows": len(file.rows),
        "skipped": [row.as_dict() for row in file.skipped],
        "hole_count": len(holes),
        "holes": [hole.as_dict() for hole in holes[:SHOWN]],
        "outside_terms": None if plan.outside is None else plan.outside.as_dict(),
        "journal": str(journal),
    }
    total = f"{imported.total} {imported.unit}"
    place = f"{meter.stream} {imported.first_seq}-{imported.last_seq}"
    english = f"{len(file.rows)} readings, {total}, in {place}: {imported.accepted} new, "
    english += f"{imported.repeated + imported.present} were there, {len(file.skipped)} rows skipped"
    chinese = f"{len(file.rows)} 条读数，合计 {total}，{place}：新增 {imported.accepted} 条，"
    chinese += f"已有 {imported.repeated + imported.present} 条，跳过 {len(file.skipped)} 行"
    if holes:
        first = holes[0]
        english += f"; {_count(holes)} in time, the first from {first.start} to {first.end}, "
        english += f"{imported.left_open} numbers left open"
        chinese += f"；时间上有 {len(holes)} 处空缺，第一处 {first.start} 至 {first.end}，"
        chinese += f"留出 {imported.left_open} 个序号"
    console().result(data, english, chinese)
