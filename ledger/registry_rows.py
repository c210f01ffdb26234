"""How the identifier registry's events change the projected rows.

Rows are added or stamped with the number of the block that changed them, never overwritten (``projection_rows``).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from ledger.chain.events import ChainEvent
from ledger.chain.operations import REGISTRY_KINDS
from ledger.db.base import Base
from ledger.db.chain_models import ChainCompromiseRow, ChainIdentifierRow, ChainKeyRow, ChainRecoveryRow
from ledger.row_buffer import RowBuffer

REGISTRY_TABLES: tuple[type[Base], ...] = (ChainIdentifierRow, ChainKeyRow, ChainCompromiseRow, ChainRecoveryRow)
"""What the registry's events fill."""


def apply_registry_event(rows: RowBuffer, event: ChainEvent) -> None:
    """Record what one event of the registry changes."""
    session, args = rows.mapped, event.args
    match event.name:
        case "IdentifierRegistered":
            _identifier_registered(session, event)
        case "KeyEnrolled":
            _key_enrolled(session, event)
        case "KeyRevoked":
            _stamp_key(
                session, args["thumbprint"], revoked_index=args["revokedIndex"], revoked_number=event.block.number
            )
        case "KeyCompromised":
            _key_compromised(session, event)
        case "RecoveryProposed":
            _recovery_proposed(session, event)
        case "RecoveryVetoed":
            _stamp_recovery(session, event, vetoed_number=event.block.number, vetoed_by=args["signer"])
        case "RecoveryCancelled":
            _stamp_recovery(session, event, cancelled_number=event.block.number)
        case "RecoveryCompleted":
            _stamp_recovery(session, event, completed_number=event.block.number)
    if "opId" in args:
        rows.took_effect(args["opId"], event.block, REGISTRY_KINDS)


def undo_registry_above(session: Session, number: int) -> None:
    """Undo what the registry's events in blocks above ``number`` did."""
    for table in (ChainIdentifierRow, ChainKeyRow, ChainCompromiseRow, ChainRecoveryRow):
        session.execute(delete(table).where(table.block_number > number))
    session.execute(
        update(ChainKeyRow).where(ChainKeyRow.revoked_number > number).values(revoked_number=None, revoked_index=None)
    )
    for stamp, values in (
        (ChainRecoveryRow.vetoed_number, {"vetoed_number": None, "vetoed_by": None}),
        (ChainRecoveryRow.cancelled_number, {"cancelled_number": None}),
        (ChainRecoveryRow.completed_number, {"completed_number": None}),
    ):
        session.execute(update(ChainRecoveryRow).where(stamp > number).values(**values))


def _identifier_registered(session: Session, event: ChainEvent) -> None:
    args = event.args
    session.add(
        ChainIdentifierRow(
            account_id=args["accountId"],
            identifier=args["identifier"],
            kind=args["kind"],
            parent=args["parent"],
            group=args["group"],
            tx_hash=event.tx_hash,
            block_number=event.block.number,
        )
    )


def _key_enrolled(session: Session, event: ChainEvent) -> None:
    args = event.args
    session.add(
        ChainKeyRow(
            thumbprint=args["thumbprint"],
            account_id=args["accountId"],
            op_id=args["opId"],
            algorithm=args["algorithm"],
            purposes=args["purposes"],
            public_key=args["publicKey"],
            evm_address=args["evmAddress"],
            leaf_hash=args["leafHash"],
            log_index=args["logIndex"],
            tx_hash=event.tx_hash,
            block_number=event.block.number,
        )
    )


def _key_compromised(session: Session, event: ChainEvent) -> None:
    args = event.args
    session.add(
        ChainCompromiseRow(
            block_number=event.block.number,
            log_index=event.index,
            thumbprint=args["thumbprint"],
            op_id=args["opId"],
            invalid_since=args["invalidSince"],
            declared_index=args["declaredIndex"],
            tx_hash=event.tx_hash,
        )
    )


def _recovery_proposed(session: Session, event: ChainEvent) -> None:
    args = event.args
    first, second = args["approvers"]
    session.add(
        ChainRecoveryRow(
            thumbprint=args["thumbprint"],
            account_id=args["accountId"],
            op_id=args["opId"],
            replaces=args["replaces"],
            algorithm=args["algorithm"],
            purposes=args["purposes"],
            public_key=args["publicKey"],
            leaf_hash=args["leafHash"],
            log_index=args["logIndex"],
            reason_hash=args["reasonHash"],
            ready_at=args["readyAt"],
            first_approver=first,
            second_approver=second,
            tx_hash=event.tx_hash,
            block_number=event.block.number,
        )
    )


def _stamp_key(session: Session, thumbprint: bytes, **values: Any) -> None:
    session.execute(update(ChainKeyRow).where(ChainKeyRow.thumbprint == thumbprint).values(**values))


def _stamp_recovery(session: Session, event: ChainEvent, **values: Any) -> None:
    thumbprint = event.args["thumbprint"]
    session.execute(update(ChainRecoveryRow).where(ChainRecoveryRow.thumbprint == thumbprint).values(**values))
