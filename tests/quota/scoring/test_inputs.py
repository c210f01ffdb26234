from __future__ import annotations

from collections.abc import Callable

import pytest

from quota import QuotaError
from quota.scoring import AccuracyFact, BackingFact, ComplianceFact, DeadlineFact, EfficiencyFact, ScoreInputs


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: DeadlineFact("Report", 0), "score.input"),
        (lambda: DeadlineFact("report", -1), "score.range"),
        (lambda: DeadlineFact("report", 1.0), "score.input"),
        (lambda: AccuracyFact(-1, 1), "score.range"),
        (lambda: AccuracyFact(1, 2**64), "score.range"),
        (lambda: BackingFact(2, 1), "score.parts"),
        (lambda: ComplianceFact(10, 9, 2), "score.parts"),
        (lambda: ComplianceFact(True, 0, 0), "score.input"),
        (lambda: EfficiencyFact(0, 1), "score.range"),
        (lambda: EfficiencyFact(6, 1), "score.range"),
        (lambda: EfficiencyFact(1, 1, -1), "score.range"),
        (lambda: ScoreInputs("a b", 2025), "identifier.form"),
        (lambda: ScoreInputs("a", 1999), "score.range"),
        (lambda: ScoreInputs("a", 2025, (DeadlineFact("r", 0), DeadlineFact("r", 1))), "score.twice"),
    ],
)
def test_facts_that_no_ledger_holds_are_refused(make: Callable[[], object], rule: str) -> None:
    with pytest.raises(QuotaError) as refusal:
        make()
    assert refusal.value.rule == rule
