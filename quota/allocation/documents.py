"""An allocation as JSON: the document that a signed statement carries, in and out (docs/quota.md, section 3).

Tonnes are strings of whole numbers, everything else exact is a decimal string; years are numbers. Reading is strict:
unknown and missing members, wrong units and numbers out of bounds are refused at their path. `input_root` is the
SHA-256 of the canonical JSON of {"inputs", "rules", "v"} with every list sorted and decimals without trailing zeros, so
that it depends on what was computed from and on nothing else. `table_hash` is that of [{"identifier", "tonnes"}, …].
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from quota.allocation.checks import FIRST_YEAR, LAST_YEAR
from quota.allocation.input_documents import input_as_document, read_input
from quota.allocation.inputs import AllocationInput, AllocationRules
from quota.allocation.run import MOST_ENTERPRISES, AllocationRun, allocate
from quota.canonical import root_of
from quota.reading import Member
from quota.refusals import refuse
from quota.trace import show

VERSION = 1
INPUTS, RUN, SUMMARY = "allocation-inputs", "allocation-run", "allocation-summary"
MOST_SECTORS = 1_000

_RULES = ("year", "cap", "reserve", "pre_share", "score_limit", "sector_benchmarks")
_RESULT = ("input_root", "benchmarks", "table", "table_hash", "free", "reserve")


def inputs_to_document(rules: AllocationRules, inputs: Iterable[AllocationInput]) -> dict[str, object]:
    """{"v", "kind", "rules", "inputs"}: what a run is computed from, sorted by the bytes of the identifiers."""
    return {"v": VERSION, "kind": INPUTS, **_computed_from(rules, inputs)}


def read_inputs(document: object) -> tuple[AllocationRules, tuple[AllocationInput, ...]]:
    """Rules and inputs of a document of inputs. Raises AllocationRefused, AmountRefused."""
    members = member_of(document).members(("v", "kind", "rules", "inputs"))
    members["v"].constant(VERSION)
    members["kind"].constant(INPUTS)
    return _read_computed_from(members["rules"], members["inputs"])


def input_root(rules: AllocationRules, inputs: Iterable[AllocationInput]) -> str:
    """SHA-256 of what a run is computed from, 64 hexadecimal digits."""
    return root_of({"v": VERSION, **_computed_from(rules, inputs)})


def table_hash(table: Iterable[tuple[str, int]]) -> str:
    """SHA-256 of a table of (identifier, tonnes), 64 hexadecimal digits; its order does not matter."""
    return root_of(_table(table))


def to_document(run: AllocationRun) -> dict[str, object]:
    """{"v", "kind", "rules", "inputs", "input_root", "benchmarks", "table", "table_hash", "free", "reserve"}."""
    return {"v": VERSION, "kind": RUN, **_computed_from(run.rules, run.inputs), **_result(run)}


def to_summary(run: AllocationRun) -> dict[str, object]:
    """The document without inputs and table, for a run that one statement cannot hold: roots, rules and sums."""
    result = {name: value for name, value in _result(run).items() if name != "table"}
    return {"v": VERSION, "kind": SUMMARY, "rules": rules_as_document(run.rules), **result}


def read_run(document: object) -> AllocationRun:
    """The run of a document, recomputed from its inputs.

    Raises AllocationRefused: the rules of form, `allocation.root`, `allocation.result` at the member that differs.
    """
    members = member_of(document).members(("v", "kind", "rules", "inputs", *_RESULT))
    members["v"].constant(VERSION)
    members["kind"].constant(RUN)
    rules, inputs = _read_computed_from(members["rules"], members["inputs"])
    run = allocate(rules, inputs)
    _compare(run, {name: members[name].value for name in _RESULT})
    return run


def check_summary(run: AllocationRun, document: object) -> None:
    """That a summary is this run's. Raises AllocationRefused as `read_run` does."""
    claimed = [name for name in _RESULT if name != "table"]
    members = member_of(document).members(("v", "kind", "rules", *claimed))
    members["v"].constant(VERSION)
    members["kind"].constant(SUMMARY)
    if read_rules(members["rules"]) != run.rules:
        raise refuse(
            "allocation.result", "other rules", "the rules of the run", at="rules", expected_zh="本次分配的规则"
        )
    _compare(run, {name: members[name].value for name in claimed})


def _compare(run: AllocationRun, claimed: dict[str, object]) -> None:
    result = _result(run)
    if claimed["input_root"] != result["input_root"]:
        raise refuse("allocation.root", claimed["input_root"], result["input_root"], at="input_root")
    table = claimed.get("table")
    if isinstance(table, list) and len(table) == len(run.shares):
        for place, (found, wanted) in enumerate(zip(table, _table(run.table()), strict=True)):
            if found != wanted:
                raise refuse("allocation.result", found, wanted, at=f"table[{place}]")
    for name, value in claimed.items():
        if value != result[name]:
            raise refuse("allocation.result", value, result[name], at=name)


def _result(run: AllocationRun) -> dict[str, object]:
    return {
        "input_root": input_root(run.rules, run.inputs),
        "benchmarks": [{"sector": sector, "benchmark": show(value)} for sector, value in run.benchmarks],
        "table": _table(run.table()),
        "table_hash": table_hash(run.table()),
        "free": str(run.free),
        "reserve": str(run.reserve),
    }


def _table(table: Iterable[tuple[str, int]]) -> list[dict[str, str]]:
    rows = sorted(table, key=lambda row: row[0].encode())
    return [{"identifier": identifier, "tonnes": str(tonnes)} for identifier, tonnes in rows]


def _computed_from(rules: AllocationRules, inputs: Iterable[AllocationInput]) -> dict[str, object]:
    ordered = sorted(inputs, key=lambda one: one.identifier.encode())
    return {"rules": rules_as_document(rules), "inputs": [input_as_document(one) for one in ordered]}


def _read_computed_from(rules: Member, inputs: Member) -> tuple[AllocationRules, tuple[AllocationInput, ...]]:
    return read_rules(rules), tuple(read_input(one) for one in inputs.items(MOST_ENTERPRISES))


def rules_as_document(rules: AllocationRules) -> dict[str, object]:
    """The rules as a document has them."""
    return {
        "year": rules.year,
        "cap": str(rules.cap),
        "reserve": str(rules.reserve),
        "pre_share": show(rules.pre_share),
        "score_limit": show(rules.score_limit),
        "sector_benchmarks": [
            {"sector": sector, "benchmark": show(Fraction(value))} for sector, value in sorted(rules.sector_benchmarks)
        ],
    }


def read_rules(member: Member) -> AllocationRules:
    """The rules of a document. Raises AllocationRefused, AmountRefused."""
    members = member.members(_RULES)
    benchmarks: list[tuple[str, Decimal]] = []
    for one in members["sector_benchmarks"].items(MOST_SECTORS):
        parts = one.members(("sector", "benchmark"))
        benchmarks.append((parts["sector"].text(), parts["benchmark"].decimal()))
    return AllocationRules(
        year=members["year"].integer(FIRST_YEAR, LAST_YEAR),
        cap=members["cap"].units(),
        reserve=members["reserve"].units(),
        pre_share=members["pre_share"].decimal(),
        score_limit=members["score_limit"].decimal(),
        sector_benchmarks=tuple(sorted(benchmarks)),
    )


def member_of(document: object) -> Member:
    """A document to be read strictly."""
    return Member(document, "", "allocation.document", "allocation.decimal")
