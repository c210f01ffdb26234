from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import ChargeRefused, QuotaError, month_price, next_allocation_deduction, shortfall_charge
from tests.quota.calculator import assert_recomputes


def test_twenty_tonnes_short_at_62_30_cost_6230_domain_7() -> None:
    assert month_price(7_320_000, 1_175) == 6_230
    charge = shortfall_charge(20, price_fen=6_230)
    assert charge.fen == 623_000
    assert_recomputes(charge.trace)


def test_half_a_fen_is_rounded_up_domain_7() -> None:
    assert shortfall_charge(1, price_fen=1, multiple=Decimal("5.5")).fen == 6
    assert shortfall_charge(1, price_fen=1, multiple=Decimal("5.49")).fen == 5
    assert month_price(5, 2) == 3


@given(st.integers(0, 10**12), st.integers(1, 10**6), st.decimals(5, 10, places=2))
def test_a_charge_is_within_half_a_fen_of_its_product(tonnes: int, price: int, multiple: Decimal) -> None:
    charge = shortfall_charge(tonnes, price_fen=price, multiple=multiple)
    hundredfold = tonnes * price * int(multiple * 100)
    assert -50 <= hundredfold - charge.fen * 100 < 50


@pytest.mark.parametrize(
    ("price", "multiple", "rule"),
    [
        (0, Decimal(5), "charge.price"),
        (1, Decimal("4.99"), "charge.multiple"),
        (1, Decimal("10.01"), "charge.multiple"),
        (1, 5, "charge.multiple"),
        (-1, Decimal(5), "amount.range"),
    ],
)
def test_prices_and_multiples_out_of_bounds_are_refused(price: int, multiple: Decimal, rule: str) -> None:
    with pytest.raises(QuotaError) as refusal:
        shortfall_charge(1, price_fen=price, multiple=multiple)
    assert refusal.value.rule == rule


def test_a_charge_beyond_what_an_amount_of_money_holds_is_refused() -> None:
    with pytest.raises(QuotaError) as refusal:
        shortfall_charge(2**64 - 1, price_fen=2**32)
    assert refusal.value.rule == "amount.range"


def test_a_month_without_a_trade_has_no_price() -> None:
    with pytest.raises(ChargeRefused) as refusal:
        month_price(0, 0)
    assert refusal.value.rule == "charge.volume"


def test_the_next_allocation_is_deducted_only_where_the_parameter_is_on_domain_7() -> None:
    assert next_allocation_deduction(20) == 0
    assert next_allocation_deduction(20, deducts=True) == 20
