"""Answers ``attestation.facts.cases`` from the tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attestation.accounting.serials import serial_key
from attestation.facts.cases import (
    AssignmentRecord,
    DrawRecord,
    FindingRecord,
    FoundItem,
    ObjectionRecord,
    PlanRecord,
    RegistrationRecord,
    ReportRecord,
    VerdictRecord,
)
from attestation.statements import Report
from ledger.bodies import body_of
from ledger.chain.outbox import State
from ledger.chain.refused_figures import figure_operations
from ledger.db.case_models import (
    AssignmentRow,
    DrawRow,
    FindingRow,
    ObjectionRow,
    PlanRow,
    RegistrationRow,
    VerdictRow,
)
from ledger.db.cases import CaseRepository
from ledger.db.entries import EntryRepository
from ledger.db.log_models import Entry, ReportRow

if TYPE_CHECKING:
    from ledger.context import LogParameters


class CaseAnswers:
    """Part of ``ledger.context.LedgerContext``."""

    cases: CaseRepository
    entries: EntryRepository
    parameters: LogParameters

    def plan(self, statement_id: bytes, /) -> PlanRecord | None:
        """See ``CaseFacts``."""
        row = self.cases.by_statement(PlanRow, statement_id)
        return None if row is None else plan_record(row)

    def plan_of(self, enterprise: str, version: str, /) -> PlanRecord | None:
        """See ``CaseFacts``."""
        row = self.cases.plan_of(enterprise, version)
        return None if row is None else plan_record(row)

    def report(self, statement_id: bytes, /) -> ReportRecord | None:
        """See ``CaseFacts``."""
        found = self.cases.report(statement_id)
        return None if found is None else report_record(*found)

    def standing_report(self, enterprise: str, year: int, /) -> ReportRecord | None:
        """See ``CaseFacts``. Of reports of an earlier program, which allowed several, the latest one."""
        found = self.cases.reports_of(enterprise, year, standing=True)
        return report_record(*found[-1]) if found else None

    def reports_of(self, enterprise: str, year: int, /) -> Sequence[ReportRecord]:
        """See ``CaseFacts``."""
        return [report_record(*found) for found in self.cases.reports_of(enterprise, year)]

    def assignment(self, statement_id: bytes, /) -> AssignmentRecord | None:
        """See ``CaseFacts``."""
        row = self.cases.by_statement(AssignmentRow, statement_id)
        return None if row is None else assignment_record(row)

    def assignments_of(self, enterprise: str, year: int, /) -> Sequence[AssignmentRecord]:
        """See ``CaseFacts``."""
        return [assignment_record(row) for row in self.cases.of_case(AssignmentRow, enterprise, year)]

    def draw(self, statement_id: bytes, /) -> DrawRecord | None:
        """See ``CaseFacts``."""
        row = self.cases.by_statement(DrawRow, statement_id)
        return None if row is None else draw_record(row)

    def draws_of(self, enterprise: str, year: int, /) -> Sequence[DrawRecord]:
        """See ``CaseFacts``."""
        return [draw_record(row) for row in self.cases.of_case(DrawRow, enterprise, year)]

    def findings_of(self, enterprise: str, year: int, /) -> Sequence[FindingRecord]:
        """See ``CaseFacts``."""
        return [finding_record(row) for row in self.cases.of_case(FindingRow, enterprise, year)]

    def verdict(self, statement_id: bytes, /) -> VerdictRecord | None:
        """See ``CaseFacts``."""
        row = self.cases.by_statement(VerdictRow, statement_id)
        return None if row is None else self._verdict(row)

    def verdicts_of(self, enterprise: str, year: int, /) -> Sequence[VerdictRecord]:
        """See ``CaseFacts``."""
        return [self._verdict(row) for row in self.cases.of_case(VerdictRow, enterprise, year)]

    def objection(self, statement_id: bytes, /) -> ObjectionRecord | None:
        """See ``CaseFacts``."""
        row = self.cases.by_statement(ObjectionRow, statement_id)
        return None if row is None else self._objection(row)

    def objection_to(self, verdict: bytes, /) -> ObjectionRecord | None:
        """See ``CaseFacts``."""
        row = self.cases.by_statement(VerdictRow, verdict)
        found = None if row is None else self.cases.objection_to(row.entry_index)
        return None if found is None else self._objection(found)

    def registrations_of(self, enterprise: str, year: int, /) -> Sequence[RegistrationRecord]:
        """See ``CaseFacts``."""
        return [self._registration(row) for row in self.cases.of_case(RegistrationRow, enterprise, year)]

    def figure_refused(self, index: int, /) -> bool:
        """See ``CaseFacts``."""
        return State.REFUSED in self.cases.told(self.figure_operations(index))

    def figure_operations(self, index: int) -> tuple[bytes, ...]:
        """The operation ids by which the contract is told the figure of the entry at that index."""
        return figure_operations(self.parameters.deployment_id, self.entries.require(index).leaf_hash)

    def certificate(self, serial: str, /) -> tuple[str, int] | None:
        """See ``CaseFacts``."""
        row = self.cases.certificate(serial_key(serial))
        return None if row is None else (row.enterprise, row.year)

    def _verdict(self, row: VerdictRow) -> VerdictRecord:
        return verdict_record(row, self.entries.require(row.entry_index).leaf_hash)

    def _objection(self, row: ObjectionRow) -> ObjectionRecord:
        verdict = self.cases.by_index(VerdictRow, row.verdict_index)
        return ObjectionRecord(row.statement_id, row.entry_index, verdict.statement_id, row.accepted_at, row.upheld)

    def _registration(self, row: RegistrationRow) -> RegistrationRecord:
        verdict = None if row.verdict_index is None else self.cases.by_index(VerdictRow, row.verdict_index).statement_id
        return RegistrationRecord(row.statement_id, row.entry_index, row.revision, row.tonnes, verdict)


def plan_record(row: PlanRow) -> PlanRecord:
    """The plan of a row."""
    return PlanRecord(row.statement_id, row.entry_index, row.enterprise, row.version, row.effective_from)


def report_record(row: ReportRow, entry: Entry) -> ReportRecord:
    """The report of a row and its entry."""
    return ReportRecord(
        row.statement_id,
        row.entry_index,
        entry.leaf_hash,
        row.issuer,
        row.year,
        row.period_start,
        row.period_end,
        row.superseded_by is not None,
        body_of(entry.entry, Report),
    )


def assignment_record(row: AssignmentRow) -> AssignmentRecord:
    """The assignment of a row."""
    return AssignmentRecord(
        row.statement_id,
        row.entry_index,
        row.enterprise,
        row.year,
        row.verifier,
        row.start_at,
        row.until_at,
        row.ended_index,
    )


def draw_record(row: DrawRow) -> DrawRecord:
    """The draw of a row."""
    return DrawRecord(
        row.statement_id,
        row.entry_index,
        row.enterprise,
        row.year,
        tuple(row.candidates),
        row.commitment,
        row.start_at,
        row.until_at,
        row.contribute_until,
        row.contribution,
        row.drawn_index,
    )


def finding_record(row: FindingRow) -> FindingRecord:
    """The finding of a row."""
    items = tuple(FoundItem(str(id_), str(kind), line) for id_, kind, line in row.items)
    return FindingRecord(
        row.statement_id, row.entry_index, row.enterprise, row.year, row.report, row.verifier, row.accepted_at, items
    )


def verdict_record(row: VerdictRow, leaf_hash: bytes) -> VerdictRecord:
    """The verdict of a row and its entry's leaf hash."""
    return VerdictRecord(
        row.statement_id,
        row.entry_index,
        leaf_hash,
        row.enterprise,
        row.year,
        row.report,
        row.verifier,
        row.conclusion,
        row.tonnes,
        row.accepted_at,
        tuple((bytes.fromhex(finding), item) for finding, item in row.resolved),
        row.voided_index is not None,
    )
