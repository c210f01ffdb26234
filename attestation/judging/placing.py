"""An order that is placed: its form, its hour, its band, whom it may meet, what stands behind it (DOMAIN 12 to 20)."""

from __future__ import annotations

from attestation.assets import format_asset, parse_market_asset
from attestation.bodies.orders import MOST_EPOCH, PlaceOrder
from attestation.context import Context
from attestation.facts.market import MarketTermsRecord, OrderRecord, TradingDayRecord
from attestation.instants import china_time
from attestation.judging.auctions import check_reveal
from attestation.judging.bounds import money, prices, within
from attestation.judging.cases import check_digest
from attestation.judging.common import check_choice, check_integer
from attestation.judging.market_forms import (
    check_cash_moves,
    check_not_halted,
    check_tradable,
    find_market_terms,
)
from attestation.judging.trading_balances import check_usable, cost_fen
from attestation.judging.units import HOLDERS, check_account, check_not_suspended, check_operation, find_account
from attestation.keys import Kind
from attestation.market_words import ALL_BPS, MOST_PRICE_FEN, MOST_TONNES, MOST_VALUE_FEN, Mode, OrderKind, Side
from attestation.refusals import refuse

_BETWEEN_TWO = frozenset({"block", "bilateral"})
"""Kinds that name their counterparty from the start (DOMAIN 13)."""


def check_order_form(holder: str, body: PlaceOrder) -> None:
    """Step 9: amounts, names, and what goes with the kind (``body.*``, ``market.tradable``, ``order.*``)."""
    check_tradable(body.asset)
    check_choice(body.side, Side.texts(), "body.side")
    check_choice(body.kind, OrderKind.texts(), "body.kind")
    check_integer(body.tonnes, 1, MOST_TONNES, "body.tonnes")
    check_integer(body.price_fen, 1, MOST_PRICE_FEN, "body.price_fen")
    check_integer(body.minimum_fill, 0, body.tonnes, "body.minimum_fill")
    check_integer(body.fee_limit_bps, 0, ALL_BPS, "body.fee_limit_bps")
    check_integer(body.epoch, 0, MOST_EPOCH, "body.epoch")
    check_digest(body.salt, "body.salt")
    value = body.tonnes * body.price_fen
    if value > MOST_VALUE_FEN:
        raise refuse("order.value", f"{body.tonnes} t at {body.price_fen} fen")
    if body.counterparty is not None:
        check_account(body.counterparty, "body.counterparty")
        if body.counterparty == holder:
            raise refuse("order.self", holder)
    if body.accepts is not None:
        check_digest(body.accepts, "body.accepts")
    if body.auction is not None:
        check_operation(body.auction, "body.auction")
    _check_members(body)


def _check_members(body: PlaceOrder) -> None:
    between_two = body.kind in _BETWEEN_TWO or body.accepts is not None
    if body.kind == "auction":
        # Of a bid any part may be awarded, of a lot any part sold (DOMAIN 14).
        opens = body.auction is not None
        if opens != (body.side == "buy") or body.accepts is not None or body.minimum_fill > 1:
            found = f"{body.side}, {'with' if opens else 'without'} an auction, minimum fill {body.minimum_fill}"
            raise refuse("order.members", found)
    elif body.auction is not None:
        raise refuse("order.members", f"{body.kind} with an auction")
    if between_two and body.counterparty is None:
        raise refuse("order.counterparty", f"{body.kind} without a counterparty")
    if body.kind == "auction" and body.counterparty is not None:
        raise refuse("order.counterparty", f"auction with {body.counterparty}")


def check_placed(holder: str, body: PlaceOrder, order_hash: bytes, context: Context) -> None:
    """Step 11: whether the order may stand, in the order in which it is read (``market.*``, ``order.*``, ``auction.*``,
    ``account.*``, ``cash.halted``)."""
    terms = find_market_terms(context)
    check_not_suspended(holder, context)
    if body.kind != "auction":
        # A bid that is opened moves nothing yet, and unopened it forfeits.
        check_cash_moves(context)
    _check_new(holder, body, order_hash, context)
    _check_seller(holder, body, context)
    if body.counterparty is not None:
        find_account(body.counterparty, HOLDERS, "body.counterparty", context)
    fee_bps = terms.fee_bps
    if body.kind != "auction":
        day = _find_day(body, context)
        _check_hour(body, day, context)
        _check_mode(body, terms)
        _check_price(body, day)
        fee_bps = day.fee_bps
    if body.fee_limit_bps < fee_bps:
        raise refuse("order.fee", body.fee_limit_bps, f"{fee_bps} or more", expected_zh=f"不低于 {fee_bps}")
    if body.accepts is not None:
        _check_acceptance(holder, body, context)
    if body.side == "sell":
        _check_units(holder, body, context)
    elif body.auction is not None:
        cost = cost_fen(body.tonnes, body.price_fen, fee_bps, body.tonnes)
        check_reveal(holder, body, order_hash, cost, context)
    else:
        # What is accepted is filled at once and whole.
        least = body.minimum_fill if body.accepts is None else body.tonnes
        check_usable(holder, cost_fen(body.tonnes, body.price_fen, fee_bps, least), context)


def _check_new(holder: str, body: PlaceOrder, order_hash: bytes, context: Context) -> None:
    known = context.order(order_hash)
    if known is not None:
        raise refuse("order.known", f"{order_hash.hex()}, entry {known.index}: {known.status}")
    epoch = context.epoch(holder)
    if body.epoch != epoch:
        raise refuse("order.epoch", body.epoch, epoch)


def _check_seller(holder: str, body: PlaceOrder, context: Context) -> None:
    """DOMAIN 8: the operator holds no trading account; the park sells lots of its reserve, and nothing else."""
    record = context.identifier(holder)
    park = record is not None and record.kind is Kind.PARK
    if park and (body.kind, body.side) != ("auction", "sell"):
        raise refuse("order.park", f"{body.side}, {body.kind}")


def _find_day(body: PlaceOrder, context: Context) -> TradingDayRecord:
    day = context.trading_day(parse_market_asset(body.asset))
    if day is None:
        raise refuse("market.closed", f"{body.asset}: no trading day", "a trading day", expected_zh="已开市的交易日")
    check_not_halted(day)
    return day


def _check_hour(body: PlaceOrder, day: TradingDayRecord, context: Context) -> None:
    """DOMAIN 13: each kind has its hours; two may agree at any time, under the latest day's rules."""
    if body.kind == "bilateral":
        return
    windows = day.block_windows if body.kind == "block" else day.windows
    here = any(start <= context.now < until for start, until in windows)
    if day.status != "open" or not here or context.now >= day.cut_off:
        found, bound = f"{body.asset}, {day.day}, {china_time(context.now)}", within(windows)
        if day.status != "open":
            # Its windows may go on: no time of them would be any better.
            wanted, wanted_zh = f"a trading day after {day.day}", f"{day.day} 之后的交易日"
            raise refuse("market.closed", f"{found}: {day.status}", wanted, expected_zh=wanted_zh)
        raise refuse("market.closed", found, bound.en, expected_zh=bound.zh)


def _check_mode(body: PlaceOrder, terms: MarketTermsRecord) -> None:
    """DOMAIN 12: in agreement mode somebody accepts an offer; in a central book nobody names anybody."""
    named = body.accepts is not None or body.counterparty is not None
    if body.kind == "listed" and terms.mode == Mode.LICENSED and named:
        wanted = "a listed order for anybody"
        raise refuse("market.mode", "licensed", wanted, expected_zh="不指定对手方的挂牌委托")


def _check_price(body: PlaceOrder, day: TradingDayRecord) -> None:
    """DOMAIN 13, 15: the band of the kind, rounded inward; two alone have none."""
    if body.kind == "block" and body.tonnes < day.block_threshold:
        wanted, wanted_zh = f"{day.block_threshold} t or more", f"不少于 {day.block_threshold} 吨"
        raise refuse("market.block", f"{body.tonnes} t", wanted, expected_zh=wanted_zh)
    bands = {"listed": (day.low, day.high), "block": (day.block_low, day.block_high)}
    low, high = bands.get(body.kind, (1, MOST_PRICE_FEN))
    if not low <= body.price_fen <= high:
        bound = prices(low, high)
        raise refuse("market.band", money(body.price_fen), bound.en, expected_zh=bound.zh)


def _check_units(holder: str, body: PlaceOrder, context: Context) -> None:
    """DOMAIN 16: sellable = trading - locked - in orders."""
    asset = parse_market_asset(body.asset)
    held = context.trading(holder, asset)
    if body.tonnes > held.sellable:
        name = f"{format_asset(asset)}, {holder}"
        wanted = f"at most {held.sellable} t of {name}; {held.locked} t are locked, {held.in_orders} t in orders"
        wanted_zh = f"至多 {held.sellable} 吨（{name}）；锁定 {held.locked} 吨，已挂单 {held.in_orders} 吨"
        raise refuse("order.units", f"{body.tonnes} t", wanted, expected_zh=wanted_zh)


def _check_acceptance(holder: str, body: PlaceOrder, context: Context) -> None:
    """DOMAIN 12: an open order of the named maker, at its price, of what is left of it (``order.accepts``)."""
    accepted = str(body.accepts)
    maker = context.order(bytes.fromhex(accepted))
    if maker is None:
        raise refuse("order.accepts", accepted, "the hash of an order in the book", expected_zh="在簿委托的哈希")
    if maker.status != "open" or context.now >= maker.deadline or maker.epoch != context.epoch(maker.account):
        found = maker.status if maker.status != "open" else "past its deadline or epoch"
        raise refuse("order.accepts", f"{accepted}: {found}", "an open order", expected_zh="仍然有效的委托")
    for member, told, wanted in _compared(holder, body, maker):
        if told != wanted:
            raise refuse("order.accepts", told, wanted, at=f"body.{member}")
    least = min(maker.minimum_fill, maker.remaining)
    if not least <= body.tonnes <= maker.remaining:
        wanted, wanted_zh = f"{least} to {maker.remaining} t", f"{least} 至 {maker.remaining} 吨"
        raise refuse("order.accepts", f"{body.tonnes} t", wanted, at="body.tonnes", expected_zh=wanted_zh)


def _compared(holder: str, body: PlaceOrder, maker: OrderRecord) -> tuple[tuple[str, object, object], ...]:
    return (
        ("asset", body.asset, format_asset(maker.asset)),
        ("kind", body.kind, OrderKind(maker.kind).text),
        ("side", body.side, (Side.BUY if maker.side == Side.SELL else Side.SELL).text),
        ("counterparty", body.counterparty, maker.account),
        ("price_fen", body.price_fen, maker.price_fen),
        ("accepts", holder, holder if maker.counterparty is None else maker.counterparty),
    )
