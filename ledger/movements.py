"""One row of units that an event moved (``ledger.db.asset_models.ChainMovementRow``)."""

from __future__ import annotations

from ledger.chain.events import ChainEvent
from ledger.db.asset_models import ChainMovementRow
from ledger.row_buffer import RowBuffer


def move(
    rows: RowBuffer,
    event: ChainEvent,
    account: bytes,
    asset: int,
    *,
    part: int = 0,
    asked: tuple[bytes | None, int | None] | None = None,
    in_registry: int = 0,
    trading: int = 0,
    frozen: int = 0,
    issued: int = 0,
    surrendered: int = 0,
    cancelled: int = 0,
    counterparty: bytes | None = None,
    freeze: bytes | None = None,
) -> None:
    """Record what an event changed in an account's units of an asset.

    ``asked``: operation and entry, where the event itself does not name them.
    """
    args = event.args
    asked = asked or (args.get("opId"), args.get("logIndex"))
    place = (event.block.number, event.index, part, event.tx_hash, event.name, account, asset)
    amounts = (in_registry, trading, frozen, issued, surrendered, cancelled)
    rows.add(ChainMovementRow, (*place, *amounts, counterparty, freeze, *asked))
    # Custody follows in the same transaction, and names no operation.
    rows.memory["asked", event.tx_hash, account] = asked
