"""The open orders of one side of a central book, in price–time priority."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from quota.market.orders import Order, Side


@dataclass(slots=True)
class Open:
    """An open order and the tonnes that are left of it."""

    order: Order
    remaining: int


class Ladder:
    """Price levels, each in order of arrival.

    The best order stands at hand; a level is found by bisection among the levels, of which bands and tick allow few; a
    level is a linked list (what a dict leaves behind at its front would be walked over again and again).
    """

    def __init__(self, side: Side) -> None:
        # The best level is the last one on either side: the highest bid, the lowest offer.
        self._sign = 1 if side is Side.BUY else -1
        self._keys: list[int] = []
        self._levels: dict[int, OrderedDict[bytes, Open]] = {}

    def add(self, entry: Open) -> None:
        """An order at the end of its price level."""
        key = self._sign * entry.order.price_fen
        level = self._levels.get(key)
        if level is None:
            level = self._levels[key] = OrderedDict()
            insort(self._keys, key)
        level[entry.order.order_id] = entry

    def remove(self, order: Order) -> None:
        """An order that stands in here is taken out."""
        key = self._sign * order.price_fen
        level = self._levels[key]
        del level[order.order_id]
        if not level:
            del self._levels[key]
            del self._keys[bisect_left(self._keys, key)]

    def crossed_by(self, price_fen: int) -> Iterator[Open]:
        """The orders that an order of the other side at this limit meets: best price first, then first come.

        Nothing may be added or taken out while they are walked.
        """
        limit = self._sign * price_fen
        for key in reversed(self._keys):
            if key < limit:
                return
            yield from self._levels[key].values()

    def levels(self) -> Iterator[tuple[int, int, int]]:
        """Price, tonnes and number of orders of each level, best first."""
        for key in reversed(self._keys):
            level = self._levels[key].values()
            yield self._sign * key, sum(entry.remaining for entry in level), len(level)
