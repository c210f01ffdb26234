"""What is due when, and what was done in time: the dates of a compliance year by its calendar, and those of each case.

Of the year: evidence of each month, allocation, surrender, carry-over, close (DOMAIN 11). Of a case: the report, the
registration; the correction of findings, the objection to a verdict, the decision on an objection (DOMAIN 44).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from attestation.policies import Calendar, Deadline, Rules
from ledger.context import LedgerContext, LogParameters
from ledger.db.base import Database
from ledger.db.case_models import FindingRow
from ledger.db.deadlines import DeadlineRepository
from ledger.db.entries import EntryRepository

EVIDENCE = "evidence"
CORRECTION, OBJECTION, DECISION = "correction", "objection", "decision"
OF_A_CASE = frozenset({Deadline.REPORT.value, Deadline.REGISTRATION.value, CORRECTION, OBJECTION, DECISION})
"""Names that each enterprise has for itself; the others are the year's."""
_NONCONFORMITY = "nonconformity"


class DueState(StrEnum):
    """How a deadline stands."""

    OPEN = "open"
    """It lies ahead, and what it asks for is not done."""
    MET = "met"
    LATE = "late"
    """Done after it."""
    MISSED = "missed"
    """It is over, and what it asks for is not done."""
    OVER = "over"
    """It is over, and nobody in particular had to do anything, or the year's own accounts say who did not."""


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline. In time is what the log accepted before ``at`` (unix seconds). ``month``: of evidence, 1 to 12.
    ``entry``: the entry that it counts from, where there is one (a finding, a verdict, an objection). ``done``: the
    entry that met it, accepted at ``done_at``."""

    year: int
    enterprise: str | None
    name: str
    at: int
    month: int | None = None
    entry: int | None = None
    done: int | None = None
    done_at: int | None = None

    def state(self, now: int) -> DueState:
        """How it stands at ``now`` (unix seconds)."""
        if self.done_at is not None:
            return DueState.MET if self.done_at < self.at else DueState.LATE
        if now < self.at:
            return DueState.OPEN
        # Nobody has to object.
        return DueState.OVER if self.enterprise is None or self.name == OBJECTION else DueState.MISSED


@dataclass(frozen=True, slots=True)
class YearDues:
    """The deadlines of a year in the order of time, and the calendar and rules that they follow from."""

    calendar: Calendar
    rules: Rules
    dues: tuple[Due, ...]


class DeadlineReader:
    """Read access to the deadlines of one log."""

    def __init__(self, database: Database, parameters: LogParameters) -> None:
        self._database = database
        self._parameters = parameters

    def years(self) -> list[int]:
        """Compliance years that have anything in the log."""
        with self._database.read() as session:
            return DeadlineRepository(session).years()

    def of_year(self, year: int, now: int) -> YearDues:
        """All deadlines of a year as of ``now`` (unix seconds): of the year, and of every enterprise that is obliged or
        has begun a case."""
        with self._database.read() as session:
            return dues_of_year(session, self._parameters, year, now)

    def reminded(self, year: int) -> dict[tuple[str | None, str, int], list[tuple[int, str, int]]]:
        """The reminders of a year that were sent: (days ahead, channel, unix seconds), by enterprise, name (evidence
        with its month: ``evidence-03``) and instant of their deadlines."""
        found: dict[tuple[str | None, str, int], list[tuple[int, str, int]]] = {}
        with self._database.read() as session:
            for row in DeadlineRepository(session).reminders(year):
                sent = found.setdefault((row.enterprise, row.deadline, row.due_at), [])
                sent.append((row.days, row.channel, row.sent_at or 0))
        return found


def dues_of_year(session: Session, parameters: LogParameters, year: int, now: int) -> YearDues:
    """See :meth:`DeadlineReader.of_year`."""
    context = LedgerContext(session, parameters, EntryRepository(session).state(), now)
    calendar, rules, listed = context.calendar(year), context.rules(year), context.coverage_list(year)
    repository = DeadlineRepository(session)
    enterprises = repository.enterprises(year)
    if listed is not None:
        enterprises |= {each.identifier for each in listed.entries if each.obliged}
    found = [Due(year, None, due.name, due.at, due.month) for due in calendar.due_dates() if due.name not in OF_A_CASE]
    found += _reports(repository, calendar, year, enterprises)
    found += _registrations(repository, calendar, year, enterprises)
    found += _corrections(repository, calendar, rules, year)
    found += _objections(repository, calendar, rules, year)
    return YearDues(calendar, rules, tuple(sorted(found, key=lambda due: (due.at, due.enterprise or "", due.name))))


def label_of(due: Due) -> str:
    """The deadline's name, with the month where there is one: ``evidence-03``."""
    return due.name if due.month is None else f"{due.name}-{due.month:02}"


def _reports(repository: DeadlineRepository, calendar: Calendar, year: int, enterprises: set[str]) -> Iterator[Due]:
    at = calendar.deadline(Deadline.REPORT)
    # The first report meets the deadline; what corrects it later does not make it late.
    first: dict[str, tuple[int, int]] = {}
    for report, entry in repository.reports(year):
        first.setdefault(report.issuer, (entry.index, entry.accepted_at))
    for enterprise in sorted(enterprises):
        done = first.get(enterprise, (None, None))
        yield Due(year, enterprise, Deadline.REPORT.value, at, done=done[0], done_at=done[1])


def _registrations(
    repository: DeadlineRepository, calendar: Calendar, year: int, enterprises: set[str]
) -> Iterator[Due]:
    at = calendar.deadline(Deadline.REGISTRATION)
    first: dict[str, tuple[int, int]] = {}
    for row in repository.registrations(year):
        first.setdefault(row.enterprise, (row.entry_index, row.accepted_at))
    for enterprise in sorted(enterprises):
        done = first.get(enterprise, (None, None))
        yield Due(year, enterprise, Deadline.REGISTRATION.value, at, done=done[0], done_at=done[1])


def _corrections(repository: DeadlineRepository, calendar: Calendar, rules: Rules, year: int) -> Iterator[Due]:
    """A finding of a non-conformity is answered by a new revision of the report, or overtaken by the verdict."""
    answers = [(report.issuer, entry.index, entry.accepted_at) for report, entry in repository.reports(year)]
    answers += [(row.enterprise, row.entry_index, row.accepted_at) for row in repository.verdicts(year)]
    answers.sort(key=lambda answer: answer[1])
    for finding in repository.findings(year):
        if _is_open(finding):
            at = calendar.after_working_days(finding.accepted_at, rules.correction_days)
            done = next(
                (each[1:] for each in answers if each[0] == finding.enterprise and each[1] > finding.entry_index),
                (None, None),
            )
            yield Due(
                year, finding.enterprise, CORRECTION, at, entry=finding.entry_index, done=done[0], done_at=done[1]
            )


def _is_open(finding: FindingRow) -> bool:
    return any(item[1] == _NONCONFORMITY for item in finding.items)


def _objections(repository: DeadlineRepository, calendar: Calendar, rules: Rules, year: int) -> Iterator[Due]:
    objections = {verdict.entry_index: objection for objection, verdict in repository.objections(year)}
    for verdict in repository.verdicts(year):
        at = calendar.after_working_days(verdict.accepted_at, rules.objection_days)
        objection = objections.get(verdict.entry_index)
        if objection is None:
            yield Due(year, verdict.enterprise, OBJECTION, at, entry=verdict.entry_index)
            continue
        yield Due(
            year,
            verdict.enterprise,
            OBJECTION,
            at,
            entry=verdict.entry_index,
            done=objection.entry_index,
            done_at=objection.accepted_at,
        )
        decided = objection.decided_index
        yield Due(
            year,
            verdict.enterprise,
            DECISION,
            calendar.after_working_days(objection.accepted_at, rules.decision_days),
            entry=objection.entry_index,
            done=decided,
            done_at=None if decided is None else repository.accepted_at(decided),
        )
