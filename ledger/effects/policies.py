"""``policy``: a published parameter set."""

from __future__ import annotations

from attestation.policies import year_of
from attestation.statements import Policy
from ledger.context import LedgerContext
from ledger.db.log_models import Policy as PolicyRow


def record_policy(context: LedgerContext, body: Policy, index: int) -> None:
    """Keep the document under its name and version."""
    context.identities.add(
        PolicyRow(
            policy=body.policy,
            policy_id=body.id,
            version=body.version,
            entry_index=index,
            effective_from=body.effective_from,
            year=year_of(body.policy, body.document),
            document=body.document,
        )
    )
