"""``tanlu fsck``: check a store offline, and name what is wrong with it, the first bad row first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from ledger.fsck.check import Report as Checked
from ledger.fsck.check import check
from ledger.fsck.faults import Fault
from ledger.trust import parse as parse_trust
from tanlu.cli.console import CommandRefused, Console, ExitCode, console, is_terminal
from tanlu.home import database_url, file_of, home_of

_MOST_IN_JSON = 100_000


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="Home directory (TANLU_HOME). 主目录")
@click.option(
    "--database", metavar="FILE|URL", help="SQLite file or SQLAlchemy URL; default: that of the home. 数据库文件或地址"
)
@click.option(
    "--trust", "trust_path", type=click.Path(path_type=Path), help="Trust file; default: that of the home. 信任文件"
)
@click.pass_context
def command(context: click.Context, *, home: Path | None, database: str | None, trust_path: Path | None) -> None:
    """Check a store against itself and the trust file. 离线检查数据库

    Reads only, and needs no service. Every leaf hash, the tree, its tiles and heads, every signature by the key of that
    position, streams, identifiers, keys, policies, reports and wished chain writes are computed anew from the entries.
    Each difference is a line: table, key, column, found, expected; the first line is the first bad row. Exit code 4
    when there is one. It cannot know of entries that are gone without a trace: witness and chain do.
    """
    out, place = console(), home_of(home)
    path = trust_path or file_of(place, "TRUST_FILE", "trust.json")
    url = database_url(place) if database is None else _url(database)
    listed: list[Fault] = []

    def found(fault: Fault) -> None:
        if not out.json:
            click.echo(str(fault))
        elif len(listed) < _MOST_IN_JSON:
            listed.append(fault)

    try:
        trust = parse_trust(path.read_bytes())
    except OSError as error:
        raise CommandRefused(
            "fsck.trust",
            path,
            "a trust file; --trust names it",
            f"There is no trust file at {path}: {error.strerror}",
            f"{path} 处没有信任文件：{error.strerror}",
        ) from error
    report = check(url, trust, found=found, progress=_progress(out))
    _show(out, report, listed)
    if report.faults:
        context.exit(ExitCode.INTEGRITY)


def _show(out: Console, report: Checked, listed: list[Fault]) -> None:
    rows = ", ".join(f"{table} {count}" for table, count in report.rows.items())
    head = f"{report.entries} entries; tree of {report.size}, root {report.root}"
    out.result(
        {
            "sound": not report.faults,
            "faults": report.faults,
            "first": dict(listed[0].as_dict()) if listed else None,
            "all": [dict(fault.as_dict()) for fault in listed],
            "entries": report.entries,
            "size": report.size,
            "root": report.root,
            "rows": dict(report.rows),
        },
        f"{'sound' if not report.faults else f'{report.faults} faults'}: {head}; rows looked at: {rows}",
        f"{'完好' if not report.faults else f'{report.faults} 处错误'}：{report.entries} 条记录，树 {report.size}，"
        f"根 {report.root}；已检查的行：{rows}",
    )


def _progress(out: Console) -> Callable[[int, int], None]:
    """Says how far the check is: each percent to a person who watches, each tenth to a file."""
    step = 1 if is_terminal() else 10
    said = [-1]

    def progress(done: int, every: int) -> None:
        percent = 100 if every == 0 else done * 100 // every
        if percent // step > said[0]:
            said[0] = percent // step
            out.note(f"{done} of {every} entries", f"已检查 {done}/{every} 条记录")

    return progress


def _url(text: str) -> str:
    return text if "://" in text else f"sqlite:///{Path(text).expanduser().absolute()}"
