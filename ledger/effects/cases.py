"""The steps of a case: what each establishes, and what the emissions registry is told (DOMAIN 2, 8, 10, 42 to 45)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.bodies import AssignmentAction
from attestation.facts.cases import ReportRecord
from attestation.judging.verdicts import verified_report
from attestation.statements import (
    CaseStep,
    DecideObjection,
    Determination,
    Finding,
    Plan,
    RaiseObjection,
    Registration,
    Statement,
    Verification,
)
from ledger.chain.emission_intents import (
    DetermineIntent,
    EmissionIntent,
    RegisterIntent,
)
from ledger.chain.refused_figures import withdraw
from ledger.context import LedgerContext
from ledger.db.case_models import (
    AssignmentRow,
    FindingRow,
    ObjectionRow,
    PlanRow,
    RegistrationRow,
    ReplacedFigureRow,
    VerdictRow,
)
from ledger.effects.assignments import AssignmentRecorder
from ledger.effects.certificates import record_certificates
from ledger.effects.emissions import tell_emissions


def record_case_step(
    session: Session, context: LedgerContext, statement: Statement, body: CaseStep, index: int
) -> None:
    """Write what a step of a case establishes. What it names was found and judged before."""
    recorder = _Recorder(session, context, statement, index)
    match body:
        case Plan():
            recorder.plan(body)
        case AssignmentAction():
            AssignmentRecorder(session, context, statement, index).record(body)
        case Finding():
            recorder.find(body)
        case Verification():
            recorder.verify(body)
        case RaiseObjection():
            recorder.object(body)
        case DecideObjection():
            recorder.decide(body)
        case Registration():
            recorder.register(body)
        case Determination():
            recorder.determine(body)


class _Recorder:
    """One entry's effects on its case."""

    def __init__(self, session: Session, context: LedgerContext, statement: Statement, index: int) -> None:
        self._session = session
        self._context = context
        self._cases = context.cases
        self._statement = statement
        self._index = index

    def plan(self, body: Plan) -> None:
        """A version of the monitoring plan."""
        self._cases.add(
            PlanRow(
                entry_index=self._index,
                statement_id=self._statement.statement_id,
                enterprise=self._statement.iss,
                version=body.version,
                effective_from=body.effective_from,
            )
        )

    def find(self, body: Finding) -> None:
        """What was found, with what it is about."""
        report = self._report(body.report)
        self._cases.add(
            FindingRow(
                entry_index=self._index,
                statement_id=self._statement.statement_id,
                enterprise=report.enterprise,
                year=report.year,
                report=report.statement_id,
                verifier=self._statement.iss,
                accepted_at=self._context.now,
                items=[[item.id, item.kind, item.line] for item in body.items],
            )
        )

    def verify(self, body: Verification) -> None:
        """A verdict, and the green certificates of what it verifies."""
        report = self._report(body.report)
        self._cases.add(
            VerdictRow(
                entry_index=self._index,
                statement_id=self._statement.statement_id,
                enterprise=report.enterprise,
                year=report.year,
                report=report.statement_id,
                verifier=self._statement.iss,
                conclusion=body.conclusion,
                tonnes=None if body.verified is None else body.verified.obligation_tonnes,
                factor_set=report.body.factor_set.id,
                accepted_at=self._context.now,
                resolved=[[one.finding, one.item] for one in body.nonconformities],
            )
        )
        adjusted = verified_report(report.body, body)
        record_certificates(self._context, adjusted, (report.enterprise, report.year), self._index)

    def object(self, body: RaiseObjection) -> None:
        """An objection that waits for a decision."""
        verdict = self._verdict(bytes.fromhex(body.verification))
        self._cases.add(
            ObjectionRow(
                entry_index=self._index,
                statement_id=self._statement.statement_id,
                verdict_index=verdict.entry_index,
                accepted_at=self._context.now,
            )
        )

    def decide(self, body: DecideObjection) -> None:
        """An objection is decided. Upheld, it voids the verdict, and its verifier is assigned to the case no more."""
        row = self._cases.by_statement(ObjectionRow, bytes.fromhex(body.objection))
        if row is None:
            raise LookupError(f"entry {self._index} decides an objection that is not there")
        row.decided_index, row.upheld = self._index, body.upheld
        verdict = self._cases.by_index(VerdictRow, row.verdict_index)
        if body.upheld:
            verdict.voided_index = self._index
            ended = AssignmentRecorder(self._session, self._context, self._statement, self._index)
            for assignment in self._cases.of_case(AssignmentRow, verdict.enterprise, verdict.year):
                if assignment.ended_index is None and assignment.verifier == verdict.verifier:
                    ended.end(assignment)
        self._cases.send()

    def register(self, body: Registration) -> None:
        """A version of the figure, from a verdict."""
        verdict = self._verdict(bytes.fromhex(body.verification))
        report = self._report(verdict.report.hex())
        self._figure(body, verdict.entry_index)
        self._tell(
            RegisterIntent(
                leaf_hash=self._statement.leaf_hash,
                log_index=self._index,
                enterprise=body.enterprise,
                year=body.year,
                tonnes=body.tonnes,
                revision=body.revision,
                report_leaf=report.leaf_hash,
                report_index=report.index,
                statement_leaf=self._context.entries.require(verdict.entry_index).leaf_hash,
                statement_index=verdict.entry_index,
                signature=bytes.fromhex(body.signature[2:]),
            )
        )

    def determine(self, body: Determination) -> None:
        """A version of the figure, by two persons."""
        self._figure(body, None)
        self._tell(
            DetermineIntent(
                leaf_hash=self._statement.leaf_hash,
                log_index=self._index,
                enterprise=body.enterprise,
                year=body.year,
                tonnes=body.tonnes,
                revision=body.revision,
                document_hash=bytes.fromhex(body.document_hash),
                approvals=tuple(bytes.fromhex(approval.signature[2:]) for approval in body.approvals),
            )
        )

    def _figure(self, body: Registration | Determination, verdict_index: int | None) -> None:
        for row in self._cases.of_case(RegistrationRow, body.enterprise, body.year):
            if row.revision >= body.revision:
                self._replace(row)
        self._cases.add(
            RegistrationRow(
                entry_index=self._index,
                statement_id=self._statement.statement_id,
                enterprise=body.enterprise,
                year=body.year,
                revision=body.revision,
                tonnes=body.tonnes,
                verdict_index=verdict_index,
                accepted_at=self._context.now,
            )
        )

    def _replace(self, row: RegistrationRow) -> None:
        """The emissions registry refused that figure for good: this entry registers its revision anew."""
        # First gone, since a revision and a verdict have one figure.
        self._cases.remove(row)
        self._cases.add(
            ReplacedFigureRow(
                entry_index=row.entry_index,
                statement_id=row.statement_id,
                enterprise=row.enterprise,
                year=row.year,
                revision=row.revision,
                tonnes=row.tonnes,
                verdict_index=row.verdict_index,
                accepted_at=row.accepted_at,
                replaced_index=self._index,
            )
        )
        told = self._context.figure_operations(row.entry_index)
        withdraw(self._session, told, self._index, now=self._context.now)

    def _verdict(self, statement_id: bytes) -> VerdictRow:
        row = self._cases.by_statement(VerdictRow, statement_id)
        if row is None:
            raise LookupError(f"entry {self._index} is about a verdict that is not there")
        return row

    def _report(self, statement_id: str) -> ReportRecord:
        report = self._context.report(bytes.fromhex(statement_id))
        if report is None:
            raise LookupError(f"entry {self._index} is about a report that is not there")
        return report

    def _tell(self, intent: EmissionIntent) -> None:
        tell_emissions(self._session, self._context, intent)
