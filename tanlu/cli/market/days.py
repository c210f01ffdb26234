"""``tanlu market open``, ``halt``, ``resume``, ``close``: trading days, by the registrar (DOMAIN 13 to 16); a halt and
its end by two persons besides (DOMAIN 22, 23)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from attestation.bodies import CloseDay, OpenDay
from attestation.instants import china_time, parse_instant
from ledger.chain.operations import Kind, operation_id
from tanlu.admission import file_hash
from tanlu.cli.acting import ActDesk, Acting, acts
from tanlu.cli.positions import asset_name, yuan
from tanlu.cli.proposing import Proposing, proposes
from tanlu.errors import InputRefused
from tanlu.market_office import close_day, halt_day, open_day, resume_day

DAY = click.IntRange(1990_01_01, 2105_12_31)
_WINDOW = re.compile(r"([^/]+)/([^/]+)")
_KINDS = {OpenDay: Kind.OPEN_DAY, CloseDay: Kind.CLOSE_DAY}


@click.command("open")
@click.argument("asset")
@click.argument("day", type=DAY)
@click.option(
    "--window",
    "windows",
    metavar="FROM/UNTIL",
    multiple=True,
    required=True,
    help="When listed orders are taken (RFC 3339/RFC 3339); may be given again. 挂牌时段",
)
@click.option("--block-window", "blocks", metavar="FROM/UNTIL", multiple=True, help="Else as --window. 大宗时段")
@click.option("--cut-off", metavar="INSTANT", help="Else an hour after the last window. 交收截止")
@acts
def open_(
    *, acting: Acting, asset: str, day: int, windows: tuple[str, ...], blocks: tuple[str, ...], cut_off: str | None
) -> None:
    """Open DAY (YYYYMMDD) of ASSET (quota-YEAR), as the registrar. 开市

    There must be terms and a reference price; bands are rounded inward to the fen. What is not on chain before the
    cut-off is not settled.
    """
    listed, block = _windows(windows), _windows(blocks) or None
    last = max(until for _, until in (*listed, *(block or ())))
    until = last + 3_600 if cut_off is None else parse_instant(cut_off)
    body = open_day(asset, day, listed, until, block_windows=block)
    with acting.open() as desk:
        text = f"{asset} {day} open, settled until {china_time(until)}"
        _say(desk, body, text, f"{asset_name(asset, zh=True)} {day} 已开市，交收截止 {china_time(until)}")


@click.command()
@click.argument("asset")
@click.argument("day", type=DAY)
@proposes
def halt(*, proposing: Proposing, asset: str, day: int) -> None:
    """Propose to halt DAY of ASSET: nothing is taken or settled until it is resumed. 停市

    Two persons of two bodies approve it (`tanlu market approve`), the registrar submits it (`tanlu market submit`).
    Everybody on the market has a notice of it (`tanlu account notices`). How it is done within a minute:
    docs/powers.md.
    """
    proposing.propose("market", halt_day(asset, day, proposing.reason, file_hash(proposing.document)))


@click.command()
@click.argument("asset")
@click.argument("day", type=DAY)
@proposes
def resume(*, proposing: Proposing, asset: str, day: int) -> None:
    """Propose to resume a halted DAY of ASSET, as a halt. 复市"""
    proposing.propose("market", resume_day(asset, day, proposing.reason, file_hash(proposing.document)))


@click.command()
@click.argument("asset")
@click.argument("day", type=DAY)
@click.option("--early", is_flag=True, help="Before the end of the day's last window. 提前收市")
@acts
def close(*, acting: Acting, asset: str, day: int, early: bool) -> None:
    """Close DAY of ASSET, as the registrar, with what its entries give. 收市

    Signs entry range, fills, book hash, close and root as the service computed them; the log computes them again, and
    anybody does with `tanlu market replay`. Orders that are open end. A day that is not halted is closed after its last
    window, unless --early says otherwise: whoever's order ends then could still have traded.
    """
    with acting.open() as desk:
        cut_short = _check_early(desk, asset, day, early=early)
        body = close_day(desk.client.market.session(asset, day))
        price = yuan(body.close_fen)
        text = f"{asset} {day} closed at CNY {price} from {body.volume} t in {body.fills} fills, root {body.root}"
        text_zh = (
            f"{asset_name(asset, zh=True)} {day} 已收市：收盘价 {price} 元，{body.volume} 吨，{body.fills} 笔，"
            f"根 {body.root}"
        )
        if cut_short is not None:
            text += f", early: orders were taken until {china_time(cut_short)}"
            text_zh += f"，提前收市：原可申报至 {china_time(cut_short)}"
        _say(desk, body, text, text_zh)


def _check_early(desk: ActDesk, asset: str, day: int, *, early: bool) -> int | None:
    """The end of the day's last window, where it is still to come on a day that trades; else None. Raises InputRefused
    (``day.early``) where nobody said so. The log takes an early close: an emergency may need one (DOMAIN 13)."""
    shown = desk.client.market.show().asset(asset).day
    if shown is None or shown.day != day or shown.status != "open":
        return None
    last = max(window.until for window in (*shown.windows, *shown.block_windows))
    if desk.context.now >= last:
        return None
    if not early:
        until = china_time(last)
        raise InputRefused(
            rule="day.early",
            value=china_time(desk.context.now),
            expected=f"{until} or later, a halted day, or --early",
            expected_zh=f"不早于 {until}，或先停市，或加 --early",
            message=f"{day} of {asset} takes orders until {until}; closing ends every open order",
            message_zh=f"{asset} {day} 申报至 {until}；收市将终止全部有效委托",
        )
    return last


def _say(desk: ActDesk, body: OpenDay | CloseDay, english: str, chinese: str) -> None:
    accepted = desk.say("market", body)
    operation = operation_id(desk.trust.deployment_id, _KINDS[type(body)], bytes.fromhex(accepted.leaf_hash))
    members: dict[str, object] = {"action": body.action, "asset": body.asset, "day": body.day}
    if isinstance(body, CloseDay):
        names = ("first", "last", "fills", "book", "volume", "value_fen", "close_fen", "groups", "root")
        members |= {name: getattr(body, name) for name in names}
    desk.result(accepted, [operation], members, english, chinese)


def _windows(texts: Sequence[str]) -> tuple[tuple[int, int], ...]:
    found = []
    for text in texts:
        matched = _WINDOW.fullmatch(text)
        if matched is None:
            raise InputRefused(
                rule="window.format",
                value=text,
                expected="FROM/UNTIL, such as 2026-01-05T09:30:00+08:00/2026-01-05T11:30:00+08:00",
                message=f"{text} is no window of time",
                message_zh=f"{text} 不是时段",
                expected_zh="起/止，如 2026-01-05T09:30:00+08:00/2026-01-05T11:30:00+08:00",
            )
        found.append((parse_instant(matched[1]), parse_instant(matched[2])))
    return tuple(found)
