from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import AllocationRefused
from quota.allocation import IndustryInputs
from quota.allocation.industry import alpha, balancing_benchmark, industry_benchmark, intensity, surplus
from tests.quota.calculator import assert_recomputes
from tests.quota.examples import works

MILLIONTH = Fraction(1, 10**6)
SECTORS = st.lists(
    st.builds(
        IndustryInputs,
        sector=st.just("steel"),
        emissions=st.decimals("100", "1000000", places=2),
        output=st.decimals("100", "100000", places=3),
        unit=st.just("t"),
    ),
    min_size=1,
    max_size=7,
)


def test_two_works_balance_by_hand_domain_29() -> None:
    # E 100 and 100 with I 2.0 and 2.2: the root solves 100*(BP-2)/BP + 100*(BP-2.2)/BP = 0, so BP = 2.1.
    sector = [works("steel", "100", "50"), works("steel", "100", "45.454545455")]
    benchmark = balancing_benchmark(sector)
    assert benchmark == Fraction("2.1")
    steps = industry_benchmark(sector[0], benchmark)
    # X = 0.1/2.1, α = 0.15 X, A = 100 (1 + α)
    assert steps[-1].value == 100 * (1 + Fraction(15, 100) * Fraction(1, 21))
    assert_recomputes(steps)


@pytest.mark.parametrize(
    ("own", "wanted"),
    [
        ("1", "0"),
        ("0.9", "0.015"),
        ("1.1", "-0.015"),
        ("0.8", "0.03"),
        ("1.2", "-0.03"),
        ("0.1", "0.03"),
        ("9", "-0.03"),
    ],
)
def test_the_adjustment_is_steep_up_to_a_fifth_and_flat_beyond_domain_29(own: str, wanted: str) -> None:
    assert alpha(Fraction(1), Fraction(own)) == Fraction(wanted)


@given(SECTORS)
def test_a_sector_gets_what_it_emitted_as_near_as_six_places_allow_domain_29(sector: list[IndustryInputs]) -> None:
    benchmark = balancing_benchmark(sector)
    figures = [(Fraction(one.emissions), intensity(one)) for one in sector]
    assert (benchmark / MILLIONTH).denominator == 1
    # The sums change their order within half a millionth of the benchmark.
    assert surplus(benchmark - MILLIONTH / 2, figures) <= 0 <= surplus(benchmark + MILLIONTH / 2, figures)


@given(SECTORS, st.randoms(use_true_random=False))
def test_the_benchmark_does_not_depend_on_the_order(sector: list[IndustryInputs], chance: object) -> None:
    shuffled = list(sector)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis's Random
    assert balancing_benchmark(sector) == balancing_benchmark(shuffled)


def test_a_works_alone_is_its_own_benchmark() -> None:
    assert balancing_benchmark([works("steel", "2000", "1000")]) == 2


def test_the_benchmark_rounds_half_up_at_six_places_domain_29() -> None:
    assert balancing_benchmark([works("steel", "20000004", "10000000")]) == Fraction(2)
    assert balancing_benchmark([works("steel", "20000005", "10000000")]) == Fraction("2.000001")


def test_of_many_roots_the_least_is_taken() -> None:
    # Equal emissions far apart: from 1.25 to 8 one wins and the other loses 3 %.
    sector = [works("steel", "100", "100"), works("steel", "100", "10")]
    assert balancing_benchmark(sector) == Fraction("1.25")


def test_sectors_share_a_unit_and_are_not_empty() -> None:
    with pytest.raises(AllocationRefused) as refusal:
        balancing_benchmark([works("steel", "2", "1"), works("steel", "2", "1", "kt")])
    assert (refusal.value.rule, refusal.value.value) == ("allocation.unit_of_sector", "kt")
    with pytest.raises(AllocationRefused) as refusal:
        balancing_benchmark([])
    assert refusal.value.rule == "allocation.empty"


def test_an_intensity_that_six_places_cannot_show_is_refused() -> None:
    with pytest.raises(AllocationRefused) as refusal:
        works("steel", "999", "1000000")
    assert refusal.value.rule == "allocation.intensity_too_small"
    assert intensity(works("steel", "1000", "1000000")) == Fraction(Decimal("0.001"))
