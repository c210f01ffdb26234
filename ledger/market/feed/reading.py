"""The market's events derived from the record, in their order, whenever they are asked for.

Nothing is kept of what was told: an entry's events follow from the rows that it left, and those of an outcome from its
row. So they are the same in every process and after every restart, as long as the log is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Store

from ledger.db.feed_models import MarketOutcomeRow
from ledger.db.log_models import LogState
from ledger.db.market import BID
from ledger.db.market_models import MarketDayRow, MarketFillRow, MarketOrderRow
from ledger.market.feed.books import FeedBook
from ledger.market.feed.candles import FeedCandle
from ledger.market.feed.events import (
    Body,
    CandleChange,
    DayChange,
    DayStep,
    FeedEvent,
    FillChange,
    FillStep,
    Kind,
)
from ledger.market.feed.ids import FeedId
from ledger.market.feed.rows import Touched, TouchedRange, outcomes
from ledger.market.shown import day_view, order_view, trade_view
from ledger.market.views import DayStatus, DayView, FillState, OrderView, TradeView
from ledger.market.withdrawals import WITHDRAWN
from quota.market.orders import Mode

ENTRIES_AT_ONCE = 2_000
OUTCOMES_AT_ONCE = 2_000
_DAYS_KEPT = 64
"""Candles of so many days are kept in a follower; others are made again where a trade of theirs is undone so late."""

_STATUS: dict[DayStep, DayStatus] = {"open": "open", "resume": "open", "halt": "halted", "close": "closed"}
_TOLD: dict[FillStep, FillState] = {
    "matched": "matched",
    "settled": "settled",
    "final": "settled",
    "undone": "undone",
}


def here(store: Store) -> FeedId:
    """Where the market's events stand in this snapshot: everything in it has been told."""
    entries = store.scalar(select(LogState.next_index).where(LogState.id == 1)) or 0
    return FeedId(entries, 0, (store.scalar(select(func.max(MarketOutcomeRow.number))) or 0) + 1, 0)


@dataclass(frozen=True, slots=True)
class _Told:
    kind: Kind
    asset: int
    accounts: frozenset[str] | None
    body: Body


class Follower:
    """Goes through the events from ``start`` on; books and candles are read when they are first touched."""

    def __init__(self, start: FeedId) -> None:
        # The first outcome has the number 1: the same place has one id.
        self.reached = self._skip = replace(start, outcome=max(1, start.outcome))
        self._books: dict[int, FeedBook] = {}
        self._candles: dict[tuple[int, int], FeedCandle] = {}

    def read(self, store: Store, until: FeedId) -> list[FeedEvent]:
        """The next events before ``until``, perhaps none, and perhaps not all; where this stands then is ``reached``.
        ``until`` is a place of this snapshot or an older one."""
        at = self.reached
        below = max(at.entry, min(at.entry + ENTRIES_AT_ONCE, until.entry))
        noted = outcomes(store, at.outcome, below=until.outcome, entries=below, limit=OUTCOMES_AT_ONCE)
        if len(noted) == OUTCOMES_AT_ONCE:
            below = max(at.entry, min(below, noted[-1].entries))
        found: list[FeedEvent] = []
        waiting = iter(noted)
        outcome = next(waiting, None)
        touched = TouchedRange(store, at.entry, below)
        for entry, done in touched:
            while outcome is not None and outcome.entries <= entry:
                found += self._outcome(store, outcome)
                outcome = next(waiting, None)
            found += self._entry(store, entry, done, touched)
        while outcome is not None:
            found += self._outcome(store, outcome)
            outcome = next(waiting, None)
        if below > self.reached.entry:
            self.reached = replace(self.reached, entry=below, place=0)
        return found

    def _entry(self, store: Store, entry: int, done: Touched, touched: TouchedRange) -> Iterator[FeedEvent]:
        at = self.reached
        told = list(self._of_entry(store, entry, done, touched))
        for place, one in enumerate(told, start=1):
            self.reached = FeedId(entry, place, at.outcome, at.step)
            if (entry, place) > (self._skip.entry, self._skip.place):
                yield FeedEvent(self.reached, one.kind, one.asset, one.accounts, one.body, by_entry=True)

    def _outcome(self, store: Store, row: MarketOutcomeRow) -> Iterator[FeedEvent]:
        at = self.reached
        entry, place = (row.entries, 0) if row.entries > at.entry else (at.entry, at.place)
        for step, one in enumerate(list(self._of_outcome(store, row)), start=1):
            self.reached = FeedId(entry, place, row.number, step)
            if (row.number, step) > (self._skip.outcome, self._skip.step):
                yield FeedEvent(self.reached, one.kind, one.asset, one.accounts, one.body, by_entry=False)
        self.reached = FeedId(entry, place, row.number + 1, 0)

    # What an entry did

    def _of_entry(self, store: Store, entry: int, done: Touched, touched: TouchedRange) -> Iterator[_Told]:
        assets = sorted({row.asset for row in (*done.placed, *done.ended)} | {fill.asset for fill in done.fills})
        books = {asset: self._book(store, asset, entry) for asset in assets}
        for step, day in done.days:
            if step != "close":
                yield _day(store, step, day, entry)
        yield from _orders(entry, done, touched)
        counted = self._counted(store, entry, done.fills)
        for fill in done.fills:
            yield from _fill("matched", trade_view(fill, None))
        for place in counted:
            yield _Told("candle", place[0], None, CandleChange(place[0], self._candles[place].view))
        for asset, book in books.items():
            change = _applied(book, asset, done)
            if change is not None:
                yield _Told("book", asset, None, change)
        for step, day in done.days:
            if step == "open":
                self._book(store, day.asset, entry).central = day.mode == Mode.LICENSED
            if step == "close":
                yield _day(store, step, day, entry)
        for said in done.references:
            asset, price = said.asset or 0, said.amount or 0
            yield _Told("day", asset, None, DayChange("reference", asset, entry, price, None))

    def _counted(self, store: Store, entry: int, fills: Iterable[MarketFillRow]) -> list[tuple[int, int]]:
        changed: dict[tuple[int, int], None] = {}
        for fill in fills:
            place = (fill.asset, fill.day)
            if fill.counted and self._candle(store, place, entry).add(fill):
                changed[place] = None
        return list(changed)

    # What the chain did

    def _of_outcome(self, store: Store, row: MarketOutcomeRow) -> Iterator[_Told]:
        if row.op_id is not None:
            fill = store.scalars(select(MarketFillRow).where(MarketFillRow.op_id == row.op_id)).one_or_none()
            if fill is not None:
                yield from self._settlement(store, row, fill)
        elif row.order_hash is not None:
            order = store.get(MarketOrderRow, row.order_hash)
            if order is not None:
                yield from self._withdrawal(store, row, order)

    def _settlement(self, store: Store, row: MarketOutcomeRow, fill: MarketFillRow) -> Iterator[_Told]:
        state: FillStep = row.state  # type: ignore[assignment]  # the column holds these words alone of a fill
        trade = replace(trade_view(fill, None), state=_TOLD[state], reason=row.reason if state == "undone" else None)
        yield from _fill(state, trade)
        place = (fill.asset, fill.day)
        candle = self._candle(store, place, max(row.entries, self.reached.entry), row.number)
        if candle.remove(fill) if state == "undone" else candle.add(fill):
            yield _Told("candle", fill.asset, None, CandleChange(fill.asset, candle.view))

    def _withdrawal(self, store: Store, row: MarketOutcomeRow, order: MarketOrderRow) -> Iterator[_Told]:
        gone, entry = row.state == WITHDRAWN, max(row.entries, self.reached.entry)
        book = self._book(store, order.asset, entry, row.number)
        left = order.tonnes - _filled(store, order, entry)
        view = order_view(order, "refused" if gone else "open")
        view = replace(view, remaining=left, reason=None, ended_index=None)
        yield _Told("order", order.asset, frozenset({order.account}), view)
        book.withdraw(order.order_hash, gone=gone)
        change = book.change()
        if change is not None:
            yield _Told("book", order.asset, None, change)

    def _book(self, store: Store, asset: int, entry: int, outcome: int | None = None) -> FeedBook:
        if asset not in self._books:
            before = self.reached.outcome if outcome is None else outcome
            self._books[asset] = FeedBook.before(store, asset, entry, before)
        return self._books[asset]

    def _candle(self, store: Store, place: tuple[int, int], entry: int, outcome: int | None = None) -> FeedCandle:
        if place not in self._candles:
            if len(self._candles) >= _DAYS_KEPT:
                del self._candles[next(iter(self._candles))]
            before = self.reached.outcome if outcome is None else outcome
            self._candles[place] = FeedCandle.before(store, place, entry, before)
        return self._candles[place]


def _orders(entry: int, done: Touched, touched: TouchedRange) -> Iterator[_Told]:
    """Each order that the entry touched, as it was after it, in the order of arrival."""
    rows = {row.order_hash: row for row in (*done.placed, *done.ended)}
    left = {row.order_hash: row.tonnes for row in done.placed}
    left |= {row.order_hash: row.remaining for row in done.ended}
    for fill in done.fills:
        for order, before in ((fill.buy, fill.buy_filled), (fill.sell, fill.sell_filled)):
            rows[order] = touched.orders[order]
            left[order] = rows[order].tonnes - before - fill.tonnes
    for row in sorted(rows.values(), key=lambda order: order.entry_index):
        view = _order(row, entry, left[row.order_hash], touched.announced.get(row.order_hash))
        yield _Told("order", row.asset, frozenset({row.account}), view)


def _order(row: MarketOrderRow, entry: int, left: int, announced: int | None) -> OrderView:
    ended = row.ended_index == entry
    view = order_view(row, row.status if ended else "open")  # type: ignore[arg-type]  # the column's words
    if announced is not None and announced > entry:
        # Nobody had named it a lot yet.
        view = replace(view, day=None, auction=None)
    if not ended:
        view = replace(view, reason=None, ended_index=None)
    return replace(view, remaining=left)


def _applied(book: FeedBook, asset: int, done: Touched) -> Body | None:
    """What became of a book by an entry."""
    for row in done.placed:
        # Lots and bids wait outside of the book.
        if row.asset == asset and row.kind != BID:
            book.put(row)
    for fill in done.fills:
        if fill.asset == asset:
            book.fill(fill.buy, fill.tonnes)
            book.fill(fill.sell, fill.tonnes)
    for row in done.ended:
        if row.asset == asset:
            book.end(row.order_hash)
    return book.change()


def _fill(state: FillStep, trade: TradeView) -> Iterator[_Told]:
    if state != "final":
        yield _Told("trade", trade.asset, None, FillChange(state, trade))
    yield _Told("fill", trade.asset, frozenset({trade.buyer, trade.seller}), FillChange(state, trade))


def _day(store: Store, step: DayStep, row: MarketDayRow, entry: int) -> _Told:
    """A day as it was after the entry."""
    made = MarketFillRow.cause <= entry
    query = select(func.count()).where(MarketFillRow.asset == row.asset, MarketFillRow.day == row.day, made)
    view: DayView = replace(day_view(row), status=_STATUS[step], fills=store.scalar(query) or 0)
    if step != "close":
        view = replace(view, close_fen=None, volume=None, value_fen=None, root=None, closed_index=None)
    return _Told("day", row.asset, None, DayChange(step, row.asset, entry, row.reference_fen, view))


def _filled(store: Store, order: MarketOrderRow, entry: int) -> int:
    fill = MarketFillRow
    of_order = (fill.buy == order.order_hash) | (fill.sell == order.order_hash)
    return int(store.scalar(select(func.sum(fill.tonnes)).where(of_order, fill.cause < entry)) or 0)
