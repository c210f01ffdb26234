"""Emissions of fuel combustion (DOMAIN 32), and of biomass, which stand apart.

    E = FC × NCV × CC × OF × 44/12        CETS-AG-03.01-V01-2024, fossil fuel combustion

44/12 is the ratio of the molar masses of CO2 and C. It comes last and as a rational: times 44, then divided by 12 at 50
digits, since 3.6667 would move the last digit of a large line.
"""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from attestation.accounting.coal_equivalent import fuel_energy
from attestation.accounting.factor_sets import FuelFactor
from attestation.accounting.kinds import LineKind
from attestation.accounting.lines import Formula, RecomputedLine, check_quantity, check_unit, rounded_line
from attestation.accounting.trace import Step, Term, multiply

CO2 = Decimal(44)
CARBON = Decimal(12)

_EXPRESSION = "FC × NCV × CC × OF × 44 / 12"
BURNT = Formula("combustion.ncv", _EXPRESSION, "CETS-AG-03.01-V01-2024, fossil fuel combustion")
BIOGENIC = Formula(
    "combustion.biogenic", _EXPRESSION, "ISO 14064-1:2018, Annex D: biogenic CO2 is quantified and reported separately"
)


def burn(line_id: str, quantity: Decimal, unit: str, fuel: FuelFactor) -> RecomputedLine:
    """The combustion line for `quantity` of `fuel` in the fuel's own unit (t, or 1e4Nm3), at most 2 places.

    Raises SchemaRefused (see `check_quantity`) and RecomputationRefused (`line.unit`).
    """
    return _burn(line_id, LineKind.COMBUSTION, BURNT, quantity=quantity, unit=unit, fuel=fuel)


def burn_biogenic(line_id: str, quantity: Decimal, unit: str, fuel: FuelFactor) -> RecomputedLine:
    """As `burn`, of a fuel that the factor set has as biomass: its CO2 is in no scope and is never owed; its energy
    counts."""
    return _burn(line_id, LineKind.BIOGENIC, BIOGENIC, quantity=quantity, unit=unit, fuel=fuel)


def as_co2(carbon: Step) -> Step:
    """Tonnes of carbon as tonnes of CO2, unrounded at 50 digits: times 44, divided by 12."""
    return multiply("E", "tCO2", [carbon.value, CO2], over=[CARBON])


def _burn(
    line_id: str, kind: LineKind, formula: Formula, *, quantity: Decimal, unit: str, fuel: FuelFactor
) -> RecomputedLine:
    check_quantity(line_id, kind, quantity, unit)
    check_unit(line_id, fuel.name, unit, fuel.quantity_unit)
    carbon = multiply("carbon", "tC", [quantity, fuel.ncv, fuel.carbon_content, fuel.oxidation])
    terms = (
        Term("FC", quantity, unit, "activity"),
        Term("NCV", fuel.ncv, fuel.ncv_unit, fuel.source, factor=True),
        Term("CC", fuel.carbon_content, fuel.carbon_content_unit, fuel.source, factor=True),
        Term("OF", fuel.oxidation, "1", fuel.source, factor=True),
    )
    line = rounded_line(line_id, kind, fuel.name, formula, terms=terms, steps=(carbon, as_co2(carbon)))
    return dataclasses.replace(line, energy=fuel_energy(fuel, quantity, unit))
