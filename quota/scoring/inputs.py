"""The facts that a credit score is computed from (DOMAIN 49): all of them stand in the ledger, none is a judgement.

Tonnes are whole, emissions behind readings in hundredths of a tonne (report lines have two decimals), K of the carbon
efficiency code in ten-thousandths (labels have four).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from quota.identifiers import check_identifier
from quota.refusals import refuse
from quota.units import MAX_UNITS

FIRST_YEAR, LAST_YEAR = 2000, 2999
MOST_DAYS = 36_600
LEVELS = 5

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class DeadlineFact:
    """A deadline of the year and by how many days it was missed: 0 in time, None not met at all."""

    name: str
    late_days: int | None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or _NAME.fullmatch(self.name) is None:
            raise refuse(
                "score.input",
                self.name,
                "a name of lowercase letters, digits . _ -",
                at="deadlines",
                expected_zh="小写字母、数字与 . _ - 组成的名称",
            )
        if self.late_days is not None:
            check_whole(self.late_days, 0, MOST_DAYS, f"deadlines.{self.name}")


@dataclass(frozen=True, slots=True)
class AccuracyFact:
    """Tonnes of the first report and tonnes registered; `determined` where there was no registrable report."""

    reported: int
    verified: int
    determined: bool = False

    def __post_init__(self) -> None:
        check_whole(self.reported, 0, MAX_UNITS, "accuracy.reported")
        check_whole(self.verified, 0, MAX_UNITS, "accuracy.verified")


@dataclass(frozen=True, slots=True)
class BackingFact:
    """Emissions of the report's lines (`total`), and of those what readings signed by devices in time back; 0.01 t."""

    device: int
    total: int

    def __post_init__(self) -> None:
        check_whole(self.total, 0, MAX_UNITS, "backing.total")
        if check_whole(self.device, 0, MAX_UNITS, "backing.device") > self.total:
            raise refuse(
                "score.parts",
                self.device,
                f"at most {self.total}",
                at="backing.device",
                expected_zh=f"至多 {self.total}",
            )


@dataclass(frozen=True, slots=True)
class ComplianceFact:
    """The obligation in tonnes, and of it what was surrendered in time and what late."""

    obligation: int
    in_time: int
    late: int

    def __post_init__(self) -> None:
        check_whole(self.obligation, 0, MAX_UNITS, "compliance.obligation")
        check_whole(self.in_time, 0, MAX_UNITS, "compliance.in_time")
        check_whole(self.late, 0, MAX_UNITS, "compliance.late")
        if self.in_time + self.late > self.obligation:
            raise refuse(
                "score.parts",
                self.in_time + self.late,
                f"at most {self.obligation}",
                at="compliance",
                expected_zh=f"至多 {self.obligation}",
            )


@dataclass(frozen=True, slots=True)
class EfficiencyFact:
    """The carbon efficiency code: its level 1 (best) to 5 and K, and K of the year before where there is a label."""

    level: int
    k_e4: int
    previous_k_e4: int | None = None

    def __post_init__(self) -> None:
        check_whole(self.level, 1, LEVELS, "efficiency.level")
        check_whole(self.k_e4, 0, MAX_UNITS, "efficiency.k_e4")
        if self.previous_k_e4 is not None:
            check_whole(self.previous_k_e4, 0, MAX_UNITS, "efficiency.previous_k_e4")


@dataclass(frozen=True, slots=True)
class ScoreInputs:
    """The facts of an enterprise's year. What is not known yet, or does not apply, is None; without a registered figure
    (`accuracy`) there is no history, and the score is unrated."""

    identifier: str
    year: int
    deadlines: tuple[DeadlineFact, ...] = ()
    accuracy: AccuracyFact | None = None
    backing: BackingFact | None = None
    compliance: ComplianceFact | None = None
    efficiency: EfficiencyFact | None = None

    def __post_init__(self) -> None:
        check_identifier(self.identifier)
        check_whole(self.year, FIRST_YEAR, LAST_YEAR, "year")
        ordered = tuple(sorted(self.deadlines, key=lambda deadline: deadline.name))
        for one, other in pairwise(ordered):
            if one.name == other.name:
                raise refuse("score.twice", one.name, at="deadlines")
        # One order for one set of facts: inputs that mean the same are equal.
        object.__setattr__(self, "deadlines", ordered)


def check_whole(value: object, low: int, high: int, at: str) -> int:
    """A whole number within its bounds. Raises ScoreRefused (`score.input`, `score.range`)."""
    if type(value) is not int:
        raise refuse("score.input", f"{type(value).__name__} {value}", "a whole number", at=at, expected_zh="整数")
    if not low <= value <= high:
        raise refuse("score.range", value, f"{low} to {high}", at=at, expected_zh=f"{low} 至 {high}")
    return value
