"""How ``tanlu park-total`` prints a park's total and the check value: every source and step, then the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from attestation.accounting.park_boundary import CATEGORIES, DEDUCTIONS
from tanlu.cli.report_trace import line_text, step_text, term_text
from tanlu.cli.tables import amounts

SCOPES = ("scope 1", "scope 2", "scope 3")
SCOPES_ZH = ("范围一", "范围二", "范围三")

_ZH: Mapping[str, str] = MappingProxyType(
    {
        "energy.electricity": "园区外购电力",
        "energy.heat": "园区外购热力",
        "enterprises.fuel": "企业燃料燃烧",
        "enterprises.electricity": "企业外购电力",
        "enterprises.heat": "企业外购热力",
        "enterprises.materials": "企业原材料",
        "enterprises.process": "企业生产过程",
        "enterprises.product_use": "企业产品使用",
        "public.equipment": "公共设施设备",
        "public.waste": "公共废弃物处理",
        "infrastructure.base_stations": "通信基站",
        "infrastructure.servers": "服务器",
        "infrastructure.cooling": "制冷",
        "transport.in_park": "园区内运输",
        "transport.materials": "原材料运输",
        "transport.products": "产品运输",
        "transport.commuting": "通勤",
        "fixed": "固碳产品（扣减）",
        "sinks": "碳汇（扣减）",
        "ccus": "碳捕集利用与封存（扣减）",
    }
)


def park_text(total: dict[str, Any], *, zh: bool) -> str:
    """The total of a park (the members of `ParkTotal.as_dict`) as text."""
    parts = [f"park total 园区排放总量 {total['park']} {total['year']}"]
    for source in total["sources"]:
        parts.append(
            f"{source['id']} ({source['category']}, scope 范围 {source['scope']}): "
            f"{source['emissions']} {source['unit']}  [{counted_text(source)}]"
        )
    parts.append("totals 合计")
    parts += [step_text(step) for step in total["steps"]]
    return "\n".join([*parts, _table(total, zh=zh), *(_said_zh(total) if zh else _said(total))])


def ganzhou_text(year: dict[str, Any], *, zh: bool) -> str:
    """A year of the check value (the members of `GanzhouYear.as_dict`) as text."""
    used = "{id}@{version}".format(**year["factor_set"])
    scopes = year["scopes"]
    parts = [
        f"park total 园区排放总量: {year['park']}, {year['year']}  [{year['source']}]",
        f"factor set 排放因子集 {used}",
        f"quantities 用量: {year['expression']}",
        *(term_text(term, used) for term in year["terms"]),
        *(step_text(step) for step in year["quantities"]),
        *(text for line in year["lines"] for text in line_text(line, used)),
        "totals 合计",
        *(step_text(step) for step in year["steps"]),
    ]
    if zh:
        parts += [
            f"范围一 {scopes['scope1']} tCO2，范围二 {scopes['scope2']} tCO2；"
            f"计算值 {year['total_10kt']} 万吨，公布值 {year['published_10kt']} 万吨，"
            f"偏差 {year['deviation_percent']} %",
            f"{year['use_zh']}。",
        ]
    else:
        parts += [
            f"scope 1 {scopes['scope1']} tCO2, scope 2 {scopes['scope2']} tCO2; computed {year['total_10kt']}, "
            f"published {year['published_10kt']} (10^4 tCO2), deviation {year['deviation_percent']} %",
            f"For {year['use']}.",
        ]
    return "\n".join(parts)


def counted_text(source: Mapping[str, Any]) -> str:
    """What a source's figure is made from, and the meters behind that."""
    behind = f"; behind 下级 {', '.join(source['above'])}" if "above" in source else ""
    return ", ".join(source["counts"]) + behind


def _table(total: dict[str, Any], *, zh: bool) -> str:
    header = ("tCO2e", *((*SCOPES_ZH, "扣减") if zh else (*SCOPES, "deducted")))
    last = "合计" if zh else "total"
    scopes = total["scopes"]
    rows = [*_rows(total, zh=zh), (last, *(scopes[f"scope{scope}"] for scope in (1, 2, 3)), total["deductions"])]
    return amounts(header, rows)


def _rows(total: dict[str, Any], *, zh: bool) -> Iterator[tuple[str, ...]]:
    for name, cells in total["cells"].items():
        if CATEGORIES[name][0] in DEDUCTIONS:
            figures = ["", "", "", *cells.values()]
        else:
            figures = [cells.get(f"scope{scope}", "") for scope in (1, 2, 3)] + [""]
        yield (f"{name} {_ZH[name]}" if zh else name, *figures)


def _said(total: dict[str, Any]) -> list[str]:
    scopes = total["scopes"]
    return [
        f"scope 1 {scopes['scope1']}, scope 2 {scopes['scope2']}, scope 3 {scopes['scope3']}; "
        f"gross {total['gross']}, deducted {total['deductions']}, net {total['net']} {total['unit']}",
        f"For {total['use']}: it adds scopes up, and none of it is ever surrendered against.",
    ]


def _said_zh(total: dict[str, Any]) -> list[str]:
    scopes = total["scopes"]
    return [
        f"范围一 {scopes['scope1']}，范围二 {scopes['scope2']}，范围三 {scopes['scope3']}；"
        f"扣减前 {total['gross']}，扣减 {total['deductions']}，净值 {total['net']} {total['unit']}",
        f"{total['use_zh']}：其合计跨越范围，任何部分均不用于清缴。",
    ]
