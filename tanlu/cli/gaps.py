"""``tanlu gaps``: which readings are open, and which were declared lost."""

from __future__ import annotations

from typing import Literal

import click
import msgspec

from tanlu.cli.asking import Asking, asks
from tanlu.cli.console import console
from tanlu.cli.tables import table
from tanlu.client import GapRange

_HEADER = ("issuer", "stream", "first", "last", "count", "state", "entry", "reason")
_HEADER_ZH = ("标识", "数据流", "起", "止", "条数", "状态", "条目", "原因")
_STATES_ZH = {"open": "缺口", "lost": "缺失"}


@click.command(name="gaps")
@click.option("--state", type=click.Choice(["open", "lost"]), help="Only these; else both. 状态")
@asks
def command(*, asking: Asking, state: Literal["open", "lost"] | None) -> None:
    """List what is open or lost in the streams of IDENTIFIER and of its devices. 列出缺口与缺失

    Without IDENTIFIER: those of the key that signs in. An open range can still be filled; of a lost one the entry that
    declares it, and why, are named.
    """
    with asking.open() as (client, about):
        found = list(client.gaps(about, state=state))
    counts = {name: sum(one.last_seq - one.first_seq + 1 for one in found if one.state == name) for name in _STATES_ZH}
    shown = {name: count for name, count in counts.items() if state in {None, name}}
    total = ", ".join(f"{count} {name}" for name, count in shown.items())
    total_zh = "，".join(f"{_STATES_ZH[name]} {count} 条" for name, count in shown.items())
    console().result(
        {"identifier": about, "gaps": msgspec.to_builtins(found), **shown},
        "\n".join([*([table(_HEADER, [_row(one, one.state) for one in found])] if found else []), total]),
        "\n".join(
            [*([table(_HEADER_ZH, [_row(one, _STATES_ZH[one.state]) for one in found])] if found else []), total_zh]
        ),
    )


def _row(gap: GapRange, state: str) -> list[object]:
    size = gap.last_seq - gap.first_seq + 1
    entry = "-" if gap.entry_index is None else str(gap.entry_index)
    return [gap.issuer, gap.stream, gap.first_seq, gap.last_seq, size, state, entry, gap.reason or "-"]
