"""``tanlu quota retire``: a holder cancels units of its own will (DOMAIN 22)."""

from __future__ import annotations

import click

from tanlu.assets import retire as retired
from tanlu.cli.acting import tonnes
from tanlu.cli.holding import Moving, moves


@click.command()
@click.option("--asset", required=True, help="quota-YEAR or ccer. 资产")
@tonnes
@moves
def retire(*, moving: Moving, asset: str, tonnes: int) -> None:
    """Cancel units of your own, for good. 自愿注销

    --key is the enterprise's ES256K key for `asset`. It meets no obligation.
    """
    moving.move(
        lambda before: retired(asset, tonnes, before),
        (f"{tonnes} t of {asset} cancelled by their holder", f"已自愿注销 {asset} {tonnes} 吨"),
        (f"cancellation of {tonnes} t of {asset} by their holder", f"自愿注销 {asset} {tonnes} 吨"),
    )
