"""Terms of the market and reference prices: two persons, between trading days (DOMAIN 12 to 20, 23)."""

from __future__ import annotations

from attestation.assets import parse_market_asset
from attestation.bodies.market import (
    MOST_COUNTED,
    MOST_DELAY,
    MOST_FEE_BPS,
    MOST_LOCK_DAYS,
    MOST_THRESHOLD,
    MOST_VOLUME,
    SetMarketReference,
    SetMarketTerms,
)
from attestation.context import Context
from attestation.judging.approvals import check_form
from attestation.judging.common import check_choice, check_integer, check_reason
from attestation.judging.market_forms import check_clock_windows, check_tradable, is_weekday
from attestation.judging.units import (
    HOLDERS,
    check_account,
    check_document,
    check_operation,
    check_unused,
    find_account,
)
from attestation.market_words import ALL_BPS, MOST_PRICE_FEN, Mode
from attestation.refusals import refuse

_BOUNDS = {
    "band_bps": (0, ALL_BPS),
    "block_band_bps": (0, ALL_BPS),
    "block_threshold": (1, MOST_THRESHOLD),
    "lock_days": (1, MOST_LOCK_DAYS),
    "fee_bps": (0, MOST_FEE_BPS),
    "minimum_volume": (0, MOST_VOLUME),
    "minimum_groups": (0, MOST_COUNTED),
    "maximum_holders": (0, MOST_COUNTED),
    "release_delay_s": (0, MOST_DELAY),
}


def check_terms_form(body: SetMarketTerms | SetMarketReference) -> None:
    """Step 9."""
    check_operation(body.op_id, "body.op_id")
    if isinstance(body, SetMarketReference):
        check_tradable(body.asset)
        check_integer(body.price_fen, 1, MOST_PRICE_FEN, "body.price_fen")
        check_reason(body.reason, "body.reason")
    else:
        check_choice(body.mode, Mode.texts(), "body.mode")
        for name, (low, high) in _BOUNDS.items():
            check_integer(getattr(body, name), low, high, f"body.{name}")
        check_account(body.fee_account, "body.fee_account")
        if body.hours is not None:
            check_clock_windows(body.hours.listed, "body.hours.listed")
            check_clock_windows(body.hours.block, "body.hours.block")
    check_document(body.document_hash)
    check_form(body.approvals)


def check_terms(body: SetMarketTerms | SetMarketReference, context: Context) -> None:
    """Step 11: while a day trades, the rules and the price that it began with hold (``market.open_day``)."""
    check_unused(bytes.fromhex(body.op_id), context)
    days = context.open_days()
    if isinstance(body, SetMarketReference):
        asset = parse_market_asset(body.asset)
        days = [day for day in days if day.asset == asset]
    else:
        find_account(body.fee_account, HOLDERS, "body.fee_account", context)
    if days:
        raise refuse("market.open_day", days[0].day)
    if isinstance(body, SetMarketTerms):
        _check_waiting(body, context)


def _check_waiting(body: SetMarketTerms, context: Context) -> None:
    """Step 11: no announced auction is voided (``market.auctions``, DOMAIN 14): sealed bids name the fee that was the
    highest, and its day must be able to open. Other terms may change; those of the day hold."""
    waiting, standing = context.waiting_auctions(), context.market_terms()
    if not waiting or standing is None:
        return
    auction = waiting[0]
    if body.fee_bps > standing.fee_bps:
        found = f"auction {auction.op_id.hex()} of {auction.day}: fee {body.fee_bps} bps"
        wanted, wanted_zh = f"at most {standing.fee_bps} bps", f"至多 {standing.fee_bps} 基点"
        raise refuse("market.auctions", found, wanted, at="body.fee_bps", expected_zh=wanted_zh)
    for auction in waiting:
        if body.hours is not None and not is_weekday(auction.day, context):
            found = f"auction {auction.op_id.hex()} of {auction.day}, which is no trading day under these hours"
            wanted, wanted_zh = f"hours that let {auction.day} open", f"可在 {auction.day} 开市的时间规则"
            raise refuse("market.auctions", found, wanted, at="body.hours", expected_zh=wanted_zh)
