"""What changes units, or the terms on which they count: one way from verification to each type's own steps."""

from __future__ import annotations

from attestation.bodies import Allocation, AssetStep, ComplianceAction, HoldingAction, ScoreAction
from attestation.context import Context, KeyRecord
from attestation.envelope import Statement
from attestation.judging.allocations import judge_allocation
from attestation.judging.common import Facts
from attestation.judging.compliance import judge_compliance
from attestation.judging.holdings import judge_holding
from attestation.judging.intents import judge_intent
from attestation.judging.scores import judge_score


def judge_asset_step(statement: Statement, body: AssetStep, record: KeyRecord, context: Context) -> Facts:
    """Steps 9 to 12 of what concerns units; ``record`` is the key that signed."""
    if isinstance(body, HoldingAction):
        return judge_holding(statement, body, context)
    if isinstance(body, ComplianceAction):
        return judge_compliance(statement, body, context)
    if isinstance(body, Allocation):
        return judge_allocation(statement, body, context)
    if isinstance(body, ScoreAction):
        return judge_score(statement, body, context)
    return judge_intent(statement, body, record, context)
