"""A second implementation of book and auction: lists that are searched from end to end, nothing kept between steps.

Written from docs/market.md alone; it shares types with the first one, and no code. Refusals are told by their rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from quota.market import Bid, Mode, Order, OrderKind, Reference, Side

Fill = tuple[int, int, bytes, bytes, int, int, int, int, int, bool]
End = tuple[bytes, int, str]


class Refused(Exception):
    """The rule that refuses."""


@dataclass
class NaiveBook:
    """Open orders as [order, tonnes left], in order of arrival."""

    mode: Mode
    reference: Reference
    asset: int
    open: list[tuple[Order, int]] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    last: int = -1

    def place(self, order: Order) -> list[End]:
        """The orders that end by a new one; its fills join `fills`."""
        if order.asset != self.asset:
            raise Refused("market.asset")
        if any(order.order_id == other.order_id for other, _ in self.open):
            raise Refused("market.known")
        if order.index <= self.last:
            raise Refused("market.index")
        self._check_band(order)
        central = order.kind is OrderKind.LISTED and self.mode is Mode.LICENSED
        if order.accepts is not None and not central:
            ends = self._accept(order)
        elif order.accepts is not None:
            raise Refused("market.accepts")
        elif central:
            ends = self._match(order)
        else:
            self.open.append((order, order.tonnes))
            ends = []
        self.last = order.index
        return ends

    def end(self, wanted: list[Order], reason: str) -> list[End]:
        """These open orders end."""
        ends = [(order.order_id, self.left(order), reason) for order in wanted]
        self.open = [(order, left) for order, left in self.open if order not in wanted]
        return ends

    def expire(self, now: int) -> list[End]:
        """Orders whose deadline has come end, the earliest deadline first."""
        late = [order for order, _ in self.open if order.deadline <= now]
        return self.end(sorted(late, key=lambda order: (order.deadline, order.index)), "deadline")

    def left(self, wanted: Order) -> int:
        """Tonnes left of an open order."""
        (left,) = [left for order, left in self.open if order.order_id == wanted.order_id]
        return left

    def may_meet(self, order: Order, tonnes_left: int, other: Order, other_left: int) -> str:
        """Why two crossing orders may not meet; nothing where they may."""
        if order.account == other.account:
            return "self"
        if (order.counterparty or other.account, other.counterparty or order.account) != (other.account, order.account):
            return "counterparty"
        tonnes = min(tonnes_left, other_left)
        if tonnes < min(order.minimum_fill, tonnes_left) or tonnes < min(other.minimum_fill, other_left):
            return "minimum"
        return ""

    def crossing(self, order: Order) -> list[tuple[Order, int]]:
        """Open listed orders that an order crosses, best price first, then first come."""
        if order.side is Side.BUY:
            others = [one for one in self.open if one[0].side is Side.SELL and one[0].price_fen <= order.price_fen]
            others.sort(key=lambda one: (one[0].price_fen, one[0].index))
        else:
            others = [one for one in self.open if one[0].side is Side.BUY and one[0].price_fen >= order.price_fen]
            others.sort(key=lambda one: (-one[0].price_fen, one[0].index))
        return [one for one in others if one[0].kind is OrderKind.LISTED]

    def _check_band(self, order: Order) -> None:
        bps = {OrderKind.LISTED: self.reference.band_bps, OrderKind.BLOCK: self.reference.block_band_bps}
        if order.kind in bps:
            share = Fraction(bps[order.kind], 10_000)
            if abs(Fraction(order.price_fen) - self.reference.price_fen) > share * self.reference.price_fen:
                raise Refused("market.band")
        if order.kind is OrderKind.BLOCK and order.tonnes < self.reference.block_threshold:
            raise Refused("market.block")

    def _match(self, order: Order) -> list[End]:
        left, why = order.tonnes, ""
        ends: list[End] = []
        for other, other_left in self.crossing(order):
            reason = self.may_meet(order, left, other, other_left) if left else ""
            why = why or reason
            if not left or reason:
                continue
            tonnes = min(left, other_left)
            self._fill(order.index, order, left, other, other_left, tonnes, other.price_fen)
            left -= tonnes
            if other_left == tonnes:
                ends.append((other.order_id, 0, "filled"))
        if not left:
            return [*ends, (order.order_id, 0, "filled")]
        if why:
            return [*ends, (order.order_id, left, why)]
        self.open.append((order, left))
        return ends

    def _accept(self, order: Order) -> list[End]:
        named = [(other, left) for other, left in self.open if other.order_id == order.accepts]
        if not named:
            raise Refused("market.accepts")
        offer, left = named[0]
        if order.kind != offer.kind or order.side == offer.side or order.price_fen != offer.price_fen:
            raise Refused("market.accepts")
        if order.account == offer.account:
            raise Refused("market.self")
        names = [order.counterparty == offer.account, offer.counterparty == order.account]
        wrong = (order.counterparty and not names[0]) or (offer.counterparty and not names[1])
        if wrong or not (all(names) if order.kind is OrderKind.BILATERAL else any(names)):
            raise Refused("market.counterparty")
        if order.tonnes > left:
            raise Refused("market.accepts")
        if order.tonnes < offer.minimum_fill and order.tonnes < left:
            raise Refused("market.minimum")
        self._fill(order.index, order, order.tonnes, offer, left, order.tonnes, offer.price_fen)
        offer_ends: list[End] = [(offer.order_id, 0, "filled")] if left == order.tonnes else []
        return [*offer_ends, (order.order_id, 0, "filled")]

    def award(self, cause: int, lot: Order, bids: list[Bid], floor: int) -> list[End]:
        """An auction of a lot is cleared."""
        price, awards = naive_clear(self.left(lot), floor, bids)
        by_id = {one.order.order_id: one.order for one in bids if one.order is not None}
        ends: list[End] = []
        for name, tonnes in awards:
            winner = by_id[name]
            self._fill(cause, winner, self.left(winner), lot, self.left(lot), tonnes, price, keep=True)
            if not self.left(winner):
                ends += self.end([winner], "filled")
        ends += self.end([order for order in by_id.values() if order in [one for one, _ in self.open]], "outbid")
        return ends + self.end([lot], "unsold" if self.left(lot) else "filled")

    def _fill(
        self,
        cause: int,
        one: Order,
        one_left: int,
        other: Order,
        other_left: int,
        tonnes: int,
        price: int,
        keep: bool = False,
    ) -> None:
        (buy, buy_left), (sell, sell_left) = sorted(
            [(one, one_left), (other, other_left)], key=lambda pair: pair[0].side.value
        )
        related = buy.group is not None and buy.group == sell.group
        counted = buy.kind is OrderKind.LISTED and not related
        self.fills.append(
            (
                len(self.fills),
                cause,
                buy.order_id,
                sell.order_id,
                tonnes,
                price,
                buy.tonnes - buy_left,
                sell.tonnes - sell_left,
                buy.kind.value,
                counted,
            )
        )
        touched = {one.order_id, other.order_id}
        self.open = [
            (order, left - tonnes if order.order_id in touched else left)
            for order, left in self.open
            if keep or order.order_id not in touched or left > tonnes
        ]


def naive_clear(lot_tonnes: int, floor: int, bids: list[Bid]) -> tuple[int, list[tuple[bytes, int]]]:
    """Price (0 where nothing is sold) and awards, by rational shares."""
    sealed = sorted(bids, key=lambda one: one.committed_index)
    orders = [one.order for one in sealed if one.order is not None and one.order.price_fen >= floor]
    price, awards, left = 0, [], lot_tonnes
    for level in sorted({order.price_fen for order in orders}, reverse=True):
        taking = [order for order in orders if order.price_fen == level]
        while taking and left:
            shares = naive_shares([order.tonnes for order in taking], left)
            short = [order for order, share in zip(taking, shares, strict=True) if share < order.minimum_fill]
            if not short:
                given = [(order.order_id, share) for order, share in zip(taking, shares, strict=True) if share]
                awards += given
                left -= sum(shares)
                price = level
                break
            taking.remove(short[-1])
    return price, awards


def naive_shares(wanted: list[int], available: int) -> list[int]:
    """Whole tonnes in proportion, one by one to whoever is furthest below its share; earlier ones first."""
    if sum(wanted) <= available:
        return wanted
    exact = [Fraction(tonnes * available, sum(wanted)) for tonnes in wanted]
    shares = [int(share) for share in exact]
    for _ in range(available - sum(shares)):
        behind = [share - have for share, have in zip(exact, shares, strict=True)]
        shares[behind.index(max(behind))] += 1
    return shares
