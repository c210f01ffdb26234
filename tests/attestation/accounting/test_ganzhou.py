"""DOMAIN 38: the published totals of Ganzhou come out of its published parameters within 0.1 %."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from attestation.accounting import ganzhou_totals

EXPECTED = {2020: ("88.79", "88.87"), 2021: ("97.43", "97.50"), 2022: ("100.60", "100.60")}
PUBLISHED_INPUTS = {2020: ("29.66", "36.55"), 2021: ("32.50", "36.72"), 2022: ("32.76", "39.47")}


@pytest.mark.parametrize("year", EXPECTED)
def test_the_totals_beside_the_published_ones_domain_38(year: int) -> None:
    found = ganzhou_totals()[year]
    computed, published = (Decimal(x) for x in EXPECTED[year])
    assert abs(found.computed_10kt - computed) <= Decimal("0.01")
    assert found.published_10kt == published
    assert abs(found.deviation_percent) < Decimal("0.1")


@pytest.mark.parametrize("year", EXPECTED)
def test_the_totals_follow_from_the_inputs_in_independent_arithmetic(year: int) -> None:
    energy, share = (Fraction(x) for x in PUBLISHED_INPUTS[year])
    kgce_per_percent = energy * 10**7 / 100
    electricity = kgce_per_percent * share / Fraction("0.1229") / 1000 * Fraction("0.581")
    gas = kgce_per_percent * 12 / Fraction("1.33") / 10**4 * Fraction("389.31") * Fraction("0.0153") * Fraction("0.98")
    oil = kgce_per_percent * (88 - share) / Fraction("1.47") / 1000
    oil = oil * Fraction("43.07") * Fraction("0.0196") * Fraction("0.99")
    exact = (electricity + (gas + oil) * Fraction(44, 12)) / 10**4
    found = ganzhou_totals()[year].mix
    assert abs(Fraction(found.unrounded_10kt) - exact) < Fraction(1, 10**30)
    # three lines, each within its own and its activity's rounding: far below the last published digit
    assert abs(Fraction(found.scope1 + found.scope2) / 10**4 - exact) < Fraction(1, 10**5)


def test_the_years_are_those_of_the_study_in_order() -> None:
    assert list(ganzhou_totals()) == [2020, 2021, 2022]
