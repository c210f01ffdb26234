"""What rests on policies, reports, verdicts and admissions in doubt: reports judged by such policies, the verdicts on
such reports, what was registered by such verdicts, the labels that show such a report's tonnes, who was let in by such
reviews and approvals."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from attestation.bodies import Label
from ledger.bodies import body_of
from ledger.db.admission_models import ApprovalRow, ReviewRow
from ledger.db.case_models import RegistrationRow, VerdictRow
from ledger.db.label_models import LabelRow
from ledger.db.log_models import Entry, Policy
from ledger.db.policy_models import UsedPolicyRow

_BATCH = 1_000


def resting_on(session: Session, reports: Collection[bytes], in_doubt: Iterable[int]) -> list[int]:
    """Log positions of what rests on the reports of these statement ids (32 bytes each) or on the verdicts among the
    positions ``in_doubt``, in log order."""
    on_reports = [row.entry_index for row in session.scalars(select(VerdictRow)) if row.report in reports]
    verdicts = {*on_reports, *in_doubt}
    registered = [row.entry_index for row in session.scalars(select(RegistrationRow)) if row.verdict_index in verdicts]
    shown = [] if not reports else _labels(session, {report.hex() for report in reports})
    return sorted({*on_reports, *registered, *shown})


def admitted_by(session: Session, in_doubt: Collection[int]) -> set[int]:
    """Log positions of the approvals of reviews at these positions, and of the enrolments by such approvals or by
    approvals at these positions."""
    if not in_doubt:
        return set()
    query = select(ApprovalRow).join(ReviewRow, ReviewRow.statement_id == ApprovalRow.review_id)
    query = query.where(or_(ReviewRow.entry_index.in_(in_doubt), ApprovalRow.entry_index.in_(in_doubt)))
    approvals = session.scalars(query).all()
    enrolled = {row.used_index for row in approvals if row.used_index is not None}
    return enrolled | {row.entry_index for row in approvals if row.entry_index not in in_doubt}


def judged_by(session: Session, policies: Collection[int]) -> set[int]:
    """Log positions of the reports that were judged by the policies published at these positions."""
    if not policies:
        return set()
    same = and_(
        UsedPolicyRow.policy == Policy.policy,
        UsedPolicyRow.policy_id == Policy.policy_id,
        UsedPolicyRow.version == Policy.version,
    )
    query = select(UsedPolicyRow.entry_index).join(Policy, same).where(Policy.entry_index.in_(policies))
    return set(session.scalars(query))


def _labels(session: Session, reports: Collection[str]) -> list[int]:
    query = select(Entry).join(LabelRow, LabelRow.entry_index == Entry.index).execution_options(yield_per=_BATCH)
    return [entry.index for entry in session.scalars(query) if body_of(entry.entry, Label).report in reports]
