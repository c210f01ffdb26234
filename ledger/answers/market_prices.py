"""From which price a trading day opens, in the log and on chain: a part of the log's answers about the market."""

from __future__ import annotations

from ledger.chain.operations import Kind
from ledger.db.exchange import ExchangeRepository
from ledger.db.market import MarketRepository
from ledger.db.market_models import MarketDayRow, MarketOperationRow
from ledger.db.market_operations import MarketOperationRepository


class MarketPriceAnswers:
    """Part of ``ledger.answers.market.MarketAnswers``. Prices are the log's, what became of closes the chain's word."""

    market: MarketRepository
    market_operations: MarketOperationRepository
    exchange: ExchangeRepository

    def reference(self, asset: int, /) -> int | None:
        """See ``MarketFacts``. The last of what two persons set and of what a day closed with, as on chain."""
        last = self._pricing(asset)
        if last is None:
            return None
        return last.close_fen if isinstance(last, MarketDayRow) else last.amount

    def _pricing(self, asset: int) -> MarketDayRow | MarketOperationRow | None:
        """What gave the asset's reference: of its own, else of the vintage before (DOMAIN 15)."""
        own = self._priced_last(asset)
        return own if own is not None else self._priced_last(asset - 1)

    def _priced_last(self, asset: int) -> MarketDayRow | MarketOperationRow | None:
        """What gave the asset's price: its last closed day, or what two persons set since."""
        given, closed = self.market_operations.latest(Kind.MARKET_REFERENCE, asset=asset), self.market.last_close(asset)
        if closed is None or (given is not None and given.entry_index > closed.status_index):
            return given
        return closed

    def closed_otherwise(self, asset: int, /) -> int | None:
        """See ``MarketFacts``."""
        closed = self._pricing(asset)
        if not isinstance(closed, MarketDayRow):
            return None
        told = self.exchange.day(closed.asset, closed.day)
        price = None if told is None else told.close_fen
        if price is None and self.market.close_was_refused(closed):
            # The exchange goes on from the price that it had: of that day nothing was settled, or something else.
            price = self._priced_on_chain(closed.asset)
        return None if price == closed.close_fen else price

    def _priced_on_chain(self, asset: int) -> int | None:
        own = self.exchange.reference(asset)
        return own if own is not None else self.exchange.reference(asset - 1)

    def closing_day(self, asset: int, /) -> int | None:
        """See ``MarketFacts``."""
        closed = self._pricing(asset)
        if not isinstance(closed, MarketDayRow) or self.market.close_was_refused(closed):
            return None
        told = self.exchange.day(closed.asset, closed.day)
        return closed.day if told is None or told.close_fen is None else None
