"""``tanlu quota move``: a holder's units between the registry and its trading balance (DOMAIN 16, 22)."""

from __future__ import annotations

import click

from tanlu.cli.acting import tonnes
from tanlu.cli.trading import Trading, trades
from tanlu.market import move as moving


@click.command()
@click.option("--asset", required=True, help="quota-YEAR. 资产")
@tonnes
@click.option("--in/--out", "inward", required=True, help="To trade with them, or back. 转入/转出交易账户")
@trades
def move(*, trading: Trading, asset: str, tonnes: int, inward: bool) -> None:
    """Move units of your own into the trading balance, or out of it. 交易划转

    Units behind orders and fills stay; those that are locked may leave, for a surrender.
    """
    where, where_zh = ("to trading", "转入交易") if inward else ("out of trading", "转出交易")
    trading.act(
        lambda _: moving(asset, tonnes, trading.before(), inward=inward),
        (f"{tonnes} t of {asset} moved {where}", f"已{where_zh} {asset} {tonnes} 吨"),
        (f"move of {tonnes} t of {asset} {where}", f"{where_zh} {asset} {tonnes} 吨"),
    )
