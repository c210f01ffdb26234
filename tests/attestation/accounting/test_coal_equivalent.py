"""DOMAIN 37 and 40: energy in tonnes of standard coal by GB/T 2589-2020."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting.bundled import load_bundled
from attestation.accounting.coal_equivalent import (
    GJ_PER_TCE,
    carrier_energy,
    coal_equivalents,
    fuel_energy,
    total_energy,
)
from attestation.errors import SchemaRefused

STEEL = load_bundled("cets-steel", "03.01-v01-2024")
PUBLISHED = {
    "raw_coal": ("kg", "0.7143"),
    "coke": ("kg", "0.9714"),
    "crude_oil": ("kg", "1.4286"),
    "gasoline": ("kg", "1.4714"),
    "kerosene": ("kg", "1.4714"),
    "diesel": ("kg", "1.4571"),
    "lpg": ("kg", "1.7143"),
    "natural_gas": ("Nm3", "1.33"),
    "electricity": ("kWh", "0.1229"),
    "heat": ("MJ", "0.03412"),
}

amounts = st.decimals(min_value=0, max_value=10_000_000, places=3)


def test_the_table_is_the_published_one() -> None:
    assert {name: (row.unit, str(row.kgce)) for name, row in coal_equivalents().items()} == PUBLISHED


@pytest.mark.parametrize(
    ("carrier", "quantity", "unit", "tce"),
    [
        # 959.640 MWh = 959,640 kWh × 0.1229 = 117,939.756 kgce
        ("electricity", "959.640", "MWh", "117.94"),
        # 1,000 GJ = 1,000,000 MJ × 0.03412 = 34,120 kgce
        ("heat", "1000", "GJ", "34.12"),
        # 12.34 × 10^4 Nm3 = 123,400 Nm3 × 1.33 = 164,122 kgce
        ("natural_gas", "12.34", "1e4Nm3", "164.12"),
        # 50 t = 50,000 kg × 1.4571 = 72,855 kgce, a half goes up
        ("diesel", "50", "t", "72.86"),
    ],
)
def test_worked_by_hand_domain_37(carrier: str, quantity: str, unit: str, tce: str) -> None:
    assert str(carrier_energy(carrier, Decimal(quantity), unit).tce) == tce


def test_a_fuel_that_the_table_lacks_goes_by_its_calorific_value() -> None:
    """1,000 t of anthracite × 25.024 GJ/t / 29.3076 GJ/tce = 853.8400... tce."""
    found = fuel_energy(STEEL.fuels["anthracite"], Decimal(1000), "t")
    assert (found.tce, found.expression) == (Decimal("853.84"), "Q × NCV / 29.3076")
    assert "Annex A.1" in found.source


def test_a_fuel_of_the_table_goes_by_the_table() -> None:
    found = fuel_energy(STEEL.fuels["diesel"], Decimal(50), "t")
    assert found == carrier_energy("diesel", Decimal(50), "t")


def test_the_coefficients_of_both_ways_agree_for_every_fuel_of_the_table_within_a_percent() -> None:
    """The standard's coefficients are its own calorific values over 29.3076: a wrong unit would be a thousandfold."""
    for name in ("crude_oil", "gasoline", "diesel", "kerosene", "lpg", "coke", "natural_gas"):
        fuel = STEEL.fuels[name]
        by_table = carrier_energy(name, Decimal(1000), fuel.quantity_unit).unrounded
        by_ncv = Decimal(1000) * fuel.ncv / GJ_PER_TCE
        assert abs(by_table - by_ncv) / by_ncv < Decimal("0.01"), name


def test_heat_and_standard_coal_are_one_definition() -> None:
    """1 MJ = 1/29.3076 kgce, which the table prints as 0.03412."""
    assert round(1 / GJ_PER_TCE, 5) == coal_equivalents()["heat"].kgce


@given(amounts, st.sampled_from(sorted(PUBLISHED)))
def test_twice_the_energy_is_twice_the_coal(quantity: Decimal, carrier: str) -> None:
    unit = PUBLISHED[carrier][0]
    assert (
        carrier_energy(carrier, 2 * quantity, unit).unrounded == 2 * carrier_energy(carrier, quantity, unit).unrounded
    )


@given(amounts, amounts)
def test_two_halves_of_a_supply_are_the_whole(one: Decimal, other: Decimal) -> None:
    apart = [carrier_energy("electricity", part, "kWh").unrounded for part in (one, other)]
    assert sum(apart) == carrier_energy("electricity", one + other, "kWh").unrounded


@given(amounts)
def test_the_unit_does_not_change_the_coal_domain_37(quantity: Decimal) -> None:
    for carrier, large, small, ratio in (
        ("electricity", "MWh", "kWh", 1000),
        ("heat", "GJ", "MJ", 1000),
        ("diesel", "t", "kg", 1000),
        ("natural_gas", "1e4Nm3", "Nm3", 10_000),
    ):
        assert carrier_energy(carrier, quantity, large).tce == carrier_energy(carrier, quantity * ratio, small).tce


def test_the_total_adds_rounded_amounts() -> None:
    """Two of 0.005 tce are 0.01 each, so 0.02 together, not 0.01."""
    half = carrier_energy("raw_coal", Decimal(7), "kg")
    assert half.tce == Decimal("0.01")
    assert total_energy([half, half]) == Decimal("0.02")
    assert str(total_energy([])) == "0.00"


@pytest.mark.parametrize(
    ("carrier", "quantity", "unit", "rule"),
    [
        ("plutonium", "1", "kg", "energy.carrier"),
        ("diesel", "-1", "kg", "energy.negative"),
        ("diesel", "NaN", "kg", "energy.negative"),
        ("diesel", "1", "kWh", "energy.unit"),
        ("natural_gas", "1", "t", "energy.unit"),
        ("electricity", "1", "GJ", "energy.unit"),
        ("heat", "1", "furlong", "energy.unit"),
    ],
)
def test_what_has_no_coal_equivalent_is_refused(carrier: str, quantity: str, unit: str, rule: str) -> None:
    with pytest.raises(SchemaRefused) as refused:
        carrier_energy(carrier, Decimal(quantity), unit)
    assert refused.value.rule == rule
    assert refused.value.message_zh


def test_gas_in_tonnes_is_refused_where_the_factor_set_has_it_by_volume() -> None:
    with pytest.raises(SchemaRefused) as refused:
        fuel_energy(STEEL.fuels["coke_oven_gas"], Decimal(1), "t")
    assert refused.value.rule == "energy.unit"


def test_the_trace_recomputes() -> None:
    trace = carrier_energy("electricity", Decimal("959.640"), "MWh").as_dict()
    assert trace["expression"] == "Q × e / 1000"
    product = Decimal(str(trace["quantity"])) * Decimal(str(trace["factor"])) / 1000
    assert product == Decimal(str(trace["unrounded"]))
    assert trace["factor_unit"] == f"kgce/{trace['unit']}"
