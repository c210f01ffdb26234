"""docs/policies.md says the defaults that the code has."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from attestation.policies import Deadline, Rules
from attestation.policies.calendar import default_document

TEXT = (Path(__file__).parents[3] / "docs" / "policies.md").read_text("utf-8")


def shown(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(str(each) for each in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_the_table_of_rules_is_the_class() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", TEXT.partition("## The rules")[2].partition("## ")[0], re.MULTILINE)
    rules = Rules(2025)
    assert rows == [(each.name, shown(getattr(rules, each.name))) for each in fields(Rules) if each.name != "year"]


def test_the_table_of_dates_is_the_default_calendar() -> None:
    section = TEXT.partition("## The calendar")[2].partition("## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` [^|]*\| ([0-9-]+) \|", section, re.MULTILINE))
    deadlines = default_document()["deadlines"]
    assert isinstance(deadlines, dict)
    assert rows == {name.value: deadlines[name.value] for name in Deadline}
    assert f"| {deadlines['evidence_days']} days after it |" in section
