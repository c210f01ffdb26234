"""How the steps of a figure are written: a line each, with its unit and the rule that it follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def step_lines(trace: Iterable[Mapping[str, object]], indent: str = "  ") -> list[str]:
    """`symbol = expression = value unit  (source)`; what is a mere number has the unit 1, which nobody writes."""
    return [
        f"{indent}{one['symbol']} = {one['expression']} = {one['value']}"
        + ("" if one["unit"] == "1" else f" {one['unit']}")
        + (f"  ({one['source']})" if one.get("source") else "")
        for one in trace
    ]
