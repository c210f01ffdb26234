from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

import pytest

from quota import QuotaError
from quota.scoring import (
    AccuracyFact,
    BackingFact,
    ComplianceFact,
    DeadlineFact,
    EfficiencyFact,
    ScoreInputs,
    inputs_root,
    read_score,
    read_score_inputs,
    score,
    score_bytes,
    score_inputs_to_document,
    score_to_document,
)

FACTS = (DeadlineFact("report", 0), DeadlineFact("evidence-01", None))
FULL = ScoreInputs(
    "a", 2025, FACTS, AccuracyFact(39_105, 38_942), BackingFact(99, 100), ComplianceFact(100, 80, 20),
    EfficiencyFact(2, 7_000, 7_200),
)  # fmt: skip
SPARSE = ScoreInputs("a", 2025)

BYTES = (
    b'{"formula":"tanlu-score@1","grade":"unrated","inputs":{"accuracy":null,"backing":null,"compliance":null,'
    b'"deadlines":[],"efficiency":null,"identifier":"a","year":2025},'
    b'"inputs_root":"%s","parts":[{"name":"timeliness","points_bps":null,"weight_bps":2000},'
    b'{"name":"accuracy","points_bps":null,"weight_bps":2500},{"name":"backing","points_bps":null,"weight_bps":2000},'
    b'{"name":"compliance","points_bps":null,"weight_bps":2000},'
    b'{"name":"efficiency","points_bps":null,"weight_bps":1500}],"points_bps":null,"v":1}'
)


def parsed(inputs: ScoreInputs) -> Any:
    return json.loads(score_bytes(score(inputs)))


@pytest.mark.parametrize("inputs", [FULL, SPARSE], ids=["full", "sparse"])
def test_the_same_inputs_give_the_same_bytes_domain_49(inputs: ScoreInputs) -> None:
    computed = read_score(parsed(inputs))
    assert computed == score(inputs)
    assert score_bytes(computed) == score_bytes(score(inputs))
    assert read_score_inputs(json.loads(json.dumps(score_inputs_to_document(inputs)))) == inputs


def test_the_bytes_are_these() -> None:
    assert score_bytes(score(SPARSE)) == BYTES % inputs_root(SPARSE).encode()


def test_the_order_of_deadlines_changes_no_byte() -> None:
    turned = ScoreInputs("a", 2025, FACTS[::-1])
    assert score_bytes(score(turned)) == score_bytes(score(ScoreInputs("a", 2025, FACTS)))


def test_the_root_is_the_hash_of_formula_and_inputs() -> None:
    text = json.dumps(
        {"formula": "tanlu-score@1", "inputs": parsed(FULL)["inputs"]}, separators=(",", ":"), sort_keys=True
    )
    assert (
        hashlib.sha256(text.encode()).hexdigest() == inputs_root(FULL) == score_to_document(score(FULL))["inputs_root"]
    )


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("formula", "tanlu-score@2", "score.formula"),
        ("inputs_root", "0" * 64, "score.root"),
        ("points_bps", 9_999, "score.result"),
        ("points_bps", True, "score.result"),
        ("grade", "B", "score.result"),
        ("parts", [], "score.result"),
        ("more", 1, "score.input"),
        ("v", 2, "score.input"),
        ("inputs.year", "2025", "score.input"),
        ("inputs.accuracy.reported", 39_105, "score.input"),
        ("inputs.accuracy.reported", "39106", "score.root"),
        ("inputs.accuracy.determined", 0, "score.input"),
        ("inputs.backing.device", "101", "score.parts"),
        ("inputs.compliance", {}, "score.input"),
        ("inputs.efficiency.level", 6, "score.input"),
        ("inputs.deadlines", "none", "score.input"),
        ("inputs.deadlines", [{"name": "report"}], "score.input"),
    ],
)
def test_a_score_with_another_root_or_result_is_refused(path: str, value: object, rule: str) -> None:
    document = copy.deepcopy(parsed(FULL))
    *way, last = path.split(".")
    part = document
    for name in way:
        part = part[name]
    part[last] = value
    with pytest.raises(QuotaError) as refusal:
        read_score(document)
    assert refusal.value.rule == rule
