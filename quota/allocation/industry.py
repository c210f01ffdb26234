"""The benchmark of steel, cement and aluminium (DOMAIN 29; draft allocation plan of 2026).

    I = E / output     X = (BP - I) / BP
    α = 0.15 * X where |X| < 0.20, else 0.03 with the sign of X
    A = E * (1 + α)    floored with all others at the end of a run

BP, tCO2 per unit of output, balances a sector: the sum of A is the sum of E. A grows with BP, so BP is found by
bisection on whole millionths. It is the least root half-up at 6 places; since 6 places rarely give the root itself, the
sums then differ by the little that half a millionth of BP moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from quota.allocation.inputs import IndustryInputs
from quota.refusals import refuse
from quota.trace import Step, add, multiply

PLACES = 6
SLOPE = Fraction(15, 100)
SLOPE_LIMIT = Fraction(20, 100)
MOST_ALPHA = Fraction(3, 100)

_GRID = 10**PLACES


def intensity(inputs: IndustryInputs) -> Fraction:
    """E / output, tCO2 per unit of output."""
    return Fraction(inputs.emissions) / Fraction(inputs.output)


def alpha(benchmark: Fraction, of_enterprise: Fraction) -> Fraction:
    """The adjustment α of an enterprise with this intensity, from -0.03 to 0.03."""
    x = (benchmark - of_enterprise) / benchmark
    if abs(x) < SLOPE_LIMIT:
        return SLOPE * x
    return MOST_ALPHA if x > 0 else -MOST_ALPHA


def surplus(benchmark: Fraction, sector: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
    """Sum of A less sum of E, tCO2, at a benchmark, of (emissions, intensity)."""
    return sum((emissions * alpha(benchmark, own) for emissions, own in sector), Fraction(0))


def balancing_benchmark(inputs: Iterable[IndustryInputs]) -> Fraction:
    """BP of a sector, tCO2 per unit of output at 6 places.

    Raises AllocationRefused: `allocation.empty`, `allocation.unit_of_sector` where outputs differ in their unit.
    """
    sector = list(inputs)
    if not sector:
        raise refuse("allocation.empty", "no enterprise", at="sector")
    for one in sector:
        if one.unit != sector[0].unit:
            raise refuse("allocation.unit_of_sector", one.unit, sector[0].unit, at=one.sector)
    figures = [(Fraction(one.emissions), intensity(one)) for one in sector]
    # At half of the least intensity all lose; from the largest up nobody does.
    low = int(min(own for _, own in figures) / 2 * _GRID)
    high = int(max(own for _, own in figures) * _GRID) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if surplus(Fraction(middle, _GRID), figures) < 0:
            low = middle
        else:
            high = middle
    # Half-up: is the root in the upper half of the last millionth?
    if surplus(Fraction(2 * low + 1, 2 * _GRID), figures) > 0:
        return Fraction(low, _GRID)
    return Fraction(high, _GRID)


def industry_benchmark(inputs: IndustryInputs, benchmark: Fraction) -> tuple[Step, ...]:
    """The steps of an enterprise at its sector's benchmark; the last one's value is the result, tCO2, not floored."""
    unit = f"tCO2/{inputs.unit}"
    own = multiply("I", unit, (inputs.emissions,), (inputs.output,), source="verified report")
    distance = add("BP − I", unit, (benchmark,), (own.value,))
    x = multiply("X", "1", (distance.value,), (benchmark,), source="DOMAIN 29")
    if abs(x.value) < SLOPE_LIMIT:
        change = multiply("α", "1", (SLOPE, x.value), source="DOMAIN 29")
    else:
        change = add("α", "1", (alpha(benchmark, own.value),), source="DOMAIN 29: |X| from 0.20 up")
    factor = add("1 + α", "1", (1, change.value))
    return (own, distance, x, change, factor, multiply("A", "tCO2", (inputs.emissions, factor.value)))
