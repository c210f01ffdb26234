"""A report with a verifier's adjustments applied (DOMAIN 44, 45): its totals by the same engine as everybody's.

An adjustment replaces the line of its id, leaves it out where it has no replacement, or adds a line that the report
does not have. Nothing of an adjusted report is taken from the claim but its activities.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from attestation.accounting.cems import CemsRules
from attestation.accounting.factor_sets import FactorSet
from attestation.accounting.refusals import schema_refusal
from attestation.accounting.report import DEFAULT_CEMS, check_report, recompute
from attestation.accounting.totals import Totals
from attestation.bodies.report_lines import ReportLine
from attestation.bodies.reports import Report
from attestation.bodies.reports import Totals as StatedTotals


class AdjustmentBody(Protocol):
    """What of an adjustment matters here: a line's id and what takes its place."""

    @property
    def line(self) -> str: ...
    @property
    def replacement(self) -> ReportLine | None: ...


def apply_adjustments(report: Report, adjustments: Sequence[AdjustmentBody]) -> Report:
    """`report` with its lines adjusted, in its own order, added lines at the end; totals and claims untouched.

    Raises SchemaRefused: `adjustment.repeated` (two of one line), `adjustment.line` (a replacement of another id, or no
    replacement for a line that the report does not have).
    """
    lines = {line.id: line for line in report.lines}
    seen: set[str] = set()
    for adjustment in adjustments:
        where, replacement = f"adjustment of line {adjustment.line}", adjustment.replacement
        if adjustment.line in seen:
            raise schema_refusal(
                "adjustment.repeated", where, adjustment.line, "one adjustment per line", "同一条目重复调整"
            )
        seen.add(adjustment.line)
        if replacement is None:
            if adjustment.line not in lines:
                known = "a line of the report: " + ", ".join(lines)
                raise schema_refusal("adjustment.line", where, adjustment.line, known, "报告没有该条目")
            del lines[adjustment.line]
        elif replacement.id != adjustment.line:
            raise schema_refusal(
                "adjustment.line",
                where,
                replacement.id,
                f"a replacement with the id {adjustment.line}",
                "替换条目的编号不符",
            )
        else:
            lines[adjustment.line] = replacement
    return msgspec.structs.replace(report, lines=tuple(lines.values()))


def adjusted_report(
    body: Report,
    adjustments: Sequence[AdjustmentBody],
    factor_set: FactorSet,
    cems: CemsRules = DEFAULT_CEMS,
) -> Report:
    """The report as adjusted, totals recomputed on the base that it states, every replacement's emissions checked.

    `factor_set` is the one that the report names. Raises what `apply_adjustments` and `check_report` raise:
    RecomputationRefused names line, claimed and recomputed figure.
    """
    adjusted = apply_adjustments(body, adjustments)
    base = body.totals.obligation_base
    totals = stated_totals(recompute(adjusted, factor_set, base, cems).totals)
    adjusted = msgspec.structs.replace(adjusted, totals=totals)
    check_report(adjusted, factor_set, base, cems)
    return adjusted


def stated_totals(totals: Totals) -> StatedTotals:
    """Recomputed totals as a report's body states them."""
    return msgspec.convert(totals.as_dict(), StatedTotals)
