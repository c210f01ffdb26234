"""docs/faults.md names tests that are there."""

from __future__ import annotations

import json
import re

from tests.e2e.test_bad_statements import CASES
from tests.faults.kill_round import ROOT

PAGE = (ROOT / "docs" / "faults.md").read_text("utf-8")
VECTORS = json.loads((ROOT / "tests" / "vectors" / "receipts" / "mutations.json").read_bytes())


def test_every_test_that_is_named_exists() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", PAGE))
    assert len(named) > 12
    assert {name for name in named if not any(f"def {name}(" in source for source in sources)} == set()


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`(tests/[a-z0-9_/]+\.py)`", PAGE))
    assert named
    assert {name for name in named if not (ROOT / name).is_file()} == set()


def test_every_bad_statement_that_is_named_is_a_case_and_every_case_is_named() -> None:
    cases = {name for name, *_ in CASES}
    table = PAGE.partition("| statement | test |")[2].partition("| receipt | test |")[0]
    assert set(re.findall(r'"([^"]+)"', table)) == cases


def test_every_bad_receipt_that_is_named_is_a_vector() -> None:
    vectors = {case["name"] for case in VECTORS}
    named = set(re.findall(r'"([^"]+)"', PAGE.partition("| receipt | test |")[2]))
    patterns = {name for name in named if name.endswith("…")}
    assert named - patterns <= vectors
    assert all(sum(vector.startswith(name[:-1]) for vector in vectors) == 3 for name in patterns)
