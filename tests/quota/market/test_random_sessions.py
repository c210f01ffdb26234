"""10,000 random sessions in both modes against a naive second implementation, and every book's laws on the way."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import astuple, replace
from itertools import product

import pytest

from quota import MarketRefused
from quota.market import (
    AuctionClosed,
    Bid,
    Book,
    Cancelled,
    CancelledAll,
    Closed,
    End,
    Event,
    Fill,
    Mode,
    Opened,
    Order,
    OrderKind,
    Placed,
    Reference,
    Session,
    Side,
    clear,
    difference,
    replay,
)
from tests.quota.market.examples import ASSET, DAY, order_id
from tests.quota.market.naive import NaiveBook, Refused

SESSIONS = 10_000
BATCHES = 8
EVENTS = 24
REFERENCE = Reference(1_000, 200, 600, 6)
LOT = Side.SELL


class Chance:
    """Random events that are mostly acceptable, and now and then are not."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.mode = self.random.choice(list(Mode))
        self.accounts = [f"account {number}" for number in range(self.random.randint(2, 5))]
        # Two of them are of one group.
        self.groups = {self.accounts[0]: "g", self.accounts[1]: "g"}
        self.minima = self.random.random() < 0.5

    def order(self, index: int, resting: list[tuple[Order, int]]) -> Order:
        """An order of any kind; often one that accepts an open order."""
        pick = self.random
        offers = [one for one, _ in resting if one.kind is not OrderKind.AUCTION]
        if offers and pick.random() < (0.45 if self.mode is Mode.AGREEMENT else 0.15):
            return self._acceptance(index, pick.choice(offers))
        account = pick.choice(self.accounts)
        kind = pick.choices(list(OrderKind), (8, 2, 1, 2))[0]
        tonnes = pick.randint(1, 20)
        return Order(
            order_id=order_id(index),
            index=index,
            account=account,
            group=self.groups.get(account),
            asset=ASSET if pick.random() > 0.01 else ASSET + 1,
            side=pick.choice(list(Side)),
            kind=kind,
            tonnes=tonnes,
            price_fen=pick.randint(979, 1_021),
            counterparty=pick.choice(self.accounts) if pick.random() < 0.15 else None,
            minimum_fill=pick.randint(0, tonnes) if self.minima and pick.random() < 0.4 else 0,
            accepts=None,
            fee_limit_bps=0,
            deadline=pick.choice((40, 10_000)),
        )

    def _acceptance(self, index: int, offer: Order) -> Order:
        pick = self.random
        taker = pick.choice(self.accounts)
        tonnes = pick.randint(1, offer.tonnes)
        good = replace(
            offer,
            order_id=order_id(index),
            index=index,
            account=taker,
            group=self.groups.get(taker),
            side=Side.BUY if offer.side is Side.SELL else Side.SELL,
            tonnes=tonnes,
            minimum_fill=0,
            counterparty=offer.account,
            accepts=offer.order_id,
        )
        if pick.random() < 0.7:
            return good
        bad = {
            "counterparty": pick.choice([None, *self.accounts]),
            "price_fen": offer.price_fen + 1,
            "side": offer.side,
            "accepts": order_id(index + 1),
            "tonnes": offer.tonnes,
            "kind": pick.choice(list(OrderKind)),
        }
        member = pick.choice(list(bad))
        return replace(good, **{member: bad[member]})

    def auction(self, index: int, resting: list[tuple[Order, int]]) -> AuctionClosed | None:
        """The clearing of a lot with every bid that is open whole, some lapsed ones beside."""
        auctions = [(one, left) for one, left in resting if one.kind is OrderKind.AUCTION]
        lots = [one for one, _ in auctions if one.side is LOT and one.minimum_fill < 2 and one.counterparty is None]
        if not lots:
            return None
        lot = self.random.choice(lots)
        orders = [one for one, _ in auctions if one.side is Side.BUY and one.account != lot.account]
        orders = [one for one in orders if one.counterparty in (None, lot.account)]
        places = self.random.sample(range(index), len(orders))
        bids = [
            # Committed before it was revealed, in another order than that of the reveals.
            Bid(one, min(place, one.index - 1), True, one.tonnes * one.price_fen)
            for one, place in zip(orders, places, strict=True)
        ]
        bids = list({one.committed_index: one for one in bids}.values())
        lapsed = Bid(None, index, False, 7, order_id(index))
        floor = max(lot.price_fen, self.random.randint(979, 1_021))
        return AuctionClosed(index, lot.order_id, floor, (*bids, lapsed), at=2 * index)


def told(fills: Iterable[Fill]) -> list[tuple[object, ...]]:
    return [astuple(fill) for fill in fills]


def ended(ends: Iterable[End]) -> list[tuple[bytes, int, str]]:
    return [(end.order_id, end.remaining, end.reason.value) for end in ends]


class Course:
    """One session through three ways at once: the book, the naive book, and the events that a replay gets."""

    def __init__(self, seed: int) -> None:
        self.chance = Chance(seed)
        mode = self.chance.mode
        self.events: list[Event] = [Opened(0, ASSET, DAY, mode, REFERENCE, minimum_volume=5, minimum_groups=2)]
        self.book = Book(mode, REFERENCE, asset=ASSET)
        self.naive = NaiveBook(mode, REFERENCE, ASSET)
        self.placed: dict[bytes, Order] = {}
        self.fills: list[Fill] = []
        self.ends: list[End] = []
        self.refused = 0

    def step(self, index: int) -> None:
        """One event, which an acceptable order, a cancel or a clearing is; both books say the same of it."""
        at = 2 * index
        late = self.book.expire(at)
        assert ended(late) == self.naive.expire(at)
        self.ends += late
        resting = self.book.resting()
        pick = self.chance.random.random()
        if resting and pick < 0.06:
            self._cancel(index, self.chance.random.choice(resting)[0])
        elif pick < 0.09:
            self._cancel_all(index, self.chance.random.choice(self.chance.accounts))
        elif pick < 0.18 and (cleared := self.chance.auction(index, resting)) is not None:
            self._clear(cleared)
        else:
            self._place(self.chance.order(index, resting))
        assert self.book.resting() == self.naive.open
        check_uncrossed(self.naive)

    def _cancel(self, index: int, order: Order) -> None:
        event = Cancelled(index, order.order_id, at=2 * index)
        self._ended(event, [self.book.cancel(order.order_id)], self.naive.end([order], "cancelled"))

    def _cancel_all(self, index: int, account: str) -> None:
        event = CancelledAll(index, account, at=2 * index)
        mine = [order for order, _ in self.naive.open if order.account == account]
        self._ended(event, self.book.cancel_all(account), self.naive.end(mine, "cancelled"))

    def _clear(self, event: AuctionClosed) -> None:
        lot = self.book.order(event.lot)
        known = len(self.naive.fills)
        wanted = self.naive.award(event.index, lot, list(event.bids), event.floor_fen)
        clearing = clear(self.book.remaining(event.lot), event.floor_fen, event.bids)
        revealed = [bid.commitment for bid in event.bids if bid.revealed]
        price = clearing.price_fen or lot.price_fen
        fills, ends = self.book.award(event.index, event.lot, price, clearing.awards, revealed)
        assert told(fills) == self.naive.fills[known:]
        self.fills += fills
        self._ended(event, ends, wanted)

    def _place(self, order: Order) -> None:
        known = len(self.naive.fills)
        rule, wanted = self._naively(order)
        if rule is not None:
            with pytest.raises(MarketRefused) as found:
                self.book.place(order)
            assert found.value.rule == rule
            self.refused += 1
            return
        alone = self._those_it_meets(order)
        fills, ends = self.book.place(order)
        assert alone.place(order) == (fills, ends)
        assert told(fills) == self.naive.fills[known:]
        self.fills += fills
        self.placed[order.order_id] = order
        self._ended(Placed(order, at=2 * order.index), ends, wanted)

    def _those_it_meets(self, order: Order) -> Book:
        """A book of the crossed or the accepted orders alone: whoever keeps orders in a store reads no others."""
        central = order.kind is OrderKind.LISTED and self.chance.mode is Mode.LICENSED
        sign = 1 if order.side is Side.BUY else -1
        met = [
            (one, left)
            for one, left in self.book.resting()
            if one.order_id == order.accepts
            or (
                (central and one.kind is order.kind and one.side is not order.side)
                and sign * one.price_fen <= sign * order.price_fen
            )
        ]
        return Book.of(met, self.chance.mode, asset=ASSET, next_number=self.book.next_number)

    def _naively(self, order: Order) -> tuple[str | None, list[tuple[bytes, int, str]]]:
        try:
            return None, self.naive.place(order)
        except Refused as refusal:
            return str(refusal), []

    def _ended(self, event: Event, ends: list[End], wanted: list[tuple[bytes, int, str]]) -> None:
        assert ended(ends) == wanted
        self.ends += ends
        self.events.append(event)

    def check_replay(self) -> None:
        """The events alone give the same, and always the same bytes."""
        # What was refused at the end is no event: until the last one nothing more expires.
        session = replay([*self.events, Closed(EVENTS + 1)])
        assert told(session.fills) == self.naive.fills
        assert replay([*self.events, Closed(EVENTS + 1)]).record == session.record
        if session.fills:
            self._check_alteration(session)
        before = replay(self.events)
        assert ended(self.ends)[: len(before.ends)] == ended(before.ends)
        assert before.root == session.root
        assert [order.order_id for order, _ in before.resting] == [
            end.order_id for end in session.ends[len(before.ends) :]
        ]
        counted = [fill for fill in self.naive.fills if fill[9]]
        assert session.close.volume == sum(fill[4] for fill in counted)
        assert session.close.value_fen == sum(fill[4] * fill[5] for fill in counted)

    def _check_alteration(self, session: Session) -> None:
        """One fill with one other value is found, and is the first difference."""
        place = self.chance.random.randrange(len(session.fills))
        member, value = self.chance.random.choice(
            [("tonnes", 1), ("price_fen", 1), ("cause", 1), ("buy_filled", 1), ("number", -1)]
        )
        one = session.fills[place]
        altered = replace(one, **{member: getattr(one, member) + value})
        fills = (*session.fills[:place], altered, *session.fills[place + 1 :])
        found = difference(session, replace(session, fills=fills))
        assert found is not None
        assert (found.what, found.cause) == (f"fills[{place}].{member}", one.cause)


def check_uncrossed(naive: NaiveBook) -> None:
    """In a central book every bid is below every offer, those of one account too."""
    if naive.mode is Mode.LICENSED:
        listed = [order for order, _ in naive.open if order.kind is OrderKind.LISTED]
        bids = [order.price_fen for order in listed if order.side is Side.BUY]
        offers = [order.price_fen for order in listed if order.side is Side.SELL]
        assert all(one < other for one, other in product(bids, offers))


def check_conservation(placed: dict[bytes, Order], fills: list[Fill], ends: list[End], book: Book) -> None:
    """Every tonne of every order was filled, is open, or ended unfilled; an order ends once."""
    over = {end.order_id: end.remaining for end in ends}
    assert len(over) == len(ends)
    assert not over.keys() & {order.order_id for order, _ in book.resting()}
    left = over | {order.order_id: remaining for order, remaining in book.resting()}
    bought = dict.fromkeys(placed, 0)
    for fill in fills:
        assert fill.buy_filled == bought[fill.buy]
        assert fill.sell_filled == bought[fill.sell]
        bought[fill.buy] += fill.tonnes
        bought[fill.sell] += fill.tonnes
    assert bought == {name: order.tonnes - left[name] for name, order in placed.items()}


def check_limits(placed: dict[bytes, Order], fills: list[Fill]) -> None:
    """Nobody trades worse than signed, with itself, with another than named, or in smaller parts than allowed."""
    for fill in fills:
        buy, sell = placed[fill.buy], placed[fill.sell]
        assert sell.price_fen <= fill.price_fen <= buy.price_fen
        assert buy.account != sell.account
        assert buy.counterparty in (None, sell.account)
        assert sell.counterparty in (None, buy.account)
        assert fill.tonnes >= min(buy.minimum_fill, buy.tonnes - fill.buy_filled)
        assert fill.tonnes >= min(sell.minimum_fill, sell.tonnes - fill.sell_filled)
        assert buy.kind == sell.kind == fill.kind


def run(seed: int) -> tuple[int, int]:
    """One session; gives its number of fills and of refusals."""
    course = Course(seed)
    for index in range(1, EVENTS + 1):
        course.step(index)
    check_conservation(course.placed, course.fills, course.ends, course.book)
    check_limits(course.placed, course.fills)
    course.check_replay()
    return len(course.fills), course.refused


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_sessions_are_those_of_the_naive_implementation_and_keep_every_law(batch: int) -> None:
    size = SESSIONS // BATCHES
    counts = [run(seed) for seed in range(batch * size, (batch + 1) * size)]
    fills, refused = (sum(column) for column in zip(*counts, strict=True))
    # The sessions do what they are for: without fills and refusals the comparison would show nothing.
    assert fills > 2 * size
    assert refused > size
