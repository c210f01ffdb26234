from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import NATIONAL, PARK, CarryOverRefused, CarryOverRules, QuotaError, carry_over, check_window
from tests.quota.calculator import assert_recomputes

UNITS = st.integers(0, 10**12)


def test_a_parks_default_is_a_twentieth_of_the_obligation_domain_6() -> None:
    over = carry_over(PARK, obligation=23_610, sold=0, bought=0, held=2_000)
    assert (over.limit, over.carried, over.cancelled) == (1_180, 1_180, 820)
    assert_recomputes(over.trace)


def test_the_national_default_is_10000_and_half_again_of_what_was_sold_domain_6() -> None:
    over = carry_over(NATIONAL, obligation=10**6, sold=1_001, bought=500, held=50_000)
    # 10,000 + 1.5 * 501 = 10,751.5
    assert over.limit == 10_751
    assert carry_over(NATIONAL, obligation=1, sold=5, bought=9, held=50_000).limit == 10_000


@given(UNITS, UNITS, UNITS, UNITS)
def test_what_was_held_is_carried_or_cancelled_domain_6(obligation: int, sold: int, bought: int, held: int) -> None:
    over = carry_over(PARK, obligation=obligation, sold=sold, bought=bought, held=held)
    assert over.carried + over.cancelled == held
    assert over.carried == min(over.limit, held)
    assert over.limit == obligation * 5 // 100 if sold <= bought else over.limit >= obligation * 5 // 100


@pytest.mark.parametrize(("requested", "held"), [(51, 1_000), (11, 10)])
def test_more_than_the_limit_or_than_is_held_is_refused(requested: int, held: int) -> None:
    with pytest.raises(CarryOverRefused) as refusal:
        carry_over(PARK, obligation=1_000, sold=0, bought=0, held=held, requested=requested)
    assert refusal.value.rule == "carry_over.limit"
    assert carry_over(PARK, obligation=1_000, sold=0, bought=0, held=60, requested=7).cancelled == 53


def test_the_window_is_half_open() -> None:
    check_window(at=10, opens=10, closes=20)
    for at in (9, 20):
        with pytest.raises(CarryOverRefused) as refusal:
            check_window(at=at, opens=10, closes=20)
        assert refusal.value.rule == "carry_over.window"


@pytest.mark.parametrize("multiple", [Decimal("10.1"), Decimal(-1), 1.5, Decimal("NaN")])
def test_a_multiple_out_of_bounds_is_refused(multiple: Decimal) -> None:
    with pytest.raises(QuotaError):
        CarryOverRules(multiple=multiple)
