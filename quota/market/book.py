"""The book of one asset: open orders, and what each new one meets.

A function of its inputs alone: the same orders in the same order of arrival give the same fills, ends and hash.

* **Listed, licensed mode** (central book, DOMAIN 12): best price first, then first come; at the resting order's price;
  as much as both still have. An order passes over those that it may not meet: of its own account, of another
  counterparty than is named, or where a minimum fill of either forbids the fill. The rest of it stays in the book,
  unless it would cross one that it passed over: then it ends, so that the book is never crossed.
* **Listed in agreement mode, block, bilateral**: posted orders wait, and are met only by an order that names them
  (`quota.market.acceptance`), which is filled whole and at once.
* **Auction**: lots and bids wait for the clearing (`award`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush

from quota.canonical import canonical_bytes
from quota.market.acceptance import check_acceptance
from quota.market.auction import check_awards
from quota.market.bands import Reference
from quota.market.bounds import above, between, both
from quota.market.ladder import Ladder, Open
from quota.market.orders import End, EndReason, Fill, Mode, Order, OrderKind, Side, counts
from quota.refusals import refuse


class Book:
    """The open orders of one asset in one mode.

    `reference` checks band and block threshold of every order that comes (None: they are not checked here);
    `next_number` is the number of the next fill. What is refused leaves the book as it was.
    """

    def __init__(self, mode: Mode, reference: Reference | None = None, *, asset: int, next_number: int = 0) -> None:
        self.mode = mode
        self.reference = reference
        self.asset = asset
        self.next_number = next_number
        self.last_index = -1
        # Asked for at every order: computed once.
        self._listed = None if reference is None else reference.limits(OrderKind.LISTED)
        self._open: dict[bytes, Open] = {}
        self._accounts: dict[str, set[bytes]] = {}
        self._deadlines: list[tuple[int, int, bytes]] = []
        self._ladders = {Side.BUY: Ladder(Side.BUY), Side.SELL: Ladder(Side.SELL)}

    @classmethod
    def of(
        cls,
        resting: Iterable[tuple[Order, int]],
        mode: Mode,
        reference: Reference | None = None,
        *,
        asset: int,
        next_number: int = 0,
    ) -> Book:
        """The book of these open orders, with the tonnes left of each; in any order.

        Raises MarketRefused: `market.asset`, `market.index` (two of one index), `market.known`, `market.remaining`
        (none left, or more than the order has), `market.crossed` (what a central book never is).
        """
        book = cls(mode, reference, asset=asset, next_number=next_number)
        for order, remaining in sorted(resting, key=lambda pair: pair[0].index):
            book._check_new(order)
            if not 0 < remaining <= order.tonnes:
                raise refuse("market.remaining", remaining, **between(1, order.tonnes, "t"), at=order.name)
            if book._central(order):
                for other in book._opposite(order).crossed_by(order.price_fen):
                    raise refuse("market.crossed", order.price_fen, other.order.price_fen, at=order.name)
            book._rest(Open(order, remaining))
        return book

    def place(self, order: Order) -> tuple[list[Fill], list[End]]:
        """What a new order does: its fills in the order in which they happen, and the orders that end by it.

        What is not filled and did not end stays open. Raises MarketRefused: `market.asset`, `market.known`,
        `market.index`, `market.band`, `market.block`, `market.accepts`, `market.self`, `market.counterparty`,
        `market.minimum`.
        """
        self._check_new(order)
        self._check_price(order)
        if self._central(order):
            if order.accepts is not None:
                raise refuse(
                    "market.accepts",
                    order.accepts.hex(),
                    **both("none: a central book matches", "无：由集中订单簿撮合"),
                    at=order.name,
                )
            return self._match(order)
        if order.accepts is None:
            self._rest(Open(order, order.tonnes))
            return [], []
        return self._accept(order, order.accepts)

    def cancel(self, order_id: bytes, reason: EndReason = EndReason.CANCELLED) -> End:
        """One order ends. Raises MarketRefused (`market.unknown`) where it is not open."""
        return self._end(self._entry(order_id), reason)

    def cancel_all(self, account: str, reason: EndReason = EndReason.CANCELLED) -> list[End]:
        """Every order of an account ends, first come first."""
        entries = [self._open[name] for name in self._accounts.get(account, ())]
        return [self._end(entry, reason) for entry in sorted(entries, key=_index)]

    def end_of_day(self) -> list[End]:
        """Every order ends: they are day orders (DOMAIN 15)."""
        return [self._end(entry, EndReason.DAY) for entry in sorted(self._open.values(), key=_index)]

    def expire(self, now: int) -> list[End]:
        """Orders whose deadline has come by `now` (Unix time) end, by deadline, then first come."""
        ends = []
        while self._deadlines and self._deadlines[0][0] <= now:
            entry = self._open.get(heappop(self._deadlines)[2])
            if entry is not None:
                ends.append(self._end(entry, EndReason.DEADLINE))
        return ends

    def award(
        self, cause: int, lot_id: bytes, price_fen: int, awards: Iterable[tuple[bytes, int]], bids: Sequence[bytes]
    ) -> tuple[list[Fill], list[End]]:
        """An auction's result (DOMAIN 14): a fill of each award with the lot at one price, in their order, and the end
        of all `bids` and of the lot. `cause` is the log index of the entry that says so.

        Raises MarketRefused, before anything changes: `market.unknown`, `market.award` (what the orders do not allow),
        `market.self`, `market.counterparty`.
        """
        lot = self._entry(lot_id)
        pairs = [(self._entry(name), tonnes) for name, tonnes in awards]
        others = [self._entry(name) for name in bids]
        check_awards(lot, price_fen, pairs, others)
        fills, ends = [], []
        for bid, tonnes in pairs:
            fills.append(self._fill(cause, bid, lot, tonnes, price_fen))
            if not bid.remaining:
                ends.append(self._end(bid, EndReason.FILLED))
        ends += [self._end(bid, EndReason.OUTBID) for bid in others if bid.remaining]
        ends.append(self._end(lot, EndReason.UNSOLD if lot.remaining else EndReason.FILLED))
        return fills, ends

    def resting(self) -> list[tuple[Order, int]]:
        """Every open order with the tonnes that are left of it, first come first."""
        return [(entry.order, entry.remaining) for entry in sorted(self._open.values(), key=_index)]

    def remaining(self, order_id: bytes) -> int:
        """The tonnes left of an open order. Raises MarketRefused (`market.unknown`)."""
        return self._entry(order_id).remaining

    def order(self, order_id: bytes) -> Order:
        """An open order. Raises MarketRefused (`market.unknown`)."""
        return self._entry(order_id).order

    def levels(self, side: Side) -> Iterator[tuple[int, int, int]]:
        """Price, tonnes and number of orders of each level of the central book, best first."""
        return self._ladders[side].levels()

    def hash(self) -> bytes:
        """SHA-256 of the canonical JSON that docs/market.md gives: every open order's index, id and tonnes left."""
        orders = [
            {"index": order.index, "order": order.name, "remaining": str(remaining)}
            for order, remaining in self.resting()
        ]
        return hashlib.sha256(canonical_bytes({"asset": self.asset, "orders": orders})).digest()

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, order_id: object) -> bool:
        return order_id in self._open

    def _check_new(self, order: Order) -> None:
        if order.asset != self.asset:
            raise refuse("market.asset", order.asset, self.asset, at=order.name)
        if order.order_id in self._open:
            raise refuse("market.known", order.name)
        if order.index <= self.last_index:
            raise refuse("market.index", order.index, **above(self.last_index), at=order.name)

    def _check_price(self, order: Order) -> None:
        if self.reference is None or self._listed is None:
            return
        low, high = self._listed
        if order.kind is not OrderKind.LISTED or not low <= order.price_fen <= high:
            self.reference.check(order)

    def _central(self, order: Order) -> bool:
        return order.kind is OrderKind.LISTED and self.mode is Mode.LICENSED

    def _opposite(self, order: Order) -> Ladder:
        return self._ladders[Side.SELL if order.side is Side.BUY else Side.BUY]

    def _entry(self, order_id: bytes) -> Open:
        entry = self._open.get(order_id)
        if entry is None:
            raise refuse("market.unknown", order_id.hex())
        return entry

    def _match(self, order: Order) -> tuple[list[Fill], list[End]]:
        fills: list[Fill] = []
        filled: list[Open] = []
        kept_from: EndReason | None = None
        entry = Open(order, order.tonnes)
        for other in self._opposite(order).crossed_by(order.price_fen):
            tonnes = min(entry.remaining, other.remaining)
            obstacle = _obstacle(entry, other, tonnes)
            if obstacle is not None:
                kept_from = kept_from or obstacle
                continue
            fills.append(self._fill(order.index, entry, other, tonnes, other.order.price_fen))
            if not other.remaining:
                filled.append(other)
            if not entry.remaining:
                break
        # Only now: nothing is taken out of a ladder while it is walked.
        ends = [self._end(other, EndReason.FILLED) for other in filled]
        self.last_index = order.index
        if not entry.remaining:
            ends.append(End(order.order_id, 0, EndReason.FILLED))
        elif kept_from is not None:
            ends.append(End(order.order_id, entry.remaining, kept_from))
        else:
            self._rest(entry)
        return fills, ends

    def _accept(self, order: Order, offer_id: bytes) -> tuple[list[Fill], list[End]]:
        offer = self._open.get(offer_id)
        if offer is None:
            raise refuse("market.accepts", offer_id.hex(), **both("an open order", "未结订单"), at=order.name)
        check_acceptance(order, offer.order, offer.remaining)
        fill = self._fill(order.index, Open(order, order.tonnes), offer, order.tonnes, offer.order.price_fen)
        self.last_index = order.index
        ends = [] if offer.remaining else [self._end(offer, EndReason.FILLED)]
        return [fill], [*ends, End(order.order_id, 0, EndReason.FILLED)]

    def _fill(self, cause: int, one: Open, other: Open, tonnes: int, price_fen: int) -> Fill:
        buy, sell = (one, other) if one.order.side is Side.BUY else (other, one)
        bought, sold = buy.order, sell.order
        fill = Fill(
            self.next_number,
            cause,
            bought.order_id,
            sold.order_id,
            tonnes,
            price_fen,
            bought.tonnes - buy.remaining,
            sold.tonnes - sell.remaining,
            bought.kind,
            counts(bought, sold),
        )
        self.next_number += 1
        buy.remaining -= tonnes
        sell.remaining -= tonnes
        return fill

    def _rest(self, entry: Open) -> None:
        order = entry.order
        self._open[order.order_id] = entry
        self._accounts.setdefault(order.account, set()).add(order.order_id)
        heappush(self._deadlines, (order.deadline, order.index, order.order_id))
        if self._central(order):
            self._ladders[order.side].add(entry)
        self.last_index = order.index

    def _end(self, entry: Open, reason: EndReason) -> End:
        order = entry.order
        del self._open[order.order_id]
        # An empty set is kept: accounts are few, orders are many.
        self._accounts[order.account].discard(order.order_id)
        if self._central(order):
            self._ladders[order.side].remove(order)
        return End(order.order_id, entry.remaining, reason)


def _index(entry: Open) -> int:
    return entry.order.index


def _obstacle(entry: Open, other: Open, tonnes: int) -> EndReason | None:
    """Why two orders may not meet, None where they may."""
    one, two = entry.order, other.order
    if one.account == two.account:
        return EndReason.SELF
    if one.counterparty not in (None, two.account) or two.counterparty not in (None, one.account):
        return EndReason.COUNTERPARTY
    if tonnes < one.minimum_fill and tonnes < entry.remaining:
        return EndReason.MINIMUM
    if tonnes < two.minimum_fill and tonnes < other.remaining:
        return EndReason.MINIMUM
    return None
