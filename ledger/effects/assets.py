"""The asset contracts are told of units, obligations and scores, where there are some (docs/chain.md)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ledger.chain import outbox
from ledger.chain.asset_intents import AssetIntent
from ledger.context import LedgerContext


def tell_assets(session: Session, context: LedgerContext, intent: AssetIntent) -> None:
    """Have the asset contracts told what an entry says; nothing without a chain, or where it has no such contracts.

    Called once per call that the entry asks for, in the order of the log, in the transaction that accepts it. The
    operation of a signed message is its own: the log refuses a second entry that names it before this is reached
    (``operation.used``), so that ``OutboxConflict`` here would be a fault of the program.
    """
    if context.parameters.ledger_domain is not None:
        outbox.enqueue_asset(session, context.parameters.deployment_id, intent, now=context.now)
