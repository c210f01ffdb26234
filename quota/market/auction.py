"""One-way bidding 单向竞价 (DOMAIN 14): sealed bids for one lot, all of which pay the lowest accepted price.

A bid is committed first (the hash of its order, and the money that it locks) and revealed after; what is not revealed
lapses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from quota.market.bounds import above, at_least, at_most, between, both, whole
from quota.market.ladder import Open
from quota.market.orders import MAX_INSTANT, MAX_PRICE_FEN, MAX_TONNES, MAX_VALUE_FEN, Order, OrderKind, Side
from quota.refusals import refuse

_REVEALED = both("revealed with its order, or without either", "已揭示且附订单，或二者皆无")
_LOT = both("a lot: an auction's sell order", "竞价标的：竞价卖单")
_BID = both("a bid: an auction's buy order", "竞价申报：竞价买单")
_BIDS_ONCE = both("each of the auction's bids once", "该竞价的申报，各一次")


@dataclass(frozen=True, slots=True)
class Bid:
    """A bid that was committed at log index `committed_index` and locks `locked_fen`.

    `order` is what was revealed, None where nothing was. `commitment`, the order's hash, may be left out of a revealed
    bid. Raises MarketRefused: `market.bid` (form), `market.maximum` (comes to more than it locks).
    """

    order: Order | None
    committed_index: int
    revealed: bool
    locked_fen: int
    commitment: bytes = field(default=b"")

    def __post_init__(self) -> None:
        if self.revealed is not (self.order is not None):
            raise refuse("market.bid", self.revealed, **_REVEALED, at="revealed")
        if self.order is not None:
            object.__setattr__(self, "commitment", self.commitment or self.order.order_id)
            _check_order(self.order, self.commitment, self.committed_index, self.locked_fen)
        if type(self.commitment) is not bytes or len(self.commitment) != 32:
            raise refuse("market.bid", self.commitment, **both("32 bytes", "32 字节"), at="commitment")
        for at, value, most in (
            ("committed_index", self.committed_index, MAX_INSTANT),
            ("locked_fen", self.locked_fen, MAX_VALUE_FEN),
        ):
            if type(value) is not int or not 0 <= value <= most:
                raise refuse("market.bid", value, **whole(0, most), at=at)


@dataclass(frozen=True, slots=True)
class Clearing:
    """What an auction gives: one `price_fen` for all (None: nothing was sold), `awards` of tonnes by order id (highest
    price first, then as committed), `unsold` tonnes that return, and the commitments that `lapsed`."""

    price_fen: int | None
    awards: tuple[tuple[bytes, int], ...]
    unsold: int
    lapsed: tuple[bytes, ...]

    @property
    def proceeds_fen(self) -> int:
        """What the seller receives, before fees."""
        return (self.price_fen or 0) * sum(tonnes for _, tonnes in self.awards)


def clear(lot_tonnes: int, floor_fen: int, bids: Iterable[Bid]) -> Clearing:
    """The clearing of a lot.

    1. Revealed bids at the floor or above, highest price first, are taken whole while the lot lasts.
    2. Where a price level has more than what is left, its bids share it in proportion to their tonnes: whole tonnes,
       the rest one each to the largest remainders, equal ones by commitment order.
    3. A bid whose share is below its own minimum fill takes no part (the last one of these to commit first), and the
       level shares again.
    4. The price of all is that of the lowest accepted bid.

    Raises MarketRefused: `market.lot` (tonnes or floor out of bounds), `market.bid` (two of one commitment or index).
    """
    _check_bounds(lot_tonnes, floor_fen)
    sealed = sorted(bids, key=lambda bid: bid.committed_index)
    for member, values in (
        ("commitment", [bid.commitment for bid in sealed]),
        ("committed_index", [bid.committed_index for bid in sealed]),
    ):
        if len(set(values)) != len(values):
            raise refuse("market.bid", "twice", **both("each once", "各一次"), at=member)
    taking = [bid.order for bid in sealed if bid.order is not None and bid.order.price_fen >= floor_fen]
    # Stable: within one price as committed.
    taking.sort(key=lambda order: -order.price_fen)
    left, price, awards = lot_tonnes, None, []
    for level, orders in groupby(taking, key=lambda order: order.price_fen):
        if not left:
            break
        shares = _share(list(orders), left)
        if shares:
            price = level
        awards += shares
        left -= sum(tonnes for _, tonnes in shares)
    return Clearing(price, tuple(awards), left, tuple(bid.commitment for bid in sealed if bid.order is None))


def check_lot(lot: Order, floor_fen: int) -> None:
    """Whether any award may be taken from an order, for this floor. Raises MarketRefused (`market.lot`)."""
    _check_bounds(lot.tonnes, floor_fen)
    for at, found, wanted in (
        ("kind", lot.kind.name, OrderKind.AUCTION.name),
        ("side", lot.side.name, Side.SELL.name),
        ("counterparty", lot.counterparty or "none", "none"),
        ("minimum_fill", max(1, lot.minimum_fill), 1),
    ):
        if found != wanted:
            raise refuse("market.lot", found, wanted, at=at)
    if lot.price_fen > floor_fen:
        raise refuse("market.lot", lot.price_fen, **at_most(floor_fen, "fen"), at="price_fen")


def check_awards(lot: Open, price_fen: int, pairs: Sequence[tuple[Open, int]], bids: Sequence[Open]) -> None:
    """Whether these awards of tonnes may be settled: one price within every limit, bids of the auction, each once, not
    the seller's own, and no more tonnes than there are.

    Raises MarketRefused: `market.award`, `market.self`, `market.counterparty`.
    """
    if lot.order.kind is not OrderKind.AUCTION or lot.order.side is not Side.SELL:
        raise refuse("market.award", lot.order.kind.name, **_LOT, at=lot.order.name)
    if pairs and price_fen < lot.order.price_fen:
        raise refuse("market.award", price_fen, **at_least(lot.order.price_fen, "fen"), at=lot.order.name)
    if sum(tonnes for _, tonnes in pairs) > lot.remaining:
        raise refuse(
            "market.award", sum(tonnes for _, tonnes in pairs), **at_most(lot.remaining, "t"), at=lot.order.name
        )
    names = [bid.order.order_id for bid, _ in pairs]
    if len(set(names)) != len(names) or not set(names) <= {bid.order.order_id for bid in bids}:
        raise refuse("market.award", len(names), **_BIDS_ONCE, at=lot.order.name)
    for bid, tonnes in pairs:
        if bid.order.account == lot.order.account:
            raise refuse("market.self", bid.order.account, at=bid.order.name)
        if bid.order.counterparty not in (None, lot.order.account):
            raise refuse("market.counterparty", lot.order.account, bid.order.counterparty, at=bid.order.name)
        if bid.order.kind is not OrderKind.AUCTION or bid.order.side is not Side.BUY:
            raise refuse("market.award", bid.order.kind.name, **_BID, at=bid.order.name)
        if price_fen > bid.order.price_fen:
            raise refuse("market.award", price_fen, **at_most(bid.order.price_fen, "fen"), at=bid.order.name)
        if not 0 < tonnes <= bid.remaining:
            raise refuse("market.award", tonnes, **between(1, bid.remaining, "t"), at=bid.order.name)


def _share(orders: Sequence[Order], available: int) -> list[tuple[bytes, int]]:
    """What bids of one price, in order of commitment, get of what is there."""
    taking = list(orders)
    while taking:
        wanted = sum(order.tonnes for order in taking)
        if wanted <= available:
            return [(order.order_id, order.tonnes) for order in taking]
        whole = [order.tonnes * available // wanted for order in taking]
        remainders = [order.tonnes * available % wanted for order in taking]
        by_remainder = sorted(range(len(taking)), key=lambda place: (-remainders[place], place))
        for place in by_remainder[: available - sum(whole)]:
            whole[place] += 1
        short = [place for place, order in enumerate(taking) if whole[place] < order.minimum_fill]
        if not short:
            return [(order.order_id, tonnes) for order, tonnes in zip(taking, whole, strict=True) if tonnes]
        del taking[short[-1]]
    return []


def _check_bounds(lot_tonnes: int, floor_fen: int) -> None:
    for at, value, most in (("tonnes", lot_tonnes, MAX_TONNES), ("floor_fen", floor_fen, MAX_PRICE_FEN)):
        if type(value) is not int or not 0 < value <= most:
            raise refuse("market.lot", value, **whole(1, most), at=at)


def _check_order(order: Order, commitment: bytes, committed_index: int, locked_fen: int) -> None:
    for at, found, wanted in (
        ("kind", order.kind.name, OrderKind.AUCTION.name),
        ("side", order.side.name, Side.BUY.name),
        ("commitment", order.name, commitment.hex()),
    ):
        if found != wanted:
            raise refuse("market.bid", found, wanted, at=at)
    if order.index <= committed_index:
        raise refuse("market.bid", order.index, **above(committed_index), at="index")
    if order.tonnes * order.price_fen > locked_fen:
        raise refuse("market.maximum", order.tonnes * order.price_fen, **at_most(locked_fen, "fen"), at=order.name)
