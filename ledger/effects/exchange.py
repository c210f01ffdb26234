"""The exchange is told of orders, days and cash, where there is one (docs/chain.md)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ledger.chain.asset_intents import AssetIntent
from ledger.context import LedgerContext
from ledger.db.market_models import MarketOperationRow
from ledger.effects.assets import tell_assets


def tell_exchange(session: Session, context: LedgerContext, intent: AssetIntent) -> None:
    """Have the exchange told what an entry says; nothing without one. Called in the order of the log."""
    if context.parameters.exchange_domain is not None:
        tell_assets(session, context, intent)


def keep_operation(session: Session, context: LedgerContext, row: MarketOperationRow, intent: AssetIntent) -> None:
    """Keep an operation's row under the id that the outbox has it by, and ask for it."""
    row.op_id = intent.operation_id(context.parameters.deployment_id)
    row.entry_index, row.kind, row.accepted_at = intent.position, intent.kind.value, context.now
    context.market_operations.add(row)
    tell_exchange(session, context, intent)
