"""docs/market.md says what the code does: rules, kinds, reasons, the bytes of a root; its examples run."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

from attestation.refusals import RULES as STATEMENT_RULES
from quota import RULES
from quota.market import BLOCK_HOURS, LISTED_HOURS, EndReason, Mode, OrderKind, band, replay
from tests.quota.market.story import DAY

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "market.md").read_text("utf-8")
DEADLINE_SECONDS = 60


def block(language: str, containing: str) -> str:
    (found,) = [text for text in re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL) if containing in text]
    return found


def test_the_table_of_refusals_is_the_table_of_the_markets_rules() -> None:
    table = TEXT[TEXT.index("Refusals of `quota.market`") :]
    printed = [line for line in table.splitlines() if re.match(r"\| `market\.[a-z_]+` \|", line)]
    assert printed == [
        f"| `{rule.code}` | {rule.text} · {rule.text_zh} | {rule.expected} · {rule.expected_zh} |"
        for rule in RULES.values()
        if rule.code.startswith("market.")
    ]


def test_rules_that_a_person_meets_are_those_of_statements() -> None:
    table = TEXT[TEXT.index("**What a person meets**") : TEXT.index("Refusals of `quota.market`")]
    named = re.findall(r"^\| ((?:`[a-z]+\.[a-z_]+`(?:, )?)+) \|", table, re.MULTILINE)
    codes = re.findall(r"`([a-z.]+_?[a-z]*)`", " ".join(named))
    assert len(codes) > 15
    by_command = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| [^|]*by the command alone[^|]*\|", table, re.MULTILINE)
    assert [code for code in codes if code not in STATEMENT_RULES] == by_command
    commands = "".join(path.read_text("utf-8") for path in (ROOT / "tanlu" / "cli").rglob("*.py"))
    assert [code for code in by_command if f'rule="{code}"' not in commands] == []


def test_modes_kinds_and_reasons_are_those_of_the_code() -> None:
    for one in (*Mode, *OrderKind):
        assert re.search(rf"^\| `{one.name.lower()}` {one.value} ", TEXT, re.MULTILINE), one.name
    table = TEXT[TEXT.index("An order ends by") : TEXT.index("**Fees and what stands")]
    rows = re.findall(r"^\| ((?:`[a-z]+`(?:, )?)+) \|", table, re.MULTILINE)
    assert set(re.findall(r"`([a-z]+)`", " ".join(rows))) == {reason.value for reason in EndReason}


def test_hours_and_the_band_of_the_example_are_those_of_the_code_domain_13() -> None:
    for hours, text in (
        (LISTED_HOURS, "09:30–11:30 and 13:00–15:00 for listed"),
        (BLOCK_HOURS, "13:00–15:00 for block"),
    ):
        assert text in TEXT
        clocks = re.findall(r"(\d\d):(\d\d)–(\d\d):(\d\d)", text)
        windows = [(60 * int(a) + int(b), 60 * int(c) + int(d)) for a, b, c, d in clocks]
        assert [(start, end) for weekday, start, end in hours.windows if weekday == 0] == windows
    assert band(6_000, 1_000) == (5_400, 6_600)
    assert "Around 60.00 the band of 10 % is 54.00 to 66.00" in TEXT


def test_the_shell_recomputes_the_root_that_a_replay_gives() -> None:
    session = replay(DAY)
    assert f"`{session.root.hex()}`" in TEXT
    done = subprocess.run(
        ["sh", "-c", block("sh", "hash()")], capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=True
    )
    assert done.stdout.strip() == session.root.hex()


def test_the_members_of_the_root_are_those_of_the_record() -> None:
    record = replay(DAY).record.decode()
    for name in set(re.findall(r'"([a-z_]+)":', record)):
        assert f"`{name}`" in TEXT, name
    example = block("json", "orders").strip().replace("<hash>", hashlib.sha256(b"order 31").hexdigest())
    assert replay(DAY[:2]).book_hash == hashlib.sha256(example.encode()).digest()


def test_the_python_example_runs_and_finds_what_was_altered() -> None:
    code = block("python", "replay(")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=True
    )
    first, second = done.stdout.splitlines()
    assert re.fullmatch(r"700 6250 [0-9a-f]{64}", first)
    assert second == "volume 700 699"
