"""The seven greenhouse gases of the national inventory, each by its warming potential (DOMAIN 32).

    E = m × GWP        m in t of the gas

CO2, CH4, N2O, SF6 and NF3 are gases; HFCs and PFCs are families, whose members the factor set has by name.
"""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from attestation.accounting.factor_sets import GlobalWarmingPotential
from attestation.accounting.greenhouse_gases import gas_of
from attestation.accounting.kinds import LineKind
from attestation.accounting.lines import Formula, RecomputedLine, check_quantity, check_unit, rounded_line
from attestation.accounting.trace import Term, multiply

FORMULA = Formula("released.gwp", "m × GWP", "2006 IPCC Guidelines, vol. 1, ch. 8: CO2 equivalents by 100-year GWP")


def released_gas(line_id: str, quantity: Decimal, unit: str, gwp: GlobalWarmingPotential) -> RecomputedLine:
    """The line for `quantity` tonnes of a released gas, at most 6 places, in tCO2e.

    Raises SchemaRefused (see `check_quantity`; `gas.unknown`) and RecomputationRefused (`line.unit`).
    """
    check_quantity(line_id, LineKind.GAS, quantity, unit)
    check_unit(line_id, gwp.name, unit, "t")
    gas = gas_of(gwp.name)
    line = rounded_line(
        line_id,
        LineKind.GAS,
        gwp.name,
        FORMULA,
        terms=(Term("m", quantity, unit, "activity"), Term("GWP", gwp.value, "tCO2e/t", gwp.source, factor=True)),
        steps=(multiply("E", "tCO2e", [quantity, gwp.value]),),
    )
    return dataclasses.replace(line, gas=gas)
