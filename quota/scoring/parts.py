"""The five parts of a credit score, each from 0 to 10,000 basis points (DOMAIN 49; docs/quota.md, section 6).

timeliness   20   mean over deadlines of 10,000 in time, 0 from 30 days late on or not at all
accuracy     25   |reported − verified| / verified: 10,000 at 0, 0 from 5 % on; 0 where determined
backing      20   share of emissions behind readings that devices signed
compliance   20   (in time + half of late) / obligation
efficiency   15   level alone, or two thirds level (1: 10,000 … 5: 0) and one third trend of K (−10 % … +10 %)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from quota.scoring.clamp import POINTS, clamped
from quota.scoring.inputs import (
    LEVELS,
    AccuracyFact,
    BackingFact,
    ComplianceFact,
    DeadlineFact,
    EfficiencyFact,
    ScoreInputs,
)
from quota.trace import Step, add, multiply, rounded
from quota.units import WHOLE_BPS

LATEST_DAYS = 30
WORST_DEVIATION_BPS = 500
TREND_BPS = 1_000

_OF_VERIFIED, _OF_EMISSIONS = "bp of the verified tonnes", "bp of the emissions"
_OF_OBLIGATION, _OF_K = "bp of the obligation", "bp of the K before"

_Fact = TypeVar("_Fact")


@dataclass(frozen=True, slots=True)
class Part:
    """A part: its weight in basis points of the whole, its points (None: left out, nothing is known) and its steps."""

    name: str
    weight_bps: int
    points_bps: int | None
    trace: tuple[Step, ...]


def parts(inputs: ScoreInputs) -> tuple[Part, ...]:
    """The five parts in the order of the rule."""
    return (
        _part("timeliness", 2_000, inputs.deadlines or None, timeliness),
        _part("accuracy", 2_500, inputs.accuracy, accuracy),
        _part("backing", 2_000, inputs.backing, backing),
        _part("compliance", 2_000, inputs.compliance, compliance),
        _part("efficiency", 1_500, inputs.efficiency, efficiency),
    )


def timeliness(deadlines: tuple[DeadlineFact, ...]) -> tuple[Step, ...]:
    """The steps of the mean over at least one deadline."""
    steps: list[Step] = []
    points: list[int] = []
    for deadline in deadlines:
        days = LATEST_DAYS if deadline.late_days is None else deadline.late_days
        steps += clamped(deadline.name, days, 0, LATEST_DAYS, unit="days", falling=True)
        points.append(int(steps[-1].value))
    total = add("sum", POINTS, points)
    mean = multiply("mean", POINTS, (total.value,), (len(points),))
    return (*steps, total, mean, rounded("timeliness", POINTS, mean.value, 0))


def accuracy(fact: AccuracyFact) -> tuple[Step, ...]:
    """The steps from the deviation of the first report."""
    if fact.determined:
        return (add("accuracy", POINTS, (0,), source="DOMAIN 10: determined, no registrable report"),)
    least, most = sorted((fact.reported, fact.verified))
    deviation = add("deviation", "t", (most,), (least,))
    if not fact.verified:
        right = add("accuracy", POINTS, (0 if deviation.value else WHOLE_BPS,), source="nothing was verified")
        return (deviation, right)
    share = multiply("deviation", _OF_VERIFIED, (deviation.value, WHOLE_BPS), (fact.verified,))
    return (
        deviation,
        share,
        *clamped("accuracy", share.value, 0, WORST_DEVIATION_BPS, unit=_OF_VERIFIED, falling=True),
    )


def backing(fact: BackingFact) -> tuple[Step, ...]:
    """The steps from the share of emissions behind signed readings; of no emissions all is backed."""
    if not fact.total:
        return (add("backing", POINTS, (WHOLE_BPS,), source="no emissions"),)
    share = multiply("share", _OF_EMISSIONS, (fact.device, WHOLE_BPS), (fact.total,))
    return (share, *clamped("backing", share.value, 0, WHOLE_BPS, unit=_OF_EMISSIONS))


def compliance(fact: ComplianceFact) -> tuple[Step, ...]:
    """The steps from what was surrendered; an obligation of nothing is met."""
    if not fact.obligation:
        return (add("compliance", POINTS, (WHOLE_BPS,), source="no obligation"),)
    half = multiply("half of late", "t", (fact.late,), (2,))
    met = add("met", "t", (fact.in_time, half.value))
    share = multiply("share", _OF_OBLIGATION, (met.value, WHOLE_BPS), (fact.obligation,))
    return (half, met, share, *clamped("compliance", share.value, 0, WHOLE_BPS, unit=_OF_OBLIGATION))


def efficiency(fact: EfficiencyFact) -> tuple[Step, ...]:
    """The steps from the level and, where the year before has a K above 0, from its change."""
    level = clamped("level", fact.level, 1, LEVELS, unit="levels", falling=True)
    if not fact.previous_k_e4:
        return (*level, add("efficiency", POINTS, (level[-1].value,), source="no trend yet"))
    change = add("change of K", "ten-thousandths", (fact.k_e4,), (fact.previous_k_e4,))
    relative = multiply("change", _OF_K, (change.value, WHOLE_BPS), (fact.previous_k_e4,))
    trend = clamped("trend", relative.value, -TREND_BPS, TREND_BPS, unit=_OF_K, falling=True)
    twice = multiply("2 level", POINTS, (2, level[-1].value))
    total = add("2 level + trend", POINTS, (twice.value, trend[-1].value))
    third = multiply("third", POINTS, (total.value,), (3,))
    return (*level, change, relative, *trend, twice, total, third, rounded("efficiency", POINTS, third.value, 0))


def _part(name: str, weight: int, fact: _Fact | None, steps_of: Callable[[_Fact], tuple[Step, ...]]) -> Part:
    if fact is None:
        return Part(name, weight, None, ())
    steps = steps_of(fact)
    return Part(name, weight, int(steps[-1].value), steps)
