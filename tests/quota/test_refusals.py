from __future__ import annotations

import re
from pathlib import Path

import pytest

from quota import RULES, OffsetRefused, QuotaError
from quota.refusals import refuse

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(
    r'"((?:amount|identifier|allocation|obligation|offset|carry_over|charge|life_event|market|score)\.[a-z_]+)"'
)


def test_every_rule_is_raised_somewhere_and_every_rule_that_is_raised_is_in_the_table() -> None:
    used = {code for path in (ROOT / "quota").rglob("*.py") for code in CODE.findall(path.read_text("utf-8"))}
    assert used == set(RULES)


def test_every_rule_speaks_english_and_chinese_and_says_what_is_expected() -> None:
    for rule in RULES.values():
        assert rule.text
        assert rule.expected
        assert re.search(r"[\u4e00-\u9fff]", rule.text_zh), rule.code
        assert re.search(r"[\u4e00-\u9fff]|[0-9A-Za-z]", rule.expected_zh), rule.code
        assert issubclass(rule.family, QuotaError)


def test_a_refusal_says_rule_value_expected_and_where_in_both_languages() -> None:
    refusal = refuse("offset.over_cap", 1_948, "at most 1947 t", at="a 2025")
    assert isinstance(refusal, OffsetRefused)
    assert refusal.as_dict() == {
        "rule": "offset.over_cap",
        "value": "1948",
        "expected": "at most 1947 t",
        "at": "a 2025",
        "message": "Over the cap on offsets at a 2025: 1948; expected at most 1947 t",
        "message_zh": "超过抵销上限（a 2025）：1948；应为：at most 1947 t",
    }
    assert str(refusal).startswith("offset.over_cap: Over the cap")


@pytest.mark.parametrize(("value", "shown"), [("", '""'), ("x" * 999, "x" * 199 + "…"), ("a\x1b[2J", "a\\x1b[2J")])
def test_values_of_strangers_are_shown_safely(value: str, shown: str) -> None:
    assert refuse("offset.text", value).value == shown
