from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import AmountRefused
from quota.market import fee_fen, forfeit_fen, reserved_fen


@pytest.mark.parametrize(
    ("value", "bps", "fee"),
    [(4_375_000, 30, 13_125), (100, 50, 1), (99, 50, 0), (1, 4_999, 0), (1, 5_000, 1), (10**18, 0, 0), (0, 100, 0)],
)
def test_a_fee_is_rounded_half_up_to_the_fen_domain_20(value: int, bps: int, fee: int) -> None:
    assert fee_fen(value, bps) == fee


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(1, 500)), min_size=1, max_size=8),
    st.integers(0, 255),
    st.integers(0, 20),
)
def test_what_a_buy_reserves_covers_its_fills_and_their_fees_domain_20(
    fills: list[tuple[int, int]], bps: int, minimum: int
) -> None:
    tonnes, limit = sum(size for size, _ in fills), max(price for _, price in fills)
    # A fill is never below the minimum, save the last one.
    least = min([minimum, *(size for size, _ in fills[:-1])])
    paid = sum(size * price + fee_fen(size * price, bps) for size, price in fills)
    assert paid <= reserved_fen(tonnes, limit, bps, least)


def test_without_a_fee_a_buy_reserves_its_value_domain_20() -> None:
    assert reserved_fen(700, 6_250, 0) == 4_375_000
    # 30 bps of 4,375,000 fen, and half a fen for each of at most 7 fills.
    assert reserved_fen(700, 6_250, 30, 100) == 4_375_000 + 13_125 + 3


def test_an_unrevealed_bid_forfeits_its_share_domain_14() -> None:
    assert forfeit_fen(1_439_945, 500) == 71_997
    assert forfeit_fen(1_439_945, 0) == 0
    assert forfeit_fen(1_439_945, 10_000) == 1_439_945


@pytest.mark.parametrize(("value", "bps"), [(-1, 1), (1, -1), (1, 10_001), (1.0, 1), (1, 0.5)])
def test_amounts_out_of_bounds_and_floats_are_refused(value: int, bps: int) -> None:
    for reckon in (fee_fen, forfeit_fen):
        with pytest.raises(AmountRefused):
            reckon(value, bps)
