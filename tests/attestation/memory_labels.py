"""The part of the log in memory that answers `attestation.facts.labels`."""

from __future__ import annotations

from attestation.bodies import Label, Report
from attestation.context import EntryRef
from attestation.facts.labels import CaseFigure


class MemoryLabelFacts:
    """Recomputes every answer from the entries."""

    def case_figure(self, enterprise: str, year: int, /) -> CaseFigure | None:
        standing = [
            (logged, body)
            for logged, body in self._of(Report)
            if logged.statement.iss == enterprise
            and body.year == year
            and not self.superseded(logged.statement.statement_id)
        ]
        if not standing:
            return None
        logged, report = standing[-1]
        return CaseFigure("reported", report.totals.obligation_tonnes, logged.statement.statement_id, report)

    def standing_label(self, enterprise: str, year: int, /) -> EntryRef | None:
        labels = [logged for logged, body in self._of(Label) if (body.enterprise, body.year) == (enterprise, year)]
        return labels[-1].ref if labels else None
