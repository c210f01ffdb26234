"""docs/domain.md tells every rule that anything here cites by its number, each once, with source and certainty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.test_domain_rules import cited

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "domain.md"
LAST = 53
READ = ("api", "attestation", "bench", "contracts", "docs", "ganache", "ledger", "quota", "tanlu", "tests", "tools")
SUFFIXES = {".py", ".md", ".sol", ".tsv", ".mjs"}
NOT_OURS = {"node_modules", ".venv", "__pycache__"}

_RULE = re.compile(r"^\| \*\*([0-9]+)\*\* ([^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def rules() -> list[tuple[int, str, str, str, str]]:
    """Number, heading, statement, source, certainty."""
    found = _RULE.findall(PAGE.read_text("utf-8"))
    return [(int(number), heading, statement, source, sure) for number, heading, statement, source, sure in found]


def texts() -> Iterator[tuple[str, str]]:
    for folder in READ:
        for path in sorted((ROOT / folder).rglob("*")):
            ours = not NOT_OURS.intersection(path.parts) and path.suffix in SUFFIXES
            # The tests of citations themselves cite what is none.
            if ours and path.is_file() and path.parent.name != "house":
                yield str(path.relative_to(ROOT)), path.read_text("utf-8")


def test_every_rule_that_is_cited_is_told() -> None:
    told = {number for number, *_ in rules()}
    unknown = {f"{name}: {rule}" for name, text in texts() for rule in cited(text) if rule not in told}
    assert unknown == set()


def test_rules_stand_once_and_in_their_order() -> None:
    assert [number for number, *_ in rules()] == list(range(1, LAST + 1))


@pytest.mark.parametrize("number", range(1, LAST + 1))
def test_a_rule_has_terms_in_both_languages_a_statement_a_source_and_how_sure_we_are(number: int) -> None:
    (heading, statement, source, sure) = next(rest for one, *rest in rules() if one == number)
    assert re.search(r"[A-Za-z]", heading)
    assert re.search(r"[\u4e00-\u9fff]", heading)
    assert len(statement) > 40
    assert source.strip()
    assert set(sure.split()) <= {"S", "L", "U", "P"}
