from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota.scoring import (
    GRADES,
    AccuracyFact,
    BackingFact,
    ComplianceFact,
    DeadlineFact,
    EfficiencyFact,
    Grade,
    ScoreInputs,
    grade_of,
    score,
)
from tests.quota.calculator import assert_recomputes

FULL = ScoreInputs(
    "88.608.5288/A",
    2025,
    (DeadlineFact("report", 0), DeadlineFact("evidence-01", 3)),
    AccuracyFact(39_105, 38_942),
    BackingFact(99, 100),
    ComplianceFact(100, 80, 20),
    EfficiencyFact(2, 7_000, 7_200),
)


def test_a_score_by_hand_domain_49() -> None:
    made = score(FULL)
    # Trend: (7000 - 7200)/7200 = -277.78 bp, so (1000 + 277.78)/2000 = 6,389; (2 * 7,500 + 6,389)/3 = 7,130.
    assert [part.points_bps for part in made.parts] == [9_500, 9_163, 9_900, 9_000, 7_130]
    # 0.20 * 9,500 + 0.25 * 9,163 + 0.20 * 9,900 + 0.20 * 9,000 + 0.15 * 7,130 = 9,040.25
    assert (made.points_bps, made.grade) == (9_040, Grade.A_PLUS)
    assert_recomputes(made.trace)


def test_without_a_registered_figure_there_is_no_history_domain_49() -> None:
    made = score(ScoreInputs("a", 2025, FULL.deadlines, backing=FULL.backing))
    assert (made.points_bps, made.grade, made.grade.code) == (None, Grade.UNRATED, 0)


def test_what_is_not_known_is_left_out_and_the_rest_counts_for_the_whole_domain_49() -> None:
    made = score(ScoreInputs("a", 2025, accuracy=FULL.accuracy, backing=FULL.backing))
    # (2,500 * 9,163 + 2,000 * 9,900) / 4,500 = 9,490.56
    assert made.points_bps == 9_491
    assert [part.points_bps for part in made.parts] == [None, 9_163, 9_900, None, None]


@pytest.mark.parametrize(
    ("points", "grade", "code"),
    [
        (10_000, "A+", 5), (9_000, "A+", 5), (8_999, "A", 4), (8_000, "A", 4), (7_999, "B", 3), (7_000, "B", 3),
        (6_999, "C", 2), (6_000, "C", 2), (5_999, "D", 1), (0, "D", 1),
    ],
)  # fmt: skip
def test_the_grade_table(points: int, grade: str, code: int) -> None:
    assert grade_of(points).value == grade
    assert grade_of(points).code == code


def test_grades_fall_to_zero() -> None:
    limits = [least for _, least in GRADES]
    assert limits == sorted(limits, reverse=True)
    assert limits[-1] == 0


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_more_in_time_is_never_a_worse_score(obligation: int, one: int, other: int) -> None:
    few, many = sorted((min(one, obligation), min(other, obligation)))

    def points(in_time: int) -> int:
        made = score(ScoreInputs("a", 2025, accuracy=FULL.accuracy, compliance=ComplianceFact(obligation, in_time, 0)))
        assert made.points_bps is not None
        return made.points_bps

    assert points(few) <= points(many)
