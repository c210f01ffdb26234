"""What of the market's record a range of entries, and of outcomes, touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session as Store

from ledger.chain.operations import Kind
from ledger.db.feed_models import MarketOutcomeRow
from ledger.db.market_models import (
    MarketAuctionRow,
    MarketDayRow,
    MarketFillRow,
    MarketOperationRow,
    MarketOrderRow,
)
from ledger.market.feed.events import DayStep


@dataclass(slots=True)
class Touched:
    """What one entry did: orders that it brought or ended, fills that it made, days that it opened, halted, closed,
    prices that it set."""

    placed: list[MarketOrderRow] = field(default_factory=list)
    ended: list[MarketOrderRow] = field(default_factory=list)
    fills: list[MarketFillRow] = field(default_factory=list)
    days: list[tuple[DayStep, MarketDayRow]] = field(default_factory=list)
    references: list[MarketOperationRow] = field(default_factory=list)


class TouchedRange:
    """The entries from ``first`` on below ``below`` that did something; ``orders``: every order of their fills, by its
    hash; ``announced``: of lots, the entry that made them one."""

    def __init__(self, store: Store, first: int, below: int) -> None:
        self.orders: dict[bytes, MarketOrderRow] = {}
        self.announced: dict[bytes, int] = {}
        self._by_entry: defaultdict[int, Touched] = defaultdict(Touched)
        self._orders(store, first, below)
        self._days(store, first, below)
        row = MarketOperationRow
        query = select(row).where(row.entry_index >= first, row.entry_index < below)
        for said in store.scalars(query.where(row.kind == Kind.MARKET_REFERENCE.value)):
            self._by_entry[said.entry_index].references.append(said)

    def __iter__(self) -> Iterator[tuple[int, Touched]]:
        return iter(sorted(self._by_entry.items()))

    def _orders(self, store: Store, first: int, below: int) -> None:
        row, fill = MarketOrderRow, MarketFillRow
        for order in store.scalars(select(row).where(row.entry_index >= first, row.entry_index < below)):
            self._by_entry[order.entry_index].placed.append(order)
        ended = select(row).where(row.ended_index >= first, row.ended_index < below).order_by(row.entry_index)
        for order in store.scalars(ended):
            self._by_entry[order.ended_index or 0].ended.append(order)
        made = fill.cause >= first, fill.cause < below
        for one in store.scalars(select(fill).where(*made).order_by(fill.cause, fill.number)):
            self._by_entry[one.cause].fills.append(one)
        for side in (fill.buy, fill.sell):
            met = select(row).join(fill, side == row.order_hash).where(*made).distinct()
            self.orders |= {order.order_hash: order for order in store.scalars(met)}
        lots = [order.order_hash for touched in self._by_entry.values() for order in touched.placed if order.auction]
        auction = MarketAuctionRow
        told = select(auction.order_hash, auction.entry_index).where(auction.order_hash.in_(lots))
        self.announced |= dict(store.execute(told).all()) if lots else {}

    def _days(self, store: Store, first: int, below: int) -> None:
        row = MarketDayRow
        # Nothing was done to a day after its last change of status.
        for day in store.scalars(select(row).where(row.status_index >= first, row.opened_index < below)):
            steps: list[tuple[int, DayStep]] = [(day.opened_index, "open")]
            steps += [(index, "halt" if halted else "resume") for index, halted, _ in day.halts]
            steps += [(day.status_index, "close")] if day.status == "closed" else []
            for index, step in steps:
                if first <= index < below:
                    self._by_entry[index].days.append((step, day))


def outcomes(store: Store, first: int, *, below: int | None, entries: int, limit: int) -> list[MarketOutcomeRow]:
    """Outcomes from the number ``first`` on, below ``below``, that come before the entry ``entries``, in their order:
    none after one that comes later."""
    row = MarketOutcomeRow
    query = select(row).where(row.number >= first).order_by(row.number).limit(limit)
    found = []
    for one in store.scalars(query if below is None else query.where(row.number < below)):
        if one.entries > entries:
            break
        found.append(one)
    return found
