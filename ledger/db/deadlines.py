"""Queries for deadlines: the years and enterprises that have any, and what met them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.db.case_models import AssignmentRow, FindingRow, ObjectionRow, RegistrationRow, VerdictRow
from ledger.db.log_models import Entry, Policy, ReportRow
from ledger.db.policy_models import ReminderRow


class DeadlineRepository:
    """Reads of cases and policies, in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def years(self) -> list[int]:
        """Compliance years for which something was published, reported, assigned or registered."""
        found: set[int] = set()
        for column in (Policy.year, ReportRow.year, AssignmentRow.year, RegistrationRow.year):
            found |= {year for year in self._session.scalars(select(column).distinct()) if year is not None}
        return sorted(found)

    def enterprises(self, year: int) -> set[str]:
        """Whoever reported, was assigned a verifier or has a registered figure in that year."""
        found = set(self._session.scalars(select(ReportRow.issuer).where(ReportRow.year == year).distinct()))
        found |= set(self._session.scalars(select(AssignmentRow.enterprise).where(AssignmentRow.year == year)))
        return found | set(
            self._session.scalars(select(RegistrationRow.enterprise).where(RegistrationRow.year == year))
        )

    def reports(self, year: int) -> Sequence[tuple[ReportRow, Entry]]:
        """Every report of a year with its entry, in log order."""
        query = select(ReportRow, Entry).join(Entry, Entry.index == ReportRow.entry_index)
        query = query.where(ReportRow.year == year).order_by(ReportRow.entry_index)
        return [(report, entry) for report, entry in self._session.execute(query)]

    def registrations(self, year: int) -> Sequence[RegistrationRow]:
        """Every registered figure of a year, in log order."""
        query = select(RegistrationRow).where(RegistrationRow.year == year).order_by(RegistrationRow.entry_index)
        return self._session.scalars(query).all()

    def findings(self, year: int) -> Sequence[FindingRow]:
        """Every finding of a year, in log order."""
        query = select(FindingRow).where(FindingRow.year == year).order_by(FindingRow.entry_index)
        return self._session.scalars(query).all()

    def verdicts(self, year: int) -> Sequence[VerdictRow]:
        """Every verdict of a year, in log order."""
        query = select(VerdictRow).where(VerdictRow.year == year).order_by(VerdictRow.entry_index)
        return self._session.scalars(query).all()

    def objections(self, year: int) -> Sequence[tuple[ObjectionRow, VerdictRow]]:
        """Every objection to a verdict of a year, with that verdict, in log order."""
        query = select(ObjectionRow, VerdictRow).join(VerdictRow, VerdictRow.entry_index == ObjectionRow.verdict_index)
        query = query.where(VerdictRow.year == year).order_by(ObjectionRow.entry_index)
        return [(objection, verdict) for objection, verdict in self._session.execute(query)]

    def accepted_at(self, index: int) -> int:
        """When the entry at a log position was accepted (unix seconds)."""
        return self._session.get_one(Entry, index).accepted_at

    def reminders(self, year: int) -> Sequence[ReminderRow]:
        """Every reminder of a year that was sent, in the order of sending."""
        query = select(ReminderRow).where(ReminderRow.year == year, ReminderRow.sent_at.is_not(None))
        return self._session.scalars(query.order_by(ReminderRow.sent_at, ReminderRow.key)).all()
