"""``tanlu return``: a holder gives back what it owes after reconciliation (DOMAIN 31)."""

from __future__ import annotations

import click

from tanlu.assets import give_back
from tanlu.cli.acting import YEAR, tonnes
from tanlu.cli.holding import Moving, moves


@click.command("return")
@click.argument("vintage", type=YEAR)
@tonnes
@moves
def command(*, moving: Moving, vintage: int, tonnes: int) -> None:
    """Return units of VINTAGE that you owe to the reserve. 退还多发配额

    --key is the enterprise's ES256K key for `asset`. Never more than is owed.
    """
    moving.move(
        lambda before: give_back(vintage, tonnes, before),
        (f"{tonnes} t of quota-{vintage} returned", f"已退还 quota-{vintage} {tonnes} 吨"),
        (f"return of {tonnes} t of quota-{vintage}", f"退还 quota-{vintage} {tonnes} 吨"),
    )
