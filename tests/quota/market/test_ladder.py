from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quota.market import Side
from quota.market.ladder import Ladder, Open
from tests.quota.market.examples import BUY, SELL, order

PRICES = st.lists(st.integers(1, 6), max_size=20)


@given(PRICES, st.lists(st.integers(0, 19), max_size=10), st.integers(1, 6), st.sampled_from([BUY, SELL]))
def test_what_is_crossed_comes_best_price_first_then_first_come(
    prices: list[int], removed: list[int], limit: int, side: Side
) -> None:
    ladder = Ladder(side)
    standing = {}
    for index, price in enumerate(prices):
        standing[index] = Open(order(index, side, index + 1, price), index + 1)
        ladder.add(standing[index])
    for index in set(removed) & set(standing):
        ladder.remove(standing.pop(index).order)
    sign = -1 if side is BUY else 1
    wanted = sorted(standing.values(), key=lambda entry: (sign * entry.order.price_fen, entry.order.index))
    crossed = [entry for entry in wanted if sign * entry.order.price_fen <= sign * limit]
    assert list(ladder.crossed_by(limit)) == crossed
    levels = {
        price: (
            sum(entry.remaining for entry in wanted if entry.order.price_fen == price),
            sum(entry.order.price_fen == price for entry in wanted),
        )
        for price in dict.fromkeys(entry.order.price_fen for entry in wanted)
    }
    assert list(ladder.levels()) == [(price, *sums) for price, sums in levels.items()]
