"""The entries of a case in log order: what happened, who signed it, and its leaf."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.db.case_models import (
    AssignmentRow,
    DrawRow,
    FindingRow,
    PlanRow,
    RegistrationRow,
    ReplacedFigureRow,
    VerdictRow,
)
from ledger.db.cases import CaseRepository


@dataclass(frozen=True, slots=True)
class Step:
    """An entry of a case. ``kind`` is its type, or the ``action`` of an assignment or objection; an objection that was
    upheld, and what it ended, are one entry."""

    index: int
    kind: str
    issuer: str
    statement_id: bytes
    leaf_hash: bytes
    accepted_at: int


def steps_of(cases: CaseRepository, enterprise: str, year: int) -> tuple[Step, ...]:
    """Every entry of the case, the monitoring plans that its reports name included; none for a case without any."""
    kinds: dict[int, str] = {}
    # What ends an assignment may be a decision, which goes before.
    for assignment in cases.of_case(AssignmentRow, enterprise, year):
        kinds[assignment.entry_index] = "appoint" if assignment.draw_index is None else "draw"
        if assignment.ended_index is not None:
            kinds[assignment.ended_index] = "end"
    for draw in cases.of_case(DrawRow, enterprise, year):
        kinds[draw.entry_index] = "open-draw"
        if draw.contributed_index is not None:
            kinds[draw.contributed_index] = "contribute"
    for report, _ in cases.reports_of(enterprise, year):
        kinds[report.entry_index] = "report"
        plan = None if report.plan is None else cases.by_statement(PlanRow, report.plan)
        if plan is not None:
            kinds[plan.entry_index] = "plan"
    kinds |= {row.entry_index: "finding" for row in cases.of_case(FindingRow, enterprise, year)}
    kinds |= {row.entry_index: "verification" for row in cases.of_case(VerdictRow, enterprise, year)}
    for objection in cases.objections_of(enterprise, year):
        kinds[objection.entry_index] = "object"
        if objection.decided_index is not None:
            kinds[objection.decided_index] = "decide"
    for figure in cases.of_case(RegistrationRow, enterprise, year):
        kinds[figure.entry_index] = "determination" if figure.verdict_index is None else "registration"
    for replaced in cases.of_case(ReplacedFigureRow, enterprise, year):
        kinds[replaced.entry_index] = "determination" if replaced.verdict_index is None else "registration"
    return tuple(
        Step(entry.index, kinds[entry.index], issuer, entry.statement_id, entry.leaf_hash, entry.accepted_at)
        for entry, issuer in cases.entries(kinds)
    )
