"""``compliance``: terms, price, assessment, credit, close of a year (DOMAIN 2 to 7, 11)."""

from __future__ import annotations

from itertools import pairwise

from attestation.bodies import FIRST_YEAR, LAST_YEAR, MAX_SEQ
from attestation.bodies.compliance import (
    ACCOUNTS_LIMIT,
    ALL_BPS,
    MOST_CARRY_BPS,
    AssessYear,
    CloseYear,
    Compliance,
    CreditExcess,
    SetPrice,
    SetTerms,
)
from attestation.context import Context
from attestation.envelope import Statement
from attestation.instants import format_instant, parse_instant
from attestation.judging.approvals import check_approvals, check_form
from attestation.judging.bounds import before, since
from attestation.judging.cases import check_case
from attestation.judging.common import Facts, check_integer, check_place, check_reason, check_time
from attestation.judging.obligations import find_obligation, find_terms
from attestation.judging.units import (
    HOLDERS,
    check_account,
    check_document,
    check_operation,
    check_unused,
    find_account,
    find_compliance,
)
from attestation.keys import Kind
from attestation.refusals import refuse
from attestation.signed_operations import compliance_message


def judge_compliance(statement: Statement, body: Compliance, context: Context) -> Facts:
    """Steps 9 to 12 of a compliance."""
    # 9: body schema, units, bounds
    if isinstance(body, SetTerms | SetPrice):
        _check_signed_form(body)
    elif isinstance(body, CloseYear):
        _check_close_form(body)
    else:
        check_case(body.enterprise, body.year)

    # 10: time
    check_time(statement, context)

    # 11: what holds for the year, and what its time allows
    domain = find_compliance(context)
    match body:
        case SetTerms():
            check_unused(bytes.fromhex(body.op_id), context)
            _check_changeable(body, context)
        case SetPrice():
            check_unused(bytes.fromhex(body.op_id), context)
            if context.price_charged(body.year):
                raise refuse("price.fixed", body.year)
        case AssessYear():
            _check_assessable(body, context)
        case CreditExcess():
            _check_excess(body, context)
        case CloseYear():
            _check_closable(body, context)
    gap = check_place(statement, context)

    # 12: recomputation: two persons of two bodies
    if isinstance(body, SetTerms | SetPrice):
        check_approvals(body.approvals, compliance_message(body).digest(domain), context)
    return Facts(opens_gap=gap)


def _check_signed_form(body: SetTerms | SetPrice) -> None:
    check_operation(body.op_id, "body.op_id")
    check_integer(body.year, FIRST_YEAR, LAST_YEAR, "body.year")
    if isinstance(body, SetPrice):
        check_integer(body.fen_per_tonne, 1, MAX_SEQ, "body.fen_per_tonne")
    else:
        _check_terms_form(body)
    check_document(body.document_hash)
    check_reason(body.reason, "body.reason")
    check_form(body.approvals)


def _check_terms_form(body: SetTerms) -> None:
    for name in ("offset_cap_bps", "carry_base_bps"):
        check_integer(getattr(body, name), 0, ALL_BPS, f"body.{name}")
    for name in ("carry_multiple_bps", "charge_multiple_bps", "amendment_seconds"):
        check_integer(getattr(body, name), 0, MOST_CARRY_BPS, f"body.{name}")
    surrender, carry, close = (
        parse_instant(text) for text in (body.surrender_deadline, body.carry_over_until, body.closes_at)
    )
    if not 0 < surrender < carry <= close:
        raise refuse("terms.order", f"{body.surrender_deadline}, {body.carry_over_until}, {body.closes_at}")


def _check_close_form(body: CloseYear) -> None:
    check_integer(body.year, FIRST_YEAR, LAST_YEAR, "body.year")
    for place, account in enumerate(body.accounts):
        check_account(account, f"body.accounts[{place}]")
    ordered = all(earlier.encode() < later.encode() for earlier, later in pairwise(body.accounts))
    if not 1 <= len(body.accounts) <= ACCOUNTS_LIMIT or not ordered:
        raise refuse("close.accounts", f"{len(body.accounts)} accounts: {', '.join(body.accounts)}")


def _check_changeable(body: SetTerms, context: Context) -> None:
    """Step 11: new terms, or a change before the deadline that stands (``terms.fixed``)."""
    terms = context.year_terms(body.year)
    if terms is not None and context.now >= terms.surrender_deadline:
        found, bound = f"{body.year} at {format_instant(context.now)}", before(terms.surrender_deadline)
        raise refuse("terms.fixed", found, bound.en, expected_zh=bound.zh)


def _check_assessable(body: AssessYear, context: Context) -> None:
    """Step 11: after the deadline, once per figure, with a price where something is missing (``assess.early``,
    ``assess.repeated``, ``assess.price``)."""
    find_account(body.enterprise, (Kind.ENTERPRISE,), "body.enterprise", context)
    obligation = find_obligation(body.enterprise, find_terms(body.year, context), context)
    if context.now < obligation.deadline:
        bound = since(obligation.deadline)
        raise refuse("assess.early", format_instant(context.now), bound.en, expected_zh=bound.zh)
    assessed = context.assessed(body.enterprise, body.year)
    if assessed is not None and assessed > obligation.figure_index:
        raise refuse("assess.repeated", f"{body.enterprise} {body.year}, entry {assessed}")
    if obligation.due and context.price(body.year) is None:
        raise refuse("assess.price", f"{obligation.due} t missing in {body.year}")


def _check_excess(body: CreditExcess, context: Context) -> None:
    """Step 11: more was surrendered than the obligation is now (``credit.none``)."""
    find_account(body.enterprise, (Kind.ENTERPRISE,), "body.enterprise", context)
    obligation = find_obligation(body.enterprise, find_terms(body.year, context), context)
    credited = context.credited(body.enterprise, body.year)
    if not obligation.excess or (credited is not None and credited > obligation.figure_index):
        found = f"{body.enterprise} {body.year}"
        raise refuse("credit.none", found if credited is None else f"{found}, entry {credited}")


def _check_closable(body: CloseYear, context: Context) -> None:
    """Step 11: the year is over (``close.early``)."""
    terms = find_terms(body.year, context)
    if context.now < terms.closes_at:
        bound = since(terms.closes_at)
        raise refuse("close.early", format_instant(context.now), bound.en, expected_zh=bound.zh)
    for place, account in enumerate(body.accounts):
        find_account(account, HOLDERS, f"body.accounts[{place}]", context)
