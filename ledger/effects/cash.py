"""``cash``: what the custody bank holds for whom, as the exchange is told of it (DOMAIN 21)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.assets import CASH
from attestation.bodies import BindBankAccount, Cash, DepositCash, ReconcileCash, SettleWithdrawal
from attestation.identifiers import account_id
from attestation.market_operations import cash_message
from attestation.statements import Statement
from ledger.chain.market_intents import ReconcileIntent
from ledger.chain.signed_intents import SignedIntent
from ledger.context import LedgerContext
from ledger.db.market_models import MarketOperationRow
from ledger.effects.exchange import keep_operation
from ledger.effects.holdings import compact


def record_cash(session: Session, context: LedgerContext, statement: Statement, body: Cash, index: int) -> None:
    """Keep what the bank did or holds, and have the exchange told."""
    entry = (statement.leaf_hash, index)
    if isinstance(body, ReconcileCash):
        row = MarketOperationRow(day=body.day, amount=body.bank_fen)
        keep_operation(session, context, row, ReconcileIntent(*entry, body.day, body.bank_fen))
        return
    account: bytes | None = None
    match body:
        case BindBankAccount():
            row = MarketOperationRow(account=body.account, bank_account=bytes.fromhex(body.bank_account))
            row.document_hash = bytes.fromhex(body.document_hash)
        case DepositCash():
            row = MarketOperationRow(account=body.account, asset=CASH, amount=body.fen)
            row.bank_reference = body.bank_reference
            row.details = None if body.reverses is None else {"reverses": body.reverses}
        case SettleWithdrawal():
            asked = context.market_operations.withdrawal_as_signed(bytes.fromhex(body.withdrawal))
            row = MarketOperationRow(account=asked.account, amount=asked.amount, withdrawal=asked.op_id, paid=body.paid)
            row.bank_reference = body.bank_reference
            account = None if asked.account is None else account_id(asked.account)
    message = cash_message(body)
    keep_operation(session, context, row, SignedIntent(*entry, message, compact(body.approvals), account=account))
