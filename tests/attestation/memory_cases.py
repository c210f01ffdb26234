"""The part of the log in memory that answers `attestation.facts.cases`."""

from __future__ import annotations

from dataclasses import replace

import msgspec

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
from attestation.instants import parse_date, parse_instant, start_of_day
from attestation.statements import (
    Appoint,
    Contribute,
    DecideObjection,
    Determination,
    DrawVerifier,
    EndAssignment,
    Finding,
    OpenDraw,
    Plan,
    RaiseObjection,
    Registration,
    Report,
    Verification,
)


class MemoryCaseFacts:
    """Recomputes every answer from the entries."""

    def _plans(self) -> list[PlanRecord]:
        return [
            PlanRecord(
                logged.statement.statement_id, logged.index, logged.statement.iss, body.version, body.effective_from
            )
            for logged, body in self._of(Plan)
        ]

    def plan(self, statement_id: bytes, /) -> PlanRecord | None:
        return next((plan for plan in self._plans() if plan.statement_id == statement_id), None)

    def plan_of(self, enterprise: str, version: str, /) -> PlanRecord | None:
        return next((p for p in self._plans() if (p.enterprise, p.version) == (enterprise, version)), None)

    def _case_reports(self) -> list[ReportRecord]:
        gone = {body.supersedes for _, body in self._of(Report)}
        return [
            ReportRecord(
                logged.statement.statement_id,
                logged.index,
                logged.statement.leaf_hash,
                logged.statement.iss,
                body.year,
                *logged.verdict.period,
                logged.statement.statement_id.hex() in gone,
                body,
            )
            for logged, body in self._of(Report)
        ]

    def report(self, statement_id: bytes, /) -> ReportRecord | None:
        return next((report for report in self._case_reports() if report.statement_id == statement_id), None)

    def reports_of(self, enterprise: str, year: int, /) -> list[ReportRecord]:
        return [one for one in self._case_reports() if (one.enterprise, one.year) == (enterprise, year)]

    def standing_report(self, enterprise: str, year: int, /) -> ReportRecord | None:
        return next((one for one in self.reports_of(enterprise, year) if not one.superseded), None)

    def _assignments(self) -> list[AssignmentRecord]:
        found = []
        for logged in self.entries:
            body = logged.statement.body
            if isinstance(body, Appoint):
                case, verifier = body, body.verifier
            elif isinstance(body, DrawVerifier):
                case, verifier = self._opening(body.draw), body.verifier
            else:
                continue
            until = start_of_day(parse_date(case.end))
            # As it was then: what an assignment was cut to does not change with a later accreditation.
            known = replace(self, entries=self.entries[: logged.index]).accreditation(verifier)
            record = AssignmentRecord(
                logged.statement.statement_id,
                logged.index,
                case.enterprise,
                case.year,
                verifier,
                start_of_day(parse_date(case.start)),
                until if known is None else min(until, known.until),
                None,
            )
            ends = [at for at, one in self._ends(record) if at > logged.index and one]
            found.append(msgspec.structs.replace(record, ended_index=min(ends, default=None)))
        return found

    def _opening(self, draw: str) -> OpenDraw:
        return next(body for logged, body in self._of(OpenDraw) if logged.statement.statement_id.hex() == draw)

    def _ends(self, record: AssignmentRecord) -> list[tuple[int, bool]]:
        found = [
            (logged.index, body.assignment == record.statement_id.hex()) for logged, body in self._of(EndAssignment)
        ]
        for logged, body in self._of(DecideObjection):
            if not body.upheld:
                continue
            objection = next(
                one for entry, one in self._of(RaiseObjection) if entry.statement.statement_id.hex() == body.objection
            )
            entry, verdict = next(
                (entry, one)
                for entry, one in self._of(Verification)
                if entry.statement.statement_id.hex() == objection.verification
            )
            report = self.report(bytes.fromhex(verdict.report))
            case = (report.enterprise, report.year, entry.statement.iss)
            found.append((logged.index, case == (record.enterprise, record.year, record.verifier)))
        return found

    def assignment(self, statement_id: bytes, /) -> AssignmentRecord | None:
        return next((one for one in self._assignments() if one.statement_id == statement_id), None)

    def assignments_of(self, enterprise: str, year: int, /) -> list[AssignmentRecord]:
        return [one for one in self._assignments() if (one.enterprise, one.year) == (enterprise, year)]

    def _draws(self) -> list[DrawRecord]:
        values = {body.draw: bytes.fromhex(body.value) for _, body in self._of(Contribute)}
        drawn = {body.draw: logged.index for logged, body in self._of(DrawVerifier)}
        return [
            DrawRecord(
                logged.statement.statement_id,
                logged.index,
                body.enterprise,
                body.year,
                body.candidates,
                bytes.fromhex(body.commitment),
                start_of_day(parse_date(body.start)),
                start_of_day(parse_date(body.end)),
                parse_instant(body.contribute_until),
                values.get(logged.statement.statement_id.hex()),
                drawn.get(logged.statement.statement_id.hex()),
            )
            for logged, body in self._of(OpenDraw)
        ]

    def draw(self, statement_id: bytes, /) -> DrawRecord | None:
        return next((one for one in self._draws() if one.statement_id == statement_id), None)

    def draws_of(self, enterprise: str, year: int, /) -> list[DrawRecord]:
        return [one for one in self._draws() if (one.enterprise, one.year) == (enterprise, year)]

    def findings_of(self, enterprise: str, year: int, /) -> list[FindingRecord]:
        found = []
        for logged, body in self._of(Finding):
            report = self.report(bytes.fromhex(body.report))
            items = tuple(FoundItem(item.id, item.kind, item.line) for item in body.items)
            found.append(
                FindingRecord(
                    logged.statement.statement_id,
                    logged.index,
                    report.enterprise,
                    report.year,
                    report.statement_id,
                    logged.statement.iss,
                    logged.accepted_at,
                    items,
                )
            )
        return [one for one in found if (one.enterprise, one.year) == (enterprise, year)]

    def _verdicts(self) -> list[VerdictRecord]:
        upheld = {body.objection for _, body in self._of(DecideObjection) if body.upheld}
        void = {
            body.verification
            for logged, body in self._of(RaiseObjection)
            if logged.statement.statement_id.hex() in upheld
        }
        found = []
        for logged, body in self._of(Verification):
            report = self.report(bytes.fromhex(body.report))
            found.append(
                VerdictRecord(
                    logged.statement.statement_id,
                    logged.index,
                    logged.statement.leaf_hash,
                    report.enterprise,
                    report.year,
                    report.statement_id,
                    logged.statement.iss,
                    body.conclusion,
                    None if body.verified is None else body.verified.obligation_tonnes,
                    logged.accepted_at,
                    tuple((bytes.fromhex(one.finding), one.item) for one in body.nonconformities),
                    logged.statement.statement_id.hex() in void,
                )
            )
        return found

    def verdict(self, statement_id: bytes, /) -> VerdictRecord | None:
        return next((one for one in self._verdicts() if one.statement_id == statement_id), None)

    def verdicts_of(self, enterprise: str, year: int, /) -> list[VerdictRecord]:
        return [one for one in self._verdicts() if (one.enterprise, one.year) == (enterprise, year)]

    def _objections(self) -> list[ObjectionRecord]:
        decided = {body.objection: body.upheld for _, body in self._of(DecideObjection)}
        return [
            ObjectionRecord(
                logged.statement.statement_id,
                logged.index,
                bytes.fromhex(body.verification),
                logged.accepted_at,
                decided.get(logged.statement.statement_id.hex()),
            )
            for logged, body in self._of(RaiseObjection)
        ]

    def objection(self, statement_id: bytes, /) -> ObjectionRecord | None:
        return next((one for one in self._objections() if one.statement_id == statement_id), None)

    def objection_to(self, verdict: bytes, /) -> ObjectionRecord | None:
        return next((one for one in self._objections() if one.verdict == verdict), None)

    def registrations_of(self, enterprise: str, year: int, /) -> list[RegistrationRecord]:
        found: dict[int, RegistrationRecord] = {}
        for logged in self.entries:
            body = logged.statement.body
            if not isinstance(body, Registration | Determination) or (body.enterprise, body.year) != (enterprise, year):
                continue
            # Registered anew: what was of that revision and after it is no figure any more.
            found = {revision: one for revision, one in found.items() if revision < body.revision}
            found[body.revision] = RegistrationRecord(
                logged.statement.statement_id,
                logged.index,
                body.revision,
                body.tonnes,
                bytes.fromhex(body.verification) if isinstance(body, Registration) else None,
            )
        return list(found.values())

    refused_figures = frozenset[int]()
    """Entries whose figures the emissions registry is said to have refused."""

    def figure_refused(self, index: int, /) -> bool:
        return index in self.refused_figures

    def certificate(self, serial: str, /) -> tuple[str, int] | None:
        for logged in self.entries:
            body = logged.statement.body
            case, lines = None, ()
            if isinstance(body, Report):
                case, lines = (logged.statement.iss, body.year), body.lines
            elif isinstance(body, Verification) and body.conclusion == "corrected":
                report = self.report(bytes.fromhex(body.report))
                case = (report.enterprise, report.year)
                lines = [one.replacement for one in body.adjustments if one.replacement is not None]
            for line in lines:
                if any(serial_key(one.serial) == serial_key(serial) for one in line.certificates or ()):
                    return case
        return None
