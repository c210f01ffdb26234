"""Allocations built from a park's input file and what the log holds (DOMAIN 26 to 31).

The input file is JSON, as docs/quota.md has it, with what the log knows left out:

    {"rules": {"year", "cap", "reserve", "pre_share"?, "score_limit"?, "sector_benchmarks"?},
     "inputs": [{"identifier", "method", "inputs": {"base_years"?, …},
                 "relief"?, "score_adjustment"?, "owed"?, "cut"?}]}

``base_years`` that are left out are those of the enterprise's opening, ``owed`` what its account owes. An allocation
ahead has ``"enterprises": [identifier, …]`` instead of ``inputs``: it rests on what was registered of the year before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attestation.bodies import Allocation, BaseYear
from attestation.bodies.allocations import AllocationShare
from attestation.decimals import format_decimal, parse_decimal
from attestation.facts.quotas import AllocationFigure, ArithmeticFault
from attestation.instants import format_instant
from attestation.judging.allocations import expected_table
from attestation.policies import Calendar, Deadline
from ledger.answers.quotas import allocation_figure
from quota.refusals import RULES
from tanlu.assets import new_operation
from tanlu.errors import InputRefused

RETURN_WORKING_DAYS = 20
"""For what is owed after the final allocation (DOMAIN 31)."""
_RULES = {"pre_share": "0.7", "score_limit": "0.02", "sector_benchmarks": []}
_INPUTS: dict[str, Any] = {"relief": "0", "score_adjustment": "0", "cut": "0"}
_OF_OPENINGS = ("grandfathering", "historical-intensity")

_A_PLAN = "a JSON object with rules", "含 rules 的 JSON 对象"

Openings = Callable[[str], Sequence[BaseYear]]
"""The base years that an enterprise carried in; none without an opening."""
Owed = Callable[[str], int]
"""What an account owes of earlier years, in tonnes."""
Registered = Callable[[str, int], int | None]
"""The registered figure of an enterprise's year, in tonnes; None without one."""


def read_plan(path: Path) -> dict[str, Any]:
    """The park's input file. Raises InputRefused (``allocation.plan``)."""
    try:
        plan = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise refused("allocation.plan", f"{path.name}: {error}", *_A_PLAN) from error
    if not isinstance(plan, dict) or not isinstance(plan.get("rules"), dict):
        raise refused("allocation.plan", path.name, *_A_PLAN)
    return plan


def complete_inputs(plan: Mapping[str, Any], openings: Openings, owed: Owed) -> dict[str, Any]:
    """The document of a final allocation: the plan with what the log knows. Raises InputRefused (``allocation.plan``,
    ``allocation.opening``)."""
    rows = plan.get("inputs")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise refused("allocation.plan", "no list of inputs", "inputs: a list of objects", "inputs：对象列表")
    return {
        "v": 1,
        "kind": "allocation-inputs",
        "rules": _RULES | plan["rules"],
        "inputs": [_completed(row, openings, owed) for row in rows],
    }


def complete_ahead(plan: Mapping[str, Any], registered: Registered) -> dict[str, Any]:
    """The document of an allocation ahead. Raises InputRefused (``allocation.plan``, ``allocation.registered``)."""
    rules, names = _RULES | plan["rules"], plan.get("enterprises")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise refused(
            "allocation.plan",
            "no list of enterprises",
            "enterprises: a list of identifiers",
            "enterprises：标识列表",
        )
    year = rules.get("year")
    if not isinstance(year, int):
        raise refused("allocation.plan", f"year {year}", "rules.year: a year", "rules.year：年份")
    rows = []
    for name in sorted(names, key=str.encode):
        tonnes = registered(name, year - 1)
        if tonnes is None:
            raise refused(
                "allocation.registered",
                f"{name} {year - 1}",
                "an enterprise with a registered figure",
                "已登记排放量的企业",
            )
        rows.append({"identifier": name, "tonnes": str(tonnes)})
    return {"v": 1, "kind": "pre-allocation-inputs", "rules": rules, "emissions": rows}


def figure_of(round_: str, document: Mapping[str, Any]) -> AllocationFigure:
    """What the document gives. Raises InputRefused with the rule of docs/quota.md that refuses it."""
    found = allocation_figure(round_, document)
    if isinstance(found, ArithmeticFault):
        raise refused(found.rule, f"{found.at} {found.value}".strip(), found.expected, found.expected_zh)
    return found


def build_allocation(
    round_: str,
    document: Mapping[str, Any],
    *,
    reserve: str,
    return_due: int,
    granted_ahead: Mapping[str, int] | None = None,
) -> Allocation:
    """The statement's body without approvals. ``granted_ahead``: what the year's allocation ahead granted;
    ``return_due``: unix seconds. Raises InputRefused."""
    figure = figure_of(round_, document)
    table = expected_table(figure, round_, granted_ahead or {})
    return Allocation(
        op_id=new_operation(),
        year=figure.year,
        round=round_,
        reserve=reserve,
        document=dict(document),
        input_root=figure.input_root,
        table=table,
        tonnes=sum(row.granted for row in table),
        return_due=format_instant(return_due),
        approvals=(),
    )


def check_recomputed(body: Allocation, granted_ahead: Mapping[str, int]) -> None:
    """That root and table are what the document gives, before a person signs them. Raises InputRefused
    (``allocation.root``, ``allocation.table``)."""
    figure = figure_of(body.round, body.document)
    if figure.input_root != body.input_root or figure.year != body.year:
        raise refused("allocation.root", body.input_root, figure.input_root)
    wanted = expected_table(figure, body.round, granted_ahead)
    for found, row in zip(body.table, wanted, strict=False):
        if found != row:
            raise refused("allocation.table", told(found), told(row), told_zh(row))
    if len(body.table) != len(wanted):
        raise refused("allocation.table", f"{len(body.table)} rows", f"{len(wanted)} rows", f"{len(wanted)} 行")


def default_return_due(calendar: Calendar, now: int) -> int:
    """Twenty working days after the calendar's date of the final allocation, or after ``now`` where that is later."""
    return calendar.after_working_days(max(now, calendar.deadline(Deadline.ALLOCATION)), RETURN_WORKING_DAYS)


def told(row: AllocationShare) -> str:
    """A row as a sentence has it."""
    return f"{row.identifier}: granted {row.granted}, owes {row.owes}, settles {row.settles}"


def told_zh(row: AllocationShare) -> str:
    """The same in Chinese."""
    return f"{row.identifier}：授予 {row.granted}、应退 {row.owes}、抵扣 {row.settles}"


def refused(rule: str, value: str, expected: str, expected_zh: str = "") -> InputRefused:
    """The refusal of an input, to be raised; ``expected_zh`` where it is more than names and numbers."""
    arithmetic = RULES.get(rule)
    of_rule = ("The allocation's inputs are refused", "分配输入被拒绝")
    if arithmetic is not None:
        of_rule = (arithmetic.text, arithmetic.text_zh)
    text, text_zh = _TEXTS.get(rule, of_rule)
    return InputRefused(
        rule=rule,
        value=value,
        expected=expected,
        expected_zh=expected_zh or expected,
        message=text,
        message_zh=text_zh,
    )


_TEXTS: Mapping[str, tuple[str, str]] = {
    "allocation.plan": ("This is no input file of an allocation", "不是分配输入文件"),
    "allocation.opening": ("Nothing says the base years", "没有基准年数据"),
    "allocation.registered": ("No figure is registered of the year before", "上一年度没有登记排放量"),
    "allocation.root": ("The document has another root", "文件的根不符"),
    "allocation.table": ("A row is not what the document gives", "分配表与重算结果不符"),
    "allocation.step": ("A step of the share is not what its own inputs give", "步骤与本企业输入不符"),
    "allocation.unknown": ("The enterprise has no share in it", "该企业不在本次分配中"),
}


def _completed(row: Mapping[str, Any], openings: Openings, owed: Owed) -> dict[str, Any]:
    identifier, inputs = row.get("identifier"), row.get("inputs")
    if not isinstance(identifier, str) or not isinstance(inputs, dict):
        raise refused("allocation.plan", f"{identifier}", "an identifier and an object of inputs", "标识与输入对象")
    if row.get("method") in _OF_OPENINGS and "base_years" not in inputs:
        inputs = inputs | {"base_years": _base_years(identifier, str(row["method"]), openings(identifier))}
    debt = row.get("owed")
    return {
        **_INPUTS,
        **row,
        "inputs": inputs,
        "owed": str(owed(identifier)) if debt is None else debt,
    }


def _base_years(identifier: str, method: str, carried: Sequence[BaseYear]) -> list[dict[str, Any]]:
    if not carried:
        raise refused(
            "allocation.opening",
            identifier,
            "base_years in the file, or an opening in the log",
            "文件中的 base_years，或日志中的期初条目",
        )
    rows: list[dict[str, Any]] = []
    for base in carried:
        made: dict[str, Any] = {"year": base.year, "emissions": str(base.tonnes)}
        if method == "historical-intensity":
            if base.output is None:
                raise refused(
                    "allocation.opening", f"{identifier} {base.year}", "an output of the base year", "基准年产量"
                )
            quantity = format_decimal(parse_decimal(base.output.quantity))
            made["output"] = {"quantity": quantity, "unit": base.output.unit}
        rows.append(made)
    return rows
