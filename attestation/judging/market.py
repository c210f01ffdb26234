"""``market``: terms, reference prices, trading days, auctions, by the registrar (DOMAIN 12 to 20)."""

from __future__ import annotations

from attestation.bodies.market import (
    ClearAuction,
    CloseDay,
    HaltDay,
    Market,
    OpenAuction,
    OpenDay,
    ResumeDay,
    SetMarketReference,
    SetMarketTerms,
)
from attestation.context import Context
from attestation.envelope import Statement
from attestation.judging.approvals import check_approvals
from attestation.judging.auctions import (
    check_auction,
    check_auction_form,
    check_auction_time,
    check_clearable,
    check_clearing,
    check_clearing_form,
)
from attestation.judging.common import Facts, check_place, check_time
from attestation.judging.market_forms import find_exchange
from attestation.judging.market_terms import check_terms, check_terms_form
from attestation.judging.trading_days import (
    check_close,
    check_day_form,
    check_halt,
    check_opening,
    check_opening_time,
    check_session,
)
from attestation.market_operations import market_message


def judge_market(statement: Statement, body: Market, context: Context) -> Facts:
    """Steps 9 to 12 of what the registrar does on the market."""
    # 9: body schema, units, bounds
    _check_form(body)

    # 10: time
    check_time(statement, context)
    if isinstance(body, OpenDay):
        check_opening_time(body, context)
    elif isinstance(body, OpenAuction):
        check_auction_time(body, context)

    # 11: what stands, and what the day allows
    domain = find_exchange(context)
    _check_standing(body, context)
    gap = check_place(statement, context)

    # 12: recomputation: two persons, the session's replay, the auction's result
    if isinstance(body, SetMarketTerms | SetMarketReference | HaltDay | ResumeDay):
        check_approvals(body.approvals, market_message(body).digest(domain), context)
    elif isinstance(body, CloseDay):
        check_session(body, context)
    elif isinstance(body, ClearAuction):
        check_clearing(body, context)
    return Facts(opens_gap=gap)


def _check_form(body: Market) -> None:
    match body:
        case SetMarketTerms() | SetMarketReference():
            check_terms_form(body)
        case OpenAuction():
            check_auction_form(body)
        case ClearAuction():
            check_clearing_form(body)
        case OpenDay() | HaltDay() | ResumeDay() | CloseDay():
            check_day_form(body)


def _check_standing(body: Market, context: Context) -> None:
    match body:
        case SetMarketTerms() | SetMarketReference():
            check_terms(body, context)
        case OpenDay():
            check_opening(body, context)
        case HaltDay() | ResumeDay():
            check_halt(body, context)
        case CloseDay():
            check_close(body, context)
        case OpenAuction():
            check_auction(body, context)
        case ClearAuction():
            check_clearable(body, context)
