"""What judging of the market shares: forms, and what must stand before anything trades (DOMAIN 12, 13, 15, 21)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from attestation.assets import AssetId, format_asset, parse_market_asset, vintage_of
from attestation.bodies.market import FIRST_DAY, LAST_DAY, WINDOWS_LIMIT, ClockWindow, Window
from attestation.context import Context
from attestation.facts.market import MarketTermsRecord, OrderRecord, TradingDayRecord
from attestation.instants import format_instant, parse_instant, start_of_day
from attestation.judging.common import check_integer
from attestation.refusals import refuse
from attestation.typed_data import Domain

_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})")
_HOUR, _MINUTE, _DAY = 3_600, 60, 86_400
_FAR = 31 * _DAY
_SATURDAY = 5


def check_tradable(text: str) -> AssetId:
    """Step 9: the park's quota of a vintage; nothing else is traded (``asset.form``, ``market.tradable``)."""
    asset = parse_market_asset(text, "body.asset")
    if vintage_of(asset) is None:
        raise refuse("market.tradable", text, at="body.asset")
    return asset


def check_day(number: int, at: str = "body.day") -> date:
    """Step 9: the date of a number YYYYMMDD (``body.integer``, ``market.day``)."""
    check_integer(number, FIRST_DAY, LAST_DAY, at)
    try:
        return date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        raise refuse("market.day", number, at=at) from None


def is_weekday(number: int, context: Context) -> bool:
    """Whether a market with hours trades on that day: Monday to Friday, no holiday of the year's calendar (DOMAIN 13).
    Raises as ``check_day``."""
    day = check_day(number)
    return day.weekday() < _SATURDAY and day not in context.calendar(day.year).holidays


def check_day_near(number: int, last: int) -> None:
    """Step 10: a day is not numbered long after ``last``, the Unix second at which it ends: no earlier one could follow
    it, nor would an auction of it ever be cleared (``day.far``)."""
    if start_of_day(check_day(number)) > last + _FAR:
        bound = format_instant(last + _FAR)
        raise refuse("day.far", number, f"no later than {bound}", expected_zh=f"不晚于 {bound}")


def check_windows(windows: Sequence[Window], at: str) -> tuple[tuple[int, int], ...]:
    """Step 9: the windows in unix seconds, each after the one before (``instant.format``, ``market.windows``)."""
    found = tuple((parse_instant(window.start), parse_instant(window.until)) for window in windows)
    _check_order(found, at)
    return found


def check_clock_windows(windows: Sequence[ClockWindow], at: str) -> tuple[tuple[int, int], ...]:
    """Step 9: the windows in seconds of a day, each after the one before (``market.windows``)."""
    found = tuple((_seconds(window.start, at), _seconds(window.until, at)) for window in windows)
    _check_order(found, at)
    return found


def _check_order(windows: Sequence[tuple[int, int]], at: str) -> None:
    ordered = all(start < until for start, until in windows)
    apart = all(earlier[1] <= later[0] for earlier, later in pairwise(windows))
    if not 1 <= len(windows) <= WINDOWS_LIMIT or not ordered or not apart:
        raise refuse("market.windows", f"{len(windows)} windows", at=at)


def _seconds(text: str, at: str) -> int:
    matched = _CLOCK.fullmatch(text)
    seconds = _DAY + 1 if matched is None else int(matched[1]) * _HOUR + int(matched[2]) * _MINUTE
    if seconds > _DAY or (matched is not None and int(matched[2]) >= _MINUTE):
        raise refuse("market.windows", text, "HH:MM, to 24:00", at=at, expected_zh="HH:MM，至 24:00")
    return seconds


def find_exchange(context: Context) -> Domain:
    """Step 11: the domain of ``Exchange`` (``asset.no_contract``)."""
    if context.exchange_domain is None:
        raise refuse("asset.no_contract", "Exchange")
    return context.exchange_domain


def find_market_terms(context: Context) -> MarketTermsRecord:
    """Step 11: the terms of the market (``market.none``)."""
    terms = context.market_terms()
    if terms is None:
        raise refuse("market.none", "no terms")
    return terms


def find_order(order_hash: bytes, context: Context) -> OrderRecord:
    """Step 11: a logged order (``order.unknown``)."""
    record = context.order(order_hash)
    if record is None:
        raise refuse("order.unknown", order_hash.hex())
    return record


def find_open_day(asset: int, day: int, context: Context) -> TradingDayRecord:
    """Step 11: that day of the asset, open or halted (``day.unknown``, ``day.closed``)."""
    record = context.trading_day(asset)
    if record is None or record.day != day:
        latest = "no trading day" if record is None else str(record.day)
        raise refuse("day.unknown", f"{day} of {format_asset(asset)}", latest)
    if record.status == "closed":
        raise refuse("day.closed", f"{day} of {format_asset(asset)}")
    return record


def check_not_halted(day: TradingDayRecord) -> None:
    """Step 11: nothing trades on a halted day (``market.halted``)."""
    if day.status == "halted":
        raise refuse("market.halted", f"{day.day} of {format_asset(day.asset)}")


def check_cash_moves(context: Context) -> None:
    """Step 11: the bank's balance is the ledger's (``cash.halted``, DOMAIN 21)."""
    if context.cash_halted:
        raise refuse("cash.halted", "the last reconciliation differs")


def check_holder(account: str, context: Context) -> None:
    """Step 11: who brings units or cash for the first time is one more, and no more trade than the terms allow
    (``market.none``, ``holders.limit``, DOMAIN 12)."""
    if context.is_holder(account):
        return
    terms, holders = find_market_terms(context), context.holders()
    if terms.maximum_holders and holders >= terms.maximum_holders:
        bound = f"at most {terms.maximum_holders} holders"
        raise refuse(
            "holders.limit", f"{account} after {holders}", bound, expected_zh=f"至多 {terms.maximum_holders} 户"
        )
