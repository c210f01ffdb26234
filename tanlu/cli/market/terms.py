"""``tanlu market terms``, ``tanlu market reference``: how the market trades and from which price, by two persons
(DOMAIN 12 to 20, 23)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import click

from attestation.bodies import ClockWindow, MarketHours, SetMarketReference
from attestation.market_words import Mode
from tanlu.admission import file_hash
from tanlu.cli import options
from tanlu.cli.compliance.terms import read_fen
from tanlu.cli.market.ordering import BPS, price
from tanlu.cli.proposing import Proposing, Writing, proposes, writes
from tanlu.errors import InputRefused
from tanlu.market_office import terms as new_terms
from tanlu.proposals import Proposal
from tanlu.trustfile import load_trust

_CLOCKS = re.compile(r"([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})")
_LISTED, _BLOCK = ("09:30-11:30", "13:00-15:00"), ("13:00-15:00",)
_COUNT = click.IntRange(0, 2**16 - 1)


@click.command()
@click.option("--mode", type=click.Choice(Mode.texts()), default="agreement", show_default=True, help="市场模式")
@click.option("--band-bps", type=BPS, default=1_000, show_default=True, help="Listed trades. 挂牌涨跌幅（基点）")
@click.option("--block-band-bps", type=BPS, default=3_000, show_default=True, help="Block trades. 大宗涨跌幅（基点）")
@click.option(
    "--block-threshold", type=click.IntRange(1, 2**24 - 1), default=1_000, show_default=True, help="大宗起点（吨）"
)
@click.option(
    "--lock-days",
    type=click.IntRange(0, 5),
    default=5,
    show_default=True,
    help="Trading days for which bought units are not sold. 买入后锁定交易日数",
)
@click.option("--fee-bps", type=click.IntRange(0, 255), default=0, show_default=True, help="Each side. 手续费（基点）")
@click.option("--fee-account", metavar="IDENTIFIER", help="Else of whoever keeps the register. 手续费账户")
@click.option(
    "--minimum-volume", type=click.IntRange(0, 2**40 - 1), default=1, show_default=True, help="收盘价最低成交量（吨）"
)
@click.option("--minimum-groups", type=_COUNT, default=2, show_default=True, help="收盘价最少集团数")
@click.option(
    "--maximum-holders", type=_COUNT, default=200, show_default=True, help="0: no limit. 持有人上限（0 为不限）"
)
@click.option(
    "--release-days",
    type=click.IntRange(0, 49_710),
    default=7,
    show_default=True,
    help="After so long a holder's units and cash come out without the market. 自行取出等待天数",
)
@click.option(
    "--listed-hours",
    "listed",
    metavar="HH:MM-HH:MM",
    multiple=True,
    default=_LISTED,
    show_default=True,
    help="Between which hours windows lie, Asia/Shanghai. 挂牌时间",
)
@click.option(
    "--block-hours", "block", metavar="HH:MM-HH:MM", multiple=True, default=_BLOCK, show_default=True, help="大宗时间"
)
@click.option("--any-hours", is_flag=True, help="No hours: windows are what each opening says. 不限时间")
@click.option(
    "--document",
    type=options.FILE,
    required=True,
    help="What they rest on, of a licensed market the approval; its hash is signed. 依据文件（持牌模式为批准文件）",
)
@writes
def terms(
    *,
    writing: Writing,
    mode: str,
    band_bps: int,
    block_band_bps: int,
    block_threshold: int,
    lock_days: int,
    fee_bps: int,
    fee_account: str | None,
    minimum_volume: int,
    minimum_groups: int,
    maximum_holders: int,
    release_days: int,
    listed: tuple[str, ...],
    block: tuple[str, ...],
    any_hours: bool,
    document: Path,
) -> None:
    """Propose how the market trades from its next day on. 设定市场规则

    What is not given is DOMAIN's default: agreement mode, 10 % and 30 % around the reference, units locked for five
    trading days, at most 200 holders.
    """
    hours = None if any_hours else MarketHours(listed=_clocks(listed), block=_clocks(block))
    body = new_terms(
        mode=mode,
        band_bps=band_bps,
        block_band_bps=block_band_bps,
        block_threshold=block_threshold,
        lock_days=lock_days,
        fee_bps=fee_bps,
        fee_account=fee_account or load_trust(writing.trust_path).registrar_identifier,
        minimum_volume=minimum_volume,
        minimum_groups=minimum_groups,
        maximum_holders=maximum_holders,
        release_delay_s=release_days * 86_400,
        document_hash=file_hash(document),
        hours=hours,
    )
    with writing.open() as desk:
        desk.propose(Proposal("market", body))


@click.command()
@click.argument("asset")
@price
@proposes
def reference(*, proposing: Proposing, asset: str, text: str) -> None:
    """Propose the opening price of ASSET (quota-YEAR), or a reasoned override of its reference. 设定参考价

    After that the closes are the reference; a new vintage inherits the last.
    """
    proposing.propose("market", SetMarketReference(asset=asset, price_fen=read_fen(text), **proposing.grounds))


def _clocks(texts: Sequence[str]) -> tuple[ClockWindow, ...]:
    found = []
    for text in texts:
        matched = _CLOCKS.fullmatch(text)
        if matched is None:
            raise InputRefused(
                rule="hours.format",
                value=text,
                expected="HH:MM-HH:MM, such as 09:30-11:30",
                message=f"{text} are no hours",
                message_zh=f"{text} 不是时间段",
                expected_zh="起-止，如 09:30-11:30",
            )
        found.append(ClockWindow(start=matched[1], until=matched[2]))
    return tuple(found)
