"""``tanlu inventory``: an organisation's greenhouse gas inventory of a year (DOMAIN 46)."""

from __future__ import annotations

from pathlib import Path

import click

from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.cli.inventory_text import inventory_text
from tanlu.inventory_files import read_inventory


@click.command()
@click.argument("path", metavar="FILE", type=options.FILE)
def command(*, path: Path) -> None:
    """Make an organisation's inventory: seven gases, scopes apart, uncertainty, base year. 组织温室气体盘查

    FILE: boundary, base year, sources and the documents of the ten steps in JSON (docs/accounting.md, section 10).
    Each figure is printed with its steps. No obligation follows from it, nothing is sent anywhere.
    """
    made = read_inventory(path).as_dict()
    console().result(made, inventory_text(made, zh=False), inventory_text(made, zh=True))
