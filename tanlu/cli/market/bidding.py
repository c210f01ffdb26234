"""``tanlu market lot``, ``auction``, ``bid``, ``reveal``, ``clear``: one-way bidding (DOMAIN 14)."""

from __future__ import annotations

from pathlib import Path

import click

from attestation.bodies import PlaceOrder
from attestation.instants import china_time, parse_instant
from tanlu.admission import file_hash
from tanlu.cli import options
from tanlu.cli.acting import ActDesk, Acting, acts, tonnes
from tanlu.cli.compliance.terms import read_fen
from tanlu.cli.market.days import DAY
from tanlu.cli.market.ordering import BPS, fee_limit, price
from tanlu.cli.positions import asset_name, yuan
from tanlu.cli.trading import Trading, cut_off, epoch_of, fee_of, place, placed, trades
from tanlu.client.market_answers import AuctionShown
from tanlu.errors import InputRefused
from tanlu.files import require_new
from tanlu.market import commit, maximum_of, order_hash, sign_order
from tanlu.market import place as placing
from tanlu.market_office import auction as announcing
from tanlu.market_office import clear as clearing
from tanlu.sealed_bids import check_sealed, read_bid, write_bid

KIND = "auction"


@click.command()
@click.argument("asset")
@tonnes
@price
@fee_limit
@trades
def lot(*, trading: Trading, asset: str, tonnes: int, text: str, fee_limit_bps: int | None) -> None:
    """Offer a lot of ASSET from your trading balance, at its floor price. 提交竞价标的

    The order's hash is what `tanlu market auction` announces. Its deadline must be after the time to reveal.
    """
    fen = read_fen(text)
    with trading.open() as desk:
        wanted = placing(
            asset,
            "sell",
            tonnes,
            fen,
            kind=KIND,
            deadline=trading.before(cut_off(desk, asset)),
            epoch=epoch_of(desk),
            fee_limit_bps=fee_of(desk, fee_limit_bps),
        )
        placed(desk, *place(desk, wanted))


@click.command()
@click.argument("order", type=options.OPERATION)
@click.argument("seller")
@click.option("--day", type=DAY, metavar="YYYYMMDD", required=True, help="Trading day of the clearing. 交易日")
@click.option("--commit-until", metavar="INSTANT", required=True, help="RFC 3339; bids are sealed before. 申报截止")
@click.option("--reveal-until", metavar="INSTANT", required=True, help="Then opened before, within 30 min. 揭示截止")
@click.option("--forfeit-bps", type=BPS, default=0, show_default=True, help="Of a maximum not opened. 未揭示扣罚")
@click.option("--document", type=options.FILE, required=True, help="The announcement; its hash is logged. 公告文件")
@acts
def auction(
    *,
    acting: Acting,
    order: str,
    seller: str,
    day: int,
    commit_until: str,
    reveal_until: str,
    forfeit_bps: int,
    document: Path,
) -> None:
    """Announce, as the registrar, the bidding for SELLER's ORDER (hash of its lot). 公告单向竞价"""
    with acting.open() as desk:
        offered = next((one for one in desk.client.market.orders(account=seller) if one.order == order), None)
        if offered is None:
            raise InputRefused(
                rule="order.unknown",
                value=order,
                expected=f"an order of {seller}",
                message=f"{seller} has no such order",
                message_zh=f"{seller} 没有该委托",
                expected_zh=f"{seller} 的委托",
            )
        body = announcing(
            offered.asset,
            day,
            offered.tonnes,
            floor_fen=offered.price_fen,
            seller=seller,
            order=order,
            commit_until=parse_instant(commit_until),
            reveal_until=parse_instant(reveal_until),
            forfeit_bps=forfeit_bps,
            document_hash=file_hash(document),
        )
        accepted = desk.say("market", body)
        floor = yuan(body.floor_fen)
        desk.result(
            accepted,
            (),
            {
                "action": body.action,
                "auction": body.op_id,
                "lot_tonnes": body.lot_tonnes,
                "floor_fen": body.floor_fen,
            },
            f"auction {body.op_id}: {body.lot_tonnes} t of {body.asset} from CNY {floor} a tonne",
            f"竞价 {body.op_id}：{asset_name(body.asset, zh=True)} {body.lot_tonnes} 吨，每吨底价 {floor} 元",
        )


@click.command()
@click.argument("auction", type=options.OPERATION)
@tonnes
@price
@click.option("--maximum", metavar="CNY", help="Cash that it locks; else what it may come to. 锁定资金上限（元）")
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="The bid, for you alone: reveal it. 报价文件")
@fee_limit
@trades
def bid(
    *,
    trading: Trading,
    auction: str,
    tonnes: int,
    text: str,
    maximum: str | None,
    out: Path,
    fee_limit_bps: int | None,
) -> None:
    """Bid in AUCTION, sealed: only a hash leaves this machine. 密封报价

    Keep the file: without it the bid cannot be opened (`tanlu market reveal`), and what is not opened forfeits a part
    of what it locks. A bid that could not be opened, below the floor say, is refused before it is signed. A higher
    --maximum hides what the bid comes to.
    """
    require_new(out)
    fen = read_fen(text)
    with trading.open() as desk:
        found = desk.client.market.auction(auction)
        wanted = placing(
            found.asset,
            "buy",
            tonnes,
            fen,
            kind=KIND,
            auction=auction,
            deadline=trading.before(max(found.reveal_until + 1, cut_off(desk, found.asset))),
            epoch=epoch_of(desk),
            fee_limit_bps=fee_of(desk, fee_limit_bps),
        )
        account = desk.held.card.identifier
        locked = maximum_of(wanted) if maximum is None else read_fen(maximum)
        check_sealed(found, wanted, fee_of(desk, None), locked)
        signed = sign_order(desk.trust, desk.held, wanted)
        sealed = commit(auction, order_hash(desk.trust, signed, account), locked)
        write_bid(out, desk.trust, account, signed, locked)
        accepted = desk.say("order", sealed)
        shown = yuan(locked)
        opens, ends = china_time(found.commit_until), china_time(found.reveal_until)
        desk.result(
            accepted,
            (),
            {"action": sealed.action, "auction": auction, "commitment": sealed.commitment, "maximum_fen": locked},
            f"sealed bid {sealed.commitment}, CNY {shown} locked; reveal {out} from {opens} on, before {ends}",
            f"已密封报价 {sealed.commitment}，锁定 {shown} 元；请自 {opens} 起、{ends} 之前揭示 {out}",
        )


@click.command()
@click.argument("bid_path", metavar="BID", type=options.FILE)
@trades
def reveal(*, trading: Trading, bid_path: Path) -> None:
    """Open the sealed BID (the file that `tanlu market bid` wrote). 揭示报价"""
    with trading.open() as desk:
        account = desk.held.card.identifier
        body: PlaceOrder = read_bid(bid_path, desk.trust, account)
        accepted = desk.say("order", body)
        placed(desk, body, order_hash(desk.trust, body, account), accepted)


@click.command()
@click.argument("auction", type=options.OPERATION)
@acts
def clear(*, acting: Acting, auction: str) -> None:
    """Give, as the registrar, the result of AUCTION, after the time to reveal. 竞价成交

    One price for all, that of the lowest accepted bid; the log computes it again from the bids.
    """
    with acting.open() as desk:
        found = desk.client.market.auction(auction)
        body = clearing(found)
        accepted = desk.say("market", body)
        settlements = _settlements(desk, found, accepted.index)
        sold = sum(one.tonnes for one in body.awards)
        members = {
            "action": body.action,
            "auction": auction,
            "price_fen": body.price_fen,
            "awards": [{"order": one.order, "tonnes": one.tonnes} for one in body.awards],
            "unsold": body.unsold,
        }
        text = f"{sold} t sold at CNY {yuan(body.price_fen)} a tonne, {body.unsold} t unsold"
        text_zh = f"成交 {sold} 吨，每吨 {yuan(body.price_fen)} 元，未售 {body.unsold} 吨"
        lapsed = found.commitments - found.revealed
        if lapsed:
            text += f"; {lapsed} bids not opened: see tanlu market auctions {auction}"
            text_zh += f"；{lapsed} 份报价未揭示，见 tanlu market auctions {auction}"
        desk.result(accepted, settlements, members, text, text_zh)


def _settlements(desk: ActDesk, auction: AuctionShown, cause: int) -> list[bytes]:
    """The operations by which the awards that this entry gave are settled."""
    found = desk.client.market.trades(auction.asset, auction.day)
    return [bytes.fromhex(one.op_id) for one in found if one.cause == cause and one.op_id is not None]
