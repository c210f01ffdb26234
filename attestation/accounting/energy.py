"""Emissions of purchased electricity and heat, scope 2 (DOMAIN 33).

    E = AD × EF        AD in MWh and EF in tCO2/MWh, or AD in GJ and EF in tCO2/GJ

National liability leaves both out since 2025; a park's inventory has them: see `totals`.
"""

from __future__ import annotations

import decimal
from decimal import Decimal

from attestation.accounting.factor_sets import EnergyFactor
from attestation.accounting.lines import LineKind, RecomputedLine, Term, check_quantity, check_unit, rounded_line
from attestation.decimals import calculation_context

EXPRESSION = "AD × EF"


def purchased_electricity(line_id: str, quantity: Decimal, unit: str, factor: EnergyFactor) -> RecomputedLine:
    """The line for `quantity` MWh of purchased electricity, at most 3 places.

    Raises SchemaRefused (see `check_quantity`) and RecomputationRefused (`line.unit`).
    """
    return _purchased(line_id, LineKind.ELECTRICITY, "MWh", quantity=quantity, unit=unit, factor=factor)


def purchased_heat(line_id: str, quantity: Decimal, unit: str, factor: EnergyFactor) -> RecomputedLine:
    """The line for `quantity` GJ of purchased heat, at most 2 places; refusals as for electricity."""
    return _purchased(line_id, LineKind.HEAT, "GJ", quantity=quantity, unit=unit, factor=factor)


def _purchased(
    line_id: str, kind: LineKind, expected_unit: str, *, quantity: Decimal, unit: str, factor: EnergyFactor
) -> RecomputedLine:
    check_quantity(line_id, kind, quantity, unit)
    check_unit(line_id, factor.name, unit, expected_unit)
    with decimal.localcontext(calculation_context()):
        unrounded = quantity * factor.factor
    return rounded_line(
        line_id,
        kind,
        factor.name,
        formula=f"{kind.value}.purchased",
        expression=EXPRESSION,
        terms=(Term("AD", quantity, unit, "activity"), Term("EF", factor.factor, factor.unit, factor.source)),
        unrounded=unrounded,
    )
