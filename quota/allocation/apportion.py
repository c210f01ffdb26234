"""Scaling to what there is, and whole units of it (DOMAIN 30).

Where exact shares sum to more than is available, all are scaled to it, floored, and the remaining units go one each to
the largest fractions, ties by the bytes of the identifier, so that exactly what is available is given. Where they do
not, each is floored (DOMAIN 1) and what the floors leave stays with the reserve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from quota.trace import Step, add, floored, multiply


@dataclass(frozen=True, slots=True)
class Portion:
    """What one gets: whole units and the steps that lead to them from its exact share."""

    units: int
    trace: tuple[Step, ...]


def apportion(shares: Mapping[str, Fraction], cap: int, reserve: int = 0) -> dict[str, Portion]:
    """Whole units of each exact share (tCO2e, from 0 up) by identifier, together at most `cap` less `reserve`."""
    available, total = cap - reserve, sum(shares.values(), Fraction(0))
    if total <= available:
        return {name: _floored(share, ()) for name, share in shares.items()}
    # What all have together is all that one's own figures do not give: with it a pocket calculator goes on.
    summed = add("Σ exact shares", "tCO2e", (total,), source="DOMAIN 30: of all enterprises together")
    room = add("available", "t", (cap,), (reserve,), source="DOMAIN 30: cap − reserve")
    ratio = multiply("ratio", "1", (available,), (total,), source="DOMAIN 30: available ÷ Σ exact shares")
    scaled = {
        name: multiply("scaled", "tCO2e", (share, available), (total,), source="DOMAIN 30: exact share × ratio")
        for name, share in shares.items()
    }
    portions = {name: _floored(step.value, (summed, room, ratio, step)) for name, step in scaled.items()}
    left = available - sum(portion.units for portion in portions.values())
    order = sorted(scaled, key=lambda name: (portions[name].units - scaled[name].value, name.encode()))
    for place, name in enumerate(order[:left], 1):
        before = portions[name]
        more = add("units", "t", (before.units, 1), source=f"DOMAIN 30: largest remainder, {place} of {left} left over")
        portions[name] = Portion(before.units + 1, (*before.trace, more))
    return portions


def _floored(share: Fraction, before: tuple[Step, ...]) -> Portion:
    step = floored("units", "t", share, source="DOMAIN 1 and 30")
    return Portion(int(step.value), (*before, step))
