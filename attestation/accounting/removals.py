"""Removals: captured or fixed CO2, stated apart and never netted against emissions (DOMAIN 35).

R = m        m in tCO2
"""

from __future__ import annotations

from decimal import Decimal

from attestation.accounting.kinds import LineKind
from attestation.accounting.lines import Formula, RecomputedLine, check_quantity, check_unit, rounded_line
from attestation.accounting.trace import Step, Term
from attestation.decimals import format_decimal

FORMULA = Formula("removal.measured", "m", "ISO 14064-1:2018: removals are quantified and documented separately")


def removed(line_id: str, quantity: Decimal, unit: str) -> RecomputedLine:
    """The line for `quantity` tonnes of CO2 removed, from 0 up, at most 2 places.

    Raises SchemaRefused (see `check_quantity`) and RecomputationRefused (`line.unit`).
    """
    check_quantity(line_id, LineKind.REMOVAL, quantity, unit)
    check_unit(line_id, "removed CO2", unit, "t")
    return rounded_line(
        line_id,
        LineKind.REMOVAL,
        LineKind.REMOVAL.value,
        FORMULA,
        terms=(Term("m", quantity, "tCO2", "activity"),),
        steps=(Step("R", format_decimal(quantity), quantity, "tCO2"),),
    )
