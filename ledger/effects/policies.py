"""``policy``: a published parameter set."""

from __future__ import annotations

from attestation.statements import Policy
from ledger.context import OBLIGATION_BASE, LedgerContext
from ledger.db.log_models import Policy as PolicyRow


def record_policy(context: LedgerContext, body: Policy, index: int) -> None:
    """Keep the document under its name and version."""
    year = body.document.get("year") if body.policy == OBLIGATION_BASE else None
    context.identities.add(
        PolicyRow(
            policy=body.policy,
            policy_id=body.id,
            version=body.version,
            entry_index=index,
            effective_from=body.effective_from,
            year=year,
            document=body.document,
        )
    )
