"""How the emissions registry's events change the projected rows.

Rows are added or stamped with the number of the block that changed them, never overwritten (``projection_rows``).
"""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from ledger.chain.events import ChainEvent
from ledger.chain.operations import EMISSION_KINDS
from ledger.db.base import Base
from ledger.db.emission_models import ChainAssignmentRow, ChainEmissionsRow, ChainTieRow
from ledger.row_buffer import RowBuffer

EMISSION_TABLES: tuple[type[Base], ...] = (ChainAssignmentRow, ChainTieRow, ChainEmissionsRow)
"""What the emissions registry's events fill."""


def apply_emissions_event(rows: RowBuffer, event: ChainEvent) -> None:
    """Record what one event of the emissions registry changes."""
    session, args = rows.mapped, event.args
    match event.name:
        case "VerifierAssigned":
            _assigned(session, event)
        case "AssignmentEnded":
            _assignment_ended(session, event)
        case "TieDeclared":
            tie = ChainTieRow(op_id=args["opId"], a=args["a"], b=args["b"])
            tie.tx_hash, tie.block_number = event.tx_hash, event.block.number
            session.add(tie)
        case "EmissionsRegistered" | "EmissionsDetermined":
            _figure(session, event)
    if "opId" in args:
        rows.took_effect(args["opId"], event.block, EMISSION_KINDS)


def undo_emissions_above(session: Session, number: int) -> None:
    """Undo what the emissions registry's events in blocks above ``number`` did."""
    for table in (ChainAssignmentRow, ChainTieRow, ChainEmissionsRow):
        session.execute(delete(table).where(table.block_number > number))
    session.execute(
        update(ChainAssignmentRow)
        .where(ChainAssignmentRow.ended_number > number)
        .values(ended_leaf=None, ended_index=None, ended_number=None)
    )


def _assigned(session: Session, event: ChainEvent) -> None:
    args = event.args
    session.add(
        ChainAssignmentRow(
            op_id=args["opId"],
            enterprise=args["enterprise"],
            year=args["year"],
            verifier=args["verifier"],
            begins=args["from"],
            until=args["until"],
            leaf_hash=args["leafHash"],
            entry_index=args["logIndex"],
            tx_hash=event.tx_hash,
            block_number=event.block.number,
        )
    )


def _assignment_ended(session: Session, event: ChainEvent) -> None:
    args = event.args
    # The contract has one assignment of a case at a time: the one that was not ended is meant.
    session.execute(
        update(ChainAssignmentRow)
        .where(
            ChainAssignmentRow.enterprise == args["enterprise"],
            ChainAssignmentRow.year == args["year"],
            ChainAssignmentRow.ended_number.is_(None),
        )
        .values(ended_leaf=args["leafHash"], ended_index=args["logIndex"], ended_number=event.block.number)
    )


def _figure(session: Session, event: ChainEvent) -> None:
    args = event.args
    session.add(
        ChainEmissionsRow(
            enterprise=args["enterprise"],
            year=args["year"],
            revision=args["revision"],
            op_id=args["opId"],
            tonnes=args["tonnes"],
            determined=event.name == "EmissionsDetermined",
            statement_leaf=args["statementLeaf"],
            verifier=args.get("verifier"),
            report_leaf=args.get("reportLeaf"),
            signer=args.get("signer"),
            document_hash=args.get("documentHash"),
            entry_index=args.get("logIndex"),
            first_approver=args.get("firstApprover"),
            second_approver=args.get("secondApprover"),
            registered_at=event.time,
            tx_hash=event.tx_hash,
            block_number=event.block.number,
        )
    )
