from __future__ import annotations

import copy
import hashlib
import json
import random
from decimal import Decimal
from typing import Any

import pytest

from quota import AllocationRefused, QuotaError
from quota.allocation import (
    AllocationInput,
    AllocationRules,
    AllocationRun,
    BaseOutput,
    IntensityInputs,
    Method,
    PowerInputs,
    allocate,
    check_summary,
    input_root,
    inputs_to_document,
    read_inputs,
    read_run,
    table_hash,
    to_document,
    to_summary,
)
from tests.quota.examples import any_inputs, coal, inherited, works

RULES = AllocationRules(2025, 3_000_000, 1_000, sector_benchmarks=(("cement", Decimal("0.8")),))


def every_method() -> list[AllocationInput]:
    bases = (BaseOutput(2022, Decimal("500.5"), Decimal(1_000)), BaseOutput(2023, Decimal(330), Decimal(600)))
    return [
        inherited("d", "100.50", "0.95", score_adjustment=Decimal("-0.010"), owed=3),
        AllocationInput("c", Method.INTENSITY, IntensityInputs(Decimal(800), "t", bases, Decimal("0.98"))),
        AllocationInput("b", Method.POWER, PowerInputs((coal("u2"), coal("u1")))),
        AllocationInput("a", Method.INDUSTRY, works("cement", "80", "100")),
    ]


def run() -> AllocationRun:
    return allocate(RULES, every_method())


def parsed() -> Any:
    """The document as it comes back out of a statement."""
    return json.loads(json.dumps(to_document(run())))


def test_a_run_comes_back_from_its_document() -> None:
    assert read_run(parsed()) == run()


def test_inputs_come_back_from_their_document() -> None:
    rules, inputs = read_inputs(json.loads(json.dumps(inputs_to_document(RULES, every_method()))))
    assert rules == RULES
    assert inputs == tuple(sorted(every_method(), key=lambda one: one.identifier))


def test_random_runs_come_back_too() -> None:
    chance = random.Random(5)
    for _ in range(100):
        made = [any_inputs(chance) for _ in range(3)]
        inputs = [AllocationInput(f"e{place}", method, inputs) for place, (method, inputs) in enumerate(made)]
        of_run = allocate(AllocationRules(2025, 10**7, 0), inputs)
        assert read_run(json.loads(json.dumps(to_document(of_run)))) == of_run


def test_the_input_root_is_the_hash_of_the_canonical_bytes_that_the_docs_name() -> None:
    document = parsed()
    computed_from = {"v": 1, "rules": document["rules"], "inputs": document["inputs"]}
    text = json.dumps(computed_from, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert document["input_root"] == hashlib.sha256(text.encode()).hexdigest() == input_root(RULES, every_method())


def test_the_table_hash_is_that_of_rows_by_identifier() -> None:
    rows = b'[{"identifier":"a","tonnes":"80"},{"identifier":"b","tonnes":"7"}]'
    assert table_hash([("b", 7), ("a", 80)]) == hashlib.sha256(rows).hexdigest()


def test_trailing_zeros_change_no_root() -> None:
    assert input_root(RULES, [inherited("a", "1.50")]) == input_root(RULES, [inherited("a", "1.5")])


def test_every_input_changes_the_root() -> None:
    roots = {
        input_root(RULES, [inherited("a", 1)]),
        input_root(RULES, [inherited("b", 1)]),
        input_root(RULES, [inherited("a", 2)]),
        input_root(RULES, [inherited("a", 1, "2")]),
        input_root(RULES, [inherited("a", 1, relief=Decimal(1))]),
        input_root(RULES, [inherited("a", 1, score_adjustment=Decimal("0.01"))]),
        input_root(RULES, [inherited("a", 1, score_adjustment=Decimal("-0.01"))]),
        input_root(RULES, [inherited("a", 1, owed=1)]),
        input_root(RULES, [inherited("a", 1, cut=Decimal(1))]),
        input_root(AllocationRules(2025, 3_000_000, 1_001), [inherited("a", 1)]),
    }
    assert len(roots) == 10


def test_a_summary_is_of_one_run() -> None:
    summary = json.loads(json.dumps(to_summary(run())))
    assert "inputs" not in summary
    assert "table" not in summary
    check_summary(run(), summary)
    other = allocate(RULES, every_method()[:-1])
    with pytest.raises(AllocationRefused) as refusal:
        check_summary(other, summary)
    assert refusal.value.rule == "allocation.root"
    with pytest.raises(AllocationRefused) as refusal:
        check_summary(run(), {**summary, "free": "1"})
    assert (refusal.value.rule, refusal.value.at) == ("allocation.result", "free")


def changed(path: str, value: object) -> Any:
    """The document with the member at a dotted path replaced, or removed where the value is ..."""
    document = copy.deepcopy(parsed())
    part: Any = document
    names = [int(name) if name.isdigit() else name for name in path.split(".")]
    for name in names[:-1]:
        part = part[name]
    if value is ...:
        del part[names[-1]]
    else:
        part[names[-1]] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "rule", "at"),
    [
        ("v", 2, "allocation.document", "v"),
        ("v", True, "allocation.document", "v"),
        ("kind", "allocation", "allocation.document", "kind"),
        ("more", 1, "allocation.document", ""),
        ("table", ..., "allocation.document", ""),
        ("rules.cap", 3_000_000, "allocation.document", "rules.cap"),
        ("rules.cap", "03", "allocation.document", "rules.cap"),
        ("rules.cap", str(2**64), "allocation.document", "rules.cap"),
        ("rules.year", "2025", "allocation.document", "rules.year"),
        ("rules.pre_share", "0.7e0", "allocation.decimal", "rules.pre_share"),
        ("inputs.0.method", "auction", "allocation.method", "inputs[0].method"),
        ("inputs.0.relief", "-1", "allocation.decimal", "inputs[0].relief"),
        ("inputs.0.relief", 1.5, "allocation.decimal", "inputs[0].relief"),
        ("inputs.0.surprise", "1", "allocation.document", "inputs[0]"),
        ("inputs.1.inputs.units.0.heat.unit", "MWh", "allocation.document", "inputs[1].inputs.units[0].heat.unit"),
        ("inputs.1.inputs.units.0.class", "coal", "allocation.document", "inputs[1].inputs.units[0].class"),
        ("inputs.2.inputs.base_years.1.output.unit", "kt", "allocation.unit_of_inputs",
         "inputs[2].inputs.base_years[1].output.unit"),
        ("inputs.2.inputs.base_years.1.output.quantity", "0", "allocation.zero",
         "inputs[2] base_years.2023.output"),
        ("inputs.3.identifier", "a b", "identifier.form", "inputs[3]"),
        ("inputs.3.score_adjustment", "-0.03", "allocation.score_limit", "d.score_adjustment"),
        ("inputs.3.inputs.base_years", {}, "allocation.document", "inputs[3].inputs.base_years"),
        ("inputs.3.inputs.factor", "１", "allocation.decimal", "inputs[3].inputs.factor"),
        ("inputs.3.owed", "4", "allocation.root", "input_root"),
        ("input_root", "0" * 64, "allocation.root", "input_root"),
        ("table.0.tonnes", "81", "allocation.result", "table[0]"),
        ("table_hash", "0" * 64, "allocation.result", "table_hash"),
        ("free", "1", "allocation.result", "free"),
        ("reserve", 1, "allocation.result", "reserve"),
        ("benchmarks", [], "allocation.result", "benchmarks"),
    ],
)  # fmt: skip
def test_a_document_that_breaks_its_form_or_differs_is_refused_at_its_path(
    path: str, value: object, rule: str, at: str
) -> None:
    with pytest.raises(QuotaError) as refusal:
        read_run(changed(path, value))
    assert (refusal.value.rule, refusal.value.at) == (rule, at)


@pytest.mark.parametrize("document", [None, [], "{}", 1, {}])
def test_what_is_no_document_is_refused(document: object) -> None:
    with pytest.raises(AllocationRefused) as refusal:
        read_inputs(document)
    assert refusal.value.rule == "allocation.document"
