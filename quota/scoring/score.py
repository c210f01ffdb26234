"""The credit score 碳信用评价 (DOMAIN 49). No standard has a formula: this one is the project's, published, versioned.

    points = Σ weight * points of part / Σ weight    over the parts that are known, half-up, in basis points

Integer arithmetic: the same inputs give the same bytes on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from quota.scoring.clamp import POINTS
from quota.scoring.inputs import ScoreInputs
from quota.scoring.parts import Part, parts
from quota.trace import Step, add, multiply, rounded

FORMULA = "tanlu-score@1"
COMMENT_WORKING_DAYS = 10
"""Working days for the enterprise's comment before a score is published."""
_WEIGHTED = f"{POINTS} × bp of weight"


class Grade(StrEnum):
    """The grade of a score; unrated without history."""

    A_PLUS = "A+"
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    UNRATED = "unrated"

    @property
    def code(self) -> int:
        """The number that a contract holds: 0 unrated, 1 for D … 5 for A+."""
        return (Grade.UNRATED, Grade.D, Grade.C, Grade.B, Grade.A, Grade.A_PLUS).index(self)


GRADES: tuple[tuple[Grade, int], ...] = (
    (Grade.A_PLUS, 9_000),
    (Grade.A, 8_000),
    (Grade.B, 7_000),
    (Grade.C, 6_000),
    (Grade.D, 0),
)
"""Grades and the least points of each, basis points."""


@dataclass(frozen=True, slots=True)
class Score:
    """Points from 0 to 10,000 (None: unrated), the grade, the five parts, and the steps that weigh them."""

    inputs: ScoreInputs
    points_bps: int | None
    grade: Grade
    parts: tuple[Part, ...]
    trace: tuple[Step, ...] = field(repr=False)


def grade_of(points_bps: int) -> Grade:
    """The grade of points from 0 to 10,000."""
    return next(grade for grade, least in GRADES if points_bps >= least)


def score(inputs: ScoreInputs) -> Score:
    """The score of an enterprise's year.

    Parts of which nothing is known are left out and the weights of the others count for the whole; without a registered
    figure it is unrated.
    """
    all_parts = parts(inputs)
    if inputs.accuracy is None:
        return Score(inputs, None, Grade.UNRATED, all_parts, ())
    known = [(part, part.points_bps) for part in all_parts if part.points_bps is not None]
    weighted = [multiply(part.name, _WEIGHTED, (points, part.weight_bps)) for part, points in known]
    total = add("weighted", _WEIGHTED, (step.value for step in weighted))
    weights = add("weights", "bp of weight", (part.weight_bps for part, _ in known))
    mean = multiply("points", POINTS, (total.value,), (weights.value,), source="DOMAIN 49")
    points = rounded("points", POINTS, mean.value, 0)
    value = int(points.value)
    return Score(inputs, value, grade_of(value), all_parts, (*weighted, total, weights, mean, points))
