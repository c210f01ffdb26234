from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import MarketRefused
from quota.market import Bid, Clearing, OrderKind, check_lot, clear
from tests.quota.market.examples import SELL, bid, bid_order, lot, order, order_id
from tests.quota.market.naive import naive_clear

A, B, C, D, E = (bid_order(index, 1, 1).order_id for index in range(101, 106))


def bids(*told: tuple[int, int, int] | tuple[int, int, int, dict[str, Any]]) -> list[Bid]:
    """(number, tonnes, price): bid 1 is A and so on, committed in the order that is given."""
    found = []
    for place, (number, tonnes, price, *changes) in enumerate(told):
        found.append(bid(bid_order(100 + number, tonnes, price, **(changes[0] if changes else {})), place))
    return found


def test_the_storys_auction_clears_at_60_50_domain_14() -> None:
    a, e, c = bid_order(101, 233, 6_180, "A"), bid_order(102, 127, 6_100, "E"), bid_order(103, 200, 6_050, "C")
    result = clear(500, 6_050, [bid(a, 1), bid(e, 2), bid(c, 3)])
    assert result == Clearing(6_050, ((A, 233), (B, 127), (C, 140)), unsold=0, lapsed=())
    assert result.proceeds_fen == 3_025_000


VECTORS: dict[str, tuple[int, int, list[Bid], Clearing]] = {
    "all pay the lowest accepted price, not the floor": (
        10,
        5_000,
        bids((1, 4, 7_000), (2, 6, 6_000), (3, 5, 5_500)),
        Clearing(6_000, ((A, 4), (B, 6)), 0, ()),
    ),
    "below the floor is no bid, and what is left returns": (
        10,
        5_000,
        bids((1, 4, 5_000), (2, 6, 4_999)),
        Clearing(5_000, ((A, 4),), 6, ()),
    ),
    "nobody at the floor": (10, 5_000, bids((1, 4, 4_999)), Clearing(None, (), 10, ())),
    # 10 t for 6 + 6 + 6: 3.33 each, equal remainders: the first to commit gets the odd tonne.
    "equal marginal bids share, the rest by commitment": (
        10,
        1,
        bids((3, 6, 5_000), (1, 6, 5_000), (2, 6, 5_000)),
        Clearing(5_000, ((C, 4), (A, 3), (B, 3)), 0, ()),
    ),
    # 10 t for 7 + 5 + 2: exactly 5, 3.57, 1.43; the odd tonne to the largest remainder, .57.
    "unequal marginal bids share in proportion, largest remainder": (
        10,
        1,
        bids((1, 7, 5_000), (2, 5, 5_000), (3, 2, 5_000)),
        Clearing(5_000, ((A, 5), (B, 4), (C, 1)), 0, ()),
    ),
    # 1 t for 3 + 3: the second gets nothing and is no award.
    "a share of nothing is no award": (1, 1, bids((2, 3, 9), (1, 3, 9)), Clearing(9, ((B, 1),), 0, ())),
    # 10 t for 8 + 8: 5 each; the one that wants 6 at least takes no part, the other gets its 8, 2 go to the next price.
    "a bid whose share is below its minimum takes no part": (
        10,
        1,
        bids((1, 8, 9, {"minimum_fill": 6}), (2, 8, 9), (3, 5, 7)),
        Clearing(7, ((B, 8), (C, 2)), 0, ()),
    ),
    "of several below their minimum the last to commit goes first": (
        10,
        1,
        bids((1, 8, 9, {"minimum_fill": 6}), (2, 8, 9, {"minimum_fill": 6})),
        Clearing(9, ((A, 8),), 2, ()),
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_hand_computed_clearings_domain_14(name: str) -> None:
    tonnes, floor, made, wanted = VECTORS[name]
    assert clear(tonnes, floor, made) == wanted
    # Bids come in any order: only that of their commitment counts.
    assert clear(tonnes, floor, made[::-1]) == wanted


def test_unrevealed_bids_lapse_in_the_order_of_their_commitment_domain_14() -> None:
    sealed = [Bid(None, 9, False, 100, order_id(2)), Bid(None, 3, False, 100, order_id(1))]
    result = clear(10, 1, [*sealed, *bids((1, 4, 5_000))])
    assert result == Clearing(5_000, ((A, 4),), 6, (order_id(1), order_id(2)))


BIDS = st.lists(st.tuples(st.integers(1, 40), st.integers(5, 9), st.integers(0, 40)), max_size=9)


@given(st.integers(1, 60), st.integers(5, 8), BIDS)
def test_a_clearing_is_the_naive_one_and_keeps_its_laws(
    tonnes: int, floor: int, told: Sequence[tuple[int, int, int]]
) -> None:
    made = [
        bid(bid_order(100 + place, size, price, minimum_fill=min(size, least)), place)
        for place, (size, price, least) in enumerate(told)
    ]
    random.Random(tonnes).shuffle(made)
    result = clear(tonnes, floor, made)
    assert (result.price_fen or 0, list(result.awards)) == naive_clear(tonnes, floor, made)
    orders = {one.order.order_id: one.order for one in made if one.order is not None}
    given_out = dict(result.awards)
    assert sum(given_out.values()) + result.unsold == tonnes
    for name, share in given_out.items():
        assert 0 < share <= orders[name].tonnes
        assert share >= orders[name].minimum_fill
        assert result.price_fen is not None
        assert floor <= result.price_fen <= orders[name].price_fen
    # Nobody is passed over for a lower bid: whoever bids more and takes any part gets all it wants.
    for name, order_ in orders.items():
        if result.price_fen is not None and order_.price_fen > result.price_fen and not order_.minimum_fill:
            assert given_out[name] == order_.tonnes


def rule_of(make: Any) -> tuple[str, str]:
    with pytest.raises(MarketRefused) as refusal:
        make()
    return refusal.value.rule, refusal.value.at


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: bid(order(101, SELL, 1, 1, kind=OrderKind.AUCTION), 1), ("market.bid", "side")),
        (lambda: bid(order(101, SELL, 1, 1), 1), ("market.bid", "kind")),
        (lambda: Bid(bid_order(101, 1, 1), 1, True, 9, order_id(7)), ("market.bid", "commitment")),
        (lambda: bid(bid_order(101, 1, 1), 101), ("market.bid", "index")),
        (lambda: bid(bid_order(101, 1, 1), -1), ("market.bid", "committed_index")),
        (lambda: Bid(bid_order(101, 1, 1), 1, False, 9), ("market.bid", "revealed")),
        (lambda: Bid(None, 1, True, 9, order_id(1)), ("market.bid", "revealed")),
        (lambda: Bid(None, 1, False, 9), ("market.bid", "commitment")),
        (lambda: Bid(None, 1, False, -1, order_id(1)), ("market.bid", "locked_fen")),
        (lambda: bid(bid_order(101, 2, 5), 1, 9), ("market.maximum", order_id(101).hex())),
        (lambda: clear(0, 1, []), ("market.lot", "tonnes")),
        (lambda: clear(1, 0, []), ("market.lot", "floor_fen")),
        (lambda: clear(1, 1, [bid(bid_order(101, 1, 1), 1)] * 2), ("market.bid", "commitment")),
        (lambda: clear(1, 1, [bid(bid_order(n, 1, 1), 1) for n in (101, 102)]), ("market.bid", "committed_index")),
        (lambda: check_lot(order(1, SELL, 5, 5), 5), ("market.lot", "kind")),
        (lambda: check_lot(bid_order(1, 5, 5), 5), ("market.lot", "side")),
        (lambda: check_lot(lot(1, 5, 5, counterparty="A"), 5), ("market.lot", "counterparty")),
        (lambda: check_lot(lot(1, 5, 5, minimum_fill=2), 5), ("market.lot", "minimum_fill")),
        (lambda: check_lot(lot(1, 5, 6), 5), ("market.lot", "price_fen")),
    ],
)
def test_bids_and_lots_that_are_none_are_refused_and_say_where(make: Any, found: tuple[str, str]) -> None:
    assert rule_of(make) == found


def test_a_lot_may_be_offered_at_its_floor_or_below() -> None:
    check_lot(lot(1, 500, 6_050), 6_050)
    check_lot(replace(lot(1, 500, 6_050), minimum_fill=1), 6_051)
