"""A year's allocation (DOMAIN 30), in this order:

1. the method's exact result          2. relief added          3. score adjustment
4. the sum                            5. all scaled where it is over cap − reserve
6. floors, largest remainders         7. a cut, and what is owed of earlier years, taken from whole units

What nobody gets joins the reserve: free + reserve = cap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from quota.allocation.apportion import Portion, apportion
from quota.allocation.benchmark import power_benchmark
from quota.allocation.industry import balancing_benchmark, industry_benchmark
from quota.allocation.inputs import (
    AllocationInput,
    AllocationRules,
    BaseOutput,
    BaseYear,
    GrandfatheringInputs,
    IndustryInputs,
    IntensityInputs,
    Method,
)
from quota.allocation.methods import grandfathering, historical_intensity
from quota.refusals import refuse
from quota.trace import Step, add, floored, multiply, smaller
from quota.units import check_units

MOST_ENTERPRISES = 1_000
"""Exact quotients of many intensities grow long: time grows faster than the square, a thousand take seconds."""


@dataclass(frozen=True, slots=True)
class Share:
    """An enterprise's free allocation, units of 1 t.

    `exact`: after relief and score adjustment, before scaling. `units`: whole units of it. `cut`: of those, what
    falsified data costs. `deducted`: of the rest, what earlier years owed; `still_owed`: what the share did not cover.
    `tonnes` = `units` − `cut` − `deducted` is what is allocated. `trace`: every step from the inputs to `tonnes`.
    """

    identifier: str
    method: Method
    exact: Fraction
    units: int
    cut: int
    deducted: int
    still_owed: int
    tonnes: int
    trace: tuple[Step, ...] = field(repr=False)

    def as_dict(self) -> dict[str, object]:
        """The share with its trace as JSON-ready members; tonnes are decimal strings."""
        return {
            "identifier": self.identifier,
            "method": self.method.value,
            "units": str(self.units),
            "cut": str(self.cut),
            "deducted": str(self.deducted),
            "still_owed": str(self.still_owed),
            "tonnes": str(self.tonnes),
            "trace": [step.as_dict() for step in self.trace],
        }


@dataclass(frozen=True, slots=True)
class AllocationRun:
    """A run: rules, inputs and shares by the bytes of their identifiers, benchmarks of sectors (tCO2 per unit of
    output), the sum of exact shares, and `free` + `reserve` = `rules.cap` in units."""

    rules: AllocationRules
    inputs: tuple[AllocationInput, ...]
    shares: tuple[Share, ...]
    benchmarks: tuple[tuple[str, Fraction], ...]
    entitled: Fraction
    free: int
    reserve: int

    @property
    def scaled(self) -> bool:
        """Whether the exact shares summed to more than cap − reserve."""
        return self.entitled > self.rules.available

    def table(self) -> tuple[tuple[str, int], ...]:
        """(identifier, tonnes) by the bytes of the identifiers."""
        return tuple((share.identifier, share.tonnes) for share in self.shares)

    def share(self, identifier: str) -> Share:
        """The share of one enterprise. Raises AllocationRefused (`allocation.unknown`)."""
        for share in self.shares:
            if share.identifier == identifier:
                return share
        raise refuse("allocation.unknown", identifier)


def allocate(rules: AllocationRules, inputs: Iterable[AllocationInput]) -> AllocationRun:
    """The allocation of a year; the order of `inputs` does not matter.

    Raises AllocationRefused: `allocation.empty`, `.twice`, `.too_many`, `.base_year`, `.score_limit`,
    `.unit_of_sector`.
    """
    ordered = tuple(sorted(inputs, key=lambda one: one.identifier.encode()))
    _check(rules, ordered)
    benchmarks = _benchmarks(rules, ordered)
    traces = {one.identifier: _entitlement(one, benchmarks) for one in ordered}
    exact = {identifier: trace[-1].value for identifier, trace in traces.items()}
    portions = apportion(exact, rules.cap, rules.reserve)
    entitled = sum(exact.values(), Fraction(0))
    shares = tuple(_share(one, traces[one.identifier], portions[one.identifier]) for one in ordered)
    free = sum(share.tonnes for share in shares)
    return AllocationRun(rules, ordered, shares, tuple(benchmarks.items()), entitled, free, rules.cap - free)


def _check(rules: AllocationRules, ordered: tuple[AllocationInput, ...]) -> None:
    if not ordered:
        raise refuse("allocation.empty", "no enterprise", at="inputs")
    if len(ordered) > MOST_ENTERPRISES:
        raise refuse(
            "allocation.too_many",
            len(ordered),
            f"at most {MOST_ENTERPRISES}",
            at="inputs",
            expected_zh=f"至多 {MOST_ENTERPRISES} 家",
        )
    for one, other in pairwise(ordered):
        if one.identifier == other.identifier:
            raise refuse("allocation.twice", one.identifier, at="inputs")
    for one in ordered:
        if one.score_adjustment.copy_abs() > rules.score_limit:
            place = f"{one.identifier}.score_adjustment"
            raise refuse("allocation.score_limit", one.score_adjustment, f"±{rules.score_limit}", at=place)
        for base in _base_years(one):
            if base.year >= rules.year:
                wanted, wanted_zh = f"a year before {rules.year}", f"早于 {rules.year} 的年份"
                raise refuse("allocation.base_year", base.year, wanted, at=one.identifier, expected_zh=wanted_zh)


def _base_years(one: AllocationInput) -> tuple[BaseYear | BaseOutput, ...]:
    return one.inputs.base_years if isinstance(one.inputs, GrandfatheringInputs | IntensityInputs) else ()


def _benchmarks(rules: AllocationRules, ordered: tuple[AllocationInput, ...]) -> dict[str, Fraction]:
    sectors: dict[str, list[IndustryInputs]] = {}
    for one in ordered:
        if isinstance(one.inputs, IndustryInputs):
            sectors.setdefault(one.inputs.sector, []).append(one.inputs)
    published = dict(rules.sector_benchmarks)
    balanced = {sector: balancing_benchmark(members) for sector, members in sorted(sectors.items())}
    return {
        sector: Fraction(published[sector]) if sector in published else balance for sector, balance in balanced.items()
    }


def _entitlement(one: AllocationInput, benchmarks: dict[str, Fraction]) -> tuple[Step, ...]:
    inputs = one.inputs
    if isinstance(inputs, GrandfatheringInputs):
        steps = grandfathering(inputs)
    elif isinstance(inputs, IntensityInputs):
        steps = historical_intensity(inputs)
    elif isinstance(inputs, IndustryInputs):
        steps = industry_benchmark(inputs, benchmarks[inputs.sector])
    else:
        steps = power_benchmark(inputs)
    relieved = add("with relief", "tCO2e", (steps[-1].value, one.relief), source="DOMAIN 30")
    factor = add("1 + s", "1", (1, one.score_adjustment), source="DOMAIN 30: score adjustment")
    return (*steps, relieved, factor, multiply("exact share", "tCO2e", (relieved.value, factor.value)))


def _share(one: AllocationInput, trace: tuple[Step, ...], portion: Portion) -> Share:
    units, steps = check_units(portion.units, one.identifier), [*trace, *portion.trace]
    cut = deducted = 0
    if one.cut:
        kept = multiply("kept", "t", (units, 1 - Fraction(one.cut)), source="DOMAIN 7: cut")
        whole = floored("kept", "t", kept.value)
        cut = units - int(whole.value)
        steps += [kept, whole]
    if one.owed:
        taken = smaller("deducted", "t", units - cut, one.owed, source="DOMAIN 31: owed of earlier years")
        deducted = int(taken.value)
        steps += [taken, add("allocated", "t", (units - cut,), (deducted,))]
    return Share(
        identifier=one.identifier,
        method=one.method,
        exact=trace[-1].value,
        units=units,
        cut=cut,
        deducted=deducted,
        still_owed=one.owed - deducted,
        tonnes=units - cut - deducted,
        trace=tuple(steps),
    )
