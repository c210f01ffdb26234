"""Rule 50's clamp in whole basis points: `s = clamp(a + (x - min)/(max - min)*(b - a), a, b)`, a = 0, b = 10,000."""

from __future__ import annotations

from fractions import Fraction

from quota.trace import Step, add, larger, multiply, rounded, smaller
from quota.units import WHOLE_BPS

POINTS = "hundredths of a point"
"""The unit of points in steps: 10,000 of them are the 100 points of a part, or of the whole score."""


def clamped(
    symbol: str, x: Fraction | int, low: int, high: int, *, unit: str = "1", falling: bool = False
) -> tuple[Step, ...]:
    """The steps from `x`, in its `unit`, to points, 0 at `low` and below, 10,000 at `high` and above; `falling`: the
    other way round.

    `low` is below `high`. The points are whole, half-up.
    """
    distance = add("distance", unit, (high,), (x,)) if falling else add("distance", unit, (x,), (low,))
    span = high - low
    share = multiply("points", POINTS, (distance.value, WHOLE_BPS), (span,), source="DOMAIN 50")
    least = larger("points", POINTS, 0, share.value)
    most = smaller("points", POINTS, WHOLE_BPS, least.value)
    return (distance, share, least, most, rounded(symbol, POINTS, most.value, 0))
