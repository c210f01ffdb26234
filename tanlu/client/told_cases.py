"""What verification asks about a case (``attestation.facts.cases``), put together from the entries of its file.

Nothing here is the service's word: each record is what an entry of the case says, in log order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from attestation.bodies import (
    Appoint,
    Contribute,
    DecideObjection,
    Determination,
    DrawVerifier,
    EndAssignment,
    Finding,
    OpenDraw,
    RaiseObjection,
    Registration,
    Report,
    Verification,
)
from attestation.envelope import Statement
from attestation.facts.cases import (
    AssignmentRecord,
    DrawRecord,
    FindingRecord,
    FoundItem,
    ObjectionRecord,
    RegistrationRecord,
    ReportRecord,
    VerdictRecord,
)
from attestation.instants import parse_instant
from attestation.judging.assignments import days_of


@dataclass(frozen=True, slots=True)
class LoggedStep:
    """An entry of a case, examined: its place and when it was accepted (unix seconds)."""

    index: int
    accepted_at: int
    statement: Statement


class ToldCase:
    """The records of one case by statement id, in log order."""

    def __init__(self, enterprise: str, year: int, steps: Iterable[LoggedStep]) -> None:
        self.enterprise = enterprise
        self.year = year
        self.reports: dict[bytes, ReportRecord] = {}
        self.assignments: dict[bytes, AssignmentRecord] = {}
        self.draws: dict[bytes, DrawRecord] = {}
        self.findings: dict[bytes, FindingRecord] = {}
        self.verdicts: dict[bytes, VerdictRecord] = {}
        self.objections: dict[bytes, ObjectionRecord] = {}
        self.registrations: dict[bytes, RegistrationRecord] = {}
        for step in steps:
            self._take(step)

    @property
    def standing_report(self) -> ReportRecord | None:
        """The report that no other supersedes, or None."""
        return next((one for one in self.reports.values() if not one.superseded), None)

    def objection_to(self, verdict: bytes) -> ObjectionRecord | None:
        """The objection to that verdict, or None."""
        return next((one for one in self.objections.values() if one.verdict == verdict), None)

    def _take(self, step: LoggedStep) -> None:  # noqa: PLR0912 - one case per body that a case knows
        said, index, at = step.statement, step.index, step.accepted_at
        own = said.statement_id
        match said.body:
            case Report() as body:
                self._take_report(own, index, said, body)
            case Appoint() as body:
                self._assign(own, index, body.verifier, days_of(body))
            case OpenDraw() as body:
                self.draws[own] = DrawRecord(
                    own,
                    index,
                    self.enterprise,
                    self.year,
                    body.candidates,
                    bytes.fromhex(body.commitment),
                    *days_of(body),
                    parse_instant(body.contribute_until),
                    None,
                    None,
                )
            case Contribute() as body:
                draw = bytes.fromhex(body.draw)
                self.draws[draw] = replace(self.draws[draw], contribution=bytes.fromhex(body.value))
            case DrawVerifier() as body:
                draw = bytes.fromhex(body.draw)
                self.draws[draw] = replace(self.draws[draw], drawn_index=index)
                self._assign(own, index, body.verifier, (self.draws[draw].start, self.draws[draw].until))
            case EndAssignment() as body:
                self._end(bytes.fromhex(body.assignment), index)
            case Finding() as body:
                items = tuple(FoundItem(item.id, item.kind, item.line) for item in body.items)
                report = bytes.fromhex(body.report)
                self.findings[own] = FindingRecord(own, index, self.enterprise, self.year, report, said.iss, at, items)
            case Verification() as body:
                self._take_verdict(own, step, body)
            case RaiseObjection() as body:
                self.objections[own] = ObjectionRecord(own, index, bytes.fromhex(body.verification), at, None)
            case DecideObjection() as body:
                self._decide(bytes.fromhex(body.objection), index, body.upheld)
            case Registration() as body:
                verdict = bytes.fromhex(body.verification)
                self._register(RegistrationRecord(own, index, body.revision, body.tonnes, verdict))
            case Determination() as body:
                self._register(RegistrationRecord(own, index, body.revision, body.tonnes, None))
            case _:
                # A monitoring plan: no step of a case asks for it.
                pass

    def _register(self, figure: RegistrationRecord) -> None:
        # Registered anew: what was of that revision and after it is no figure any more.
        before = {own: one for own, one in self.registrations.items() if one.revision < figure.revision}
        self.registrations = before | {figure.statement_id: figure}

    def _take_report(self, own: bytes, index: int, said: Statement, body: Report) -> None:
        if body.supersedes is not None:
            before = bytes.fromhex(body.supersedes)
            if before in self.reports:
                self.reports[before] = replace(self.reports[before], superseded=True)
        start, end = parse_instant(body.period.start), parse_instant(body.period.end)
        self.reports[own] = ReportRecord(
            own, index, said.leaf_hash, self.enterprise, self.year, start, end, superseded=False, body=body
        )

    def _take_verdict(self, own: bytes, step: LoggedStep, body: Verification) -> None:
        self.verdicts[own] = VerdictRecord(
            own,
            step.index,
            step.statement.leaf_hash,
            self.enterprise,
            self.year,
            bytes.fromhex(body.report),
            step.statement.iss,
            body.conclusion,
            None if body.verified is None else body.verified.obligation_tonnes,
            step.accepted_at,
            tuple((bytes.fromhex(one.finding), one.item) for one in body.nonconformities),
            void=False,
        )

    def _assign(self, own: bytes, index: int, verifier: str, days: tuple[int, int]) -> None:
        self.assignments[own] = AssignmentRecord(own, index, self.enterprise, self.year, verifier, *days, None)

    def _end(self, assignment: bytes, index: int) -> None:
        self.assignments[assignment] = replace(self.assignments[assignment], ended_index=index)

    def _decide(self, objection: bytes, index: int, upheld: bool) -> None:
        self.objections[objection] = replace(self.objections[objection], upheld=upheld)
        if not upheld:
            return
        verdict = self.objections[objection].verdict
        self.verdicts[verdict] = replace(self.verdicts[verdict], void=True)
        standing = [one for one in self.assignments.values() if one.ended_index is None]
        if standing:
            self._end(standing[-1].statement_id, index)
