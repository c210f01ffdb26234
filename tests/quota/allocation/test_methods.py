from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from quota.allocation import BaseOutput, BaseYear, GrandfatheringInputs, IntensityInputs
from quota.allocation.methods import grandfathering, historical_intensity
from tests.quota.calculator import assert_recomputes

TONNES = st.decimals(0, 10**9, places=2)


def test_grandfathering_by_hand_domain_26() -> None:
    years = (BaseYear(2021, Decimal(10_000)), BaseYear(2022, Decimal(11_000)), BaseYear(2023, Decimal("11999.5")))
    steps = grandfathering(GrandfatheringInputs(years, Decimal("0.97")))
    # 32999.5 * 0.97 / 3
    assert steps[-1].value == Fraction("32009.515") / 3
    assert_recomputes(steps)


def test_historical_intensity_by_hand_domain_27() -> None:
    years = (BaseOutput(2022, Decimal(500), Decimal(1_000)), BaseOutput(2023, Decimal(330), Decimal(600)))
    steps = historical_intensity(IntensityInputs(Decimal(800), "t", years, Decimal("0.98")))
    # mean of 0.50 and 0.55 is 0.525: each year weighs the same, whatever its output.
    assert steps[-1].value == 800 * Fraction("0.525") * Fraction("0.98")
    assert_recomputes(steps)


@given(st.lists(TONNES, min_size=1, max_size=5), st.integers(1, 50))
def test_grandfathering_grows_with_its_base_years(emissions: list[Decimal], times: int) -> None:
    def result(values: list[Decimal]) -> Fraction:
        years = tuple(BaseYear(2000 + place, value) for place, value in enumerate(values))
        return grandfathering(GrandfatheringInputs(years, Decimal("0.95")))[-1].value

    assert result([value * times for value in emissions]) == times * result(emissions)


@given(TONNES, TONNES, st.decimals(1, 10**6, places=3), st.integers(1, 50))
def test_intensity_is_of_its_unit_alone(output: Decimal, emitted: Decimal, base: Decimal, scale: int) -> None:
    def result(times: int) -> Fraction:
        years = (BaseOutput(2023, emitted, base * times),)
        return historical_intensity(IntensityInputs(output * times, "t", years, Decimal(1)))[-1].value

    assert result(scale) == result(1)
