"""``tanlu surrender``: a holder meets its obligation of a year (DOMAIN 2 to 5)."""

from __future__ import annotations

import click

from tanlu.assets import surrender
from tanlu.cli.acting import YEAR, tonnes
from tanlu.cli.holding import Moving, moves


@click.command()
@click.argument("year", type=YEAR)
@click.option("--asset", help="quota-YEAR or ccer; else quota of YEAR. 资产")
@tonnes
@moves
def command(*, moving: Moving, year: int, asset: str | None, tonnes: int) -> None:
    """Surrender units for your obligation of YEAR, for good. 清缴

    --key is the enterprise's ES256K key for `asset`. Above the balance, what is due, the cap of CCER, or after the
    deadline nothing is signed.
    """
    units = asset or f"quota-{year}"
    moving.move(
        lambda before: surrender(year, units, tonnes, before),
        (f"{tonnes} t of {units} surrendered for {year}", f"已以 {units} {tonnes} 吨清缴 {year} 年度"),
        (f"surrender of {tonnes} t of {units} for {year}", f"以 {units} {tonnes} 吨清缴 {year} 年度"),
    )
