"""How ``tanlu inventory`` prints an inventory: boundary, every source and step, base year, ten steps, the table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tanlu.cli.park_text import SCOPES, SCOPES_ZH, counted_text
from tanlu.cli.report_trace import step_text, term_text
from tanlu.cli.tables import amounts, table

_APPROACHES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "control": ("what is controlled counts whole", "控制权法：受控者全额计入"),
        "equity": ("each source counts by the share that is owned", "股权比例法：按持股比例计入"),
    }
)
_CAUSES_ZH: Mapping[str, str] = MappingProxyType({"structure": "结构变化", "method": "方法变化", "error": "错误更正"})
_STEPS_ZH: Mapping[str, str] = MappingProxyType(
    {
        "feasibility": "可行性研究",
        "boundary": "边界确定",
        "base_year": "基准年",
        "source_identification": "排放源识别",
        "quantification": "量化",
        "inventory": "清单",
        "data_quality": "数据质量与不确定度",
        "report": "报告",
        "internal_verification": "内部核查与管理评审",
        "external_verification": "外部核查",
    }
)


def inventory_text(made: dict[str, Any], *, zh: bool) -> str:
    """An inventory (the members of `YearlyInventory.as_dict`) as text."""
    approach = _APPROACHES[made["approach"]][zh]
    parts = [
        f"inventory 盘查清单 {made['organisation']} {made['year']}",
        f"boundary 边界: {made['approach']} ({approach}): {made['boundary']}",
        f"GWP 全球变暖潜势: {made['gwp']}  [{made['gwp_source']}]",
        f"uncertainty 不确定度: root of the sum of squares 平方和根  [{made['uncertainty_source']}]",
        *(text for line in made["lines"] for text in _line(line)),
        "totals 合计",
        *(step_text(step) for step in made["steps"]),
        *_base_year(made["base_year"], zh=zh),
        _documents(made["documents"], zh=zh),
        _table(made, zh=zh),
    ]
    return "\n".join([*parts, *(_said_zh(made) if zh else _said(made))])


def _line(line: dict[str, Any]) -> list[str]:
    return [
        f"{line['id']} ({line['gas']}, scope 范围 {line['scope']}): {line['formula']}: {line['expression']}  "
        f"[{line['source']}]  [{counted_text(line)}]",
        *(term_text(term, "") for term in line["terms"]),
        *(step_text(step) for step in line["steps"]),
        f"  -> {line['emissions']} {line['unit']}",
    ]


def _base_year(base: dict[str, Any], *, zh: bool) -> list[str]:
    head = f"base year 基准年 {base['year']}: {base['total']} {base['unit']}"
    limit = base["threshold_percent"]
    if zh:
        rule = f"结构、方法变化或错误更正累计达其 {limit} % 起重算，产量增长不重算"
        outcome = "已重算" if base["restated"] else "未重算"
    else:
        rule = f"recalculated where structure, method or errors reach {limit} % of it, never for growth"
        outcome = "recalculated" if base["restated"] else "not recalculated"
    return [
        f"{head}; {rule}",
        *(
            f"  {_CAUSES_ZH[change['cause']] if zh else change['cause']}: {change['difference']} {base['unit']}: "
            f"{change['reason']}"
            for change in base["changes"]
        ),
        *(step_text(step) for step in base["steps"]),
        f"  -> {outcome}: {base['compared_with']} {base['unit']}",
    ]


def _documents(documents: dict[str, str], *, zh: bool) -> str:
    header = ("步骤", "文件") if zh else ("step", "document")
    return table(header, [(_STEPS_ZH[step] if zh else step, text) for step, text in documents.items()])


def _table(made: dict[str, Any], *, zh: bool) -> str:
    header = ("tCO2e", *((*SCOPES_ZH, "合计") if zh else (*SCOPES, "total")))
    rows = [
        (gas, *(made["cells"][gas].get(f"scope{scope}", "") for scope in (1, 2, 3)), total)
        for gas, total in made["gases"].items()
    ]
    return amounts(header, [*rows, (header[-1], *made["scopes"].values(), made["total"])])


def _said(made: dict[str, Any]) -> list[str]:
    scopes = made["scopes"]
    return [
        f"scope 1 {scopes['scope1']}, scope 2 {scopes['scope2']}, scope 3 {scopes['scope3']}; total {made['total']} "
        f"{made['unit']} ± {made['uncertainty_percent']} %",
        f"For {made['use']}: none of it is ever surrendered against.",
    ]


def _said_zh(made: dict[str, Any]) -> list[str]:
    scopes = made["scopes"]
    return [
        f"范围一 {scopes['scope1']}，范围二 {scopes['scope2']}，范围三 {scopes['scope3']}；合计 {made['total']} "
        f"{made['unit']} ± {made['uncertainty_percent']} %",
        f"{made['use_zh']}：任何部分均不用于清缴。",
    ]
