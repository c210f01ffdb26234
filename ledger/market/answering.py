"""The market's answers outside of a write transaction, as what is shown is judged by what refuses."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ledger.answers.market import MarketAnswers, SeenOnChain
from ledger.db.exchange import ExchangeRepository
from ledger.db.market import MarketRepository
from ledger.db.market_operations import MarketOperationRepository


class Answering(MarketAnswers):
    """The answers over one snapshot, as of ``now`` (Unix seconds)."""

    def __init__(self, session: Session, now: int) -> None:
        self.session = session
        self.market = MarketRepository(session)
        self.market_operations = MarketOperationRepository(session)
        self.exchange = ExchangeRepository(session)
        self.seen = SeenOnChain()
        self._now = now

    @property
    def now(self) -> int:
        """Unix seconds."""
        return self._now
