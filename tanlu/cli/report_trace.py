"""How ``tanlu report explain`` prints a trace: line by line what a pocket calculator repeats."""

from __future__ import annotations

import re
from typing import Any

# A quotient that does not end has 50 digits; a calculator shows ten or twelve.
_LONG = re.compile(r"(\d+\.\d{12})\d+")


def trace_text(trace: dict[str, Any], totals: str) -> str:
    """The trace of a report as text, ended by the sentence ``totals``."""
    used = f"{trace['factor_set']['id']}@{trace['factor_set']['version']}"
    parts = [f"factor set 排放因子集 {used}"]
    for line in trace["lines"]:
        parts += line_text(line, used)
    parts.append("totals 合计")
    parts += [step_text(step) for step in trace["steps"]]
    return "\n".join([*parts, totals])


def line_text(line: dict[str, Any], used: str) -> list[str]:
    """A line's formula, terms, steps and emissions, one text each; ``used`` names its factor set."""
    return [
        f"{line['id']} ({line['name']}): {line['formula']}: {line['expression']}  [{line['source']}]",
        *(term_text(term, used) for term in line["terms"]),
        *(step_text(step) for step in line["steps"]),
        f"  -> {line['emissions']} {line['unit']}",
    ]


def sentence(totals: dict[str, Any]) -> str:
    """Scopes and obligation in a sentence."""
    apart = "".join(
        f", {what} {totals[name]} {unit}"
        for name, what, unit in (
            ("scope2_market", "scope 2 market-based", "t"),
            ("biogenic", "biogenic (apart)", "t"),
            ("removals", "removals (apart)", "t"),
            ("energy_tce", "energy", "tce"),
        )
        if name in totals
    )
    return (
        f"scope 1 {totals['scope1']} t, scope 2 {totals['scope2']} t{apart}, "
        f"obligation {totals['obligation_tonnes']} t ({totals['obligation_base']})"
    )


def sentence_zh(totals: dict[str, Any]) -> str:
    """The same in Chinese."""
    apart = "".join(
        f"，{what} {totals[name]} {unit}"
        for name, what, unit in (
            ("scope2_market", "范围二（市场法）", "吨"),
            ("biogenic", "生物质（单列）", "吨"),
            ("removals", "清除量（单列）", "吨"),
            ("energy_tce", "能耗", "吨标准煤"),
        )
        if name in totals
    )
    return (
        f"范围一 {totals['scope1']} 吨，范围二 {totals['scope2']} 吨{apart}，"
        f"应清缴 {totals['obligation_tonnes']} 吨（{totals['obligation_base']}）"
    )


def term_text(term: dict[str, Any], used: str) -> str:
    """A number of a formula and where it is from; of the factor set ``used``, where it says so."""
    source = f"{term['source']}; {used}" if term["factor"] and used else term["source"]
    return f"  {term['symbol']} = {term['value']} {term['unit']}  [{source}]"


def step_text(step: dict[str, Any]) -> str:
    """A step as it is keyed in; digits beyond a calculator's are cut, marked by an ellipsis."""
    return _LONG.sub(r"\1…", f"  {step['symbol']} = {step['expression']} = {step['value']} {step['unit']}")
