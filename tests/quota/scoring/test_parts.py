from __future__ import annotations

import pytest

from quota.scoring import AccuracyFact, BackingFact, ComplianceFact, DeadlineFact, EfficiencyFact, ScoreInputs, score
from quota.scoring.clamp import POINTS
from quota.scoring.parts import accuracy, backing, compliance, efficiency, parts, timeliness
from tests.quota.calculator import assert_recomputes


@pytest.mark.parametrize(
    ("late", "points"), [((0,), 10_000), ((0, 30), 5_000), ((3, 0), 9_500), ((None, 0, 0), 6_667), ((31,), 0)]
)
def test_timeliness_is_the_mean_over_deadlines_domain_49(late: tuple[int | None, ...], points: int) -> None:
    steps = timeliness(tuple(DeadlineFact(f"d{place}", days) for place, days in enumerate(late)))
    assert steps[-1].value == points
    assert_recomputes(steps)


@pytest.mark.parametrize(
    ("fact", "points"),
    [
        (AccuracyFact(38_942, 38_942), 10_000),
        # 163 of 38,942 t is 41.857 bp; (500 - 41.857)/500
        (AccuracyFact(39_105, 38_942), 9_163),
        (AccuracyFact(38_779, 38_942), 9_163),
        (AccuracyFact(105, 100), 0),
        (AccuracyFact(0, 0), 10_000),
        (AccuracyFact(1, 0), 0),
        (AccuracyFact(100, 100, determined=True), 0),
    ],
)
def test_accuracy_falls_to_nothing_at_a_twentieth_either_way_domain_49(fact: AccuracyFact, points: int) -> None:
    steps = accuracy(fact)
    assert steps[-1].value == points
    assert_recomputes(steps)


@pytest.mark.parametrize(("device", "total", "points"), [(99, 100, 9_900), (0, 7, 0), (0, 0, 10_000), (1, 3, 3_333)])
def test_backing_is_the_share_of_emissions_behind_signed_readings_domain_49(
    device: int, total: int, points: int
) -> None:
    assert backing(BackingFact(device, total))[-1].value == points


@pytest.mark.parametrize(
    ("fact", "points"),
    [
        (ComplianceFact(100, 100, 0), 10_000),
        (ComplianceFact(100, 80, 20), 9_000),
        (ComplianceFact(100, 0, 0), 0),
        (ComplianceFact(0, 0, 0), 10_000),
        (ComplianceFact(4_620, 4_600, 20), 9_978),
    ],
)
def test_late_tonnes_count_half_domain_49(fact: ComplianceFact, points: int) -> None:
    steps = compliance(fact)
    assert steps[-1].value == points
    assert_recomputes(steps)


@pytest.mark.parametrize(
    ("fact", "points"),
    [
        (EfficiencyFact(1, 5_000), 10_000),
        (EfficiencyFact(5, 25_000), 0),
        (EfficiencyFact(2, 7_000, 0), 7_500),
        # Level 2: 7,500. No change: 5,000. (2 * 7,500 + 5,000)/3
        (EfficiencyFact(2, 7_000, 7_000), 6_667),
        (EfficiencyFact(1, 4_500, 5_000), 10_000),
        (EfficiencyFact(1, 5_500, 5_000), 6_667),
    ],
)
def test_efficiency_is_two_thirds_level_and_one_third_trend_domain_49(fact: EfficiencyFact, points: int) -> None:
    steps = efficiency(fact)
    assert steps[-1].value == points
    assert_recomputes(steps)


def test_the_weights_are_20_25_20_20_15_of_a_hundred_domain_49() -> None:
    named = [(part.name, part.weight_bps) for part in parts(ScoreInputs("a", 2025))]
    assert named == [
        ("timeliness", 2_000),
        ("accuracy", 2_500),
        ("backing", 2_000),
        ("compliance", 2_000),
        ("efficiency", 1_500),
    ]
    assert sum(weight for _, weight in named) == 10_000


def test_every_step_of_a_score_says_its_unit() -> None:
    """DOMAIN 49: points beside shares, days and tonnes."""
    found = score(
        ScoreInputs(
            "a",
            2025,
            deadlines=(DeadlineFact("report", 3), DeadlineFact("correction-1", None)),
            accuracy=AccuracyFact(39_105, 38_942),
            backing=BackingFact(99, 100),
            compliance=ComplianceFact(100, 80, 20),
            efficiency=EfficiencyFact(2, 7_500, 8_000),
        )
    )
    for part in found.parts:
        assert part.trace[-1].unit == POINTS
        assert all(step.unit not in {"", "bp"} for step in part.trace), part.name
    assert {step.unit for step in found.trace} == {POINTS, f"{POINTS} × bp of weight", "bp of weight"}
    assert found.trace[-1].unit == POINTS
