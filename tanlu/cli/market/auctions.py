"""``tanlu market auctions``: one-way biddings, and of one its result and what was forfeited (DOMAIN 14)."""

from __future__ import annotations

import click
import msgspec

from attestation.instants import china_time
from tanlu.cli import options
from tanlu.cli.admitting import Looking, looks
from tanlu.cli.console import console
from tanlu.cli.positions import asset_name, yuan
from tanlu.cli.tables import table
from tanlu.client.market_answers import AuctionShown

_AUCTIONS = (
    *("auction", "asset", "day", "lot t", "floor CNY", "commit until", "reveal until", "opened"),
    *("price CNY", "unsold t"),
)
_AUCTIONS_ZH = (
    *("竞价", "资产", "交易日", "数量（吨）", "底价（元）", "申报截止", "揭示截止", "已揭示"),
    *("成交价（元）", "未售（吨）"),
)
_AWARDS, _AWARDS_ZH = ("awarded bid", "tonnes", "CNY"), ("中标报价", "吨", "金额（元）")
_LAPSED, _LAPSED_ZH = ("bid", "by", "locked CNY", "forfeits CNY"), ("报价", "申报方", "曾锁定（元）", "没收（元）")


@click.command()
@click.argument("auction", type=options.OPERATION, required=False)
@looks
def auctions(*, looking: Looking, auction: str | None) -> None:
    """List the one-way biddings, newest first, or show AUCTION. 查看单向竞价

    Of one: what bids won, and what those forfeit that were not opened in time: who, how much, of what. A forfeit is
    recorded, not taken; it is claimed under the accession agreement. Names are shown to themselves and to whoever
    oversees the market.
    """
    if auction is not None:
        with looking.client() as client:
            one = client.market.auction(auction)
        console().result(msgspec.to_builtins(one), _shown(one, zh=False), _shown(one, zh=True))
        return
    with looking.client() as client:
        found = client.market.auctions()
    console().result(
        {"auctions": msgspec.to_builtins(found)},
        table(_AUCTIONS, [_row(one, zh=False) for one in found]) if found else "no auctions",
        table(_AUCTIONS_ZH, [_row(one, zh=True) for one in found]) if found else "没有竞价",
    )


def _row(one: AuctionShown, *, zh: bool) -> tuple[object, ...]:
    unsold = "-" if one.unsold is None else one.unsold
    return (
        *(one.op_id, asset_name(one.asset, zh=zh), one.day, one.lot_tonnes, yuan(one.floor_fen)),
        *(china_time(one.commit_until), china_time(one.reveal_until), f"{one.revealed}/{one.commitments}"),
        *(yuan(one.price_fen), unsold),
    )


def _shown(one: AuctionShown, *, zh: bool) -> str:
    lines = [table(_AUCTIONS_ZH if zh else _AUCTIONS, [_row(one, zh=zh)])]
    price = one.price_fen or 0
    if one.awards:
        awards = [(award.order, award.tonnes, yuan(award.tonnes * price)) for award in one.awards]
        lines.append(table(_AWARDS_ZH if zh else _AWARDS, awards))
    if one.lapsed is None:
        lines.append(_open(one, zh=zh))
    elif one.lapsed:
        lines.append(_forfeits(one, zh=zh))
    else:
        lines.append("所有报价均已揭示，无没收" if zh else "every bid was opened: nothing is forfeited")
    return "\n".join(lines)


def _open(one: AuctionShown, *, zh: bool) -> str:
    share = f"{one.forfeit_bps // 100}.{one.forfeit_bps % 100:02} %"
    if zh:
        return f"尚无结果；未在 {china_time(one.reveal_until)} 之前揭示的报价，将没收其锁定金额的 {share}"
    return f"no result yet; a bid not opened before {china_time(one.reveal_until)} forfeits {share} of what it locked"


def _forfeits(one: AuctionShown, *, zh: bool) -> str:
    hidden, share = ("未公开" if zh else "not told"), f"{one.forfeit_bps // 100}.{one.forfeit_bps % 100:02} %"
    rows = [
        (bid.commitment, bid.account or hidden, yuan(bid.maximum_fen), yuan(bid.forfeit_fen))
        for bid in one.lapsed or ()
    ]
    total, until = yuan(sum(bid.forfeit_fen for bid in one.lapsed or ())), china_time(one.reveal_until)
    why = (
        f"未在 {until} 之前揭示：没收锁定金额的 {share}，合计 {total} 元。仅作记录，并未扣划；依入园协议追索"
        if zh
        else f"not opened before {until}: {share} of what was locked, CNY {total} together. Recorded, not taken: it is "
        "claimed under the accession agreement"
    )
    return f"{table(_LAPSED_ZH if zh else _LAPSED, rows)}\n{why}"
