"""Trading days: opened with their windows, halted, resumed, closed with what anybody replays (DOMAIN 13, 15, 16)."""

from __future__ import annotations

from datetime import date

from attestation.assets import parse_market_asset
from attestation.bodies.market import CloseDay, HaltDay, MarketHours, OpenDay, ResumeDay
from attestation.bodies.texts import MAX_SEQ
from attestation.context import Context
from attestation.facts.market import SessionRecord
from attestation.instants import format_instant, parse_instant, start_of_day
from attestation.judging.approvals import check_form
from attestation.judging.bounds import money
from attestation.judging.cases import check_digest
from attestation.judging.common import check_integer, check_reason
from attestation.judging.market_forms import (
    check_clock_windows,
    check_day,
    check_day_near,
    check_not_halted,
    check_tradable,
    check_windows,
    find_market_terms,
    find_open_day,
    is_weekday,
)
from attestation.judging.units import check_document, check_operation, check_unused
from attestation.market_words import MOST_PRICE_FEN
from attestation.refusals import refuse

Windows = tuple[tuple[int, int], ...]
LAST_CUT_OFF = 2**32 - 1
"""The exchange keeps a cut-off in 32 bits."""
_FIGURES = ("first", "last", "fills", "volume", "value_fen", "close_fen", "groups")


def check_day_form(body: OpenDay | HaltDay | ResumeDay | CloseDay) -> None:
    """Step 9."""
    check_tradable(body.asset)
    check_day(body.day)
    match body:
        case OpenDay():
            check_windows(body.windows, "body.windows")
            if body.block_windows is not None:
                check_windows(body.block_windows, "body.block_windows")
            parse_instant(body.cut_off)
        case HaltDay() | ResumeDay():
            check_operation(body.op_id, "body.op_id")
            check_document(body.document_hash)
            check_reason(body.reason, "body.reason")
            check_form(body.approvals)
        case CloseDay():
            for name in ("first", "last", "fills", "volume", "value_fen", "groups"):
                check_integer(getattr(body, name), 0, MAX_SEQ, f"body.{name}")
            check_integer(body.close_fen, 1, MOST_PRICE_FEN, "body.close_fen")
            check_digest(body.book, "body.book")
            check_digest(body.root, "body.root")


def windows_of(body: OpenDay, hours: MarketHours | None) -> tuple[Windows, Windows]:
    """The windows of listed and of block trades in unix seconds, as an opening gives them under the terms' hours.

    Without windows of their own blocks trade in the listed ones, as far as the hours of blocks allow.
    """
    listed = check_windows(body.windows, "body.windows")
    if body.block_windows is not None:
        return listed, check_windows(body.block_windows, "body.block_windows")
    if hours is None:
        return listed, listed
    allowed = _hours_of(check_day(body.day), hours)[1]
    shared = ((max(a[0], b[0]), min(a[1], b[1])) for a in listed for b in allowed)
    return listed, tuple(window for window in shared if window[0] < window[1])


def check_opening_time(body: OpenDay, context: Context) -> None:
    """Step 10: something of the day is to come, and the cut-off after it (``day.cut_off``, ``day.far``, DOMAIN 16)."""
    listed = check_windows(body.windows, "body.windows")
    blocks = () if body.block_windows is None else check_windows(body.block_windows, "body.block_windows")
    last = max(until for _, until in (*listed, *blocks))
    cut_off = parse_instant(body.cut_off)
    if not context.now < last <= cut_off <= LAST_CUT_OFF:
        found = f"{body.cut_off}, last window until {format_instant(last)}, at {format_instant(context.now)}"
        raise refuse("day.cut_off", found)
    # From now, not from its own end: a window may be as far ahead as the number is.
    check_day_near(body.day, context.now)


def check_opening(body: OpenDay, context: Context) -> None:
    """Step 11: terms, a reference price that is the exchange's too, a later day than the last, within the hours
    (``market.*``, ``day.*``, ``auction.open``)."""
    terms = find_market_terms(context)
    asset = parse_market_asset(body.asset)
    latest = context.trading_day(asset)
    if latest is not None:
        if latest.status != "closed":
            raise refuse("market.open_day", f"{latest.day} of {body.asset}")
        if body.day <= latest.day:
            raise refuse("day.order", body.day, f"after {latest.day}", expected_zh=f"晚于 {latest.day}")
    reference, elsewhere = context.reference(asset), context.closed_otherwise(asset)
    if reference is None:
        raise refuse("market.reference", body.asset)
    closing = context.closing_day(asset)
    if closing is not None:
        raise refuse("market.closing", f"{closing}, for {body.asset}")
    if elsewhere is not None:
        # Bands would differ: whoever has a fill undone would move the log's price at no cost.
        raise refuse("market.differs", f"{body.asset}: log {money(reference)}, exchange {money(elsewhere)}")
    # Of a day that is passed over no auction would ever get its result.
    _check_cleared(asset, body.day - 1, context)
    if terms.hours is not None:
        _check_hours(body, terms.hours, context)


def check_halt(body: HaltDay | ResumeDay, context: Context) -> None:
    """Step 11: an open day is halted, a halted one resumed, each by an operation of its own, so that nobody's approval
    halts twice (``operation.used``, ``day.*``, ``market.halted``, DOMAIN 23)."""
    check_unused(bytes.fromhex(body.op_id), context)
    day = find_open_day(parse_market_asset(body.asset), body.day, context)
    if isinstance(body, HaltDay):
        check_not_halted(day)
    elif day.status != "halted":
        raise refuse("day.running", f"{body.day} of {body.asset}")


def check_close(body: CloseDay, context: Context) -> None:
    """Step 11: an open or halted day, of which no auction waits for its result (``day.*``, ``auction.open``)."""
    asset = parse_market_asset(body.asset)
    find_open_day(asset, body.day, context)
    _check_cleared(asset, body.day, context)


def _check_cleared(asset: int, day: int, context: Context) -> None:
    """Step 11: no auction of that day or of one before waits for its result (``auction.open``)."""
    auction = context.uncleared(asset, day)
    if auction is not None:
        raise refuse("auction.open", auction.hex())


def check_session(body: CloseDay, context: Context) -> None:
    """Step 12: what the close says is what its entries give (``session.figures``, ``session.root``)."""
    found = context.market_session(parse_market_asset(body.asset), body.day)
    if found is None:
        raise refuse("session.root", body.root, "a session of that day")
    _check_figures(body, found)


def _check_figures(body: CloseDay, found: SessionRecord) -> None:
    for name in _FIGURES:
        said, wanted = getattr(body, name), getattr(found, name)
        if said != wanted:
            raise refuse("session.figures", said, wanted, at=f"body.{name}")
    if body.book != found.book.hex():
        raise refuse("session.figures", body.book, found.book.hex(), at="body.book")
    if body.root != found.root.hex():
        raise refuse("session.root", body.root, found.root.hex())


def _check_hours(body: OpenDay, hours: MarketHours, context: Context) -> None:
    """DOMAIN 13: Monday to Friday and no holiday of the year's calendar, each window within the hours of its kind."""
    day = check_day(body.day)
    if not is_weekday(body.day, context):
        raise refuse("day.weekday", body.day)
    listed, blocks = windows_of(body, hours)
    for windows, allowed, name in zip(
        (listed, blocks), _hours_of(day, hours), ("windows", "block_windows"), strict=True
    ):
        for start, until in windows:
            if not any(opens <= start and until <= closes for opens, closes in allowed):
                shown = " or ".join(f"{format_instant(opens)} to {format_instant(closes)}" for opens, closes in allowed)
                found = f"{format_instant(start)} to {format_instant(until)}"
                raise refuse("day.hours", found, shown, at=f"body.{name}", expected_zh=shown.replace(" or ", "，或 "))


def _hours_of(day: date, hours: MarketHours) -> tuple[Windows, Windows]:
    midnight = start_of_day(day)

    def placed(kind: str) -> Windows:
        windows = check_clock_windows(getattr(hours, kind), f"body.hours.{kind}")
        return tuple((midnight + start, midnight + until) for start, until in windows)

    return placed("listed"), placed("block")
