"""``tanlu assets``: what became of every unit that was ever issued (law 3)."""

from __future__ import annotations

import click
import msgspec

from tanlu.cli.admitting import Looking, looks
from tanlu.cli.console import console
from tanlu.cli.positions import asset_name, block_line
from tanlu.cli.tables import table
from tanlu.client import Assets

_HEADER = ("asset", "issued", "=", "free", "market", "frozen", "surrendered", "cancelled", "accounts")
_HEADER_ZH = ("资产", "已发放", "=", "可用", "交易", "冻结", "已清缴", "已注销", "持有账户数")


@click.group()
def command() -> None:
    """Show what became of every unit. 资产总量"""


@command.command()
@click.option("--block", type=click.IntRange(0), help="As of this block; by default the last one read. 截至区块")
@looks
def show(*, looking: Looking, block: int | None) -> None:
    """Show all that was issued, and where it is. 查看资产总量

    No sign-in is needed. Issued is what all accounts hold (free, in the market, frozen), what was surrendered and what
    was cancelled: the command adds it up, and ends with code 4 where it does not fit.
    """
    with looking.client() as client:
        found = client.assets(block=block)
    console().result(msgspec.to_builtins(found), _shown(found, zh=False), _shown(found, zh=True))


def _shown(found: Assets, *, zh: bool) -> str:
    if not found.assets:
        nothing = "尚未发放任何单位" if zh else "nothing was issued"
        return f"{block_line(found.as_of, zh=zh)}\n{nothing}"
    rows = [
        (
            *(asset_name(one.asset, zh=zh), one.issued, "=", one.registry, one.trading, one.frozen),
            *(one.surrendered, one.cancelled, one.accounts),
        )
        for one in found.assets
    ]
    return f"{block_line(found.as_of, zh=zh)}\n{table(_HEADER_ZH if zh else _HEADER, rows)}"
