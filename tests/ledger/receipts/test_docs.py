"""docs/receipts.md shows the members that the formats have, in their order."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[3] / "docs" / "receipts.md"


def members(value: Any) -> Any:
    if isinstance(value, dict):
        return [(name, members(member)) for name, member in value.items()]
    return type(value).__name__


def test_the_examples_have_the_members_of_the_formats(vectors: Path) -> None:
    examples = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCS.read_text(), re.DOTALL)]
    written = [json.loads((vectors / name).read_bytes()) for name in ("trust.json", "reading.json")]
    # The vectors' trust file is of a deployment without the later contracts that the page shows.
    for name in ("emissions_registry", "carbon_ledger", "compliance", "credit_scores", "exchange"):
        del examples[0]["contracts"][name]
    assert [members(example) for example in examples] == [members(document) for document in written]


def test_every_step_is_described() -> None:
    section = DOCS.read_text().split("## Verification")[1].split("## What")[0]
    assert re.findall(r"^([0-9])\. \*\*", section, re.MULTILINE) == [str(step) for step in range(1, 10)]
