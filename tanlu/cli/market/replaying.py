"""``tanlu market replay``: a trading day computed again from the log's entries, and where what was said departs from it
(DOMAIN 12 to 15)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tanlu.cli import options
from tanlu.cli.admitting import Looking, looks
from tanlu.cli.console import ExitCode, console
from tanlu.cli.positions import asset_name, yuan
from tanlu.files import require_new, write_new
from tanlu.trustfile import load_trust

if TYPE_CHECKING:
    from tanlu.replaying import Departure, ReplayedDay


@click.command()
@click.argument("asset")
@click.argument("day", type=int, metavar="DAY")
@click.option(
    "--document",
    "out",
    type=options.NEW_FILE,
    help="Write the computed session here: its SHA-256 is the root. 写出场次文件",
)
@looks
@click.pass_context
def replay(context: click.Context, *, looking: Looking, asset: str, day: int, out: Path | None) -> None:
    """Compute DAY (YYYYMMDD) of ASSET again from the log's entries. 重放交易日

    For whoever may read every entry: park and regulator. Reads the whole log below its newest cosigned checkpoint,
    checks that these are its entries, matches every order anew, and compares with the logged close and the trades that
    the service shows. Each difference is a line, the first one first; exit code 4 when there is one. --document writes
    the session's canonical JSON, whatever was recorded of it: `sha256sum` of the file is the root.
    """
    # The log's own market and its chain's client: a second that no other command of the market spends.
    from tanlu.replaying import replay_day  # noqa: PLC0415

    if out is not None:
        require_new(out)
    with looking.client() as client:
        found = replay_day(client, load_trust(looking.trust_path), asset, day)
    session = found.session
    if out is not None:
        write_new(out, session.record)
    console().result(
        {
            "asset": asset,
            "day": day,
            "first": session.entries[0],
            "last": session.entries[1],
            "fills": len(session.fills),
            "book": session.book_hash.hex(),
            "volume": session.close.volume,
            "value_fen": session.close.value_fen,
            "close_fen": session.close.price_fen,
            "groups": session.close.groups,
            "stands": session.close.stands,
            "root": session.root.hex(),
            "closed_index": None if found.closed is None else found.closed.index,
            "size": found.size,
            "tree_root": found.root.hex(),
            "document": None if out is None else str(out),
            "differences": [_told(one) for one in found.departures],
        },
        _text(found, asset, zh=False),
        _text(found, asset, zh=True),
    )
    if found.departures:
        context.exit(ExitCode.INTEGRITY)


def _told(one: Departure) -> dict[str, object]:
    at = one.divergence
    return {
        "source": one.source,
        "what": at.what,
        "cause": at.cause,
        "computed": at.computed,
        "recorded": at.recorded,
    }


def _text(found: ReplayedDay, asset: str, *, zh: bool) -> str:
    session, price = found.session, yuan(found.session.close.price_fen)
    first, last = session.entries
    closed = found.closed
    if zh:
        state = "尚未收市" if closed is None else f"第 {closed.index} 条记录收市"
        lines = [
            f"{asset_name(asset, zh=True)} {session.day}：第 {first} 至 {last} 条记录，成交 {len(session.fills)} 笔、"
            f"{session.close.volume} 吨，收盘价 {price} 元，{state}",
            f"根 {session.root.hex()}；已核对检查点的 {found.size} 条记录",
        ]
    else:
        state = "not closed yet" if closed is None else f"closed by entry {closed.index}"
        lines = [
            f"{asset} {session.day}: entries {first} to {last}, {len(session.fills)} fills, {session.close.volume} t "
            f"counted, close CNY {price}, {state}",
            f"root {session.root.hex()}; from the {found.size} entries of the cosigned checkpoint",
        ]
    for one in found.departures:
        at = one.divergence
        cause = "" if at.cause is None else f"（第 {at.cause} 条记录）" if zh else f" (entry {at.cause})"
        lines.append(
            f"{one.source} {at.what}{cause}：应为 {at.computed}，所见 {at.recorded}"
            if zh
            else f"{one.source} {at.what}{cause}: computed {at.computed}, found {at.recorded}"
        )
    if not found.departures:
        lines.append("无差异" if zh else "no differences")
    return "\n".join(lines)
