from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from quota.market import Close, Fill, OrderKind, close
from tests.quota.market.examples import order_id


def fill(number: int, tonnes: int, price_fen: int, *, counted: bool = True) -> Fill:
    buy, sell = order_id(2 * number), order_id(2 * number + 1)
    return Fill(number, number, buy, sell, tonnes, price_fen, 0, 0, OrderKind.LISTED, counted)


def parties(fills: list[Fill], names: str = "") -> dict[bytes, str]:
    sides = [name for one in fills for name in (one.buy, one.sell)]
    return dict(zip(sides, names or [str(place) for place in range(len(sides))], strict=True))


STORY = [fill(0, 700, 6_250), fill(1, 475, 6_200)]


def test_the_storys_day_closes_at_62_30_domain_15() -> None:
    assert close(STORY, parties(STORY, "ABCD"), 0, 0, 6_000) == Close(6_230, 1_175, 7_320_000, 4, stands=False)


def test_half_a_fen_is_rounded_up_domain_15() -> None:
    halves = [fill(0, 1, 6_000), fill(1, 1, 6_001)]
    assert close(halves, parties(halves), 0, 0, 1).price_fen == 6_001


def test_below_the_minimum_volume_the_previous_close_stands_domain_15() -> None:
    assert not close(STORY, parties(STORY), 1_175, 0, 6_000).stands
    short = close(STORY, parties(STORY), 1_176, 0, 6_000)
    assert short == Close(6_000, 1_175, 7_320_000, 4, stands=True)


def test_below_the_minimum_number_of_groups_the_previous_close_stands_domain_15() -> None:
    # A buys from B, C from B: three parties.
    names = parties(STORY, "ABCB")
    assert not close(STORY, names, 0, 3, 6_000).stands
    assert close(STORY, names, 0, 4, 6_000) == Close(6_000, 1_175, 7_320_000, 3, stands=True)


def test_a_day_without_trades_keeps_the_previous_close_domain_15() -> None:
    assert close([], {}, 0, 0, 6_000) == Close(6_000, 0, 0, 0, stands=True)


def test_what_does_not_count_moves_neither_price_nor_parties_domain_15() -> None:
    other = fill(2, 10_000, 9_999, counted=False)
    assert close([*STORY, other], parties(STORY), 0, 0, 6_000) == close(STORY, parties(STORY), 0, 0, 6_000)


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), min_size=1, max_size=9), st.randoms())
def test_a_close_lies_among_its_prices_and_knows_no_order(trades: list[tuple[int, int]], chance: object) -> None:
    fills = [fill(number, tonnes, price) for number, (tonnes, price) in enumerate(trades)]
    names = parties(fills)
    day = close(fills, names, 0, 0, 1)
    assert min(price for _, price in trades) <= day.price_fen <= max(price for _, price in trades)
    exact = Fraction(sum(tonnes * price for tonnes, price in trades), sum(tonnes for tonnes, _ in trades))
    assert Fraction(-1, 2) < day.price_fen - exact <= Fraction(1, 2)
    chance.shuffle(fills)  # type: ignore[attr-defined]  # a Random
    assert close(fills, names, 0, 0, 1) == day
    assert close([replace(one, counted=False) for one in fills], names, 0, 0, 7).price_fen == 7
