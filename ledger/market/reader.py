"""Reads of the market's record: terms and days, book, trades, candles, sessions, orders, auctions (DOMAIN 12 to 20)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from sqlalchemy.orm import Session as Store

from ledger.chain.operations import Kind
from ledger.db.base import Database
from ledger.db.market import LISTED, MarketRepository
from ledger.db.market_models import MarketDayRow, MarketOrderRow
from ledger.market.answering import Answering
from ledger.market.feed.reading import here
from ledger.market.orders import book_order
from ledger.market.sessions import session_of
from ledger.market.shown import auction_view, day_view, mode_text, offer_view, order_view, terms_view, trade_view
from ledger.market.views import (
    AuctionView,
    BookView,
    CandleView,
    DayView,
    LevelView,
    MarketView,
    MonthView,
    OrderView,
    SessionView,
    SideText,
    TradeView,
)
from quota.charge import month_price
from quota.market.book import Book
from quota.market.orders import Mode, Side

SHOWN = 100
"""A page holds at most this many."""


class MarketReader:
    """Read access to the market of one log; each answer is one snapshot of the store. ``clock``: Unix seconds."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def market(self) -> MarketView:
        """Terms, holders, and every asset that has a price or a trading day."""
        with self._database.read() as store:
            facts = Answering(store, int(self._clock()))
            terms = facts.market_operations.latest(Kind.MARKET_TERMS)
            named = sorted({*facts.market_operations.references(), *facts.market.assets()})
            return MarketView(
                terms=None if terms is None else terms_view(terms),
                holders=facts.holders(),
                cash_halted=facts.cash_halted,
                assets=tuple((asset, facts.reference(asset), self._latest(store, asset)) for asset in named),
            )

    @staticmethod
    def _latest(store: Store, asset: int) -> DayView | None:
        row = MarketRepository(store).latest_day(asset)
        return None if row is None else day_view(row)

    def days(self, asset: int, *, before: int | None = None, limit: int = SHOWN) -> list[DayView]:
        """The asset's trading days below the day ``before``, newest first."""
        with self._database.read() as store:
            return [day_view(row) for row in MarketRepository(store).days(asset, before=before, limit=limit)]

    def book(self, asset: int) -> BookView:
        """Open orders: in licensed mode listed ones by price, everything that is accepted by name one by one."""
        with self._database.read() as store:
            market, now = MarketRepository(store), int(self._clock())
            day = market.latest_day(asset)
            resting = market.open_orders(asset, in_book=True)
            mode = Mode.AGREEMENT if day is None else Mode(day.mode)
            whole = Book.of(((book_order(row), row.remaining) for row in resting), mode, asset=asset)
            rows = _still_open(store, asset, [row for row in resting if row.deadline > now])
            central = mode is Mode.LICENSED
            return BookView(
                asset=asset,
                mode=None if day is None else mode_text(day.mode),
                levels=_levels([row for row in rows if row.kind == LISTED]),
                offers=tuple(offer_view(row) for row in rows if row.kind != LISTED or not central),
                hash=whole.hash(),
                id=str(here(store)),
            )

    def trades(
        self, asset: int, day: int | None = None, *, after: int | None = None, limit: int = SHOWN
    ) -> list[TradeView]:
        """Fills of a trading day, the last one where none is named, above the number ``after``, in their order."""
        with self._database.read() as store:
            market = MarketRepository(store)
            latest = market.latest_day(asset) if day is None else None
            chosen = day if latest is None else latest.day
            if chosen is None:
                return []
            return [trade_view(*fill) for fill in market.fills(asset, chosen, after=after, limit=limit)]

    def fills(self, account: str, *, before: int | None = None, limit: int = SHOWN) -> list[TradeView]:
        """An account's fills, newest first, by entries below the log position ``before``; those of one entry are never
        parted, so that a page may hold more than ``limit``."""
        with self._database.read() as store:
            market = MarketRepository(store)
            rows = market.fills(account=account, before=before, limit=limit + 1, newest=True)
            if len(rows) > limit:
                cause = rows[limit][0].cause
                whole = [row for row in rows if row[0].cause > cause]
                rows = whole or market.fills(account=account, cause=cause, newest=True)
            return [trade_view(*row) for row in rows]

    def order_fills(self, order: bytes) -> list[TradeView]:
        """The fills of an order, in their order."""
        with self._database.read() as store:
            return [trade_view(*row) for row in MarketRepository(store).fills(order=order)]

    def candles(self, asset: int, *, before: int | None = None, limit: int = SHOWN) -> list[CandleView]:
        """Days with a counted trade that was not undone, newest first, of the last ``limit`` days below ``before``."""
        with self._database.read() as store:
            market = MarketRepository(store)
            found = (_candle(market, row) for row in market.days(asset, before=before, limit=limit))
            return [candle for candle in found if candle is not None]

    def month(self, year: int, month: int, asset: int | None = None) -> MonthView:
        """The volume-weighted close of a month's closed days: of one asset, or of all."""
        first = 10_000 * year + 100 * month
        with self._database.read() as store:
            volume, value = MarketRepository(store).traded(asset, (first, first + 100))
            return MonthView(year, month, volume, value, month_price(value, volume) if volume else None)

    def session(self, asset: int, day: int) -> SessionView | None:
        """What the log computes of a trading day, whether it is closed or not; None of a day that never opened."""
        with self._database.read() as store:
            row = MarketRepository(store).day(asset, day)
            return None if row is None else session_view(store, row)

    def orders(
        self,
        *,
        account: str | None = None,
        asset: int | None = None,
        open_only: bool = False,
        before: int | None = None,
        limit: int = SHOWN,
    ) -> list[OrderView]:
        """Orders newest first, below the log position ``before``."""
        with self._database.read() as store:
            facts = Answering(store, int(self._clock()))
            rows = facts.market.orders(account=account, asset=asset, open_only=open_only, before=before, limit=limit)
            return [order_view(*shown) for shown in zip(rows, facts.order_statuses(rows), strict=True)]

    def order(self, order_hash: bytes) -> OrderView | None:
        """The order of that hash."""
        with self._database.read() as store:
            facts = Answering(store, int(self._clock()))
            row = facts.market.order(order_hash)
            return None if row is None else order_view(row, facts.order_status(row))

    def auctions(self, *, limit: int = SHOWN) -> list[AuctionView]:
        """One-way biddings, newest first."""
        with self._database.read() as store:
            market = MarketRepository(store)
            return [auction_view(row, market.commitments(row.op_id)) for row in market.auctions(limit=limit)]

    def auction(self, op_id: bytes) -> AuctionView | None:
        """The bidding of that operation."""
        with self._database.read() as store:
            market = MarketRepository(store)
            row = market.auction(op_id)
            return None if row is None else auction_view(row, market.commitments(op_id))


def session_view(store: Store, row: MarketDayRow) -> SessionView:
    """A day's session, recomputed."""
    found = session_of(store, row)
    return SessionView(
        asset=row.asset,
        day=row.day,
        first=found.entries[0],
        last=found.entries[1],
        fills=len(found.fills),
        book=found.book_hash,
        volume=found.close.volume,
        value_fen=found.close.value_fen,
        close_fen=found.close.price_fen,
        groups=found.close.groups,
        stands=found.close.stands,
        root=found.root,
        closed_index=row.status_index if row.status == "closed" else None,
    )


def _still_open(store: Store, asset: int, rows: Sequence[MarketOrderRow]) -> list[MarketOrderRow]:
    """Without those that can meet nothing any more: taken back on the exchange, or with a fill that it refused."""
    gone = MarketRepository(store).gone_from_book(asset, rows)
    return [row for row in rows if row.order_hash not in gone]


def _levels(rows: Sequence[MarketOrderRow]) -> tuple[LevelView, ...]:
    """What stands at each price, bids first, the best price of each side first."""
    bids = sorted((row for row in rows if row.side == Side.BUY), key=lambda row: -row.price_fen)
    offers = sorted((row for row in rows if row.side == Side.SELL), key=lambda row: row.price_fen)
    return (*_grouped("buy", bids), *_grouped("sell", offers))


def _grouped(side: SideText, rows: Sequence[MarketOrderRow]) -> Iterator[LevelView]:
    for price, group in groupby(rows, key=lambda row: row.price_fen):
        here = list(group)
        yield LevelView(side, price, sum(row.remaining for row in here), len(here))


def _candle(market: MarketRepository, day: MarketDayRow) -> CandleView | None:
    fills = (trade_view(*fill) for fill in market.fills(day.asset, day.day))
    counted = [fill for fill in fills if fill.counted and fill.state != "undone"]
    if not counted:
        return None
    prices = [fill.price_fen for fill in counted]
    return CandleView(
        day=day.day,
        open_fen=prices[0],
        high_fen=max(prices),
        low_fen=min(prices),
        last_fen=prices[-1],
        volume=sum(fill.tonnes for fill in counted),
        value_fen=sum(fill.value_fen for fill in counted),
        trades=len(counted),
    )
