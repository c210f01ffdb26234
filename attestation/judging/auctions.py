"""One-way bidding (单向竞价): the lot, sealed bids, their opening, the result (DOMAIN 14)."""

from __future__ import annotations

from attestation.assets import format_asset, parse_market_asset
from attestation.bodies.market import AWARDS_LIMIT, ClearAuction, OpenAuction
from attestation.bodies.orders import CommitBid, PlaceOrder
from attestation.context import Context
from attestation.facts.market import AuctionRecord
from attestation.instants import format_instant, parse_instant
from attestation.judging.bounds import at_least_fen, at_most, at_most_fen, before, money, since
from attestation.judging.cases import check_digest
from attestation.judging.common import check_integer
from attestation.judging.market_forms import (
    check_cash_moves,
    check_day,
    check_day_near,
    check_not_halted,
    check_tradable,
    find_market_terms,
    find_open_day,
    find_order,
)
from attestation.judging.trading_balances import check_usable
from attestation.judging.units import (
    HOLDERS,
    check_account,
    check_document,
    check_operation,
    check_unused,
    find_account,
)
from attestation.keys import Kind
from attestation.market_words import ALL_BPS, MOST_PRICE_FEN, MOST_TONNES, OrderKind, Side
from attestation.refusals import refuse

REVEAL_SECONDS = 1_800
"""How long bids may be opened at most."""
ACCOUNT_BIDS = 5
"""So many bids of one account in an auction: nobody fills it up alone."""


def check_auction_form(body: OpenAuction) -> None:
    """Step 9 of an announcement."""
    check_operation(body.op_id, "body.op_id")
    check_tradable(body.asset)
    check_day(body.day)
    check_integer(body.lot_tonnes, 1, MOST_TONNES, "body.lot_tonnes")
    check_integer(body.floor_fen, 1, MOST_PRICE_FEN, "body.floor_fen")
    check_account(body.seller, "body.seller")
    check_digest(body.order, "body.order")
    check_integer(body.forfeit_bps, 0, ALL_BPS, "body.forfeit_bps")
    check_document(body.document_hash)
    parse_instant(body.commit_until)
    parse_instant(body.reveal_until)


def check_auction_time(body: OpenAuction, context: Context) -> None:
    """Step 10: bids are committed from now on, then opened within 30 minutes (``auction.window``, ``day.far``)."""
    commit, reveal = parse_instant(body.commit_until), parse_instant(body.reveal_until)
    if not context.now < commit < reveal <= commit + REVEAL_SECONDS:
        raise refuse("auction.window", f"{body.commit_until}, {body.reveal_until} at {format_instant(context.now)}")
    check_day_near(body.day, reveal)


def check_auction(body: OpenAuction, context: Context) -> None:
    """Step 11: the lot is a resting order of the seller's, and of no other auction (``auction.lot``, ``day.*``)."""
    find_market_terms(context)
    check_unused(bytes.fromhex(body.op_id), context)
    find_account(body.seller, HOLDERS, "body.seller", context)
    asset = parse_market_asset(body.asset)
    lot = find_order(bytes.fromhex(body.order), context)
    if lot.status != "open" or lot.auction is not None:
        found = lot.status if lot.auction is None else f"of auction {lot.auction.hex()}"
        raise refuse(
            "auction.lot", found, "an open order of no auction", at="body.order", expected_zh="未拍卖的有效委托"
        )
    for member, told, wanted in (
        ("seller", body.seller, lot.account),
        ("asset", body.asset, format_asset(lot.asset)),
        ("lot_tonnes", body.lot_tonnes, lot.tonnes),
        ("floor_fen", body.floor_fen, lot.price_fen),
        ("order", f"{OrderKind(lot.kind).text} {Side(lot.side).text}", "auction sell"),
    ):
        if told != wanted:
            raise refuse("auction.lot", told, wanted, at=f"body.{member}")
    if lot.deadline <= parse_instant(body.reveal_until):
        bound = before(lot.deadline)
        raise refuse("auction.lot", body.reveal_until, bound.en, at="body.reveal_until", expected_zh=bound.zh)
    latest = context.trading_day(asset)
    if latest is not None and latest.day == body.day and latest.cut_off <= parse_instant(body.reveal_until):
        bound = before(latest.cut_off)
        raise refuse("auction.window", body.reveal_until, bound.en, step=11, expected_zh=bound.zh)
    if latest is not None and (latest.day > body.day or (latest.day == body.day and latest.status == "closed")):
        raise refuse("day.order", body.day, f"after {latest.day}", expected_zh=f"晚于 {latest.day}")


def find_auction(op_id: str, context: Context) -> AuctionRecord:
    """Step 11: an announced auction without a result (``auction.unknown``, ``auction.cleared``)."""
    auction = context.auction(bytes.fromhex(op_id))
    if auction is None:
        raise refuse("auction.unknown", op_id)
    if auction.cleared is not None:
        raise refuse("auction.cleared", f"{op_id}, entry {auction.cleared}")
    return auction


def check_commitment(holder: str, body: CommitBid, context: Context) -> None:
    """Step 11: in time, once, not by the seller, and its maximum is there (``auction.*``, ``order.*``)."""
    auction = find_auction(body.auction, context)
    record = context.identifier(holder)
    if record is not None and record.kind is Kind.PARK:
        raise refuse("order.park", "bid")
    if auction.seller == holder:
        raise refuse("order.self", holder, step=11)
    if context.now >= auction.commit_until:
        bound = before(auction.commit_until)
        raise refuse("auction.commit", format_instant(context.now), bound.en, expected_zh=bound.zh)
    known = context.commitment(auction.op_id, bytes.fromhex(body.commitment))
    if known is not None:
        raise refuse("auction.repeated", f"{body.commitment}, entry {known.index}")
    every, own = context.bids(auction.op_id, holder)
    if own >= ACCOUNT_BIDS or every >= AWARDS_LIMIT:
        raise refuse("auction.full", f"{own} bids of {holder}, {every} in all")
    check_usable(holder, body.maximum_fen, context)


def check_reveal(holder: str, body: PlaceOrder, order_hash: bytes, cost: int, context: Context) -> None:
    """Step 11: the order is what the holder's sealed bid committed to, and opens in time; ``cost`` is in fen
    (``auction.*``, ``order.expired``)."""
    auction = find_auction(str(body.auction), context)
    if not auction.commit_until <= context.now < auction.reveal_until:
        opens, ends = since(auction.commit_until), before(auction.reveal_until)
        window, window_zh = f"{opens.en}, {ends.en}", f"{opens.zh}，{ends.zh}"
        raise refuse("auction.reveal", format_instant(context.now), window, expected_zh=window_zh)
    sealed = context.commitment(auction.op_id, order_hash)
    if sealed is None or sealed.account != holder:
        raise refuse("auction.commitment", order_hash.hex())
    check_bid(body, auction, cost, sealed.maximum_fen)


def check_bid(body: PlaceOrder, auction: AuctionRecord, cost: int, maximum_fen: int) -> None:
    """Step 11: the auction takes the bid, which costs so many fen where it may cost ``maximum_fen`` (``auction.*``,
    ``order.expired``). A sealed bid is its maker's secret: whoever seals it looks first."""
    asset = format_asset(auction.asset)
    if body.asset != asset:
        raise refuse("auction.asset", body.asset, asset)
    if body.price_fen < auction.floor_fen:
        bound = at_least_fen(auction.floor_fen)
        raise refuse("auction.floor", money(body.price_fen), bound.en, expected_zh=bound.zh)
    if body.tonnes > auction.lot_tonnes:
        bound = at_most(auction.lot_tonnes)
        raise refuse("auction.lot", f"{body.tonnes} t", bound.en, expected_zh=bound.zh)
    if cost > maximum_fen:
        bound = at_most_fen(maximum_fen)
        raise refuse("auction.maximum", money(cost), bound.en, expected_zh=bound.zh)
    if parse_instant(body.deadline) <= auction.reveal_until:
        until = format_instant(auction.reveal_until)
        raise refuse("order.expired", body.deadline, f"after {until}", step=11, expected_zh=f"晚于 {until}")


def check_clearing_form(body: ClearAuction) -> None:
    """Step 9 of a result."""
    check_operation(body.auction, "body.auction")
    check_integer(body.price_fen, 0, MOST_PRICE_FEN, "body.price_fen")
    check_integer(body.unsold, 0, MOST_TONNES, "body.unsold")
    for number, award in enumerate(body.awards):
        check_digest(award.order, f"body.awards[{number}].order")
        check_integer(award.tonnes, 1, MOST_TONNES, f"body.awards[{number}].tonnes")
    if len(body.awards) > AWARDS_LIMIT or len({award.order for award in body.awards}) != len(body.awards):
        raise refuse("auction.awards", f"{len(body.awards)} awards")


def check_clearable(body: ClearAuction, context: Context) -> None:
    """Step 11: bids are opened no more, on a day that trades; past its cut-off the exchange undoes the awards
    (``auction.*``, ``day.*``, ``market.halted``, ``cash.halted``)."""
    auction = find_auction(body.auction, context)
    if context.now < auction.reveal_until:
        bound = since(auction.reveal_until)
        raise refuse("auction.early", format_instant(context.now), bound.en, expected_zh=bound.zh)
    check_not_halted(find_open_day(auction.asset, auction.day, context))
    check_cash_moves(context)


def check_clearing(body: ClearAuction, context: Context) -> None:
    """Step 12: the result is what the bids give (``auction.result``)."""
    found = context.clearing(bytes.fromhex(body.auction))
    if found is None:
        raise refuse("auction.result", body.auction, "bids of that auction")
    for member, said, wanted in (("price_fen", body.price_fen, found.price_fen), ("unsold", body.unsold, found.unsold)):
        if said != wanted:
            raise refuse("auction.result", said, wanted, at=f"body.{member}")
    said_awards = tuple((bytes.fromhex(award.order), award.tonnes) for award in body.awards)
    if said_awards != found.awards:
        raise refuse("auction.result", _shown(said_awards), _shown(found.awards), at="body.awards")


def _shown(awards: tuple[tuple[bytes, int], ...]) -> str:
    return ", ".join(f"{tonnes} t to {order.hex()[:16]}" for order, tonnes in awards) or "none"
