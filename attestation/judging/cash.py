"""``cash``: what the custody bank holds for whom, by two persons where money moves (DOMAIN 21, 23)."""

from __future__ import annotations

import unicodedata

from attestation.bodies.cash import BindBankAccount, Cash, DepositCash, ReconcileCash, SettleWithdrawal
from attestation.context import Context
from attestation.envelope import Statement
from attestation.judging.approvals import check_approvals, check_form
from attestation.judging.cases import check_digest
from attestation.judging.common import Facts, check_integer, check_name, check_place, check_time
from attestation.judging.market_forms import check_day, check_holder, find_exchange
from attestation.judging.reversals import check_cash_back, check_reversal_form
from attestation.judging.units import (
    HOLDERS,
    check_account,
    check_document,
    check_operation,
    check_unused,
    find_account,
)
from attestation.market_operations import ApprovedCash, cash_message
from attestation.market_words import MOST_FEN
from attestation.refusals import refuse


def judge_cash(statement: Statement, body: Cash, context: Context) -> Facts:
    """Steps 9 to 12 of a cash statement."""
    # 9: body schema, units, bounds
    if isinstance(body, ReconcileCash):
        check_day(body.day)
        check_integer(body.bank_fen, 0, MOST_FEN, "body.bank_fen")
    else:
        _check_form(body)

    # 10: time
    check_time(statement, context)

    # 11: the operation and the bank's reference are new, the account or withdrawal is known
    domain = find_exchange(context)
    if isinstance(body, ReconcileCash):
        _check_reconciliation(body, context)
        return Facts(opens_gap=check_place(statement, context))
    check_unused(bytes.fromhex(body.op_id), context)
    _check_known(body, context)
    gap = check_place(statement, context)

    # 12: recomputation: two persons of two bodies
    check_approvals(body.approvals, cash_message(body).digest(domain), context)
    return Facts(opens_gap=gap)


def _check_form(body: ApprovedCash) -> None:
    check_operation(body.op_id, "body.op_id")
    match body:
        case BindBankAccount():
            check_account(body.account, "body.account")
            if not any(check_digest(body.bank_account, "body.bank_account")):
                raise refuse("cash.account_form", body.bank_account, at="body.bank_account")
            check_document(body.document_hash)
        case DepositCash():
            check_account(body.account, "body.account")
            check_integer(body.fen, 1, MOST_FEN, "body.fen")
            _check_reference(body.bank_reference)
            check_reversal_form(body.reverses)
        case SettleWithdrawal():
            check_operation(body.withdrawal, "body.withdrawal")
            _check_reference(body.bank_reference)
    check_form(body.approvals)


def _check_reference(text: str) -> None:
    """What the bank did counts once: so its reference has one spelling (``body.name``, ``cash.reference_form``)."""
    check_name(text, "body.bank_reference")
    spelled = "".join(unicodedata.normalize("NFKC", text).upper().split())
    if text != spelled:
        raise refuse("cash.reference_form", text, spelled, at="body.bank_reference")


def _check_known(body: ApprovedCash, context: Context) -> None:
    """Step 11: ``account.*``, ``holders.limit``, ``cash.reference``, ``withdrawal.*``."""
    if isinstance(body, BindBankAccount | DepositCash):
        find_account(body.account, HOLDERS, "body.account", context)
    if isinstance(body, DepositCash):
        check_holder(body.account, context)
        if body.reverses is not None:
            check_cash_back(body, body.reverses, context)
    if isinstance(body, DepositCash | SettleWithdrawal):
        taken = context.bank_reference_taken(body.bank_reference)
        if taken is not None:
            raise refuse("cash.reference", f"{body.bank_reference}, entry {taken}")
    if isinstance(body, SettleWithdrawal):
        withdrawal = context.withdrawal(bytes.fromhex(body.withdrawal))
        if withdrawal is None:
            raise refuse("withdrawal.unknown", body.withdrawal)
        if withdrawal.state == "asked":
            # The bank would pay what the exchange may still refuse to lock.
            raise refuse("withdrawal.unlocked", f"{body.withdrawal}, entry {withdrawal.index}")
        if withdrawal.state != "pending":
            raise refuse("withdrawal.done", f"{body.withdrawal}: {withdrawal.state}")


def _check_reconciliation(body: ReconcileCash, context: Context) -> None:
    """Step 11: no earlier day; the same day again where it differed (``day.order``)."""
    last = context.reconciled()
    if last is not None and body.day < last:
        raise refuse("day.order", body.day, f"{last} or later", expected_zh=f"不早于 {last}")
