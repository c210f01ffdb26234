"""``intent``: what a holder does with its units, as the contracts are told of it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.assets import parse_asset, quota_of
from attestation.bodies.intents import CancelOwnUnits, CarryOverUnits, Intent, SurrenderUnits
from attestation.signed_operations import intent_message
from attestation.statements import Statement
from ledger.chain.asset_intents import SignedIntent
from ledger.context import LedgerContext
from ledger.db.asset_operation_models import AssetOperationRow
from ledger.effects.holdings import keep


def record_intent(session: Session, context: LedgerContext, statement: Statement, body: Intent, index: int) -> None:
    """Keep what the holder wants, and have the contract told."""
    holder, net_sold = statement.iss, 0
    row = AssetOperationRow(account=holder, tonnes=body.tonnes)
    if isinstance(body, SurrenderUnits | CancelOwnUnits):
        row.asset = parse_asset(body.asset)
        row.year = body.year if isinstance(body, SurrenderUnits) else None
    else:
        row.asset, row.year = quota_of(body.vintage), body.vintage
    if isinstance(body, CarryOverUnits):
        net_sold = context.net_sold(holder, body.vintage)
    signature = bytes.fromhex(body.signature[2:])
    message = intent_message(body, holder)
    keep(
        session,
        context,
        row,
        SignedIntent(statement.leaf_hash, index, message, (signature,), net_sold=net_sold),
    )
