"""``label``: an enterprise's carbon efficiency code, and the one that it replaces."""

from __future__ import annotations

from attestation.bodies import Label
from attestation.statements import Statement
from ledger.context import LedgerContext
from ledger.db.label_models import LabelRow


def record_label(context: LedgerContext, statement: Statement, body: Label, index: int) -> None:
    """Keep the label for listing; one stands per enterprise and year."""
    earlier = context.labels.standing(body.enterprise, body.year)
    if earlier is not None:
        earlier.superseded_by = index
    context.labels.add(
        LabelRow(
            entry_index=index,
            statement_id=statement.statement_id,
            enterprise=body.enterprise,
            year=body.year,
            basis=body.basis,
            tonnes=body.tonnes,
            k=body.k,
            level=body.level,
            grade=body.grade,
            superseded_by=None,
        )
    )
