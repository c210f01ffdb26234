"""Queries over policies as parameters in time: what corrects what, what was used where, what was decided."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from ledger.db.case_models import RegistrationRow, VerdictRow
from ledger.db.log_models import Entry, Policy, ReportRow
from ledger.db.policy_models import CorrectionRow, UsedPolicyRow

# What every report and verdict asks, made once: SQLAlchemy takes several times as long to make a query as to run it.
_YEAR: BindParameter[int] = bindparam("year")
_OF_YEAR = select(Policy).where(Policy.policy == bindparam("policy"), Policy.year == _YEAR).order_by(Policy.entry_index)
_VERSIONS = select(Policy.version, Policy.entry_index).where(
    Policy.policy == bindparam("policy"), Policy.policy_id == bindparam("policy_id")
)
_CORRECTED = select(CorrectionRow).where(
    CorrectionRow.policy_id == bindparam("policy_id"), CorrectionRow.by_version == bindparam("by_version")
)
_DECISIONS = (
    select(VerdictRow.entry_index).where(VerdictRow.year == _YEAR, VerdictRow.voided_index.is_(None)),
    select(RegistrationRow.entry_index).where(RegistrationRow.year == _YEAR),
)
_FIRST_DECISIONS = tuple(query.order_by(query.selected_columns[0]).limit(1) for query in _DECISIONS)
_LAST_DECISIONS = tuple(query.order_by(query.selected_columns[0].desc()).limit(1) for query in _DECISIONS)


class PolicyRepository:
    """Reads and writes of ``policies``, ``corrections`` and ``used_policies`` in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of_year(self, policy: str, year: int) -> Sequence[Policy]:
        """All versions of a kind of policy for a compliance year, in log order."""
        return self._session.scalars(_OF_YEAR, {"policy": policy, "year": year}).all()

    def versions(self, policy: str, policy_id: str) -> list[tuple[str, int]]:
        """Version and log position of every version of a policy, without its document."""
        found = self._session.execute(_VERSIONS, {"policy": policy, "policy_id": policy_id})
        return [(version, index) for version, index in found]

    def all(self, policy: str | None, year: int | None) -> Sequence[Policy]:
        """Every policy in log order, of that kind and that year where they are given."""
        query = select(Policy).order_by(Policy.entry_index)
        if policy is not None:
            query = query.where(Policy.policy == policy)
        if year is not None:
            query = query.where(Policy.year == year)
        return self._session.scalars(query).all()

    def correction_of(self, policy_id: str, version: str) -> CorrectionRow | None:
        """What took the place of this version of a factor set, or None."""
        return self._session.get(CorrectionRow, (policy_id, version))

    def corrected_by(self, policy_id: str, by_version: str) -> CorrectionRow | None:
        """What this version of a factor set took the place of, or None."""
        named = {"policy_id": policy_id, "by_version": by_version}
        return self._session.scalars(_CORRECTED, named).one_or_none()

    def corrections(self) -> Sequence[CorrectionRow]:
        """Every correction in log order."""
        return self._session.scalars(select(CorrectionRow).order_by(CorrectionRow.entry_index)).all()

    def used_by(
        self, policy: str, policy_id: str, version: str, *, after: int, limit: int
    ) -> list[tuple[ReportRow, Entry]]:
        """The next reports above ``after`` in log order that were judged by this version, at most ``limit``."""
        query = (
            select(ReportRow, Entry)
            .join(UsedPolicyRow, UsedPolicyRow.entry_index == ReportRow.entry_index)
            .join(Entry, Entry.index == ReportRow.entry_index)
            .where(
                UsedPolicyRow.policy == policy,
                UsedPolicyRow.policy_id == policy_id,
                UsedPolicyRow.version == version,
                UsedPolicyRow.entry_index > after,
            )
            .order_by(UsedPolicyRow.entry_index)
            .limit(limit)
        )
        return [(report, entry) for report, entry in self._session.execute(query)]

    def last_decision(self, year: int) -> Entry | None:
        """The latest entry that decided something of a compliance year and stands: a verdict that is not void, a
        registration, a determination."""
        found = [self._session.scalar(query, {"year": year}) for query in _LAST_DECISIONS]
        return self._last(found)

    def first_decision(self, year: int) -> Entry | None:
        """The first such entry."""
        found = [self._session.scalar(query, {"year": year}) for query in _FIRST_DECISIONS]
        indices = [index for index in found if index is not None]
        return self._session.get_one(Entry, min(indices)) if indices else None

    def last_decision_with(self, factor_set_id: str) -> Entry | None:
        """The latest verdict, not void, on a report that named a version of this factor set."""
        query = select(VerdictRow.entry_index).where(
            VerdictRow.factor_set == factor_set_id, VerdictRow.voided_index.is_(None)
        )
        return self._last([self._session.scalar(query.order_by(VerdictRow.entry_index.desc()).limit(1))])

    def add(self, row: CorrectionRow | UsedPolicyRow) -> None:
        """Add a row and send it."""
        self._session.add(row)
        self._session.flush()

    def _last(self, found: Sequence[int | None]) -> Entry | None:
        indices = [index for index in found if index is not None]
        return self._session.get_one(Entry, max(indices)) if indices else None
