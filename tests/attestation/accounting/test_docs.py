"""`docs/accounting.md` is executed, and its table of refusals is complete."""

from __future__ import annotations

import ast
import doctest
import re
from importlib import resources
from pathlib import Path

DOCUMENT = Path(__file__).parents[3] / "docs" / "accounting.md"
_RULE = re.compile(
    r"(activity|adjustment|decimal|document|emissions|energy|evidence|factor|factor_set|gas|intensity|inventory|line"
    r"|obligation_base|output|park|reading|report|totals|unit)"
    r"(\.[a-z0-9_]+)+"
)


def test_the_worked_examples_of_the_document_run() -> None:
    outcome = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert outcome.attempted >= 12
    assert outcome.failed == 0


def test_the_document_lists_every_rule_of_the_code_and_no_other() -> None:
    package = resources.files("attestation")
    files = [entry for entry in package.joinpath("accounting").iterdir() if entry.name.endswith(".py")]
    files += [package.joinpath("units.py"), package.joinpath("decimals.py")]
    coded = {
        node.value
        for entry in files
        for call in ast.walk(ast.parse(entry.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call | ast.Tuple | ast.keyword)
        for node in ast.iter_child_nodes(call)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _RULE.fullmatch(node.value)
    }
    table = DOCUMENT.read_text(encoding="utf-8").split("## 8. Refusals")[1]
    first_cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert coded == {rule for cell in first_cells for rule in re.findall(r"`([a-z0-9_.]+)`", cell)}
