"""How each event of our contracts changes the projected rows, and how the changes of forgotten blocks are undone.

Rows are added or stamped with the number of the block that changed them, never overwritten: undoing is deleting the
rows and clearing the stamps above a block number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from attestation.typed_data import Domain
from ledger.asset_rows import ASSET_TABLES, apply_ledger_event, undo_assets_above
from ledger.chain import outbox
from ledger.chain.contracts import (
    CARBON_LEDGER,
    COMPLIANCE,
    CREDIT_SCORES,
    EMISSIONS_REGISTRY,
    EVIDENCE_LOG,
    EXCHANGE,
    IDENTIFIER_REGISTRY,
)
from ledger.chain.events import ChainEvent
from ledger.chain.intents import AnchorIntent, Kind, require_same_root
from ledger.db.base import Base
from ledger.db.block_time_models import ChainBlockTimeRow
from ledger.db.chain_models import (
    ChainAnchorRow,
    ChainBlockRow,
    ChainEventRow,
    ChainHeadRow,
)
from ledger.db.checkpoints import CheckpointRepository
from ledger.emission_rows import EMISSION_TABLES, apply_emissions_event, undo_emissions_above
from ledger.exchange_rows import EXCHANGE_TABLES, apply_exchange_event, remember_fills, undo_exchange_above
from ledger.obligation_rows import (
    OBLIGATION_TABLES,
    apply_compliance_event,
    apply_scores_event,
    undo_obligations_above,
)
from ledger.registry_rows import REGISTRY_TABLES, apply_registry_event, undo_registry_above
from ledger.row_buffer import RowBuffer

_APPLY: Mapping[str, Callable[[RowBuffer, ChainEvent], None]] = {
    IDENTIFIER_REGISTRY: apply_registry_event,
    EMISSIONS_REGISTRY: apply_emissions_event,
    CARBON_LEDGER: apply_ledger_event,
    COMPLIANCE: apply_compliance_event,
    CREDIT_SCORES: apply_scores_event,
    EXCHANGE: apply_exchange_event,
}
PROJECTED: tuple[type[Base], ...] = (
    ChainHeadRow,
    ChainBlockRow,
    ChainEventRow,
    ChainBlockTimeRow,
    ChainAnchorRow,
    *REGISTRY_TABLES,
    *EMISSION_TABLES,
    *ASSET_TABLES,
    *OBLIGATION_TABLES,
    *EXCHANGE_TABLES,
)
"""The tables that are nothing but projection."""


def apply_event(
    session: Session, event: ChainEvent, deployment_id: bytes, *, now: int, exchange: Domain | None = None
) -> None:
    """:func:`apply_events` of one."""
    apply_events(session, (event,), deployment_id, now=now, exchange=exchange)


def apply_events(
    session: Session,
    events: Sequence[ChainEvent],
    deployment_id: bytes,
    *,
    now: int,
    exchange: Domain | None = None,
) -> None:
    """Record events in the chain's order and their consequences; ``now`` (unix seconds) touches the outbox only.
    ``exchange``: the domain in which orders are signed, by which the outbox knows a fill."""
    rows = RowBuffer(session, now=now, exchange=exchange)
    remember_fills(rows, events)
    _note_times(rows, events)
    for event in events:
        place = (event.block.number, event.index, event.tx_hash)
        rows.add(ChainEventRow, (*place, event.contract, event.name, event.args_json()))
        if event.contract == EVIDENCE_LOG and event.name in {"Anchored", "Backfilled"}:
            _anchored(rows.session, event, deployment_id, now)
        elif event.contract == EVIDENCE_LOG and event.name == "EpochOpened":
            _epoch_opened(rows.session, event, deployment_id, now)
        elif (apply := _APPLY.get(event.contract)) is not None:
            apply(rows, event)
    rows.flush()
    session.flush()


def undo_above(session: Session, number: int) -> None:
    """Undo everything that blocks above ``number`` did."""
    session.execute(delete(ChainBlockRow).where(ChainBlockRow.number > number))
    for table in (ChainEventRow, ChainBlockTimeRow, ChainAnchorRow):
        session.execute(delete(table).where(table.block_number > number))
    session.execute(update(ChainAnchorRow).where(ChainAnchorRow.voided_number > number).values(voided_number=None))
    undo_registry_above(session, number)
    undo_emissions_above(session, number)
    undo_assets_above(session, number)
    undo_obligations_above(session, number)
    undo_exchange_above(session, number)


def _note_times(rows: RowBuffer, events: Sequence[ChainEvent]) -> None:
    times = {event.block.number: event.time for event in events}
    # Only the first block can have been begun before.
    if times and rows.mapped.get(ChainBlockTimeRow, events[0].block.number) is not None:
        del times[events[0].block.number]
    for place in times.items():
        rows.add(ChainBlockTimeRow, place)


def _anchored(session: Session, event: ChainEvent, deployment_id: bytes, now: int) -> None:
    args = event.args
    _add_anchor(session, event, args["epoch"], args["size"], args["root"])
    intent = AnchorIntent(args["epoch"], args["size"], args["root"])
    checkpoint = CheckpointRepository(session).get(intent.epoch, intent.size)
    if checkpoint is not None:
        require_same_root(intent, checkpoint.root)
    # Anybody may anchor. A size is an intent of ours from then on, whoever sent it: a receipt may cite it, so it must
    # come back if the chain forgets it. Another root for a size that we know raises here.
    outbox.enqueue_anchor(session, deployment_id, intent, now=now)
    outbox.mark_mined(session, intent.operation_id(deployment_id), event.block, now=now, kinds=(Kind.ANCHOR,))


def _epoch_opened(session: Session, event: ChainEvent, deployment_id: bytes, now: int) -> None:
    args = event.args
    session.execute(
        update(ChainAnchorRow)
        .where(
            ChainAnchorRow.epoch < args["epoch"],
            ChainAnchorRow.size > args["goodSize"],
            ChainAnchorRow.voided_number.is_(None),
        )
        .values(voided_number=event.block.number)
    )
    if args["goodSize"] > 0:
        _add_anchor(session, event, args["epoch"], args["goodSize"], args["goodRoot"])
        # The head that an epoch starts from is on chain with its opening: nobody can anchor it, nobody should try.
        intent = AnchorIntent(args["epoch"], args["goodSize"], args["goodRoot"])
        outbox.enqueue_anchor(session, deployment_id, intent, now=now)
        outbox.mark_mined(session, intent.operation_id(deployment_id), event.block, now=now, kinds=(Kind.ANCHOR,))


def _add_anchor(session: Session, event: ChainEvent, epoch: int, size: int, root: bytes) -> None:
    session.add(
        ChainAnchorRow(
            epoch=epoch,
            size=size,
            root=root,
            origin=event.name,
            tx_hash=event.tx_hash,
            block_number=event.block.number,
            block_hash=event.block.hash,
        )
    )
