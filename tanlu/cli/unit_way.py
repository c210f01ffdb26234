"""``tanlu history units``: what came of an asset into an account, and what left it."""

from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from attestation.instants import format_instant
from tanlu.cli import moments
from tanlu.cli.admitting import Looking, looks
from tanlu.cli.console import console
from tanlu.cli.movements_text import KINDS_ZH
from tanlu.cli.positions import asset_name, block_line
from tanlu.cli.tables import table
from tanlu.client.movements import Held
from tanlu.client.unit_way import UnitFlow, UnitWay

_HEADER = ("", "event", "with", "tonnes", "events", "blocks")
_HEADER_ZH = ("", "事件", "对方", "吨", "次数", "区块")


@click.command()
@click.argument("account")
@click.argument("asset")
@click.option("--from-block", type=click.IntRange(0), default=0, show_default=True, help="First block. 起始区块")
@click.option("--block", type=click.IntRange(0), help="Last block; by default the last one read. 截至区块")
@moments.at
@looks
def units(*, looking: Looking, account: str, asset: str, from_block: int, block: int | None, at: int | None) -> None:
    """Follow units of ASSET (quota-YEAR, ccer) through ACCOUNT. 配额去向

    What came, from whom: granted, bought, transferred, carried over; what left, to whom: sold, transferred,
    surrendered, cancelled. Opening, and what came, less what left, is closing: added up here too. Units are alike:
    which of them left is not asked. Go on with the other account, where you may read it.
    """
    with looking.client() as client:
        found = client.history.units(account, asset, from_block=from_block, block=block, at=at)
    console().result(msgspec.to_builtins(found), _text(found, zh=False), _text(found, zh=True))


def _text(found: UnitWay, *, zh: bool) -> str:
    since = f"自区块 {found.from_block} 起" if zh else f"from block {found.from_block} on"
    until = block_line(found.as_of, zh=zh)
    if found.at is not None:
        until += f"，{format_instant(found.at)} 时" if zh else f", at {format_instant(found.at)}"
    rows = [
        ("", "期初" if zh else "opening", "", _total(found.opening), "", ""),
        *_rows(found.inward, "+", zh=zh),
        *_rows(found.outward, "-", zh=zh),
        ("", "期末" if zh else "closing", "", _total(found.closing), "", _parts(found.closing, zh=zh)),
    ]
    return "\n".join(
        (
            f"{found.identifier} (0x{found.account}), {asset_name(found.asset, zh=zh)}",
            f"{since}；{until}" if zh else f"{since}; {until}",
            table(_HEADER_ZH if zh else _HEADER, rows),
            found.note_zh if zh else found.note,
        )
    )


def _rows(flows: tuple[UnitFlow, ...], sign: str, *, zh: bool) -> Iterator[tuple[object, ...]]:
    for one in flows:
        name = KINDS_ZH.get(one.kind, one.kind) if zh else one.kind
        if one.year is not None:
            name += f"（{one.year} 年度）" if zh else f" for {one.year}"
        if one.asset is not None:
            name += f"（{asset_name(one.asset, zh=True)}）" if zh else f" ({asset_name(one.asset, zh=False)})"
        blocks = str(one.first_block) if one.first_block == one.last_block else f"{one.first_block}-{one.last_block}"
        yield sign, name, one.other or "-", one.tonnes, one.events, blocks


def _total(held: Held) -> int:
    return held.registry + held.trading + held.frozen


def _parts(held: Held, *, zh: bool) -> str:
    if zh:
        return f"可用 {held.registry}，交易 {held.trading}，冻结 {held.frozen}"
    return f"free {held.registry}, market {held.trading}, frozen {held.frozen}"
