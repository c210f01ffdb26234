"""``holding``: issue, transfer, cancel, freeze, suspend, carry in, CCER, collect (DOMAIN 4, 22 to 24, 30, 31).

What is refused here for balances and freezes is a courtesy: the contract judges again, and alone decides.
"""

from __future__ import annotations

from attestation.asset_messages import Freeze
from attestation.assets import CCER, parse_asset, quota_of
from attestation.bodies import FIRST_YEAR, LAST_YEAR
from attestation.bodies.holdings import (
    CAUSES,
    CancelUnits,
    CarryIn,
    CollectOwed,
    ConfirmFreeze,
    EnterOffsets,
    FreezeUnits,
    Holding,
    IssueUnits,
    LapseFreeze,
    ReleaseUnits,
    SuspendAccount,
    TransferUnits,
)
from attestation.context import Context
from attestation.envelope import Statement
from attestation.identifiers import account_id
from attestation.instants import format_instant
from attestation.judging.approvals import check_approvals, check_form
from attestation.judging.bounds import since
from attestation.judging.common import Facts, check_choice, check_integer, check_place, check_reason, check_time
from attestation.judging.freezes import check_freeze, check_lapse, check_release, check_taken_out, find_confirmable
from attestation.judging.offsets import check_eligible_offsets, check_offsets, check_offsets_form
from attestation.judging.reversals import check_reversal_form, check_units_back
from attestation.judging.units import (
    HOLDERS,
    check_account,
    check_balance,
    check_document,
    check_not_suspended,
    check_operation,
    check_tonnes,
    check_unused,
    find_account,
    find_ledger,
)
from attestation.keys import Kind
from attestation.refusals import refuse
from attestation.signed_operations import ApprovedHolding, holding_message

SUCCESSION, ENFORCEMENT, CORRECTION, RESERVE_GRANT = CAUSES


def judge_holding(statement: Statement, body: Holding, context: Context) -> Facts:
    """Steps 9 to 12 of a holding."""
    # 9: body schema, units, bounds
    if isinstance(body, ConfirmFreeze):
        check_operation(body.freeze, "body.freeze")
        check_form(body.approvals)
    elif isinstance(body, LapseFreeze):
        check_operation(body.freeze, "body.freeze")
    elif isinstance(body, CollectOwed):
        check_account(body.account, "body.account")
        check_integer(body.vintage, FIRST_YEAR, LAST_YEAR, "body.vintage")
    else:
        _check_approved_form(body)

    # 10: time
    check_time(statement, context)

    # 11: the operation is new, and the accounts are as it needs them
    domain = find_ledger(context)
    if isinstance(body, ConfirmFreeze):
        freeze = find_confirmable(bytes.fromhex(body.freeze), context)
        gap = check_place(statement, context)
        # 12: recomputation: two persons sign the message of the freeze itself
        held = (account_id(freeze.account), freeze.asset, freeze.tonnes)
        message = Freeze(bytes.fromhex(body.freeze), *held, freeze.document_hash)
        check_approvals(body.approvals, message.digest(domain), context)
        return Facts(opens_gap=gap)
    if isinstance(body, LapseFreeze):
        check_lapse(body, context)
        return Facts(opens_gap=check_place(statement, context))
    if isinstance(body, CollectOwed):
        _check_collectable(body, context)
        return Facts(opens_gap=check_place(statement, context))
    check_unused(bytes.fromhex(body.op_id), context)
    _check_accounts(body, context)
    gap = check_place(statement, context)

    # 12: recomputation: eligibility, and two persons of two bodies
    if isinstance(body, EnterOffsets):
        check_eligible_offsets(body, context)
    if body.approvals is not None:
        check_approvals(body.approvals, holding_message(body).digest(domain), context)
    return Facts(opens_gap=gap)


def _check_approved_form(body: ApprovedHolding) -> None:
    check_operation(body.op_id, "body.op_id")
    match body:
        case IssueUnits():
            check_account(body.account, "body.account")
            check_integer(body.vintage, FIRST_YEAR, LAST_YEAR, "body.vintage")
            check_tonnes(body.tonnes)
        case TransferUnits():
            _check_transfer_form(body)
        case ReleaseUnits():
            check_operation(body.freeze, "body.freeze")
            check_tonnes(body.tonnes)
        case SuspendAccount():
            check_account(body.account, "body.account")
        case EnterOffsets():
            check_account(body.beneficiary, "body.beneficiary")
            check_tonnes(body.tonnes)
            check_offsets_form(body)
        case CancelUnits() | FreezeUnits() | CarryIn():
            check_account(body.account, "body.account")
            asset = parse_asset(body.asset, "body.asset")
            if isinstance(body, CarryIn) and asset == CCER:
                raise refuse("carry_in.asset", body.asset)
            check_tonnes(body.tonnes)
    check_document(body.document_hash)
    check_reason(body.reason, "body.reason")
    if body.approvals is not None:
        check_form(body.approvals)


def _check_transfer_form(body: TransferUnits) -> None:
    check_account(body.sender, "body.sender")
    check_account(body.receiver, "body.receiver")
    if body.sender == body.receiver:
        raise refuse("transfer.same", body.sender)
    asset = parse_asset(body.asset, "body.asset")
    check_tonnes(body.tonnes)
    check_choice(body.cause, CAUSES, "body.cause")
    if asset == CCER and body.cause != SUCCESSION:
        raise refuse("transfer.offsets", body.cause)
    if body.freeze is not None:
        check_operation(body.freeze, "body.freeze")
    check_reversal_form(body.reverses)
    if body.reverses is not None and body.cause != CORRECTION:
        raise refuse("reversal.cause", body.cause)


def _check_accounts(body: ApprovedHolding, context: Context) -> None:
    match body:
        case IssueUnits():
            find_account(body.account, (Kind.PARK,), "body.account", context)
        case TransferUnits():
            _check_transfer(body, context)
        case CancelUnits():
            find_account(body.account, HOLDERS, "body.account", context)
            check_balance(body.account, parse_asset(body.asset), body.tonnes, context)
        case FreezeUnits():
            check_freeze(body, context)
        case ReleaseUnits():
            check_release(body, context)
        case SuspendAccount():
            _check_suspension(body, context)
        case CarryIn():
            find_account(body.account, HOLDERS, "body.account", context)
            opened = context.opening_balance(body.account, parse_asset(body.asset))
            if opened is not None:
                raise refuse("carry_in.repeated", f"{body.asset} of {body.account}, entry {opened}")
        case EnterOffsets():
            check_offsets(body, context)


def _check_transfer(body: TransferUnits, context: Context) -> None:
    grants = body.cause == RESERVE_GRANT
    find_account(body.sender, (Kind.PARK,) if grants else HOLDERS, "body.sender", context)
    find_account(body.receiver, (Kind.ENTERPRISE,) if grants else HOLDERS, "body.receiver", context)
    if body.cause != ENFORCEMENT:
        check_not_suspended(body.sender, context)
    if body.reverses is not None:
        check_units_back(body, body.reverses, context)
    if body.freeze is None:
        check_balance(body.sender, parse_asset(body.asset), body.tonnes, context)
    else:
        check_taken_out(body, body.freeze, context)


def _check_suspension(body: SuspendAccount, context: Context) -> None:
    find_account(body.account, HOLDERS, "body.account", context)
    since = context.suspended(body.account)
    if body.suspended == (since is not None):
        found = "free" if since is None else f"suspended by entry {since}"
        raise refuse("account.state", f"{found}: {body.account}")


def _check_collectable(body: CollectOwed, context: Context) -> None:
    """Step 11: something is owed, and its time is over (``owed.none``, ``owed.early``)."""
    find_account(body.account, (Kind.ENTERPRISE,), "body.account", context)
    owed = context.owed(body.account)
    if owed.tonnes <= owed.leaving:
        raise refuse("owed.none", body.account)
    if context.now < owed.due_at:
        bound = since(owed.due_at)
        raise refuse("owed.early", format_instant(context.now), bound.en, expected_zh=bound.zh)
    # The contract takes what there is, but not nothing.
    check_balance(body.account, quota_of(body.vintage), 1, context)
