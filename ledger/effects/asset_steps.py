"""What changes units, or the terms on which they count: one way from acceptance to each type's own effects."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.bodies import Allocation, AssetStep, ComplianceAction, HoldingAction, ScoreAction
from attestation.statements import Statement
from ledger.context import LedgerContext
from ledger.effects.allocations import record_allocation
from ledger.effects.compliance import record_compliance
from ledger.effects.holdings import record_holding
from ledger.effects.intents import record_intent
from ledger.effects.scores import record_score


def record_asset_step(
    session: Session, context: LedgerContext, statement: Statement, body: AssetStep, index: int
) -> None:
    """Keep what the entry asks for, and have the contracts told."""
    if isinstance(body, HoldingAction):
        record_holding(session, context, statement, body, index)
    elif isinstance(body, ComplianceAction):
        record_compliance(session, context, statement, body, index)
    elif isinstance(body, Allocation):
        record_allocation(session, context, statement, body, index)
    elif isinstance(body, ScoreAction):
        record_score(session, context, statement, body, index)
    else:
        record_intent(session, context, statement, body, index)
