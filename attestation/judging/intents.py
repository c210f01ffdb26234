"""``intent``: surrender, carry-over, cancellation and return by the holder's own key (DOMAIN 2, 3, 5, 6, 22, 31).

The statement is signed by the same key as the message inside it: so one entry format serves everything that the log
takes, and the contract needs no JWS. What is refused here is a courtesy; the contract judges again.
"""

from __future__ import annotations

from attestation.asset_messages import Checker
from attestation.assets import CCER, parse_asset, quota_of, vintage_of
from attestation.bodies import FIRST_YEAR, LAST_YEAR
from attestation.bodies.compliance import ALL_BPS
from attestation.bodies.intents import CancelOwnUnits, CarryOverUnits, Intent, ReturnUnits, SurrenderUnits
from attestation.context import Context, KeyRecord
from attestation.envelope import Statement
from attestation.instants import format_instant, parse_instant
from attestation.judging.bounds import Bound, at_most, before, since
from attestation.judging.common import Facts, check_integer, check_place, check_time
from attestation.judging.newcomers import check_signature_hex
from attestation.judging.obligations import Obligation, find_obligation, find_terms
from attestation.judging.units import (
    check_balance,
    check_not_suspended,
    check_operation,
    check_tonnes,
    check_unused,
    find_compliance,
    find_ledger,
)
from attestation.judging.words import check_word
from attestation.refusals import refuse
from attestation.signed_operations import intent_message


def judge_intent(statement: Statement, body: Intent, record: KeyRecord, context: Context) -> Facts:
    """Steps 9 to 12 of an intent; ``record`` is the key that signed the statement."""
    # 9: body schema, units, bounds
    op_id = check_operation(body.op_id, "body.op_id")
    if isinstance(body, SurrenderUnits):
        check_integer(body.year, FIRST_YEAR, LAST_YEAR, "body.year")
    if isinstance(body, CarryOverUnits | ReturnUnits):
        # What is carried over has a vintage after it.
        last = LAST_YEAR - 1 if isinstance(body, CarryOverUnits) else LAST_YEAR
        check_integer(body.vintage, FIRST_YEAR, last, "body.vintage")
    if isinstance(body, SurrenderUnits | CancelOwnUnits):
        parse_asset(body.asset, "body.asset")
    check_tonnes(body.tonnes)
    deadline = parse_instant(body.deadline)
    check_signature_hex(body.signature, "body.signature")

    # 10: time
    check_time(statement, context)
    if context.now >= deadline:
        now = format_instant(context.now)
        raise refuse("intent.expired", body.deadline, f"after {now}", expected_zh=f"晚于 {now}")

    # 11: the operation is new, the holder may, and holds what it takes
    message = intent_message(body, statement.iss)
    domain = find_ledger(context) if message.CHECKER is Checker.CARBON_LEDGER else find_compliance(context)
    address = record.key.evm_address
    if address is None:
        raise refuse("intent.key", record.key.algorithm.value)
    check_unused(op_id, context)
    check_not_suspended(statement.iss, context)
    _check_taken(statement.iss, body, context)
    gap = check_place(statement, context)

    # 12: recomputation: the holder's word for the contract
    check_word("intent.signature", body.signature, message.digest(domain), {address: record})
    return Facts(opens_gap=gap)


def _check_taken(holder: str, body: Intent, context: Context) -> None:
    match body:
        case SurrenderUnits():
            _check_surrender(holder, body, context)
            asset = parse_asset(body.asset)
        case CarryOverUnits():
            _check_carry_over(holder, body, context)
            asset = quota_of(body.vintage)
        case ReturnUnits():
            owed = context.owed(holder)
            left = max(0, owed.tonnes - owed.leaving)
            if body.tonnes > left:
                bound = at_most(left, holder)
                raise refuse("owed.exceeded", f"{body.tonnes} t", bound.en, expected_zh=bound.zh)
            asset = quota_of(body.vintage)
        case CancelOwnUnits():
            asset = parse_asset(body.asset)
    check_balance(holder, asset, body.tonnes, context)


def _check_surrender(holder: str, body: SurrenderUnits, context: Context) -> None:
    terms = find_terms(body.year, context)
    obligation = find_obligation(holder, terms, context)
    if context.now >= obligation.deadline:
        bound = before(obligation.deadline)
        raise refuse("surrender.late", format_instant(context.now), bound.en, expected_zh=bound.zh)
    asset = parse_asset(body.asset)
    if asset == CCER:
        if body.tonnes > obligation.offsets_left:
            bound = at_most(obligation.offsets_left, str(body.year))
            raise refuse("surrender.offset_cap", f"{body.tonnes} t", bound.en, expected_zh=bound.zh)
    else:
        # Arrears (DOMAIN 5): a later vintage serves once the year's deadline is over.
        earlier, later = terms.earlier_vintages, context.now >= terms.surrender_deadline
        vintage = vintage_of(asset)
        if vintage is None or (vintage < body.year and not earlier) or (vintage > body.year and not later):
            bound = _accepted(body.year, earlier=earlier, later=later)
            raise refuse("surrender.vintage", body.asset, bound.en, expected_zh=bound.zh)
    if body.tonnes > obligation.open:
        bound = at_most(obligation.open, str(body.year))
        raise refuse("surrender.exceeds", f"{body.tonnes} t", bound.en, expected_zh=bound.zh)


def _accepted(year: int, *, earlier: bool, later: bool) -> Bound:
    en = f"quota-{year}" + (" or an earlier vintage" if earlier else "") + (" or a later one" if later else "")
    return Bound(en, f"quota-{year}" + ("或以前年份" if earlier else "") + ("或以后年份" if later else ""))


def _check_carry_over(holder: str, body: CarryOverUnits, context: Context) -> None:
    terms = find_terms(body.vintage, context)
    if not terms.surrender_deadline <= context.now < terms.carry_over_until:
        opens, ends = since(terms.surrender_deadline), before(terms.carry_over_until)
        window, window_zh = f"{opens.en}, {ends.en}", f"{opens.zh}，{ends.zh}"
        raise refuse("carry_over.window", format_instant(context.now), window, expected_zh=window_zh)
    obligation = find_obligation(holder, terms, context)
    if obligation.due:
        raise refuse("carry_over.open", f"{obligation.due} t due for {body.vintage}")
    left = _carry_limit(obligation, terms.carry_base_bps, terms.carry_multiple_bps, body.vintage, holder, context)
    if body.tonnes > left:
        bound = at_most(left, str(body.vintage))
        raise refuse("carry_over.exceeds", f"{body.tonnes} t", bound.en, expected_zh=bound.zh)


def _carry_limit(  # noqa: PLR0917  # the members of one formula
    obligation: Obligation, base_bps: int, multiple_bps: int, vintage: int, holder: str, context: Context
) -> int:
    """DOMAIN 6: floor(base + multiple * max(0, sold - bought)), less what was carried over before."""
    scaled = obligation.emissions * base_bps + context.net_sold(holder, vintage) * multiple_bps
    return max(0, scaled // ALL_BPS - obligation.carried)
