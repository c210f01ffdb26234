"""docs/quota.md says what the code does: rules, worked year, grades, weights, names of documents."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from attestation.refusals import RULES as STATEMENT_RULES
from quota import RULES
from quota.allocation import (
    AllocationInput,
    AllocationRules,
    Method,
    UnitClass,
    allocate,
    read_inputs,
    to_document,
    to_summary,
)
from quota.scoring import COMMENT_WORKING_DAYS, FORMULA, GRADES, ScoreInputs, score
from quota.trace import show
from tanlu.allocating import complete_inputs
from tests.quota.calculator import assert_recomputes
from tests.quota.examples import PARK_YEAR, inherited

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "quota.md").read_text("utf-8")


def test_the_table_of_refusals_is_the_table_of_rules() -> None:
    section = TEXT.partition("\n## 7. ")[2].partition("\n## ")[0]
    printed = [line for line in section.splitlines() if re.match(r"\| `[a-z_]+\.[a-z_]+` \|", line)]
    assert printed == [
        f"| `{rule.code}` | {rule.text} · {rule.text_zh} | {rule.expected} · {rule.expected_zh} |"
        for rule in RULES.values()
        if not rule.code.startswith("market.")  # docs/market.md has those
    ]


def test_what_log_and_book_both_refuse_of_the_market_is_said_in_the_same_words() -> None:
    shared = {code for code in STATEMENT_RULES if code.startswith("market.")} & set(RULES)
    assert shared >= {"market.band", "market.block", "market.closed", "market.day", "market.halted", "market.reference"}
    for code in shared:
        of_log, of_book = STATEMENT_RULES[code], RULES[code]
        assert of_book.text == of_log.text[0].upper() + of_log.text[1:], code
        assert of_book.text_zh == of_log.text_zh, code
        # The log's own words depend on what it found where its table says so.
        if of_log.expected != "…":
            assert (of_book.expected, of_book.expected_zh) == (of_log.expected, of_log.expected_zh), code


_BY_COMMAND = frozenset(
    {
        *("account", "allocation", "approval", "asset", "assess", "carry_in", "carry_over", "credit", "freeze"),
        *("intent", "obligation", "offset", "operation", "owed", "price", "score", "surrender", "terms", "transfer"),
    }
)
"""Families of statement rules that a person meets by commands about units."""


def test_every_rule_that_a_command_about_units_meets_is_named_once_with_what_to_do() -> None:
    section = TEXT.partition("\n## 8. ")[2].partition("\n## ")[0]
    named = re.findall(r"^\| `([a-z_.]+)` \| [^|]+ \| [^|]+ · [^|]*[\u4e00-\u9fff][^|]* \|$", section, re.MULTILINE)
    assert len(named) == len(set(named)) == section.count("\n| `")
    families = {code for code in STATEMENT_RULES if code.partition(".")[0] in _BY_COMMAND}
    assert set(named) == families | {"close.early", "close.accounts"}
    for code in named:
        assert STATEMENT_RULES[code].text, code


def test_the_worked_year_is_what_a_run_gives() -> None:
    run = allocate(
        AllocationRules(2025, 92_000, 2_000), [inherited(name, mean, "0.95") for name, mean in PARK_YEAR.items()]
    )
    row = " | ".join(f"{tonnes:,}" for _, tonnes in run.table())
    assert f"| allocated, t | {row} | {run.free:,} |" in TEXT


def test_the_example_of_the_industry_benchmark_is_what_its_file_gives() -> None:
    """DOMAIN 29, 30."""
    section = TEXT.partition("**By industry benchmark, walked through**")[2]
    plan = json.loads(section.partition("```json\n")[2].partition("```")[0])
    document = complete_inputs(plan, lambda _: (), lambda _: 0)
    run = allocate(*read_inputs(document))
    assert run.scaled
    assert f"balances the three is {show(dict(run.benchmarks)['cement'])}" in section
    assert f"{float_free(run.rules.available / run.entitled, 9)}" in section
    for share in run.shares:
        steps = {step.symbol: step for step in share.trace}
        shown = [float_free(share.exact, 6), float_free(steps["scaled"].value, 6), f"{share.tonnes:,}"]
        row = next(line for line in section.splitlines() if line.startswith(f"| {share.identifier[-1]} |"))
        assert [cell.strip() for cell in row.strip("|").split("|")][-3:] == shown
        emissions = next(one["inputs"]["emissions"] for one in plan["inputs"] if one["identifier"] == share.identifier)
        assert f"| {int(emissions):,} |" in row
        for symbol in ("X", "α"):
            assert f"| {float_free(steps[symbol].value, 9)} |" in row
        assert_recomputes(share.trace)


def float_free(value: Fraction, places: int) -> str:
    """Half-up at so many places, as the page writes it: a true minus, no zeros at the end."""
    return trimmed(f"{Decimal(value.numerator) / value.denominator:,.{places}f}").replace("-", "−")


def trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def test_weights_grades_and_formula_are_those_of_the_code() -> None:
    for part in score(ScoreInputs("a", 2025)).parts:
        assert re.search(rf"^\| `{part.name}` \S+ \| {part.weight_bps // 100} \|", TEXT, re.MULTILINE), part.name
    for grade, least in GRADES:
        assert f"| {grade.value} | {least:,} | {grade.code} |" in TEXT
    assert FORMULA in TEXT
    assert COMMENT_WORKING_DAYS == 10
    assert "ten working days" in TEXT


def test_every_method_class_and_member_of_a_document_is_named() -> None:
    run = allocate(AllocationRules(2025, 9, 0), [inherited("a", 1)])
    names = {*to_document(run), *to_summary(run), *(one.name for one in fields(AllocationInput))}
    names |= {one.name for one in fields(AllocationRules)}
    names |= {method.value for method in Method} | {kind.value for kind in UnitClass}
    missing = {name for name in names if not re.search(rf'[`"]{re.escape(name)}[`"]', TEXT)}
    assert missing == set()
