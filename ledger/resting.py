"""What rests on policies, reports and verdicts in doubt: reports judged by such policies, the verdicts on such reports,
what was registered by such verdicts, the labels that show such a report's tonnes."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from attestation.bodies import Label
from ledger.bodies import body_of
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
