"""Process emissions: carbonates, electrodes, raw materials (DOMAIN 35).

E = AD × EF        AD in t, EF in tCO2/t
"""

from __future__ import annotations

from decimal import Decimal

from attestation.accounting.factor_sets import EnergyFactor
from attestation.accounting.kinds import LineKind
from attestation.accounting.lines import Formula, RecomputedLine, check_quantity, check_unit, rounded_line
from attestation.accounting.trace import Term, multiply

FORMULA = Formula(
    "process.factor",
    "AD × EF",
    "GB/T 32151.5-2015, industrial process emissions (fluxes, electrodes, raw materials)",
)


def process_emissions(line_id: str, quantity: Decimal, unit: str, factor: EnergyFactor) -> RecomputedLine:
    """The line for `quantity` tonnes of a material, at most 2 places.

    Raises SchemaRefused (see `check_quantity`) and RecomputationRefused (`line.unit`).
    """
    check_quantity(line_id, LineKind.PROCESS, quantity, unit)
    check_unit(line_id, factor.name, unit, "t")
    return rounded_line(
        line_id,
        LineKind.PROCESS,
        factor.name,
        FORMULA,
        terms=(
            Term("AD", quantity, unit, "activity"),
            Term("EF", factor.factor, factor.unit, factor.source, factor=True),
        ),
        steps=(multiply("E", "tCO2", [quantity, factor.factor]),),
    )
