"""``tanlu deadlines``: what is due when, and how it stands."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from attestation.instants import format_instant
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.cli.tables import table
from tanlu.client import Client, DueDate
from tanlu.trustfile import load_trust

_HEADER = ("before", "year", "enterprise", "what", "state", "reminded")
_HEADER_ZH = ("须早于", "年度", "企业", "事项", "状态", "已提醒")
_STATES_ZH = {"open": "未到期", "met": "按期完成", "late": "逾期完成", "missed": "逾期未完成", "over": "已过"}


@click.command(name="deadlines")
@click.argument("enterprise", required=False)
@click.option("--year", type=click.IntRange(1990, 2200), help="Only this compliance year. 履约年度")
@click.option("--open", "only_open", is_flag=True, help="Only what lies ahead. 仅列未到期者")
@options.server
@options.trust
@options.as_key
@options.password_file
@options.patience
def command(
    *,
    enterprise: str | None,
    year: int | None,
    only_open: bool,
    server: str,
    trust_path: Path,
    as_path: Path | None,
    password_file: Path | None,
    patience: float,
) -> None:
    """List what is due when: of the years, and of the cases of ENTERPRISE. 列出截止日期

    Without ENTERPRISE: of one's own cases; regulator and administration see all. In time is what the log accepted
    before the instant that is shown.
    """
    who = options.credentials(as_path, password_file)
    with Client(server, trust=load_trust(trust_path), patience=patience, credentials=who) as client:
        found = [one for one in client.deadlines(enterprise, year=year) if not only_open or one.state == "open"]
    console().result(
        {"deadlines": msgspec.to_builtins(found)},
        table(_HEADER, [_row(one, one.state) for one in found]) if found else "nothing is due",
        table(_HEADER_ZH, [_row(one, _STATES_ZH[one.state]) for one in found]) if found else "没有截止日期",
    )


def _row(due: DueDate, state: str) -> list[object]:
    what = due.name if due.month is None else f"{due.name} {due.year}-{due.month:02}"
    reminded = ", ".join(f"{one.days} d {one.channel}" for one in due.reminders) or "-"
    return [format_instant(due.at), due.year, due.enterprise or "-", what, state, reminded]
