"""What can be said against a report without knowing any factor (step 9 of `docs/design.md` §3)."""

from __future__ import annotations

from decimal import Decimal

from attestation.accounting.body import LineBody, ReportBody
from attestation.accounting.evidence import check_citations
from attestation.accounting.lines import EMISSIONS_PLACES, LineKind, check_quantity
from attestation.accounting.refusals import decimal_at, schema_refusal
from attestation.accounting.totals import parse_base
from attestation.decimals import decimal_places

MAX_LINES = 500
"""Most lines of one report; an entry of 65,535 bytes holds fewer."""


def check_shape(report: ReportBody) -> None:
    """Refuse a report whose numbers, units and lines are not well formed.

    Raises SchemaRefused: `report.lines.empty`, `.many`, `.duplicate`; `line.kind`, `line.factor` (fuel and factor as
    the kind wants them), the rules of `check_quantity` and `check_citations`, `emissions.places`,
    `obligation_base.unknown`, `totals.obligation_tonnes`, `decimal.grammar`.
    """
    if not report.lines:
        raise schema_refusal("report.lines.empty", "report", "no lines", "at least one line", "报告没有任何排放条目")
    if len(report.lines) > MAX_LINES:
        raise schema_refusal(
            "report.lines.many", "report", f"{len(report.lines)} lines", f"at most {MAX_LINES}", "报告条目过多"
        )
    seen: set[str] = set()
    for line in report.lines:
        if line.id in seen:
            raise schema_refusal("report.lines.duplicate", "report", line.id, "line ids that differ", "条目编号重复")
        seen.add(line.id)
        _check_line(line)
    check_citations(report.lines)
    parse_emissions(report.totals.scope1, "totals.scope1")
    parse_emissions(report.totals.scope2, "totals.scope2")
    parse_base(report.totals.obligation_base)
    if report.totals.obligation_tonnes < 0:
        raise schema_refusal(
            "totals.obligation_tonnes",
            "totals.obligation_tonnes",
            report.totals.obligation_tonnes,
            "whole tonnes from 0 up",
            "应清缴量须为非负整数吨",
        )


def _check_line(line: LineBody) -> None:
    kind = parse_kind(line)
    check_quantity(line.id, kind, decimal_at(line.quantity, f"line {line.id}"), line.unit)
    factor_name(line)
    parse_emissions(line.emissions, f"line {line.id}")


def parse_kind(line: LineBody) -> LineKind:
    """The line's kind. Raises SchemaRefused (`line.kind`)."""
    try:
        return LineKind(line.kind)
    except ValueError:
        expected = "one of " + ", ".join(kind.value for kind in LineKind)
        raise schema_refusal("line.kind", f"line {line.id}", line.kind, expected, "未知的条目类型") from None


def factor_name(line: LineBody) -> str:
    """The name under which the factor set has this line's factor: a fuel's for combustion, else a factor's.

    Raises SchemaRefused (`line.factor`) unless exactly the one that the kind wants is given.
    """
    burns = parse_kind(line) is LineKind.COMBUSTION
    wanted, other = (line.fuel, line.factor) if burns else (line.factor, line.fuel)
    if not wanted or other is not None:
        raise schema_refusal(
            "line.factor",
            f"line {line.id}",
            f"fuel {line.fuel}, factor {line.factor}",
            "fuel and no factor" if burns else "factor and no fuel",
            "燃料与因子须按条目类型二选一",
        )
    return wanted


def parse_emissions(text: str, where: str) -> Decimal:
    """Claimed tCO2, written with exactly 2 places. Raises SchemaRefused (`emissions.places`, `decimal.grammar`)."""
    value = decimal_at(text, where)
    if decimal_places(value) != EMISSIONS_PLACES:
        raise schema_refusal(
            "emissions.places", where, text, f"tCO2 with {EMISSIONS_PLACES} decimal places", "排放量须保留两位小数"
        )
    return value
