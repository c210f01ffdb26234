from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota.scoring.clamp import clamped
from tests.quota.calculator import assert_recomputes


@pytest.mark.parametrize(
    ("x", "points"), [(-5, 0), (0, 0), (1, 333), (15, 5_000), (29, 9_667), (30, 10_000), (99, 10_000)]
)
def test_points_go_straight_between_the_ends_and_stop_there_domain_50(x: int, points: int) -> None:
    assert clamped("p", x, 0, 30)[-1].value == points
    assert clamped("p", x, 0, 30, falling=True)[-1].value == 10_000 - points


@given(st.fractions(-100, 100), st.fractions(-100, 100), st.integers(-50, 50), st.integers(1, 50))
def test_more_is_never_fewer_points_domain_50(one: Fraction, other: Fraction, low: int, span: int) -> None:
    less, more = sorted((one, other))
    few, many = clamped("p", less, low, low + span), clamped("p", more, low, low + span)
    assert 0 <= few[-1].value <= many[-1].value <= 10_000
    assert_recomputes(few)
