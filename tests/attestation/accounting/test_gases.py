"""DOMAIN 32: another gas counts by its warming potential; removals and biomass stand apart."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting import LineKind, load_bundled
from attestation.accounting.combustion import burn, burn_biogenic
from attestation.accounting.evidence import activity_from_sums
from attestation.accounting.factor_sets import GlobalWarmingPotential
from attestation.accounting.gases import released_gas
from attestation.accounting.greenhouse_gases import Gas
from attestation.accounting.removals import removed
from attestation.errors import RecomputationRefused, SchemaRefused

PARK = load_bundled("tanlu-park", "2024")
TONNES = st.decimals(min_value=0, max_value=10_000, places=6)
POTENTIALS = st.sampled_from(list(PARK.gwp.values()))


def test_three_kilograms_of_sf6_worked_by_hand() -> None:
    """0.003250 t × 23,500 (AR5) = 76.375, half-up 76.38 tCO2e."""
    line = released_gas("switchgear", Decimal("0.003250"), "t", PARK.gwp["SF6"])
    assert (str(line.emissions), line.gas, line.as_dict()["unit"]) == ("76.38", Gas.SF6, "tCO2e")


@given(TONNES, st.integers(0, 50), POTENTIALS)
def test_emissions_scale_and_add_up(tonnes: Decimal, times: int, gwp: GlobalWarmingPotential) -> None:
    once, often = (released_gas("x", mass, "t", gwp).unrounded for mass in (tonnes, tonnes * times))
    assert Fraction(often) == Fraction(once) * times
    assert released_gas("x", tonnes + 1, "t", gwp).unrounded == once + gwp.value


@given(st.decimals(min_value=0, max_value=10**6, places=3))
def test_grams_of_a_gas_are_not_rounded_away_domain_37(kilograms: Decimal) -> None:
    assert activity_from_sums([(kilograms, "kg")], "t", LineKind.GAS) == kilograms.scaleb(-3)


@pytest.mark.parametrize("name", ["HFCs", "R-134a", "CO", "water"])
def test_what_is_none_of_the_seven_gases_by_name_is_refused(name: str) -> None:
    with pytest.raises(SchemaRefused, match=r"gas\.unknown"):
        released_gas("x", Decimal(1), "t", GlobalWarmingPotential(name, Decimal(5), "somebody"))


def test_removals_are_what_was_measured_domain_35() -> None:
    line = removed("ccus", Decimal("120.50"), "t")
    assert (str(line.emissions), line.formula.id) == ("120.50", "removal.measured")
    with pytest.raises(SchemaRefused, match=r"line\.quantity\.negative"):
        removed("ccus", Decimal("-0.01"), "t")
    with pytest.raises(RecomputationRefused, match=r"line\.unit"):
        removed("ccus", Decimal(1), "kg")


def test_wood_worked_by_hand() -> None:
    """1,000 t × 15.6 GJ/t × 0.0305 tC/GJ × 1 = 475.8 tC, times 44/12 = 1,744.60 tCO2."""
    line = burn_biogenic("boiler", Decimal("1000.00"), "t", PARK.biomass["wood"])
    assert (str(line.emissions), line.formula.id) == ("1744.60", "combustion.biogenic")
    assert line.energy is not None
    assert str(line.energy.tce) == "532.29"  # 15,600 GJ ÷ 29.3076 = 532.2851…


@given(st.decimals(min_value=0, max_value=100_000, places=2))
def test_biomass_is_computed_as_a_fuel_is(tonnes: Decimal) -> None:
    wood = PARK.biomass["wood"]
    assert burn_biogenic("x", tonnes, "t", wood).unrounded == burn("x", tonnes, "t", wood).unrounded
