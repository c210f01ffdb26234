"""``tanlu allocation``: from a park's input file to a logged table that anybody recomputes (DOMAIN 26 to 31)."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from quota.allocation import allocate, pre_allocate, read_inputs, read_pre_inputs
from tanlu.errors import InputRefused
from tanlu.explaining import check_own_steps

from ...conftest import ENTERPRISE
from ..keys.conftest import LI, ZHAO
from .conftest import GLASS, STEEL, YEAR, Register

RULES = {"year": YEAR, "cap": "1500", "reserve": "100"}


def plan_file(register: Register, document: dict[str, Any]) -> Path:
    path = register.folder / "plan.json"
    path.write_text(json.dumps(document), "utf-8")
    return path


def grandfathered(identifier: str, tonnes: int | None, **more: object) -> dict[str, Any]:
    inputs: dict[str, Any] = {"factor": "0.95"}
    if tonnes is not None:
        inputs["base_years"] = [{"year": YEAR - 1, "emissions": str(tonnes)}]
    return {"identifier": identifier, "method": "grandfathering", "inputs": inputs} | more


def proposed(register: Register, rows: list[dict[str, Any]], *, code: int = 0) -> dict[str, Any]:
    plan = plan_file(register, {"rules": RULES, "inputs": rows})
    register.file().unlink(missing_ok=True)
    due = ("--return-due", "2098-01-01T00:00:00+08:00")
    return register.answer("allocation", "plan", plan, *due, "-o", register.file(), code=code)


def approvals(register: Register) -> list[object]:
    found: list[object] = []
    for person in (ZHAO, LI):
        op_id = json.loads(register.file().read_bytes())["body"]["op_id"]
        out = register.folder / f"{op_id}.{person.rpartition('/')[2]}.json"
        words = ("allocation", "approve", register.file(), "--key", register.office.files[person], "-o", out)
        register.answer(*words)
        found += ["--approval", out]
    return found


def test_a_plan_is_approved_submitted_shown_and_explained(register: Register, run) -> None:
    register.decide("quota", "issue", YEAR, "--tonnes", 1_500)
    told = proposed(register, [grandfathered(STEEL, 1_000), grandfathered(GLASS, 600)])
    assert [row["granted"] for row in told["table"]] == [875, 525]
    done = register.act("allocation", "submit", register.file(), *approvals(register))
    assert done["operations"][0] == told["op_id"]
    assert len(done["operations"]) == 2
    index = done["index"]
    (listed,) = register.answer("allocation", "table")["allocations"]
    assert (listed["index"], listed["tonnes"], listed["input_root"]) == (index, 1_400, told["input_root"])
    shown = register.answer("allocation", "table", index)
    assert shown["table"] == told["table"]
    assert shown["document"]["rules"]["cap"] == "1500"
    mine = register.answer("allocation", "table", index, "--as", register.office.files[GLASS])
    assert ([row["identifier"] for row in mine["table"]], mine["document"]) == ([GLASS], None)
    register.answer("allocation", "table", index, "--as", register.office.files[ENTERPRISE], code=1)
    register.answer("allocation", "explain", index, STEEL, "--as", register.office.files[GLASS], code=1)
    explained = register.answer("allocation", "explain", index, GLASS)
    own = register.answer("allocation", "explain", index, GLASS, "--as", register.office.files[GLASS])
    assert (own["trace"], own["row"], own["tonnes"]) == (explained["trace"], explained["row"], 525)
    assert [row["identifier"] for row in own["document"]["inputs"]] == [GLASS]
    assert STEEL not in json.dumps(own)
    assert own["trace"][own["computed_here"] - 1]["symbol"] == "exact share"
    assert own["others_shown"] is False
    assert (explained["tonnes"], explained["row"]["granted"]) == (525, 525)
    # A pocket calculator: 950 + 570 = 1,520 t are over the 1,400 t beside the reserve.
    sums = explained["sums"]
    assert [(one["exact"], one["tonnes"]) for one in sums["shares"]] == [("950", 875), ("570", 525)]
    assert (sums["entitled"], sums["available"], sums["scaled"]) == ("1520", 1_400, True)
    assert sums["ratio"] == "0.921052631578947368"
    scaled = {step["symbol"]: step["expression"] for step in own["trace"]}
    assert (scaled["Σ exact shares"], scaled["ratio"]) == ("1520", "1400 ÷ 1520")
    for lang, words in (("en", "the sum of exact shares"), ("zh", "精确份额之和")):
        text = run("allocation", "explain", index, GLASS, "--lang", lang).stdout
        assert f"{words}" in text
        assert "1400" in text
        assert STEEL in text
    assert "DOMAIN 26" in {step["source"] for step in explained["trace"]}
    assert register.answer("allocation", "explain", index, "88.608.1/x", code=1)["rule"] == "allocation.unknown"
    assert proposed(register, [grandfathered(STEEL, 1_000)], code=1)["rule"] == "allocation.repeated"
    assert not register.file().exists()


def test_a_plan_that_the_log_would_refuse_is_handed_to_nobody(register: Register) -> None:
    """DOMAIN 24, 30: before the cap is issued, beyond it, or with other base years than the opening has."""
    rows = [grandfathered(STEEL, 1_000)]
    for act in ((), ("quota", "issue", YEAR, "--tonnes", 1_499)):
        if act:
            register.decide(*act)
        refused = proposed(register, rows, code=1)
        assert (refused["rule"], refused["value"]) == (
            "asset.balance" if not act else "allocation.cap",
            refused["value"],
        )
        assert not register.file().exists()
    register.decide("quota", "issue", YEAR, "--tonnes", 1)
    carry_in_base_year(register, STEEL, 999)
    size = register.office.size()
    refused = proposed(register, rows, code=1)
    assert (refused["rule"], "999 t, by its opening" in refused["expected"]) == ("allocation.base_year", True)
    assert (register.file().exists(), register.office.size()) == (False, size)
    assert proposed(register, [grandfathered(STEEL, None)])["tonnes"] == 949


def test_a_share_by_industry_benchmark_is_explained_with_its_sectors_balance(register: Register, run) -> None:
    """DOMAIN 29."""
    register.decide("quota", "issue", YEAR, "--tonnes", 1_500)
    made = {STEEL: ("800", "1000"), GLASS: ("700", "800")}
    rows = [
        {
            "identifier": identifier,
            "method": "industry-benchmark",
            "inputs": {"sector": "works", "emissions": emissions, "output": {"quantity": output, "unit": "t"}},
        }
        for identifier, (emissions, output) in made.items()
    ]
    proposed(register, rows)
    index = register.act("allocation", "submit", register.file(), *approvals(register))["index"]
    explained = register.answer("allocation", "explain", index, STEEL)
    sector = explained["sums"]["sector"]
    assert (sector["name"], sector["published"], sector["emissions"]) == ("works", False, "1500")
    assert abs(Fraction(sector["entitled"]) - 1_500) < 1
    assert Fraction(sector["entitled"]) == Fraction(explained["sums"]["entitled"])
    assert f"benchmark {sector['benchmark']} balances" in run("allocation", "explain", index, STEEL).stdout
    assert f"基准值 {sector['benchmark']} 使" in run("allocation", "explain", index, STEEL, "--lang", "zh").stdout


def carry_in_base_year(register: Register, enterprise: str, tonnes: int) -> None:
    """The year before, by two persons (DOMAIN 24)."""
    request, words = register.folder / "opening.json", ("--base-year", f"{YEAR - 1}={tonnes}")
    register.answer("opening", "request", enterprise, *words, *register.grounds(), "-o", request)
    given: list[object] = []
    for person in (ZHAO, LI):
        out = request.with_suffix(f".{person.rpartition('/')[2]}")
        register.answer("opening", "approve", request, "--key", register.office.files[person], "-o", out)
        given += ["--approval", out]
    register.answer("opening", "submit", request, *given, "--key", register.registrar)


def test_a_step_that_ones_own_inputs_do_not_give_is_refused() -> None:
    row = grandfathered(GLASS, 600, relief="0", score_adjustment="0", owed="0", cut="0")
    rules = RULES | {"pre_share": "0.7", "score_limit": "0.02", "sector_benchmarks": []}
    document = {"v": 1, "kind": "allocation-inputs", "rules": rules, "inputs": [row]}
    steps = [step.as_dict() for step in allocate(*read_inputs(document)).shares[0].trace]
    assert check_own_steps(document, "final", steps) == len(steps) - 1
    with pytest.raises(InputRefused) as caught:
        check_own_steps(document, "final", [steps[0] | {"value": "1"}, *steps[1:]])
    assert caught.value.rule == "allocation.step"
    with pytest.raises(InputRefused):
        check_own_steps(document, "final", steps[:1])
    ahead = {"v": 1, "kind": "pre-allocation-inputs", "rules": rules}
    ahead |= {"emissions": [{"identifier": GLASS, "tonnes": "600"}]}
    told = [step.as_dict() for step in pre_allocate(*read_pre_inputs(ahead)).shares[0].trace]
    assert check_own_steps(ahead, "pre", told) == 1


def test_a_person_signs_no_table_that_the_document_does_not_give(register: Register) -> None:
    """DOMAIN 23: each recomputes before approving."""
    register.decide("quota", "issue", YEAR, "--tonnes", 1_500)
    proposed(register, [grandfathered(STEEL, 1_000)])
    document = json.loads(register.file().read_bytes())
    document["body"]["table"][0]["granted"] += 1
    document["body"]["tonnes"] += 1
    register.file().write_text(json.dumps(document), "utf-8")
    out = register.folder / "approval.json"
    words = ("allocation", "approve", register.file(), "--key", register.office.files[ZHAO], "-o", out)
    refused = register.answer(*words, code=1)
    assert refused["rule"] == "allocation.table"
    assert refused["value"] == f"{STEEL}: granted 951, owes 0, settles 0"
    assert refused["expected"] == f"{STEEL}: granted 950, owes 0, settles 0"
    assert not out.exists()


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([grandfathered(STEEL, None)], "allocation.opening"),
        ([grandfathered(STEEL, 1_000, relief="-1")], "allocation.decimal"),
        ([grandfathered(STEEL, 1_000, note="x")], "allocation.document"),
        ([], "allocation.empty"),
        ([{"identifier": STEEL}], "allocation.plan"),
        ([grandfathered(STEEL, 1_000), grandfathered(STEEL, 1)], "allocation.twice"),
    ],
)
def test_a_plan_with_bad_input_writes_nothing(register: Register, rows: list[dict[str, Any]], rule: str) -> None:
    """DOMAIN 24, 26: what is missing, negative, unknown or twice is named."""
    assert proposed(register, rows, code=1)["rule"] == rule
    assert not register.file().exists()


def test_a_file_that_is_no_plan_is_refused(register: Register) -> None:
    path = register.folder / "no-plan.json"
    for text in ("{", "[]", '{"inputs": []}'):
        path.write_text(text, "utf-8")
        answer = register.answer("allocation", "plan", path, "-o", register.folder / "out.json", code=1)
        assert answer["rule"] == "allocation.plan"


def test_a_round_ahead_needs_registered_figures(register: Register) -> None:
    """DOMAIN 31."""
    plan = plan_file(register, {"rules": RULES | {"year": YEAR + 1}, "enterprises": [STEEL]})
    words = ("allocation", "plan", plan, "--round", "pre", "-o", register.file())
    assert register.answer(*words, code=1)["rule"] == "allocation.registered"
    register.determine(1_000)
    assert register.answer(*words, code=1)["rule"] == "asset.balance", "the cap is not issued yet"
    register.decide("quota", "issue", YEAR + 1, "--tonnes", 1_500)
    words = (*words[:-1], register.folder / "ahead.json")
    told = register.answer(*words)
    assert [(row["identifier"], row["granted"]) for row in told["table"]] == [(STEEL, 700)]
