"""``policy``: a published parameter set, what it corrects, and what reports used."""

from __future__ import annotations

from attestation.policies import FACTOR_SET, OF_A_YEAR, year_of
from attestation.statements import Policy, Report
from ledger.context import LedgerContext
from ledger.db.log_models import Policy as PolicyRow
from ledger.db.policy_models import CorrectionRow, UsedPolicyRow


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
    if body.corrects is not None:
        context.published.add(
            CorrectionRow(
                policy_id=body.id,
                version=body.corrects.version,
                by_version=body.version,
                entry_index=index,
                reason=body.corrects.reason,
            )
        )


def record_used(context: LedgerContext, body: Report, index: int) -> None:
    """Keep by which policies the report at ``index`` was judged: it names its factor set, the rest was in force."""
    used = {FACTOR_SET: (body.factor_set.id, body.factor_set.version)}
    for policy in OF_A_YEAR:
        row = context.policy_in_force(policy, body.year)
        if row is not None:
            used[policy] = (row.policy_id, row.version)
    for policy, (policy_id, version) in used.items():
        context.published.add(UsedPolicyRow(entry_index=index, policy=policy, policy_id=policy_id, version=version))
