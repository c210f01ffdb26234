"""``allocation``: the run and its parts, as ``CarbonLedger`` is told of them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.allocation_parts import allocation_parts, part_hashes
from attestation.bodies import Allocation
from attestation.instants import parse_instant
from attestation.signed_operations import allocation_message
from attestation.statements import Statement
from ledger.chain.asset_intents import AllocatePartIntent, AllocationItem, SignedIntent
from ledger.context import LedgerContext
from ledger.db.quota_models import AllocationRow
from ledger.effects.assets import tell_assets
from ledger.effects.holdings import compact


def record_allocation(
    session: Session, context: LedgerContext, statement: Statement, body: Allocation, index: int
) -> None:
    """Keep the allocation; have the contract told of the run that two persons approved, then of each part."""
    entry, message = (statement.leaf_hash, index), allocation_message(body)
    context.quotas.add(
        AllocationRow(
            entry_index=index,
            statement_id=statement.statement_id,
            op_id=message.op_id,
            year=body.year,
            round=body.round,
            reserve=body.reserve,
            tonnes=body.tonnes,
            accounts=len(body.table),
            input_root=message.input_root,
            return_due=parse_instant(body.return_due),
            accepted_at=context.now,
        )
    )
    tell_assets(session, context, SignedIntent(*entry, message, compact(body.approvals)))
    parts = allocation_parts(body)
    hashes = part_hashes(parts)
    for place, items in enumerate(parts):
        told = tuple(AllocationItem(*item) for item in items)
        tell_assets(session, context, AllocatePartIntent(*entry, message.op_id, hashes, place, told))
