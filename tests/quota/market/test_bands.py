from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import AmountRefused, MarketRefused
from quota.market import MAX_PRICE_FEN, OrderKind, Reference, band, check_price
from tests.quota.market.examples import BUY, order


def test_ten_percent_around_60_00_are_54_00_to_66_00_domain_13() -> None:
    assert band(6_000, 1_000) == (5_400, 6_600)
    check_price(5_400, (5_400, 6_600))
    check_price(6_600, (5_400, 6_600))


@pytest.mark.parametrize("price", [6_601, 5_399])
def test_a_bid_at_66_01_is_refused_with_the_band_domain_13(price: int) -> None:
    with pytest.raises(MarketRefused) as refusal:
        Reference(6_000).check(order(1, BUY, 10, price))
    assert refusal.value.rule == "market.band"
    assert (refusal.value.value, refusal.value.expected) == (str(price), "5400 to 6600 fen per tonne")


def test_limits_are_rounded_inward_to_the_fen_domain_15() -> None:
    # 62.33 ± 10 %: 56.097 and 68.563.
    assert band(6_233, 1_000) == (5_610, 6_856)
    # 62.33 ± 30 %: 43.631 and 81.029.
    assert band(6_233, 3_000) == (4_364, 8_102)


@given(st.integers(1, MAX_PRICE_FEN), st.integers(0, 10_000), st.integers(-2, 2))
def test_a_price_is_inside_exactly_where_it_is_no_further_off_than_the_share(price: int, bps: int, off: int) -> None:
    for edge in (price * (10_000 - bps) // 10_000 + off, price * (10_000 + bps) // 10_000 + off):
        low, high = band(price, bps)
        exact = abs(Fraction(edge - price, price)) <= Fraction(bps, 10_000)
        assert (low <= edge <= high) is (exact and 1 <= edge <= MAX_PRICE_FEN)


def test_a_block_has_its_own_band_and_threshold_domain_13() -> None:
    reference = Reference(6_000)
    assert reference.limits(OrderKind.BLOCK) == (4_200, 7_800)
    reference.check(order(1, BUY, 1_000, 7_800, kind=OrderKind.BLOCK))
    with pytest.raises(MarketRefused) as refusal:
        reference.check(order(1, BUY, 999, 7_800, kind=OrderKind.BLOCK))
    assert (refusal.value.rule, refusal.value.value) == ("market.block", "999")
    with pytest.raises(MarketRefused) as refusal:
        reference.check(order(1, BUY, 1_000, 7_801, kind=OrderKind.BLOCK))
    assert refusal.value.rule == "market.band"


@pytest.mark.parametrize("kind", [OrderKind.BILATERAL, OrderKind.AUCTION])
def test_bilateral_orders_and_bids_have_no_band(kind: OrderKind) -> None:
    Reference(6_000).check(order(1, BUY, 1, 1, kind=kind))


@pytest.mark.parametrize("price", [0, -1, 2**32, 60.0, None, True])
def test_without_a_reference_there_is_no_market_domain_15(price: object) -> None:
    with pytest.raises(MarketRefused) as refusal:
        Reference(price)  # type: ignore[arg-type]  # what is refused here
    assert refusal.value.rule == "market.reference"


@pytest.mark.parametrize("bps", [-1, 10_001, 0.1])
def test_a_band_is_a_share_in_basis_points(bps: object) -> None:
    with pytest.raises(AmountRefused):
        Reference(6_000, bps)  # type: ignore[arg-type]  # what is refused here
