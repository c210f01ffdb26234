"""``loss``: readings that will not come."""

from __future__ import annotations

from attestation.statements import Loss
from ledger.context import LedgerContext
from ledger.db.log_models import LossRow


def record_loss(context: LedgerContext, body: Loss, index: int) -> None:
    """The range is open no more, and no reading enters there."""
    context.gaps.lose(
        LossRow(
            entry_index=index,
            stream_id=context.stream_id(body.device, body.stream),
            first_seq=body.first_seq,
            last_seq=body.last_seq,
            reason=body.reason,
        )
    )
