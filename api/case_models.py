"""Answers about cases: an enterprise's compliance year from the plan to the registered figure."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field

from api.deadline_models import DueDate
from api.models import HASH, Answer
from attestation.facts.cases import AssignmentRecord, DrawRecord, ReportRecord, VerdictRecord
from ledger.case_steps import Step
from ledger.cases import CaseFile, CaseState, CaseSummary


class CaseFigure(Answer):
    """A registered version of a case's figure."""

    index: int = Field(description="Log position of the registration or determination.")
    revision: int
    tonnes: int
    determined: bool = Field(description="By two persons (DOMAIN 10), not from a verdict.")
    on_chain: bool = Field(description="The emissions registry was seen to hold this version.")


class Case(Answer):
    """A case in a line."""

    enterprise: str
    year: int
    state: CaseState = Field(description="Where it stands; see docs/verification.md.")
    verifier: str | None = Field(description="Who is assigned, in its days or not.")
    figure: CaseFigure | None = Field(description="The last registered version.")

    @classmethod
    def of(cls, summary: CaseSummary) -> Self:
        """From the log's view."""
        return cls.model_validate(_summary(summary))


class Cases(Answer):
    """Cases by enterprise and year."""

    cases: list[Case]
    next: str | None = Field(description="Ask with `after` set to it for more, if not null.")


class CaseStep(Answer):
    """An entry of the case."""

    index: int
    kind: str = Field(description="Its type, or the `action` of an assignment or objection.")
    issuer: str
    statement_id: str = Field(pattern=HASH)
    leaf_hash: str = Field(pattern=HASH)
    accepted_at: int

    @classmethod
    def of(cls, step: Step) -> Self:
        """From the log's view."""
        return cls(
            index=step.index,
            kind=step.kind,
            issuer=step.issuer,
            statement_id=step.statement_id.hex(),
            leaf_hash=step.leaf_hash.hex(),
            accepted_at=step.accepted_at,
        )


class CaseReport(Answer):
    """The standing report of a case."""

    index: int
    statement_id: str = Field(pattern=HASH)
    leaf_hash: str = Field(pattern=HASH)
    obligation_tonnes: int = Field(description="As reported.")

    @classmethod
    def of(cls, report: ReportRecord) -> Self:
        """From the log's view."""
        return cls(
            index=report.index,
            statement_id=report.statement_id.hex(),
            leaf_hash=report.leaf_hash.hex(),
            obligation_tonnes=report.body.totals.obligation_tonnes,
        )


class CaseAssignment(Answer):
    """The assignment of a case that is not ended."""

    index: int
    statement_id: str = Field(pattern=HASH)
    verifier: str
    start: int = Field(description="From when on it holds, in unix seconds.")
    until: int = Field(description="From when on it holds no more.")

    @classmethod
    def of(cls, assignment: AssignmentRecord) -> Self:
        """From the log's view."""
        return cls(
            index=assignment.index,
            statement_id=assignment.statement_id.hex(),
            verifier=assignment.verifier,
            start=assignment.start,
            until=assignment.until,
        )


class CaseDraw(Answer):
    """A draw that waits."""

    index: int
    statement_id: str = Field(pattern=HASH)
    candidates: list[str]
    commitment: str = Field(pattern=HASH)
    contribution: str | None = Field(pattern=HASH)
    contribute_until: int

    @classmethod
    def of(cls, draw: DrawRecord) -> Self:
        """From the log's view."""
        return cls(
            index=draw.index,
            statement_id=draw.statement_id.hex(),
            candidates=list(draw.candidates),
            commitment=draw.commitment.hex(),
            contribution=None if draw.contribution is None else draw.contribution.hex(),
            contribute_until=draw.contribute_until,
        )


class CaseVerdict(Answer):
    """The verdict on the standing report."""

    index: int
    statement_id: str = Field(pattern=HASH)
    leaf_hash: str = Field(pattern=HASH)
    verifier: str
    conclusion: Literal["approved", "corrected", "rejected"]
    tonnes: int | None = Field(description="What it verified; null where it rejected.")
    registrable_from: int = Field(description="The end of the objection window.")

    @classmethod
    def of(cls, verdict: VerdictRecord, registrable_from: int) -> Self:
        """From the log's view."""
        return cls.model_validate(
            {
                "index": verdict.index,
                "statement_id": verdict.statement_id.hex(),
                "leaf_hash": verdict.leaf_hash.hex(),
                "verifier": verdict.verifier,
                "conclusion": verdict.conclusion,
                "tonnes": verdict.tonnes,
                "registrable_from": registrable_from,
            }
        )


class OpenItem(Answer):
    """A non-conformity that no standing verdict closed."""

    finding: str = Field(pattern=HASH, description="Statement id of the finding.")
    item: str


class CaseFileAnswer(Case):
    """The file of a case as of `now`."""

    now: int
    report: CaseReport | None
    assignment: CaseAssignment | None
    draw: CaseDraw | None
    verdict: CaseVerdict | None
    open_nonconformities: list[OpenItem]
    steps: list[CaseStep] = Field(description="Every entry of the case in log order.")
    deadlines: list[DueDate]

    @classmethod
    def told(cls, file: CaseFile, now: int) -> Self:
        """From the log's view, as of ``now`` (unix seconds)."""
        verdict = None
        if file.verdict is not None and file.registrable_from is not None:
            verdict = CaseVerdict.of(file.verdict, file.registrable_from)
        return cls.model_validate(
            _summary(file.summary)
            | {
                "now": now,
                "report": None if file.report is None else CaseReport.of(file.report),
                "assignment": None if file.assignment is None else CaseAssignment.of(file.assignment),
                "draw": None if file.draw is None else CaseDraw.of(file.draw),
                "verdict": verdict,
                "open_nonconformities": [{"finding": one.hex(), "item": item} for one, item in file.open_items],
                "steps": [CaseStep.of(step) for step in file.steps],
                "deadlines": [DueDate.told(due, now, []) for due in file.dues],
            }
        )


def _summary(summary: CaseSummary) -> dict[str, object]:
    figure = None
    if summary.figure is not None:
        figure = {
            "index": summary.figure.index,
            "revision": summary.figure.revision,
            "tonnes": summary.figure.tonnes,
            "determined": summary.figure.verdict is None,
            "on_chain": summary.figure_on_chain,
        }
    return {
        "enterprise": summary.enterprise,
        "year": summary.year,
        "state": summary.state,
        "verifier": summary.verifier,
        "figure": figure,
    }
