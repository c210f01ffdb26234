"""Refusals about units as they are read with ``--lang zh``: what would have passed is said in Chinese words."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from click.testing import Result

from .conftest import GLASS, STEEL, WINDOW, YEAR, Register

QUOTA = f"quota-{YEAR}"
_ENGLISH = re.compile(r"(?<![-/.\\w`])[a-z]{2,} [a-z]{2,}(?![-/.\\w])")
"""Two plain words in a row: neither an option, nor a path, nor a name."""
_COMMANDS = re.compile(r"tanlu( [a-z-]+|、)+")


def refused(result: Result, rule: str) -> str:
    """What follows "应为" in the refusal of that rule."""
    assert f"[{rule}]" in result.stderr, result.output
    first, *rest = result.stderr.strip().splitlines()
    assert not [line for line in rest if "应为" in line], f"an English expectation below a Chinese refusal: {rest}"
    wanted = first.partition("应为")[2]
    assert wanted, first
    assert _ENGLISH.search(_COMMANDS.sub("", wanted)) is None, first
    return wanted


def test_what_the_contracts_of_a_year_ask_for_is_said_in_chinese(register: Register, run) -> None:
    """DOMAIN 2 to 7, 22, 24."""
    register.set_terms()
    register.determine(600)
    register.decide("quota", "carry-in", STEEL, "--asset", QUOTA, "--tonnes", 700)

    def said(*words: object, rule: str, key: object = register.office.files[STEEL]) -> str:
        return refused(run(*words, "--key", key, "--lang", "zh"), rule)

    assert "至多 600 吨" in said("surrender", YEAR, "--tonnes", 601, rule="surrender.exceeds")
    assert "至多 30 吨" in said("surrender", YEAR, "--asset", "ccer", "--tonnes", 31, rule="surrender.offset_cap")
    assert "晚于" in said("surrender", YEAR, "--tonnes", 1, "--deadline", "2020-01-01T00:00:00Z", rule="intent.expired")
    said("surrender", YEAR + 1, "--tonnes", 1, rule="terms.none")
    said("surrender", YEAR, "--asset", "gold", "--tonnes", 1, rule="asset.form")
    said("carry-over", YEAR, "--tonnes", 1, rule="carry_over.window")
    said("return", YEAR, "--tonnes", 1, rule="owed.exceeded")
    register.hold("surrender", YEAR, "--tonnes", 5)
    said("surrender", YEAR, "--tonnes", 5, rule="surrender.on_its_way")
    registrar = register.registrar
    said("compliance", "assess", STEEL, YEAR, rule="assess.early", key=registrar)
    said("compliance", "credit", STEEL, YEAR, rule="credit.none", key=registrar)
    said("compliance", "close", YEAR, STEEL, rule="close.early", key=registrar)
    said("quota", "collect", STEEL, YEAR, rule="owed.none", key=registrar)
    said("score", "publish", "ab" * 32, rule="score.unknown", key=registrar)


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("quota", "carry-in", STEEL, "--asset", QUOTA, "--tonnes", 5), "carry_in.repeated"),
        (("quota", "freeze", STEEL, "--asset", QUOTA, "--tonnes", 701), "asset.balance"),
        (("quota", "cancel", "88.608.9/nobody", "--asset", QUOTA, "--tonnes", 1), "account.unknown"),
        (("compliance", "price", YEAR, "--price", "0"), "body.integer"),
        (("compliance", "price", YEAR, "--price", "60.005"), "price.format"),
        (("compliance", "terms", YEAR, *WINDOW, "--closes-at", "2098-01-15T00:00:00+08:00"), "terms.order"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_two_persons_cannot_propose_is_said_in_chinese(
    register: Register, run, words: tuple[object, ...], rule: str
) -> None:
    """DOMAIN 22, 23."""
    register.decide("quota", "carry-in", STEEL, "--asset", QUOTA, "--tonnes", 700)
    out = register.folder / "out.json"
    refused(run(*words, *register.grounds(), "-o", out, "--lang", "zh"), rule)
    assert not out.exists()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"reason": " "}, "body.reason"),
        ({"project_start": "2011-01-01"}, "offset.ineligible"),
        ({"monitored_from": "2019-01-01", "project_start": "2018-01-01"}, "offset.ineligible"),
        ({"first_serial": "10"}, "body.integer"),
        ({"series": "ccer"}, "offset.spelling"),
    ],
    ids=["reason", "project start", "reductions", "serials", "spelling"],
)
def test_what_is_wrong_with_ccer_is_said_in_chinese(register: Register, run, change: dict[str, str], rule: str) -> None:
    """DOMAIN 4."""
    given = {
        "project": "P", "methodology": "M", "monitored_from": "2023-01-01", "monitored_to": "2023-12-31",
        "project_start": "2022-06-01", "claimed": "2024-02-01", "registered": "2024-03-01", "cancelled": "2024-04-01",
        "series": "S", "cancellation": "Z", "first_serial": "1", "last_serial": "9", "reason": "cancelled",
    } | change  # fmt: skip
    options = [word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", value)]
    document = register.folder / "certificate"
    document.write_bytes(b"certificate")
    out = ("-o", register.folder / "out.json", "--lang", "zh")
    refused(run("quota", "ccer", STEEL, *options, "--document", document, *out), rule)


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ([], "allocation.plan"),
        ({"rules": {}}, "allocation.plan"),
        ({"rules": {"year": YEAR, "cap": "10"}, "inputs": []}, "allocation.document"),
        ({"rules": {"year": YEAR, "cap": "10", "reserve": "11"}, "inputs": []}, "allocation.reserve"),
        ({"rules": {"year": YEAR, "cap": 10, "reserve": "1"}, "inputs": []}, "allocation.document"),
        (
            {
                "rules": {"year": YEAR, "cap": "1000", "reserve": "0"},
                "inputs": [{"identifier": GLASS, "method": "grandfathering", "inputs": {"factor": "1"}}],
            },
            "allocation.opening",
        ),
        (
            {
                "rules": {"year": YEAR, "cap": "1000", "reserve": "0"},
                "inputs": [
                    {
                        "identifier": GLASS,
                        "method": "grandfathering",
                        "inputs": {"factor": "1", "base_years": [{"year": YEAR, "emissions": "5"}]},
                    }
                ],
            },
            "allocation.base_year",
        ),
    ],
    ids=["no object", "no inputs", "no reserve", "reserve", "number", "no opening", "base year"],
)
def test_what_is_wrong_with_a_plan_is_said_in_chinese(register: Register, run, document: Any, rule: str) -> None:
    """DOMAIN 26 to 31."""
    plan = register.folder / "plan.json"
    plan.write_text(json.dumps(document), "utf-8")
    words = ("allocation", "plan", plan, "-o", register.folder / "out.json", "--lang", "zh")
    refused(run(*words), rule)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("surrender", YEAR, "--tonnes", "0"), "--tonnes 的值无效，应为不小于1的整数"),
        (("surrender", "1800", "--tonnes", "1"), "YEAR 的值无效，应为不小于1990且不大于2200的整数"),
        (("surrender", YEAR, "--tonnes", "1", "--until", "soon"), "--until 的值无效，应为 mined、final 之一"),
        (("surrender",), "缺少 YEAR"),
        (("quota", "isue"), "没有命令 isue；是否想用 issue、resume？详见 --help。"),
        (("compliance", "close", YEAR, "--keys"), "没有选项 --keys；是否想用 --key？"),
    ],
    ids=["range", "year", "choice", "missing", "command", "option"],
)
def test_how_a_command_is_used_is_said_in_both_languages(run, words: tuple[object, ...], wanted: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "Error:" in result.stderr
    assert f"错误：{wanted}" in result.stderr
