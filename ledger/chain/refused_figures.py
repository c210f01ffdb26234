"""Figures that the emissions registry finally refused: how the log knows of them, and what becomes of their intents."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update
from sqlalchemy.orm import Session

from ledger.chain.operations import FIGURE_KINDS, operation_id
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow


def figure_operations(deployment_id: bytes, leaf_hash: bytes) -> tuple[bytes, ...]:
    """The operation ids that the entry of that leaf hash can have asked for a figure by."""
    return tuple(operation_id(deployment_id, kind, leaf_hash) for kind in FIGURE_KINDS)


def withdraw(session: Session, op_ids: Collection[bytes], by: int, *, now: int) -> None:
    """The entry ``by`` asks for something else in place of these, which the contract refused: they stay refused
    whatever the chain forgets, since two would ask for the same revision."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.op_id.in_(op_ids), OutboxRow.kind.in_(FIGURE_KINDS))
        .values(
            state=State.REFUSED.value,
            doubt_number=None,
            doubt_hash=None,
            last_error=f"replaced by entry {by}",
            updated_at=now,
        )
    )
