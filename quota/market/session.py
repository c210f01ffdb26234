"""A trading day of one asset, computed from its entries: the same events give the same session, byte for byte.

Whoever holds the entries replays the day and compares it with what was recorded (`quota.market.divergence`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from quota.errors import QuotaError
from quota.market.auction import check_lot, clear
from quota.market.book import Book
from quota.market.bounds import above, both
from quota.market.calendar import check_day
from quota.market.closing import Close, close
from quota.market.events import (
    AuctionClosed,
    Cancelled,
    CancelledAll,
    Closed,
    Event,
    Halted,
    Opened,
    Placed,
    Resumed,
)
from quota.market.orders import End, Fill, Order, OrderKind
from quota.market.records import session_bytes, session_root
from quota.refusals import refuse


@dataclass(frozen=True, slots=True)
class Session:
    """A day as its events give it.

    `fills` and `ends` in the order in which they happened; `resting` the open orders and the tonnes left of them, none
    once the day is closed; `close` what the day's fills give, final only when `closed`; `book_hash` that of the book
    before the day's end ended its orders; `entries` the first and the last log index, the closing entry's not among
    them; `reference` the price that the day opened with, fen; `record` the canonical bytes, `root` their SHA-256.
    """

    asset: int
    day: int
    reference: int
    halted: bool
    closed: bool
    fills: tuple[Fill, ...]
    ends: tuple[End, ...]
    resting: tuple[tuple[Order, int], ...] = field(repr=False)
    close: Close
    book_hash: bytes
    entries: tuple[int, int]
    record: bytes = field(repr=False)
    root: bytes


class Replay:
    """A session that is computed event by event; after a refusal it is of no further use."""

    def __init__(self, opened: Opened) -> None:
        check_day(opened.day)
        self._opened = opened
        self._book = Book(opened.mode, opened.reference, asset=opened.asset)
        self._parties: dict[bytes, str] = {}
        self._fills: list[Fill] = []
        self._ends: list[End] = []
        self._last = opened.index
        self._now = opened.at
        self._halted = False
        self._cancelling = False
        # The book's hash at the close, before the day's end empties it.
        self._closed: bytes | None = None

    def apply(self, event: Event) -> None:
        """The next event.

        Raises MarketRefused: `market.session` (a second opening, anything after the close, halted or resumed twice),
        `market.index` (a log index that is not above the last), `market.halted` (an order while the day is halted),
        `market.known` (an order that was there before), and what book and auction refuse.
        """
        if isinstance(event, Opened) or self._closed is not None:
            raise _out_of_place(event)
        # One entry ends many orders: that of a key that signed them, or of an epoch.
        goes_on = isinstance(event, Cancelled) and self._cancelling and event.index == self._last
        if event.index <= self._last and not goes_on:
            raise refuse("market.index", event.index, **above(self._last))
        if isinstance(event, Closed):
            self._closed = self._book.hash()
            self._ends += self._book.end_of_day()
            return
        # A claimed instant may lie before the last one: time does not go back.
        self._now = max(self._now, event.at)
        self._ends += self._book.expire(self._now)
        self._act(event)
        self._last = event.index
        self._cancelling = isinstance(event, Cancelled)

    def resting(self) -> list[tuple[Order, int]]:
        """The open orders and the tonnes left of each, first come first."""
        return self._book.resting()

    def session(self) -> Session:
        """The session as far as the events went."""
        opened = self._opened
        book_hash = self._book.hash() if self._closed is None else self._closed
        day_close = close(
            self._fills, self._parties, opened.minimum_volume, opened.minimum_groups, opened.reference.price_fen
        )
        record = session_bytes(
            asset=opened.asset,
            day=opened.day,
            first=opened.index,
            last=self._last,
            fills=self._fills,
            book=book_hash,
            close=day_close,
            reference=opened.reference.price_fen,
        )
        return Session(
            asset=opened.asset,
            day=opened.day,
            reference=opened.reference.price_fen,
            halted=self._halted,
            closed=self._closed is not None,
            fills=tuple(self._fills),
            ends=tuple(self._ends),
            resting=tuple(self._book.resting()),
            close=day_close,
            book_hash=book_hash,
            entries=(opened.index, self._last),
            record=record,
            root=session_root(record),
        )

    def _act(self, event: Placed | Cancelled | CancelledAll | Halted | Resumed | AuctionClosed) -> None:
        if isinstance(event, Placed):
            self._place(event.order)
        elif isinstance(event, Cancelled):
            self._ends.append(self._book.cancel(event.order_id, event.reason))
        elif isinstance(event, CancelledAll):
            self._ends += self._book.cancel_all(event.account, event.reason)
        elif isinstance(event, AuctionClosed):
            self._clear(event)
        else:
            halts = isinstance(event, Halted)
            if self._halted is halts:
                raise _out_of_place(event)
            self._halted = halts

    def _place(self, order: Order) -> None:
        if self._halted:
            raise refuse("market.halted", order.name)
        if order.order_id in self._parties:
            raise refuse("market.known", order.name)
        fills, ends = self._book.place(order)
        self._parties[order.order_id] = order.party
        self._fills += fills
        self._ends += ends

    def _bring(self, orders: Sequence[Order]) -> None:
        """Orders that waited outside of the book stand in it, in the order of their arrival."""
        for order in orders:
            if order.order_id in self._parties:
                raise refuse("market.known", order.name)
            if order.kind is not OrderKind.AUCTION:
                raise refuse("market.bid", order.kind.name, OrderKind.AUCTION.name, at=order.name)
        waiting = [*self._book.resting(), *((order, order.tonnes) for order in orders)]
        old = self._book
        self._book = Book.of(waiting, old.mode, old.reference, asset=old.asset, next_number=old.next_number)
        self._parties |= {order.order_id: order.party for order in orders}

    def _clear(self, event: AuctionClosed) -> None:
        if event.brought:
            self._bring(event.brought)
        orders = {order.order_id: (order, remaining) for order, remaining in self._book.resting()}
        lot, lot_tonnes = orders.get(event.lot, (None, 0))
        if lot is None:
            raise refuse("market.unknown", event.lot.hex())
        check_lot(lot, event.floor_fen)
        revealed = [bid.order for bid in event.bids if bid.order is not None]
        for order in revealed:
            if orders.get(order.order_id) != (order, order.tonnes):
                raise refuse(
                    "market.bid",
                    order.name,
                    **both("an open order of the day, as it was placed", "当日未结且与下单时一致的订单"),
                )
        clearing = clear(lot_tonnes, event.floor_fen, event.bids)
        fills, ends = self._book.award(
            event.index, event.lot, clearing.price_fen or lot.price_fen, clearing.awards, [o.order_id for o in revealed]
        )
        self._fills += fills
        self._ends += ends


def replay(events: Iterable[Event]) -> Session:
    """The session of these events: the opening first, in the order of the log; the close, if it is there, last.

    Raises MarketRefused (`market.session` where the first is no opening, and what `Replay.apply` refuses): an entry
    that these rules forbid cannot have been acted upon.
    """
    following = iter(events)
    opened = next(following, None)
    if not isinstance(opened, Opened):
        raise refuse("market.session", type(opened).__name__, **both("an opening first", "首先开市"))
    running = Replay(opened)
    for event in following:
        running.apply(event)
    return running.session()


def _out_of_place(event: Event) -> QuotaError:
    return refuse("market.session", f"{type(event).__name__} at {event.index}")
