"""The log as a statement of a case meets it: what is certain to be refused is refused before it is signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn

from attestation.examination import examine
from attestation.facts.cases import (
    AssignmentRecord,
    DrawRecord,
    FindingRecord,
    ObjectionRecord,
    RegistrationRecord,
    ReportRecord,
    VerdictRecord,
)
from attestation.instants import day_of
from attestation.policies import CALENDAR, Calendar, default_calendar, read_calendar
from ledger.trust import Trust
from tanlu.client.answers import Entry
from tanlu.client.cases import CaseFile
from tanlu.client.service_context import ServiceContext, Untold
from tanlu.client.told_cases import LoggedStep, ToldCase
from tanlu.errors import PromiseBroken

if TYPE_CHECKING:
    from tanlu.client.client import Client


class CaseContext(ServiceContext):
    """What verification asks about the steps of one case, answered by the entries of its ``file`` (None for a case
    without any). ``now`` is the service's clock, where it told it: the log judges by that one.

    Whatever else is asked raises Untold: the log alone can judge it.
    """

    def __init__(self, client: Client, trust: Trust, enterprise: str, year: int, file: CaseFile | None) -> None:
        super().__init__(client, trust)
        self.emissions_domain = trust.emissions_domain
        self.now = self.now if file is None else file.now
        self._counted = None if file is None or file.figure is None else file.figure.index
        self.told = ToldCase(enterprise, year, () if file is None else _logged(client, trust, file))

    def __getattr__(self, name: str) -> NoReturn:
        """Facts of which no service tells."""
        raise Untold(name)

    def calendar(self, year: int, /) -> Calendar:
        """The calendar in force for that compliance year, or the default."""
        document = self._client.policy_in_force(CALENDAR, year, day_of(self.now))
        return default_calendar(year) if document is None else read_calendar(document)

    def report(self, statement_id: bytes, /) -> ReportRecord | None:
        """The report of that statement id, or None."""
        return self.told.reports.get(statement_id)

    def standing_report(self, enterprise: str, year: int, /) -> ReportRecord | None:
        """The report of the case that no other supersedes, or None."""
        return self._case(enterprise, year).standing_report

    def reports_of(self, enterprise: str, year: int, /) -> Sequence[ReportRecord]:
        """Every report of the case."""
        return tuple(self._case(enterprise, year).reports.values())

    def assignment(self, statement_id: bytes, /) -> AssignmentRecord | None:
        """The assignment that the statement of that id began, or None."""
        return self.told.assignments.get(statement_id)

    def assignments_of(self, enterprise: str, year: int, /) -> Sequence[AssignmentRecord]:
        """Every assignment of the case."""
        return tuple(self._case(enterprise, year).assignments.values())

    def draw(self, statement_id: bytes, /) -> DrawRecord | None:
        """The draw that the statement of that id opened, or None."""
        return self.told.draws.get(statement_id)

    def draws_of(self, enterprise: str, year: int, /) -> Sequence[DrawRecord]:
        """Every draw of the case."""
        return tuple(self._case(enterprise, year).draws.values())

    def findings_of(self, enterprise: str, year: int, /) -> Sequence[FindingRecord]:
        """Every finding of the case."""
        return tuple(self._case(enterprise, year).findings.values())

    def verdict(self, statement_id: bytes, /) -> VerdictRecord | None:
        """The verdict of that statement id, or None."""
        return self.told.verdicts.get(statement_id)

    def verdicts_of(self, enterprise: str, year: int, /) -> Sequence[VerdictRecord]:
        """Every verdict of the case."""
        return tuple(self._case(enterprise, year).verdicts.values())

    def objection(self, statement_id: bytes, /) -> ObjectionRecord | None:
        """The objection of that statement id, or None."""
        return self.told.objections.get(statement_id)

    def objection_to(self, verdict: bytes, /) -> ObjectionRecord | None:
        """The objection to the verdict of that statement id, or None."""
        return self.told.objection_to(verdict)

    def registrations_of(self, enterprise: str, year: int, /) -> Sequence[RegistrationRecord]:
        """Every registered version of the case's figure."""
        return tuple(self._case(enterprise, year).registrations.values())

    def figure_refused(self, index: int, /) -> bool:
        """Whether the service counts that figure no more: then the emissions registry refused it for good."""
        return self._counted is None or index > self._counted

    def _case(self, enterprise: str, year: int) -> ToldCase:
        if (enterprise, year) != (self.told.enterprise, self.told.year):
            raise Untold(f"case {enterprise} {year}")
        return self.told


def _logged(client: Client, trust: Trust, file: CaseFile) -> Iterator[LoggedStep]:
    for step in file.steps:
        entry: Entry = client.entry(step.index)
        if (entry.statement_id, entry.leaf_hash) != (step.statement_id, step.leaf_hash):
            raise PromiseBroken(
                rule="answer.case",
                value=f"entry {step.index} {entry.leaf_hash}",
                expected=step.leaf_hash,
                message=f"The case's file names another entry {step.index} than the log holds",
                message_zh=f"案件所列第 {step.index} 条记录与日志不符",
            )
        yield LoggedStep(step.index, entry.accepted_at, examine(entry.entry.encode("ascii"), trust.log))
