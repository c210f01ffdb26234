"""Units of quantities, their dimensions and exact conversion.

Electric and thermal energy are two dimensions on purpose: a kilowatt-hour of electricity and a gigajoule of
purchased heat carry different factors (DOMAIN 33), so a heat meter's reading must not be able to stand in
for electricity or the other way round. Within a dimension all multipliers are powers of ten, which makes
every conversion exact.

Gas volumes are normal cubic metres at 20 °C and 101.325 kPa (DOMAIN 37, GB/T 2589-2020), not at 0 °C.
"""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from attestation.decimals import exact_context
from attestation.errors import SchemaRefused, shorten


class Dimension(StrEnum):
    """What a unit measures; only units of one dimension convert into each other."""

    ELECTRIC_ENERGY = "electric-energy"
    THERMAL_ENERGY = "thermal-energy"
    MASS = "mass"
    GAS_VOLUME = "gas-volume"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure.

    `base` is the exact multiplier to the dimension's base unit (kWh, MJ, kg, Nm3). `reading_limit` is the
    largest quantity, in this unit, that one reading may claim: a bound against absurdity, not an estimate.
    """

    name: str
    dimension: Dimension
    base: Decimal
    reading_limit: Decimal


# The limits lie above what the largest plants draw through one meter in a month: an aluminium smelter takes
# about 0.8 TWh, a 4 GW coal station burns about 1 Mt, a blast furnace gives about 5e8 Nm3 of gas.
_UNITS = (
    Unit("kWh", Dimension.ELECTRIC_ENERGY, Decimal(1), Decimal(1_000_000_000)),
    Unit("MWh", Dimension.ELECTRIC_ENERGY, Decimal(1_000), Decimal(1_000_000)),
    Unit("MJ", Dimension.THERMAL_ENERGY, Decimal(1), Decimal(10_000_000_000)),
    Unit("GJ", Dimension.THERMAL_ENERGY, Decimal(1_000), Decimal(10_000_000)),
    Unit("kg", Dimension.MASS, Decimal(1), Decimal(1_000_000_000)),
    Unit("t", Dimension.MASS, Decimal(1_000), Decimal(1_000_000)),
    Unit("Nm3", Dimension.GAS_VOLUME, Decimal(1), Decimal(1_000_000_000)),
    Unit("1e4Nm3", Dimension.GAS_VOLUME, Decimal(10_000), Decimal(100_000)),
)

VALUE_ADDED_UNIT = "1e4CNY"
"""CNY 10,000 (万元), the unit in which value added is stated. No unit of a reading."""

UNITS: Mapping[str, Unit] = MappingProxyType({unit.name: unit for unit in _UNITS})
"""Every unit a statement may use, by name."""


def parse_unit(name: str) -> Unit:
    """The unit of that exact name. Raises SchemaRefused (`unit.unknown`)."""
    unit = UNITS.get(name) if isinstance(name, str) else None
    if unit is None:
        shown = shorten(name, 40)
        raise SchemaRefused(
            rule="unit.unknown",
            value=shown,
            expected="one of " + ", ".join(UNITS),
            message=f"Unknown unit {shown}",
            message_zh=f"未知的计量单位 {shown}",
        )
    return unit


def convert(value: Decimal, source: str, target: str) -> Decimal:
    """`value` in unit `source` as exactly the same quantity in unit `target`.

    Raises SchemaRefused (`unit.unknown`, `unit.dimension`), and `decimal.Inexact` where the result would
    have more than 50 digits.
    """
    origin, goal = parse_unit(source), parse_unit(target)
    if origin.dimension is not goal.dimension:
        raise SchemaRefused(
            rule="unit.dimension",
            value=source,
            expected=f"a unit of {goal.dimension.value}, as {target} is",
            message=f"{source} measures {origin.dimension.value}, {target} measures {goal.dimension.value}",
            message_zh=f"单位量纲不符：{source} 不能换算为 {target}",
        )
    with decimal.localcontext(exact_context()):
        return value * origin.base / goal.base


def check_reading_limit(quantity: Decimal, unit: str) -> None:
    """Refuse a quantity above the unit's `reading_limit`: SchemaRefused (`reading.absurd`)."""
    limit = parse_unit(unit).reading_limit
    if quantity > limit:
        raise SchemaRefused(
            rule="reading.absurd",
            value=f"{quantity:f} {unit}",
            expected=f"at most {limit:f} {unit}",
            message=f"One reading cannot claim {quantity:f} {unit}; the bound is {limit:f} {unit}",
            message_zh=f"单条读数 {quantity:f} {unit} 超出合理上限 {limit:f} {unit}",
        )
