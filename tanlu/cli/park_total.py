"""``tanlu park-total``: a park's emissions by its boundary, scopes apart (DOMAIN 35), and a check value (DOMAIN 38)."""

from __future__ import annotations

from pathlib import Path

import click

from attestation.accounting.ganzhou import ganzhou_year
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.cli.park_text import ganzhou_text, park_text
from tanlu.inventory_files import read_park_total


@click.command()
@click.argument("path", metavar="[FILE]", type=options.FILE, required=False)
@click.option("--ganzhou", type=int, metavar="YEAR", help="The published check value instead: 2020 to 2022. 校核值")
def command(*, path: Path | None, ganzhou: int | None) -> None:
    """Add up a park's sources, scopes apart, each figure with its steps. 园区排放总量

    FILE: the park's sources in JSON (docs/accounting.md, section 10). What two of them count is refused. The total is
    for inventory and comparison: no obligation follows from it, nothing is sent anywhere.

    With --ganzhou the published parameters of the Ganzhou zone instead, its total beside the published one.
    """
    if (path is None) == (ganzhou is None):
        raise click.UsageError("Name a file, or a year with --ganzhou. 请指定文件，或以 --ganzhou 指定年份。")
    if path is not None:
        total = read_park_total(path).as_dict()
        console().result(total, park_text(total, zh=False), park_text(total, zh=True))
    elif ganzhou is not None:
        year = ganzhou_year(ganzhou).as_dict()
        console().result(year, ganzhou_text(year, zh=False), ganzhou_text(year, zh=True))
