"""The power benchmark (DOMAIN 28; national allocation plan for power generation, 2023 and 2024).

a unit          A = Qe*Be*Ff + Qh*Bh       Qe gross MWh, Be tCO2/MWh, Qh heat GJ, Bh tCO2/GJ
load            Ff = 1.015^(16-20F) for conventional coal with load F < 0.65, else 1
                F half-up at 4 places, the power at 50 digits, Ff half-up at 6 places
gas             max(A, E)
the enterprise  max(sum of A, 0.80 * sum of E)
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from quota.allocation.inputs import PowerInputs, PowerUnit, UnitClass
from quota.refusals import refuse
from quota.trace import Step, add, larger, multiply, raised, rounded

LOAD_LIMIT = Fraction(65, 100)
LOAD_BASE = Decimal("1.015")
FLOOR_SHARE = Decimal("0.80")

_LARGE, _SMALL = UnitClass.COAL_LARGE, UnitClass.COAL_SMALL
_UNCONVENTIONAL, _GAS = UnitClass.COAL_UNCONVENTIONAL, UnitClass.GAS

NATIONAL_BENCHMARKS: Mapping[int, Mapping[UnitClass, tuple[Decimal, Decimal]]] = MappingProxyType(
    {
        2023: MappingProxyType(
            {
                _LARGE: (Decimal("0.7950"), Decimal("0.1038")),
                _SMALL: (Decimal("0.8090"), Decimal("0.1038")),
                _UNCONVENTIONAL: (Decimal("0.8285"), Decimal("0.1038")),
                _GAS: (Decimal("0.3305"), Decimal("0.0536")),
            }
        ),
        2024: MappingProxyType(
            {
                _LARGE: (Decimal("0.7910"), Decimal("0.1033")),
                _SMALL: (Decimal("0.8049"), Decimal("0.1033")),
                _UNCONVENTIONAL: (Decimal("0.8244"), Decimal("0.1033")),
                _GAS: (Decimal("0.3288"), Decimal("0.0533")),
            }
        ),
    }
)
"""Power (tCO2/MWh of gross generation) and heat (tCO2/GJ) benchmarks by year and class: national total allocation and
allocation plan for power generation 2023 and 2024. Earlier plans count net supply and do not fit this formula."""


def national_benchmarks(year: int, unit_class: UnitClass) -> tuple[Decimal, Decimal]:
    """Power and heat benchmark. Raises AllocationRefused (`allocation.no_benchmark`) for a year without a plan here."""
    if year not in NATIONAL_BENCHMARKS:
        known = ", ".join(str(known) for known in NATIONAL_BENCHMARKS)
        raise refuse("allocation.no_benchmark", year, known)
    return NATIONAL_BENCHMARKS[year][unit_class]


def load_factor(load: Decimal) -> tuple[Step, ...]:
    """The correction for load F of a conventional coal unit; the last step's value is Ff, at 6 places."""
    fraction = rounded("F", "1", load, 4, source="verified report")
    if fraction.value >= LOAD_LIMIT:
        return (fraction, Step("Ff", "1", Fraction(1), "1", "DOMAIN 28: F from 0.65 up"))
    twentyfold = multiply("20F", "1", (20, fraction.value))
    exponent = add("x", "1", (16,), (twentyfold.value,))
    return (fraction, twentyfold, exponent, raised("Ff", LOAD_BASE, exponent.value, 6, source="DOMAIN 28"))


def power_unit(unit: PowerUnit) -> tuple[Step, ...]:
    """The steps of one generating unit; the last one's value is its result, tCO2."""
    steps: tuple[Step, ...] = ()
    factors = [unit.electricity, unit.power_benchmark]
    if unit.load is None:
        power = multiply("Ae", "tCO2", factors, source="DOMAIN 28")
    else:
        steps = load_factor(unit.load)
        power = multiply("Ae", "tCO2", (*factors, steps[-1].value), source="DOMAIN 28")
    heat = multiply("Ah", "tCO2", (unit.heat, unit.heat_benchmark), source="DOMAIN 28")
    total = add(f"A({unit.name})", "tCO2", (power.value, heat.value))
    steps = (*steps, power, heat, total)
    if unit.unit_class is UnitClass.GAS:
        return (*steps, larger(f"A({unit.name})", "tCO2", total.value, unit.emissions, source="DOMAIN 28: gas"))
    return steps


def power_benchmark(inputs: PowerInputs) -> tuple[Step, ...]:
    """The steps of an enterprise's units in the order of their names; the last one's value is the result, tCO2."""
    traces = [power_unit(unit) for unit in inputs.units]
    total = add("ΣA", "tCO2", (trace[-1].value for trace in traces))
    emitted = add("ΣE", "tCO2", (unit.emissions for unit in inputs.units), source="verified reports")
    floor = multiply("0.80 ΣE", "tCO2", (FLOOR_SHARE, emitted.value))
    result = larger("A", "tCO2", total.value, floor.value, source="DOMAIN 28: enterprise")
    return (*(step for trace in traces for step in trace), total, emitted, floor, result)
