"""``report``: an accepted report, and the one that it supersedes."""

from __future__ import annotations

from attestation.statements import Report, Statement
from ledger.context import LedgerContext
from ledger.db.log_models import ReportRow
from ledger.effects.certificates import record_certificates
from ledger.effects.policies import record_used


def record_report(context: LedgerContext, statement: Statement, body: Report, index: int) -> None:
    """Keep what later reports and citations ask of this one."""
    entry = context.entries.require(index)
    if entry.period_start is None or entry.period_end is None:
        raise RuntimeError(f"report entry {index} was taken in without its period")
    if body.supersedes is not None:
        earlier = context.identities.report(bytes.fromhex(body.supersedes))
        if earlier is not None:
            earlier.superseded_by = index
    context.identities.add(
        ReportRow(
            entry_index=index,
            stream_id=entry.stream_id,
            statement_id=statement.statement_id,
            year=body.year,
            period_start=entry.period_start,
            period_end=entry.period_end,
            superseded_by=None,
            issuer=statement.iss,
            plan=None if body.plan is None else bytes.fromhex(body.plan),
            compiled_by=body.compiled_by,
        )
    )
    record_used(context, body, index)
    record_certificates(context, body, (statement.iss, body.year), index)
