"""Laws of single lines, against `fractions.Fraction` as an independent arithmetic."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting import EnergyFactor, FuelFactor, LineKind, load_bundled
from attestation.accounting.combustion import burn
from attestation.accounting.energy import purchased_electricity, purchased_heat
from attestation.accounting.evidence import activity_from_sums
from attestation.accounting.lines import check_quantity
from attestation.errors import RecomputationRefused, SchemaRefused
from attestation.units import UNITS

STEEL = load_bundled("cets-steel", "03.01-v01-2024")
FUELS = st.sampled_from(list(STEEL.fuels.values()))
FUEL_QUANTITIES = st.decimals(min_value=0, max_value=100_000, places=2)
MWH = st.decimals(min_value=0, max_value=10_000_000, places=3)


def _half_up(value: Fraction) -> Fraction:
    return Fraction((value * 100 * 2 + 1) // 2, 100)


@given(FUEL_QUANTITIES, FUELS)
def test_combustion_is_the_formula_and_only_the_last_step_rounds(quantity: Decimal, fuel: FuelFactor) -> None:
    line = burn("x", quantity, fuel.quantity_unit, fuel)
    exact = (
        Fraction(quantity) * Fraction(fuel.ncv) * Fraction(fuel.carbon_content) * Fraction(fuel.oxidation)
    ) * Fraction(44, 12)
    assert abs(Fraction(line.unrounded) - exact) < Fraction(1, 10**30)
    assert Fraction(line.emissions) == _half_up(exact)


@given(MWH, st.sampled_from(list(STEEL.electricity.values())))
def test_electricity_is_the_formula_and_only_the_last_step_rounds(quantity: Decimal, factor: EnergyFactor) -> None:
    line = purchased_electricity("x", quantity, "MWh", factor)
    exact = Fraction(quantity) * Fraction(factor.factor)
    assert Fraction(line.unrounded) == exact
    assert Fraction(line.emissions) == _half_up(exact)


@given(FUEL_QUANTITIES, st.integers(0, 100), FUELS)
def test_unrounded_emissions_scale_with_the_quantity(quantity: Decimal, times: int, fuel: FuelFactor) -> None:
    once = Fraction(burn("x", quantity, fuel.quantity_unit, fuel).unrounded)
    often = Fraction(burn("x", quantity * times, fuel.quantity_unit, fuel).unrounded)
    assert abs(often - once * times) < Fraction(1, 10**30)


@given(FUEL_QUANTITIES, FUEL_QUANTITIES, FUELS)
def test_emissions_add_up_over_quantities_within_the_roundings(a: Decimal, b: Decimal, fuel: FuelFactor) -> None:
    unit = fuel.quantity_unit
    apart = burn("x", a, unit, fuel).emissions + burn("x", b, unit, fuel).emissions
    together = burn("x", a + b, unit, fuel).emissions
    assert abs(together - apart) <= Decimal("0.01")


@given(FUEL_QUANTITIES, FUEL_QUANTITIES, FUELS)
def test_more_fuel_never_gives_less(a: Decimal, b: Decimal, fuel: FuelFactor) -> None:
    less, more = sorted((a, b))
    unit = fuel.quantity_unit
    assert burn("x", less, unit, fuel).emissions <= burn("x", more, unit, fuel).emissions


@given(st.decimals(min_value=0, max_value=10**9, places=6))
def test_the_unit_of_a_reading_does_not_change_the_emissions(kwh: Decimal) -> None:
    factor = STEEL.electricity["ets_constant/2022"]
    read_in_kwh = activity_from_sums([(kwh, "kWh")], "MWh", LineKind.ELECTRICITY)
    read_in_mwh = activity_from_sums([(kwh.scaleb(-3), "MWh")], "MWh", LineKind.ELECTRICITY)
    assert read_in_kwh == read_in_mwh
    line = purchased_electricity("x", read_in_kwh, "MWh", factor)
    assert abs(Fraction(line.unrounded) - Fraction(kwh) / 1000 * Fraction(factor.factor)) <= Fraction(1, 1000)


def test_a_line_carries_its_whole_trace() -> None:
    line = burn("boiler-1", Decimal("12.34"), "1e4Nm3", STEEL.fuels["natural_gas"])
    assert (line.id, line.kind, line.name) == ("boiler-1", LineKind.COMBUSTION, "natural_gas")
    assert line.as_dict() == {
        "id": "boiler-1",
        "kind": "combustion",
        "name": "natural_gas",
        "formula": "combustion.ncv",
        "expression": "FC × NCV × CC × OF × 44 / 12",
        "source": "CETS-AG-03.01-V01-2024, fossil fuel combustion",
        "terms": [
            {"symbol": "FC", "value": "12.34", "unit": "1e4Nm3", "source": "activity", "factor": False},
            {
                "symbol": "NCV",
                "value": "389.310",
                "unit": "GJ/1e4Nm3",
                "source": "CETS-AG-03.01-V01-2024, Annex A.1",
                "factor": True,
            },
            {
                "symbol": "CC",
                "value": "0.01532",
                "unit": "tC/GJ",
                "source": "CETS-AG-03.01-V01-2024, Annex A.1",
                "factor": True,
            },
            {
                "symbol": "OF",
                "value": "0.99",
                "unit": "1",
                "source": "CETS-AG-03.01-V01-2024, Annex A.1",
                "factor": True,
            },
        ],
        "steps": [
            {
                "symbol": "carbon",
                "expression": "12.34 × 389.310 × 0.01532 × 0.99",
                "value": "72.862602444720",
                "unit": "tC",
            },
            {
                "symbol": "E unrounded",
                "expression": "72.862602444720 × 44 ÷ 12",
                "value": "267.162875630640",
                "unit": "tCO2",
            },
            {
                "symbol": "E",
                "expression": "267.162875630640 rounded half-up to 2 places",
                "value": "267.16",
                "unit": "tCO2",
            },
        ],
        "unrounded": "267.162875630640",
        "emissions": "267.16",
        "unit": "tCO2",
        "energy": {
            "carrier": "natural_gas",
            "quantity": "123400.00",
            "unit": "Nm3",
            "factor": "1.33",
            "factor_unit": "kgce/Nm3",
            "expression": "Q × e / 1000",
            "source": "GB/T 2589-2020, reference coal equivalents (equal-heat value)",
            "unrounded": "164.1220",
            "tce": "164.12",
        },
    }


@pytest.mark.parametrize(
    ("kind", "quantity", "unit", "rule"),
    [
        (LineKind.COMBUSTION, "-0.01", "t", "line.quantity.negative"),
        (LineKind.COMBUSTION, "NaN", "t", "line.quantity.negative"),
        (LineKind.COMBUSTION, "Infinity", "t", "line.quantity.negative"),
        (LineKind.COMBUSTION, "1.234", "t", "line.quantity.places"),
        (LineKind.COMBUSTION, "1.230", "t", "line.quantity.places"),
        (LineKind.ELECTRICITY, "959.6403", "MWh", "line.quantity.places"),
        (LineKind.HEAT, "1.001", "GJ", "line.quantity.places"),
        (LineKind.COMBUSTION, "100000000.01", "t", "line.quantity.absurd"),
        (LineKind.COMBUSTION, "10000000.01", "1e4Nm3", "line.quantity.absurd"),
        (LineKind.ELECTRICITY, "100000000.001", "MWh", "line.quantity.absurd"),
        (LineKind.HEAT, "1000000000.01", "GJ", "line.quantity.absurd"),
        (LineKind.COMBUSTION, "1", "tons", "line.unit.unknown"),
    ],
)
def test_a_quantity_no_line_may_state_is_refused(kind: LineKind, quantity: str, unit: str, rule: str) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        check_quantity("line-7", kind, Decimal(quantity), unit)
    assert refusal.value.rule == rule
    assert "line line-7" in refusal.value.message


@pytest.mark.parametrize("unit", UNITS)
def test_a_line_may_state_up_to_a_hundred_times_the_reading_limit(unit: str) -> None:
    check_quantity("x", LineKind.HEAT, UNITS[unit].reading_limit * 100, unit)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("fuel", ["natural_gas", "bituminous"])
def test_a_fuel_in_another_unit_than_its_own_is_refused_domain_37(fuel: str, unit: str) -> None:
    factor = STEEL.fuels[fuel]
    if unit == factor.quantity_unit:
        assert burn("x", Decimal(1), unit, factor).emissions > 0
        return
    with pytest.raises(RecomputationRefused) as refusal:
        burn("x", Decimal(1), unit, factor)
    assert (refusal.value.rule, refusal.value.line) == ("line.unit", "x")
    assert (refusal.value.value, refusal.value.expected) == (unit, factor.quantity_unit)


def test_electricity_in_gj_and_heat_in_mwh_are_refused_domain_33() -> None:
    with pytest.raises(RecomputationRefused, match="claimed GJ, recomputed MWh"):
        purchased_electricity("x", Decimal(1), "GJ", STEEL.electricity["jiangxi/2023"])
    with pytest.raises(RecomputationRefused, match="claimed MWh, recomputed GJ"):
        purchased_heat("x", Decimal(1), "MWh", STEEL.heat["purchased"])


def test_nothing_burnt_emits_nothing() -> None:
    assert str(burn("x", Decimal(0), "t", STEEL.fuels["coke"]).emissions) == "0.00"
