"""How the events of the book of obligations and of the book of scores become rows (``ledger.db.obligation_models``).

Rows are added, never overwritten (``ledger.projection_rows``): undoing is deleting those above a block number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from ledger.chain.events import ChainEvent
from ledger.chain.operations import CHOSEN_KINDS
from ledger.db.asset_models import ChainMovementRow
from ledger.db.base import Base
from ledger.db.obligation_models import (
    ChainAssessmentRow,
    ChainCarryOverRow,
    ChainClosureRow,
    ChainCreditRow,
    ChainPriceRow,
    ChainScoreRow,
    ChainSurrenderRow,
    ChainTermsRow,
)
from ledger.row_buffer import RowBuffer

OBLIGATION_TABLES: tuple[type[Base], ...] = (
    ChainTermsRow,
    ChainPriceRow,
    ChainSurrenderRow,
    ChainCarryOverRow,
    ChainAssessmentRow,
    ChainCreditRow,
    ChainClosureRow,
    ChainScoreRow,
)
"""What the events of both fill."""
_TERMS = (
    "op_id",
    "year",
    "offset_cap_bps",
    "surrender_deadline",
    "carry_over_until",
    "closes_at",
    "carry_base_bps",
    "carry_multiple_bps",
    "charge_multiple_bps",
    "amendment_seconds",
    "earlier_vintages",
    "document_hash",
)
"""Members of the struct in their order."""
_EVENTS: Mapping[str, tuple[type[Any], Mapping[str, str]]] = {
    "PriceSet": (ChainPriceRow, {"year": "year", "fen_per_tonne": "fenPerTonne", "document_hash": "documentHash"}),
    "SurrenderRecorded": (
        ChainSurrenderRow,
        {
            "account": "account",
            "year": "year",
            "asset": "asset",
            "tonnes": "tonnes",
            "due": "due",
            "offsets_used": "offsetsUsed",
        },
    ),
    "CarryOverRecorded": (
        ChainCarryOverRow,
        {"account": "account", "vintage": "vintage", "tonnes": "tonnes", "net_sold": "netSoldTonnes"},
    ),
    "Assessed": (
        ChainAssessmentRow,
        {
            "account": "account",
            "year": "year",
            "emissions": "emissions",
            "revision": "revision",
            "missed": "missed",
            "price_fen": "priceFen",
        },
    ),
    "Credited": (ChainCreditRow, {"account": "account", "year": "year", "tonnes": "tonnes"}),
}
"""Event → its table, and column → member."""
_SCORE = {
    "points_bps": "pointsBps",
    "grade": "grade",
    "formula": "formula",
    "input_root": "inputRoot",
    "comments_until": "commentsUntil",
    "revision": "revision",
    "published": "published",
}
_STEPS = {"ScoreProposed": "proposed", "ScorePublished": "published", "ScoreWithdrawn": "withdrawn"}


def apply_compliance_event(rows: RowBuffer, event: ChainEvent) -> None:
    """Record what one event of the book of obligations changes."""
    session = rows.mapped
    if event.name in _EVENTS:
        table, names = _EVENTS[event.name]
        values = {column: event.args[name] for column, name in names.items()}
        if event.name == "Assessed":
            values["charge_fen"] = str(event.args["chargeFen"])
        _add(session, event, table, **values)
    elif event.name == "TermsSet":
        terms = dict(zip(_TERMS, event.args["terms"], strict=True))
        del terms["op_id"]
        _add(session, event, ChainTermsRow, **terms)
    elif event.name == "YearClosed":
        _closed(rows, event)
    _mined(rows, event)


def apply_scores_event(rows: RowBuffer, event: ChainEvent) -> None:
    """Record what one event of the book of scores changes."""
    if (step := _STEPS.get(event.name)) is not None:
        args = event.args
        said = {column: args.get(name) for column, name in _SCORE.items()}
        place = {"step": step, "at": event.time, "account": args["account"], "year": args["year"]}
        _add(rows.mapped, event, ChainScoreRow, **place, **said)
    _mined(rows, event)


def undo_obligations_above(session: Session, number: int) -> None:
    """Undo what the events of both in blocks above ``number`` did."""
    for table in OBLIGATION_TABLES:
        session.execute(delete(table).where(table.block_number > number))  # type: ignore[attr-defined]  # each has it


def _add(session: Session, event: ChainEvent, table: type[Any], **values: Any) -> None:
    place = {"block_number": event.block.number, "log_index": event.index, "tx_hash": event.tx_hash}
    session.add(table(**place, op_id=event.args["opId"], entry_index=event.args["logIndex"], **values))


def _closed(rows: RowBuffer, event: ChainEvent) -> None:
    session, args = rows.session, event.args
    for part, account in enumerate(args["accounts"]):
        _add(session, event, ChainClosureRow, part=part, account=account, year=args["year"])
    # What ended with the year was said before, by the ledger of units, which knows nothing of operations.
    ended = update(ChainMovementRow).where(
        ChainMovementRow.block_number == event.block.number,
        ChainMovementRow.tx_hash == event.tx_hash,
        ChainMovementRow.log_index < event.index,
        ChainMovementRow.op_id.is_(None),
    )
    session.execute(ended.values(op_id=args["opId"], entry_index=args["logIndex"]))
    rows.memory.clear()


def _mined(rows: RowBuffer, event: ChainEvent) -> None:
    if "opId" in event.args:
        rows.took_effect(event.args["opId"], event.block, CHOSEN_KINDS)
