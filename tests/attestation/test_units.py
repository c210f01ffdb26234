from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.errors import SchemaRefused
from attestation.units import UNITS, check_reading_limit, convert, parse_unit

QUANTITIES = st.decimals(min_value=0, max_value=10**18 - 1, places=9)
NAMES = st.sampled_from(sorted(UNITS))
SAME_DIMENSION = st.tuples(NAMES, NAMES).filter(lambda pair: UNITS[pair[0]].dimension is UNITS[pair[1]].dimension)
CROSS_DIMENSION = [(a, b) for a in UNITS for b in UNITS if UNITS[a].dimension is not UNITS[b].dimension]


def test_the_units_are_those_of_the_statements() -> None:
    assert set(UNITS) == {"kWh", "MWh", "MJ", "GJ", "kg", "t", "Nm3", "1e4Nm3"}


@pytest.mark.parametrize(
    ("value", "source", "target", "result"),
    [
        ("959640.31", "kWh", "MWh", "959.64031"),
        ("1", "GJ", "MJ", "1000"),
        ("0.5", "t", "kg", "500"),
        ("12345", "Nm3", "1e4Nm3", "1.2345"),
        ("26760902.2556", "Nm3", "1e4Nm3", "2676.09022556"),
    ],
)
def test_known_conversions_domain_37(value: str, source: str, target: str, result: str) -> None:
    assert convert(Decimal(value), source, target) == Decimal(result)


@given(QUANTITIES, SAME_DIMENSION)
def test_conversion_is_exact_and_reversible(value: Decimal, pair: tuple[str, str]) -> None:
    source, target = pair
    there = convert(value, source, target)
    assert Fraction(there) * Fraction(UNITS[target].base) == Fraction(value) * Fraction(UNITS[source].base)
    assert convert(there, target, source) == value


@pytest.mark.parametrize(("source", "target"), CROSS_DIMENSION)
def test_conversion_across_dimensions_is_refused(source: str, target: str) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        convert(Decimal(1), source, target)
    assert refusal.value.rule == "unit.dimension"
    assert refusal.value.value == source


def test_electricity_and_heat_do_not_convert_domain_33() -> None:
    """3.6 GJ equal 1 MWh in physics, and 0.396 t of heat would replace 0.581 t of electricity."""
    with pytest.raises(SchemaRefused, match="thermal-energy"):
        convert(Decimal("3.6"), "GJ", "MWh")


@pytest.mark.parametrize("name", ["", "kwh", "KWH", "Wh", "m3", "Nm³", "tce", "1e4nm3", "kWh ", "Mt"])
def test_an_unknown_unit_is_refused_and_the_known_ones_named(name: str) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        parse_unit(name)
    assert refusal.value.rule == "unit.unknown"
    assert refusal.value.value == name
    assert "1e4Nm3" in refusal.value.expected


@pytest.mark.parametrize("name", [None, 1, ["kWh"], {"kWh": 1}])
def test_a_unit_that_is_not_a_string_is_refused(name: object) -> None:
    with pytest.raises(SchemaRefused, match="Unknown unit"):
        parse_unit(name)  # type: ignore[arg-type]  # that is the bad input


@pytest.mark.parametrize("name", UNITS)
def test_the_reading_limit_is_one_quantity_per_dimension_and_itself_allowed(name: str) -> None:
    unit = UNITS[name]
    for other in UNITS.values():
        if other.dimension is unit.dimension:
            assert convert(unit.reading_limit, unit.name, other.name) == other.reading_limit
    check_reading_limit(unit.reading_limit, unit.name)
    with pytest.raises(SchemaRefused) as refusal:
        check_reading_limit(unit.reading_limit + Decimal("0.000000001"), unit.name)
    assert refusal.value.rule == "reading.absurd"


def test_the_table_of_units_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        UNITS["barrel"] = UNITS["t"]  # type: ignore[index]  # the table refuses it at run time too
