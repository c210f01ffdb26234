"""Build the body of a report that `check_report` accepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from attestation.accounting.activities import Activity, Produced
from attestation.accounting.adjusted import stated_totals
from attestation.accounting.cems import CemsRules
from attestation.accounting.drafts import draft_line, draft_output
from attestation.accounting.factor_sets import FactorSet
from attestation.accounting.report import DEFAULT_CEMS, Recomputed, check_report, recompute
from attestation.bodies.reports import FactorSetRef, Report, ReportPeriod
from attestation.bodies.reports import Totals as StatedTotals
from attestation.decimals import format_decimal


@dataclass(frozen=True, slots=True)
class BuiltReport:
    """`body` is the report's JSON-ready body; `recomputed` the trace of how each figure came about."""

    body: dict[str, object]
    recomputed: Recomputed


def build_report(
    *,
    year: int,
    period_from: str,
    period_to: str,
    activities: Sequence[Activity],
    factor_set: FactorSet,
    obligation_base: str,
    output: Sequence[Produced] = (),
    value_added: Decimal | None = None,
    plan: str | None = None,
    compiled_by: str | None = None,
    supersedes: str | None = None,
    reason: str | None = None,
    cems: CemsRules = DEFAULT_CEMS,
) -> BuiltReport:
    """The report of `activities` for `year` over the RFC 3339 period `[period_from, period_to)`.

    Each quantity is converted to the unit its factor is per and rounded once (DOMAIN 36). `value_added` is in 10^4 CNY;
    `cems` are the year's rules for measured stacks. Raises what `check_report` and `draft_line` raise.
    """
    draft = Report(
        year=year,
        period=ReportPeriod(start=period_from, end=period_to),
        factor_set=FactorSetRef(id=factor_set.id, version=factor_set.version),
        lines=tuple(draft_line(activity, factor_set) for activity in activities),
        output=tuple(draft_output(produced) for produced in output) or None,
        value_added=None if value_added is None else format_decimal(value_added),
        totals=StatedTotals(scope1="0.00", scope2="0.00", obligation_base=obligation_base, obligation_tonnes=0),
        plan=plan,
        compiled_by=compiled_by,
        supersedes=supersedes,
        reason=reason,
    )
    found = recompute(draft, factor_set, obligation_base, cems)
    lines = tuple(
        msgspec.structs.replace(line, emissions=format_decimal(result.emissions))
        for line, result in zip(draft.lines, found.lines, strict=True)
    )
    report = msgspec.structs.replace(draft, lines=lines, totals=stated_totals(found.totals))
    checked = check_report(report, factor_set, obligation_base, cems)
    body: dict[str, object] = msgspec.json.decode(msgspec.json.encode(report))
    return BuiltReport(body, checked)
