"""Law 8: no binary float touches tonnes or factors. Read from the source of the whole package."""

from __future__ import annotations

import ast
from importlib import resources
from importlib.resources.abc import Traversable

import pytest


def _sources(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found.extend(_sources(entry))
        elif entry.name.endswith(".py"):
            found.append(entry)
    return found


def float_uses(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            found.append(f"line {node.lineno}: literal {node.value!r}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            found.append(f"line {node.lineno}: float(…)")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "from_float":
            found.append(f"line {node.lineno}: from_float(…)")
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            found += [f"line {node.lineno}: import {name}" for name in names if name in {"math", "statistics", "numpy"}]
    return found


def test_no_float_in_the_whole_attestation_package() -> None:
    sources = _sources(resources.files("attestation"))
    assert len(sources) > 15
    found = {entry.name: uses for entry in sources if (uses := float_uses(entry.read_text(encoding="utf-8")))}
    assert found == {}


@pytest.mark.parametrize(
    "spoilt",
    ["x = 0.5", "x = 1e3", "x = float('1')", "D.from_float(x)", "import math", "from statistics import mean"],
)
def test_the_search_finds_what_it_looks_for(spoilt: str) -> None:
    assert len(float_uses(spoilt)) == 1
