from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota.trace import add, floored, larger, multiply, raised, rounded, show, smaller
from tests.quota.calculator import assert_recomputes

NUMBERS = st.lists(st.decimals(-(10**6), 10**6, places=4), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (Decimal("1.50"), "1.5"),
        (Decimal("-0.010"), "-0.01"),
        (Fraction(1, 3), "0.333333333333333333"),
        (Fraction(2, 3), "0.666666666666666667"),
        (Fraction(-1, 10**19), "0"),
        (10**30, "1" + "0" * 30),
    ],
)
def test_values_are_shown_as_plain_decimals(value: Fraction, shown: str) -> None:
    assert show(value) == shown


def test_a_value_without_an_end_is_marked_inexact() -> None:
    third = multiply("x", "t", (1,), (3,))
    assert third.as_dict()["exact"] is False
    assert third.as_dict()["expression"] == "1 ÷ 3"
    assert multiply("x", "t", (third.value, 3)).value == 1
    assert multiply("x", "t", (1,), (8,)).as_dict() == {
        "symbol": "x", "expression": "1 ÷ 8", "value": "0.125", "unit": "t", "source": "", "exact": True,
    }  # fmt: skip


@given(NUMBERS, NUMBERS, st.integers(0, 6))
def test_every_kind_of_step_recomputes_from_its_text(some: list[Decimal], more: list[Decimal], places: int) -> None:
    size = some[0].copy_abs()
    steps = [
        add("a", "t", some, more),
        multiply("m", "t", some, [Decimal(7)]),
        larger("l", "t", some[0], more[0]),
        smaller("s", "t", some[0], more[0]),
        floored("f", "t", size),
        rounded("r", "t", size, places),
        raised("p", Decimal("1.015"), Fraction(int(size) % 50, 8), 6),
    ]
    assert_recomputes(steps)
    assert steps[0].value == sum(map(Fraction, some)) - sum(map(Fraction, more))
    assert steps[4].value <= size < steps[4].value + 1
