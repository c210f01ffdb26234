"""How the events of the ledger of units become rows: what each moves, freezes, makes owed (``ledger.db.asset_models``).

Rows are added, never overwritten (``ledger.projection_rows``): undoing is deleting those above a block number.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from attestation.assets import CCER
from ledger.chain.events import ChainEvent
from ledger.chain.operations import CHOSEN_KINDS
from ledger.db.asset_models import (
    ChainAllocationRow,
    ChainConfirmationRow,
    ChainFreezeRow,
    ChainMovementRow,
    ChainOwedRow,
    ChainRunRow,
    ChainSuspensionRow,
)
from ledger.db.base import Base
from ledger.db.chain_queries import last
from ledger.db.obligation_models import ChainCarryOverRow, ChainSurrenderRow
from ledger.movements import move
from ledger.row_buffer import RowBuffer

ASSET_TABLES: tuple[type[Base], ...] = (
    ChainMovementRow,
    ChainFreezeRow,
    ChainConfirmationRow,
    ChainSuspensionRow,
    ChainRunRow,
    ChainAllocationRow,
    ChainOwedRow,
)
"""What the ledger's events fill."""
_NO_FREEZE = bytes(32)


def apply_ledger_event(rows: RowBuffer, event: ChainEvent) -> None:
    """Record what one event of the ledger of units changes."""
    args = event.args
    match event.name:
        case "Issued" | "CarriedIn":
            move(rows, event, args["account"], args["asset"], in_registry=args["tonnes"], issued=args["tonnes"])
        case "OffsetEntered":
            move(rows, event, args["account"], CCER, in_registry=args["tonnes"], issued=args["tonnes"])
        case "CancelledByOrder" | "Cancelled":
            move(rows, event, args["account"], args["asset"], in_registry=-args["tonnes"], cancelled=args["tonnes"])
        case "Transferred":
            _transferred(rows, event)
        case "RunApproved":
            _add(rows, event, ChainRunRow, args["run"], **_named(args, _RUN))
        case "Allocated":
            _allocated(rows, event)
        case "Returned":
            _returned(rows, event)
        case "Frozen" | "FreezeConfirmed" | "FreezeLapsed" | "Released":
            _froze(rows, event)
        case "AccountSuspended" | "AccountResumed":
            said = {"suspended": event.name == "AccountSuspended", "at": event.time}
            _add(rows, event, ChainSuspensionRow, args["opId"], **said, **_named(args, _SUSPENSION))
        case "Surrendered" | "CarriedOver" | "Expired":
            _by_contract(rows, event)
        case "CustodyTaken" | "CustodyGiven":
            _kept(rows, event)
    # A freeze and a run are named by the operation that made them.
    op_id = args.get({"Frozen": "freeze", "RunApproved": "run"}.get(event.name, "opId"))
    if op_id is not None:
        rows.took_effect(op_id, event.block, CHOSEN_KINDS)


def undo_assets_above(session: Session, number: int) -> None:
    """Undo what the ledger's events in blocks above ``number`` did."""
    for table in ASSET_TABLES:
        session.execute(delete(table).where(table.block_number > number))  # type: ignore[attr-defined]  # each has it


_RUN = {
    "reserve": "reserve",
    "vintage": "vintage",
    "tonnes": "tonnes",
    "items_hash": "itemsHash",
    "input_root": "inputRoot",
    "return_due": "returnDue",
}
_FREEZE = {
    "account": "account",
    "asset": "asset",
    "tonnes": "tonnes",
    "document_hash": "documentHash",
    "lapses_at": "lapsesAt",
}
_SUSPENSION = {"account": "account", "document_hash": "documentHash"}
_ALLOCATION = {name: name for name in ("run", "account", "asset", "granted", "owes", "settles")}


def _named(args: Any, names: dict[str, str]) -> dict[str, Any]:
    return {column: args[name] for column, name in names.items()}


def _add(rows: RowBuffer, event: ChainEvent, table: type[Any], op_id: bytes, **values: Any) -> None:
    place = {"block_number": event.block.number, "log_index": event.index, "tx_hash": event.tx_hash}
    rows.mapped.add(table(**place, op_id=op_id, entry_index=event.args["logIndex"], **values))


def _pass(
    rows: RowBuffer,
    event: ChainEvent,
    sender: bytes,
    receiver: bytes,
    tonnes: int,
    *,
    asked: tuple[bytes, int] | None = None,
    **changes: Any,
) -> None:
    """Units go from the one's free (or, of a freeze, frozen) units to the other's free ones."""
    asset = event.args["asset"]
    changes["frozen" if "freeze" in changes else "in_registry"] = -tonnes
    move(rows, event, sender, asset, asked=asked, counterparty=receiver, **changes)
    move(rows, event, receiver, asset, part=1, asked=asked, counterparty=sender, in_registry=tonnes)


def _transferred(rows: RowBuffer, event: ChainEvent) -> None:
    args = event.args
    freeze: dict[str, Any] = {} if args["freeze"] == _NO_FREEZE else {"freeze": args["freeze"]}
    _pass(rows, event, args["from"], args["to"], args["tonnes"], **freeze)


def _kept(rows: RowBuffer, event: ChainEvent) -> None:
    """Units go to a custodian or come back: whose they are meanwhile, and by which operation, its own event said just
    before (``ledger.exchange_rows``)."""
    giver, taker = event.args["account"], event.args["custodian"]
    if event.name == "CustodyGiven":
        giver, taker = taker, giver
    _pass(rows, event, giver, taker, event.args["tonnes"], asked=_moved_by(rows, event))


def _moved_by(rows: RowBuffer, event: ChainEvent) -> tuple[bytes, int] | None:
    known: tuple[bytes, int] | None = rows.memory.get(("asked", event.tx_hash, event.args["account"]))
    return _asked(rows, event, ChainMovementRow) if known is None else known


def _froze(rows: RowBuffer, event: ChainEvent) -> None:
    args = event.args
    if event.name == "FreezeConfirmed":
        _add(rows, event, ChainConfirmationRow, args["opId"], freeze=args["freeze"])
        return
    into, asked = -args["tonnes"], None
    if event.name == "Frozen":
        _add(rows, event, ChainFreezeRow, args["freeze"], **_named(args, _FREEZE))
        into, asked = args["tonnes"], (args["freeze"], args["logIndex"])
    moved: dict[str, Any] = {"in_registry": -into, "frozen": into, "freeze": args["freeze"]}
    move(rows, event, args["account"], args["asset"], asked=asked, **moved)


def _allocated(rows: RowBuffer, event: ChainEvent) -> None:
    args = event.args
    run = rows.session.scalars(select(ChainRunRow).where(ChainRunRow.op_id == args["run"])).one()
    _add(rows, event, ChainAllocationRow, args["opId"], **_named(args, _ALLOCATION))
    if args["granted"]:
        _pass(rows, event, run.reserve, args["account"], args["granted"])
    if args["owes"]:
        _owes(rows, event, args["owed"], run.return_due, run.reserve)
    elif args["settles"]:
        before = _owed_before(rows, args["account"])
        _owes(rows, event, args["owed"], before.due_at, before.reserve)


def _returned(rows: RowBuffer, event: ChainEvent) -> None:
    args = event.args
    _pass(rows, event, args["account"], args["reserve"], args["tonnes"])
    _owes(rows, event, args["owed"], _owed_before(rows, args["account"]).due_at, args["reserve"])


def _owes(rows: RowBuffer, event: ChainEvent, tonnes: int, due_at: int, reserve: bytes) -> None:
    debt = {"account": event.args["account"], "tonnes": tonnes, "due_at": due_at, "reserve": reserve}
    _add(rows, event, ChainOwedRow, event.args["opId"], **debt)


def _owed_before(rows: RowBuffer, account: bytes) -> ChainOwedRow:
    row: ChainOwedRow | None = last(rows.session, ChainOwedRow, None, ChainOwedRow.account == account)
    if row is None:
        raise LookupError(f"the contract settles what 0x{account.hex()} never owed")
    return row


def _by_contract(rows: RowBuffer, event: ChainEvent) -> None:
    """What the book of obligations caused: its own event, before this one, says by which operation; that of a closed
    year comes after (``ledger.obligation_rows``)."""
    args = event.args
    account, tonnes = args["account"], args["tonnes"]
    if event.name == "Surrendered":
        asked = _asked(rows, event, ChainSurrenderRow)
        move(rows, event, account, args["asset"], asked=asked, in_registry=-tonnes, surrendered=tonnes)
    elif event.name == "CarriedOver":
        asked = _asked(rows, event, ChainCarryOverRow)
        move(rows, event, account, args["fromAsset"], asked=asked, in_registry=-tonnes, cancelled=tonnes)
        move(rows, event, account, args["toAsset"], part=1, asked=asked, in_registry=tonnes, issued=tonnes)
    else:
        # All that was free: what the market keeps is not the ledger's to end.
        move(rows, event, account, args["asset"], in_registry=-tonnes, cancelled=tonnes)


def _asked(rows: RowBuffer, event: ChainEvent, table: type[Any]) -> tuple[bytes, int] | None:
    """Operation and entry of the last event about the account in the same transaction, before this one."""
    here = select(table.op_id, table.entry_index).where(
        table.block_number == event.block.number,
        table.tx_hash == event.tx_hash,
        table.log_index < event.index,
        table.account == event.args["account"],
    )
    found = rows.session.execute(here.order_by(table.log_index.desc()).limit(1)).one_or_none()
    return None if found is None else (found.op_id, found.entry_index)
