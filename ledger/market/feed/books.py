"""An asset's book as events go on: what stands at each price, and what is accepted by name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session as Store

from ledger.db.feed_models import MarketOutcomeRow
from ledger.db.market import BID, LISTED
from ledger.db.market_models import MarketDayRow, MarketFillRow, MarketOrderRow
from ledger.market.feed.events import BookChange
from ledger.market.shown import offer_view
from ledger.market.views import LevelView, OfferView, SideText
from ledger.market.withdrawals import WITHDRAWN
from quota.market.orders import Mode

_Level = tuple[SideText, int]


@dataclass(slots=True)
class _Standing:
    offer: OfferView
    listed: bool
    gone: bool


class FeedBook:
    """The open orders of an asset, as the log has them, without those that are withdrawn. ``central``: listed orders
    are met by price, and not shown one by one."""

    def __init__(self, asset: int, *, central: bool) -> None:
        self.central = central
        self._asset = asset
        self._orders: dict[bytes, _Standing] = {}
        self._levels: dict[_Level, tuple[int, int]] = {}
        self._levels_before: dict[_Level, tuple[int, int]] = {}
        self._offers_before: dict[bytes, OfferView | None] = {}

    @classmethod
    def before(cls, store: Store, asset: int, entry: int, outcome: int) -> FeedBook:
        """The book before that entry and that outcome."""
        found = cls(asset, central=_mode_before(store, asset, entry) == Mode.LICENSED)
        row, taken = MarketOrderRow, _filled_before(store, asset, entry)
        gone = _withdrawn_before(store, asset, entry, outcome)
        for order in store.scalars(select(row).where(*_alive(asset, entry)).order_by(row.entry_index)):
            found.put(order)
            found.fill(order.order_hash, taken.get(order.order_hash, 0))
            if order.order_hash in gone:
                found.withdraw(order.order_hash, gone=True)
        found.change()
        return found

    def put(self, row: MarketOrderRow) -> None:
        """An order enters, whole."""
        offer = replace(offer_view(row), remaining=row.tonnes)
        self._note(row.order_hash)
        self._orders[row.order_hash] = _Standing(offer, row.kind == LISTED, gone=False)
        self._stand(row.order_hash, 1)

    def fill(self, order: bytes, tonnes: int) -> None:
        """So much of an order is filled; nothing of one that is not in the book."""
        found = self._orders.get(order)
        if found is None or not tonnes:
            return
        self._note(order)
        self._stand(order, -1)
        found.offer = replace(found.offer, remaining=found.offer.remaining - tonnes)
        self._stand(order, 1)

    def end(self, order: bytes) -> None:
        """An order leaves; nothing where it is not in the book."""
        if order in self._orders:
            self._note(order)
            self._stand(order, -1)
            del self._orders[order]

    def withdraw(self, order: bytes, *, gone: bool) -> None:
        """The exchange will take no fill of an order any more, or will again."""
        found = self._orders.get(order)
        if found is not None:
            self._note(order)
            self._stand(order, -1)
            found.gone = gone
            self._stand(order, 1)

    def change(self) -> BookChange | None:
        """What changed since this was asked last; None: nothing."""
        levels = tuple(
            LevelView(side, price, *self._levels.get((side, price), (0, 0)))
            for (side, price), before in self._levels_before.items()
            if self._levels.get((side, price), (0, 0)) != before
        )
        offers = []
        for order, before in self._offers_before.items():
            now = self._shown(order)
            if now is not None and now != before:
                offers.append(now)
            elif now is None and before is not None:
                offers.append(replace(before, remaining=0))
        self._levels_before, self._offers_before = {}, {}
        return BookChange(self._asset, levels, tuple(offers)) if levels or offers else None

    def _shown(self, order: bytes) -> OfferView | None:
        found = self._orders.get(order)
        if found is None or found.gone or (found.listed and self.central):
            return None
        return found.offer

    def _note(self, order: bytes) -> None:
        self._offers_before.setdefault(order, self._shown(order))

    def _stand(self, order: bytes, sign: int) -> None:
        """Count an order at its price, or not any more."""
        found = self._orders[order]
        if not found.listed or found.gone:
            return
        place: _Level = (found.offer.side, found.offer.price_fen)
        tonnes, orders = self._levels.get(place, (0, 0))
        self._levels_before.setdefault(place, (tonnes, orders))
        after = (tonnes + sign * found.offer.remaining, orders + sign)
        if after[1]:
            self._levels[place] = after
        else:
            self._levels.pop(place, None)


def _alive(asset: int, entry: int) -> tuple[ColumnElement[bool], ...]:
    row = MarketOrderRow
    lives = row.ended_index.is_(None) | (row.ended_index >= entry)
    return row.asset == asset, row.entry_index < entry, row.kind != BID, lives


def _mode_before(store: Store, asset: int, entry: int) -> int | None:
    row = MarketDayRow
    query = select(row.mode).where(row.asset == asset, row.opened_index < entry)
    return store.scalar(query.order_by(row.opened_index.desc()).limit(1))


def _filled_before(store: Store, asset: int, entry: int) -> dict[bytes, int]:
    fill, order = MarketFillRow, MarketOrderRow
    found: dict[bytes, int] = {}
    for side in (fill.buy, fill.sell):
        query = select(order.order_hash, func.sum(fill.tonnes)).join(fill, side == order.order_hash)
        query = query.where(*_alive(asset, entry), fill.cause < entry).group_by(order.order_hash)
        found |= {name: int(tonnes) for name, tonnes in store.execute(query)}
    return found


def _withdrawn_before(store: Store, asset: int, entry: int, outcome: int) -> frozenset[bytes]:
    row, order = MarketOutcomeRow, MarketOrderRow
    query = select(order.order_hash, row.state).join(order, order.order_hash == row.order_hash)
    query = query.where(*_alive(asset, entry), row.number < outcome).order_by(row.number)
    last = dict(store.execute(query).all())
    return frozenset(name for name, state in last.items() if state == WITHDRAWN)
