from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import AmountRefused, floor_tonnes, half_up
from quota.units import Exact, check_bps, check_fen, check_units


@pytest.mark.parametrize(
    ("value", "floor", "nearest"),
    [
        (Decimal("1.5"), 1, 2),
        (Decimal("2.5"), 2, 3),
        (Decimal("2.4999999999999999999999999999999999"), 2, 2),
        (Fraction(2, 3), 0, 1),
        (0, 0, 0),
        (2**64 - 1, 2**64 - 1, 2**64 - 1),
    ],
)
def test_allocations_floor_and_reports_round_half_up_domain_1(value: Exact, floor: int, nearest: int) -> None:
    assert floor_tonnes(value) == floor
    assert half_up(value) == nearest


@given(st.fractions(0, 10**9))
def test_half_up_is_the_nearest_and_up_between_domain_1(value: Fraction) -> None:
    assert Fraction(-1, 2) <= value - half_up(value) < Fraction(1, 2)


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (1.5, "amount.type"),
        (True, "amount.type"),
        ("1", "amount.type"),
        (Decimal("NaN"), "amount.not_finite"),
        (Decimal("Infinity"), "amount.not_finite"),
        (Decimal("-0.1"), "amount.negative"),
        (2**64, "amount.range"),
        (2**96, "amount.range"),
    ],
)
def test_floats_and_numbers_out_of_bounds_are_refused_by_rule_and_value(value: Exact, rule: str) -> None:
    with pytest.raises(AmountRefused) as refusal:
        floor_tonnes(value)
    assert refusal.value.rule == rule
    assert str(value) in refusal.value.value


def test_units_money_and_shares_have_the_bounds_of_the_contracts() -> None:
    assert check_units(2**64 - 1, "x") == 2**64 - 1
    assert check_fen(2**96 - 1, "x") == 2**96 - 1
    assert check_bps(10_000, "x") == 10_000
    for check, value in ((check_units, 2**64), (check_fen, 2**96), (check_bps, 10_001), (check_units, -1)):
        with pytest.raises(AmountRefused) as refusal:
            check(value, "here")
        assert (refusal.value.rule, refusal.value.at) == ("amount.range", "here")
    for check in (check_units, check_fen, check_bps):
        with pytest.raises(AmountRefused, match=r"bool True"):
            check(True, "here")
