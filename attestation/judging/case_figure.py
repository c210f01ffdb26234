"""The figure that the log has of a case, and on whose word: what everything that is paid or graded stands on."""

from __future__ import annotations

from msgspec import Struct

from attestation.context import Context
from attestation.facts.cases import ReportRecord
from attestation.judging.cases import counted_figures


class CaseFigure(Struct, frozen=True):
    """The tonnes of an enterprise's year on the year's obligation base. ``basis`` is ``registered``, ``determined``,
    ``verified`` or ``reported``; ``report`` is the report that they are of, None for a determination."""

    basis: str
    tonnes: int
    report: ReportRecord | None


def case_figure(enterprise: str, year: int, context: Context) -> CaseFigure | None:
    """The strongest figure of the case: its last registered version (DOMAIN 2, 10), else that of a standing verdict on
    the standing report (DOMAIN 45), else the standing report's own. None where the log has none."""
    registrations = counted_figures(enterprise, year, context)
    if registrations:
        last = max(registrations, key=lambda record: record.revision)
        if last.verdict is None:
            return CaseFigure("determined", last.tonnes, None)
        verdict = context.verdict(last.verdict)
        return CaseFigure("registered", last.tonnes, None if verdict is None else context.report(verdict.report))
    standing = context.standing_report(enterprise, year)
    if standing is None:
        return None
    for verdict in reversed(context.verdicts_of(enterprise, year)):
        if verdict.report == standing.statement_id and verdict.tonnes is not None and not verdict.void:
            return CaseFigure("verified", verdict.tonnes, standing)
    return CaseFigure("reported", standing.body.totals.obligation_tonnes, standing)
