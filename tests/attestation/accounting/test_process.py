"""DOMAIN 35: process emissions are activity times factor."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting import EnergyFactor, LineKind, load_bundled
from attestation.accounting.evidence import activity_from_sums
from attestation.accounting.process import process_emissions
from attestation.errors import RecomputationRefused

PARK = load_bundled("tanlu-park", "2024")
FACTORS = st.sampled_from(list(PARK.process.values()))
TONNES = st.decimals(min_value=0, max_value=1_000_000, places=2)


def test_limestone_worked_by_hand() -> None:
    """1,234.56 t × 0.439618 tCO2/t = 542.73479808."""
    line = process_emissions("kiln", Decimal("1234.56"), "t", PARK.process["limestone"])
    assert (str(line.unrounded), str(line.emissions)) == ("542.73479808", "542.73")
    assert [step.expression for step in line.steps] == [
        "1234.56 × 0.439618", "542.73479808 rounded half-up to 2 places",
    ]  # fmt: skip


@given(TONNES, st.integers(0, 50), FACTORS)
def test_unrounded_emissions_scale_with_the_quantity(tonnes: Decimal, times: int, factor: EnergyFactor) -> None:
    once, often = (process_emissions("x", quantity, "t", factor) for quantity in (tonnes, tonnes * times))
    assert Fraction(often.unrounded) == Fraction(once.unrounded) * times


@given(TONNES, TONNES, FACTORS)
def test_emissions_add_up_within_the_roundings(a: Decimal, b: Decimal, factor: EnergyFactor) -> None:
    whole, left, right = (process_emissions("x", quantity, "t", factor) for quantity in (a + b, a, b))
    assert whole.unrounded == left.unrounded + right.unrounded
    assert abs(whole.emissions - left.emissions - right.emissions) <= Decimal("0.01")


@given(st.decimals(min_value=0, max_value=10**9, places=3))
def test_the_unit_of_a_weighing_does_not_change_the_activity_domain_37(kilograms: Decimal) -> None:
    in_kg = activity_from_sums([(kilograms, "kg")], "t", LineKind.PROCESS)
    assert in_kg == activity_from_sums([(kilograms.scaleb(-3), "t")], "t", LineKind.PROCESS)


@pytest.mark.parametrize("unit", ["kg", "1e4Nm3", "MWh"])
def test_a_material_in_another_unit_than_its_factor_is_refused_domain_37(unit: str) -> None:
    with pytest.raises(RecomputationRefused, match=r"line\.unit"):
        process_emissions("x", Decimal(1), unit, PARK.process["dolomite"])
