"""One row of units that an event moved (``ledger.db.asset_models.ChainMovementRow``)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from ledger.chain.events import ChainEvent
from ledger.db.asset_models import ChainMovementRow

_NOTHING = dict.fromkeys(("in_registry", "trading", "frozen", "issued", "surrendered", "cancelled"), 0)


def move(
    session: Session,
    event: ChainEvent,
    account: bytes,
    asset: int,
    *,
    part: int = 0,
    asked: tuple[bytes, int] | None = None,
    **changes: Any,
) -> None:
    """Record what an event changed in an account's units of an asset: ``changes`` by column, all others 0.

    ``asked``: operation and entry, where the event itself does not name them.
    """
    op_id, entry_index = asked or (event.args.get("opId"), event.args.get("logIndex"))
    session.add(
        ChainMovementRow(
            block_number=event.block.number,
            log_index=event.index,
            part=part,
            tx_hash=event.tx_hash,
            kind=event.name,
            account=account,
            asset=asset,
            op_id=op_id,
            entry_index=entry_index,
            **{**_NOTHING, **changes},
        )
    )
