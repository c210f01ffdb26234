from __future__ import annotations

import re
from pathlib import Path

import pytest

import attestation
from attestation import errors
from attestation.errors import AttestationError, shorten
from attestation.refusals import RULES, refuse

PACKAGE = Path(attestation.__file__).parent
ROOT = PACKAGE.parent
FAMILIES = {
    0: errors.KeyFileRefused,
    1: errors.StatementMalformed,
    2: errors.StatementMalformed,
    3: errors.IdentifierUnknown,
    4: errors.KeyRefused,
    5: errors.SignatureRefused,
    6: errors.Equivocation,
    7: errors.KeyRefused,
    8: errors.PurposeRefused,
    9: errors.SchemaRefused,
    10: errors.TimeRefused,
    11: errors.SequenceRefused,
    12: errors.RecomputationRefused,
}


def rules_table() -> str:
    """The table of `docs/statements.md`, from the rules."""
    rows = ["| step | rule | refused when | expected | 拒绝情形 | 应为 |", "|---|---|---|---|---|---|"]
    for rule in RULES.values():
        cells = (rule.text, rule.expected, rule.text_zh, rule.expected_zh)
        shown = " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells)
        rows.append(f"| {rule.step} | `{rule.code}` | {shown} |")
    return "\n".join(rows)


def test_the_documented_table_is_the_table_of_rules() -> None:
    text = (ROOT / "docs" / "statements.md").read_text("utf-8")
    assert rules_table() in text, "docs/statements.md is out of date, its table should be:\n" + rules_table()


def test_every_rule_is_raised_somewhere_and_every_raised_rule_is_in_the_table() -> None:
    folders = (PACKAGE, PACKAGE / "judging", PACKAGE / "curves", PACKAGE / "policies")
    sources = [path.read_text("utf-8") for folder in folders for path in folder.glob("*.py")]
    raised = {code for text in sources for code in re.findall(r'(?:refuse|check_word)\(\s*"([a-z0-9_.]+)"', text)}
    assert raised == set(RULES)


def test_steps_and_families_belong_together() -> None:
    for code, rule in RULES.items():
        error = refuse(code, "x", "y")
        assert type(error) is FAMILIES[rule.step]
        assert (error.step, error.rule, error.value, error.expected) == (rule.step, code, "x", "y")


def test_rules_stand_in_the_order_of_their_steps() -> None:
    steps = [rule.step for rule in RULES.values()]
    assert steps == sorted(steps)
    assert set(steps) == set(range(13))


@pytest.mark.parametrize("code", list(RULES))
def test_every_rule_speaks_english_and_chinese(code: str) -> None:
    rule = RULES[code]
    for text in (rule.text, rule.expected):
        assert text
        assert text.isascii() or text == "…", text
    assert re.search(r"[\u4e00-\u9fff]", rule.text_zh)
    assert rule.expected_zh
    error = refuse(code, "the value", "the wish")
    assert "the value" in error.message
    assert "the value" in error.message_zh
    assert "the wish" in error.message
    assert "the wish" in error.message_zh


def test_a_rule_without_words_of_its_own_is_always_told_what_was_expected() -> None:
    """`…` in the table stands for an expectation that the place of the refusal gives."""
    open_rules = [code for code, rule in RULES.items() if rule.expected == "…"]
    sources = [path for folder in (PACKAGE, PACKAGE / "judging", PACKAGE / "policies") for path in folder.glob("*.py")]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    for code in open_rules:
        for call in re.finditer(rf'refuse\(\s*"{re.escape(code)}"', text):
            arguments = _arguments(text[call.start() + len("refuse") :])
            positional = [a for a in arguments if not re.match(r"\s*(at|step)=", a)]
            assert len(positional) >= 3, f"{code} without an expectation: {arguments}"


def _arguments(text: str) -> list[str]:
    """The arguments of the call that `text` starts with, split at the commas of its own level."""
    found, depth, start, quote = [], 0, 1, ""
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote and text[at - 1] != "\\" else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return [a for a in [*found, text[start:at]] if a.strip()]
        elif character == "," and depth == 1:
            found.append(text[start:at])
            start = at + 1
    raise AssertionError("a call without an end")


def test_a_nested_part_is_refused_at_the_step_that_judges_it() -> None:
    assert refuse("json.float", "1.5", step=1).step == 1
    assert type(refuse("identifier.form", "x", step=9)) is errors.SchemaRefused


def test_values_are_safe_to_show() -> None:
    shown = refuse("body.name", "\x1b[2J\n\u202e" + "x" * 10_000, "y").value
    assert shown.isprintable()
    assert len(shown) <= 200
    assert shown.startswith("\\x1b[2J\\n\\u202e")
    assert shown.endswith("…")
    assert shorten(b"\xff\x00a") == "\\xff\\x00a"
    assert shorten("碳录") == "碳录"
    assert refuse("body.name", "", "y").value == '""'


def test_a_refusal_as_members_has_all_that_law_10_asks_for() -> None:
    assert refuse("time.iat_future", 5, "at most 4").as_dict() == {
        "step": 10,
        "rule": "time.iat_future",
        "value": "5",
        "expected": "at most 4",
        "message": "iat lies in the future: 5; expected at most 4",
        "message_zh": "iat 在未来：5；应为：at most 4",
    }


def test_every_refusal_is_an_attestation_error() -> None:
    assert all(issubclass(family, AttestationError) for family in FAMILIES.values())
    assert str(refuse("envelope.v", 2)).startswith("step 2, envelope.v: ")


def test_what_is_expected_is_said_in_chinese_where_it_has_words() -> None:
    error = refuse("registration.early", "now", "from noon on", expected_zh="自中午起")
    assert (error.expected, "expected from noon on" in error.message) == ("from noon on", True)
    assert error.message_zh.endswith("应为：自中午起")
    assert "from noon" not in error.message_zh
    assert refuse("registration.early", "now", "5").message_zh.endswith("应为：5")
