"""A day's candle as fills come and are undone: of the trades that are part of the close (DOMAIN 15)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session as Store

from ledger.db.feed_models import MarketOutcomeRow
from ledger.db.market_models import MarketFillRow
from ledger.market.views import CandleView

_UNDONE = "undone"


class FeedCandle:
    """The candle of one trading day of an asset."""

    def __init__(self, day: int) -> None:
        self._fills: dict[int, tuple[int, int]] = {}
        self._empty = CandleView(day, *([0] * 7))
        self._now = self._empty

    @classmethod
    def before(cls, store: Store, place: tuple[int, int], entry: int, outcome: int) -> FeedCandle:
        """The candle of a (asset, day) before that entry and that outcome."""
        found, row, noted = cls(place[1]), MarketFillRow, MarketOutcomeRow
        of_day = (row.asset == place[0], row.day == place[1], row.counted, row.cause < entry)
        query = select(row.op_id).join(noted, noted.op_id == row.op_id)
        doubted = list(store.scalars(query.where(*of_day, noted.state == _UNDONE, noted.number < outcome).distinct()))
        said = select(noted.op_id, noted.state).where(noted.op_id.in_(doubted), noted.number < outcome)
        last = dict(store.execute(said.order_by(noted.number)).all()) if doubted else {}
        for fill in store.scalars(select(row).where(*of_day).order_by(row.number)):
            if last.get(fill.op_id) != _UNDONE:
                found.add(fill)
        return found

    @property
    def view(self) -> CandleView:
        """As it is now."""
        return self._now

    def add(self, fill: MarketFillRow) -> bool:
        """A fill counts. Returns whether that is news."""
        if not fill.counted or fill.number in self._fills:
            return False
        last = not self._fills or fill.number > next(reversed(self._fills))
        self._fills[fill.number] = (fill.price_fen, fill.tonnes)
        if last:
            self._grow(fill.price_fen, fill.tonnes)
        else:
            self._again()
        return True

    def remove(self, fill: MarketFillRow) -> bool:
        """It was undone. Returns whether that is news."""
        if self._fills.pop(fill.number, None) is None:
            return False
        self._again()
        return True

    def _again(self) -> None:
        self._fills = dict(sorted(self._fills.items()))
        self._now = self._empty
        for price, tonnes in self._fills.values():
            self._grow(price, tonnes)

    def _grow(self, price: int, tonnes: int) -> None:
        was = self._now
        self._now = replace(
            was,
            open_fen=was.open_fen if was.trades else price,
            high_fen=max(was.high_fen, price),
            low_fen=min(was.low_fen, price) if was.trades else price,
            last_fen=price,
            volume=was.volume + tonnes,
            value_fen=was.value_fen + tonnes * price,
            trades=was.trades + 1,
        )
