"""Queries over the facts of a credit score as they stood when the log had ``size`` entries, and at a block."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from attestation.instants import day_of
from attestation.policies import FOR_THE_WHOLE_YEAR, in_force, serving_day
from ledger.db.case_models import (
    AssignmentRow,
    FindingRow,
    RegistrationRow,
    ReplacedFigureRow,
    VerdictRow,
)
from ledger.db.chain_queries import until
from ledger.db.emission_models import ChainEmissionsRow
from ledger.db.label_models import LabelRow
from ledger.db.log_models import Entry, Policy, ReportRow


class ScoreFactRepository:
    """Reads in the caller's transaction. Everything is of entries below ``size``."""

    def __init__(self, session: Session, size: int) -> None:
        self._session = session
        self._size = size

    def accepted_at(self) -> int:
        """When the last entry was accepted (unix seconds): the moment that is looked at."""
        return self._session.get_one(Entry, self._size - 1).accepted_at

    def policy(self, policy: str, year: int, instant: int) -> Policy | None:
        """The version of a kind that was in force for a compliance year."""
        query = select(Policy).where(Policy.policy == policy, Policy.year == year, Policy.entry_index < self._size)
        versions = self._session.scalars(query.order_by(Policy.entry_index)).all()
        return in_force(versions, serving_day(policy, day_of(instant), self._decided_from(policy, year)))

    def reports(self, enterprise: str, year: int) -> Sequence[tuple[ReportRow, Entry]]:
        """Every report of the case with its entry, in log order."""
        query = select(ReportRow, Entry).join(Entry, Entry.index == ReportRow.entry_index)
        query = query.where(ReportRow.issuer == enterprise, ReportRow.year == year, ReportRow.entry_index < self._size)
        return [(row, entry) for row, entry in self._session.execute(query.order_by(ReportRow.entry_index))]

    def has_case(self, enterprise: str, year: int) -> bool:
        """Whether a verifier was assigned, or a figure registered."""
        for row in (AssignmentRow, RegistrationRow):
            query = select(func.count()).select_from(row).where(row.enterprise == enterprise, row.year == year)
            if self._session.scalar(query.where(row.entry_index < self._size)):
                return True
        return False

    def findings(self, enterprise: str, year: int) -> Sequence[FindingRow]:
        """Findings in the case's reports, in log order."""
        row = FindingRow
        query = select(row).where(row.enterprise == enterprise, row.year == year, row.entry_index < self._size)
        return self._session.scalars(query.order_by(row.entry_index)).all()

    def verdicts(self, enterprise: str, year: int) -> Sequence[VerdictRow]:
        """Verdicts on the case's reports, in log order."""
        row = VerdictRow
        query = select(row).where(row.enterprise == enterprise, row.year == year, row.entry_index < self._size)
        return self._session.scalars(query.order_by(row.entry_index)).all()

    def registration(self, enterprise: str, year: int) -> RegistrationRow | ReplacedFigureRow | None:
        """The last registered version of the case's figure, by the log alone."""
        found: list[RegistrationRow | ReplacedFigureRow] = []
        for row in (RegistrationRow, ReplacedFigureRow):
            query = select(row).where(row.enterprise == enterprise, row.year == year, row.entry_index < self._size)
            found += self._session.scalars(query)
        return max(found, key=lambda one: (one.revision, one.entry_index), default=None)

    def registered_on_chain(self, account: bytes, year: int, block: int) -> ChainEmissionsRow | None:
        """The last registered version of the account's figure, by the chain."""
        row = ChainEmissionsRow
        query = until(select(row).where(row.enterprise == account, row.year == year), row, block)
        found: ChainEmissionsRow | None = self._session.scalars(
            query.order_by(row.revision.desc()).limit(1)
        ).one_or_none()
        return found

    def report_of_verdict(self, verdict_index: int) -> int | None:
        """Where the report that a verdict is on stands."""
        query = select(ReportRow.entry_index).join(VerdictRow, VerdictRow.report == ReportRow.statement_id)
        return self._session.scalar(query.where(VerdictRow.entry_index == verdict_index))

    def label(self, enterprise: str, year: int) -> LabelRow | None:
        """The carbon efficiency code that stood."""
        row = LabelRow
        stood = row.superseded_by.is_(None) | (row.superseded_by >= self._size)
        query = select(row).where(row.enterprise == enterprise, row.year == year, row.entry_index < self._size, stood)
        return self._session.scalars(query.order_by(row.entry_index.desc()).limit(1)).one_or_none()

    def _decided_from(self, policy: str, year: int) -> date | None:
        if policy not in FOR_THE_WHOLE_YEAR:
            return None
        first: list[int] = []
        voided = VerdictRow.voided_index
        stood = voided.is_(None) | (voided >= self._size)
        verdicts = select(func.min(VerdictRow.entry_index)).where(VerdictRow.year == year, stood)
        for query in (
            verdicts,
            select(func.min(RegistrationRow.entry_index)).where(RegistrationRow.year == year),
            select(func.min(ReplacedFigureRow.entry_index)).where(ReplacedFigureRow.year == year),
        ):
            found = self._session.scalar(query)
            if found is not None and found < self._size:
                first.append(found)
        return day_of(self._session.get_one(Entry, min(first)).accepted_at) if first else None
