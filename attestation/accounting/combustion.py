"""Emissions of fuel combustion and of other direct sources (DOMAIN 32).

    E = FC × NCV × CC × OF × 44/12        CETS-AG-03.01-V01-2024, fossil fuel combustion
    E = FC × C_ar × OF × 44/12            the same with the carbon content measured as received
    E = m × GWP                           another greenhouse gas as CO2 equivalent

44/12 is the ratio of the molar masses of CO2 and C. It comes last and as a rational: times 44, then divided by 12 at 50
digits, since 3.6667 would move the last digit of a large line.
"""

from __future__ import annotations

import decimal
from decimal import Decimal

from attestation.accounting.factor_sets import FuelFactor, GlobalWarmingPotential
from attestation.accounting.lines import LineKind, RecomputedLine, Term, check_quantity, check_unit, rounded_line
from attestation.decimals import calculation_context

FORMULA = "combustion.ncv"
EXPRESSION = "FC × NCV × CC × OF × 44 / 12"

_CO2 = Decimal(44)
_CARBON = Decimal(12)


def burn(line_id: str, quantity: Decimal, unit: str, fuel: FuelFactor) -> RecomputedLine:
    """The combustion line for `quantity` of `fuel` in the fuel's own unit (t, or 1e4Nm3), at most 2 places.

    Raises SchemaRefused (see `check_quantity`) and RecomputationRefused (`line.unit`).
    """
    check_quantity(line_id, LineKind.COMBUSTION, quantity, unit)
    check_unit(line_id, fuel.name, unit, fuel.quantity_unit)
    with decimal.localcontext(calculation_context()):
        unrounded = quantity * fuel.ncv * fuel.carbon_content * fuel.oxidation * _CO2 / _CARBON
    return rounded_line(
        line_id,
        LineKind.COMBUSTION,
        fuel.name,
        formula=FORMULA,
        expression=EXPRESSION,
        terms=(
            Term("FC", quantity, unit, "activity"),
            Term("NCV", fuel.ncv, fuel.ncv_unit, fuel.source),
            Term("CC", fuel.carbon_content, fuel.carbon_content_unit, fuel.source),
            Term("OF", fuel.oxidation, "1", fuel.source),
        ),
        unrounded=unrounded,
    )


def measured_carbon(quantity_t: Decimal, carbon_as_received: Decimal, oxidation: Decimal) -> Decimal:
    """tCO2, unrounded at 50 digits, of `quantity_t` tonnes with a measured carbon fraction (both fractions 0 to 1).

    Quantity and carbon must both be on the as-received basis (DOMAIN 32). Raises ValueError outside these ranges.
    """
    if quantity_t < 0 or not 0 <= carbon_as_received <= 1 or not 0 < oxidation <= 1:
        msg = f"out of range: {quantity_t} t, carbon fraction {carbon_as_received}, oxidation {oxidation}"
        raise ValueError(msg)
    with decimal.localcontext(calculation_context()):
        return quantity_t * carbon_as_received * oxidation * _CO2 / _CARBON


def co2_equivalent(mass_t: Decimal, gas: GlobalWarmingPotential) -> Decimal:
    """tCO2e, unrounded, of `mass_t` tonnes of a gas. Raises ValueError for a negative mass."""
    if mass_t < 0:
        msg = f"a mass cannot be negative: {mass_t} t of {gas.name}"
        raise ValueError(msg)
    with decimal.localcontext(calculation_context()):
        return mass_t * gas.value
