"""``opening``: base years that an enterprise carried in."""

from __future__ import annotations

import msgspec

from attestation.bodies.openings import Opening
from attestation.statements import Statement
from ledger.context import LedgerContext
from ledger.db.admission_models import OpeningRow


def record_opening(context: LedgerContext, statement: Statement, body: Opening, index: int) -> None:
    """Keep the base years as they were signed."""
    context.admissions.add(
        OpeningRow(
            enterprise=body.enterprise,
            entry_index=index,
            statement_id=statement.statement_id,
            base_years=msgspec.to_builtins(body.base_years),
            document_hash=bytes.fromhex(body.document_hash),
            reason=body.reason,
        )
    )
