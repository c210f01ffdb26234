"""What happens on the market, and to the cash behind it: one way from verification to each type's own steps."""

from __future__ import annotations

from attestation.bodies import CashAction, MarketAction, MarketStep
from attestation.context import Context, KeyRecord
from attestation.envelope import Statement
from attestation.judging.cash import judge_cash
from attestation.judging.common import Facts
from attestation.judging.market import judge_market
from attestation.judging.orders import judge_order


def judge_market_step(statement: Statement, body: MarketStep, record: KeyRecord, context: Context) -> Facts:
    """Steps 9 to 12 of what concerns the market; ``record`` is the key that signed."""
    if isinstance(body, MarketAction):
        return judge_market(statement, body, context)
    if isinstance(body, CashAction):
        return judge_cash(statement, body, context)
    return judge_order(statement, body, record, context)
