"""What happens on the market and to the cash behind it: one way from acceptance to each type's own effects."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.bodies import CashAction, MarketAction, MarketStep
from attestation.statements import Statement
from ledger.context import LedgerContext
from ledger.effects.cash import record_cash
from ledger.effects.orders import record_order
from ledger.effects.trading_days import record_market


def record_market_step(
    session: Session, context: LedgerContext, statement: Statement, body: MarketStep, index: int
) -> None:
    """Keep what the entry says, match what it brings, and have the exchange told."""
    if isinstance(body, MarketAction):
        record_market(session, context, statement, body, index)
    elif isinstance(body, CashAction):
        record_cash(session, context, statement, body, index)
    else:
        record_order(session, context, statement, body, index)
