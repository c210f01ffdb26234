"""``tanlu carry-over``: a holder turns units of a vintage into the next one's (DOMAIN 6)."""

from __future__ import annotations

import click

from tanlu.assets import carry_over
from tanlu.cli.acting import YEAR, tonnes
from tanlu.cli.holding import Moving, moves


@click.command()
@click.argument("vintage", type=YEAR)
@tonnes
@moves
def command(*, moving: Moving, vintage: int, tonnes: int) -> None:
    """Carry units of VINTAGE over to the next vintage, in the window after the deadline. 结转

    --key is the enterprise's ES256K key for `asset`. The obligation of VINTAGE is met first.
    """
    moving.move(
        lambda before: carry_over(vintage, tonnes, before),
        (
            f"{tonnes} t of quota-{vintage} carried over to quota-{vintage + 1}",
            f"已将 quota-{vintage} {tonnes} 吨结转为 quota-{vintage + 1}",
        ),
        (
            f"carry-over of {tonnes} t of quota-{vintage} to quota-{vintage + 1}",
            f"将 quota-{vintage} {tonnes} 吨结转为 quota-{vintage + 1}",
        ),
    )
