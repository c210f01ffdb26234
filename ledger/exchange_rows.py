"""How the events of the exchange become rows: units, cash, trades, days, terms (``ledger.db.exchange_models``).

Rows are added, never overwritten (``ledger.projection_rows``): undoing is deleting those above a block number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from attestation.assets import vintage_of
from ledger.chain.contracts import EXCHANGE
from ledger.chain.events import ChainEvent
from ledger.chain.operations import CHOSEN_KINDS
from ledger.db.asset_models import ChainMovementRow
from ledger.db.base import Base
from ledger.db.chain_queries import count, last
from ledger.db.exact_sum import exact_sum
from ledger.db.exchange_models import (
    ChainBankAccountRow,
    ChainBarRow,
    ChainCancelRow,
    ChainCashRow,
    ChainDayRow,
    ChainMarketTermsRow,
    ChainReconciliationRow,
    ChainReferenceRow,
    ChainReleaseRow,
    ChainTradeRow,
    ChainWithdrawalRow,
)
from ledger.market import withdrawals
from ledger.movements import move
from ledger.row_buffer import RowBuffer
from ledger.settled_fills import Trade

EXCHANGE_TABLES: tuple[type[Base], ...] = (
    ChainCashRow,
    ChainTradeRow,
    ChainDayRow,
    ChainMarketTermsRow,
    ChainReferenceRow,
    ChainWithdrawalRow,
    ChainBankAccountRow,
    ChainCancelRow,
    ChainReconciliationRow,
    ChainBarRow,
    ChainReleaseRow,
)
"""What the exchange's events fill, beside the movements of units."""
_TERMS = (
    "op_id",
    "mode",
    "band_bps",
    "block_band_bps",
    "block_threshold",
    "lock_days",
    "fee_bps",
    "fee_account",
    "minimum_volume",
    "minimum_groups",
    "maximum_holders",
    "release_delay",
    "document_hash",
)
"""Members of the struct in their order."""
_PLAIN: Mapping[str, tuple[type[Any], Mapping[str, str]]] = {
    "ReferenceSet": (
        ChainReferenceRow,
        {"asset": "asset", "price_fen": "priceFen", "document_hash": "documentHash"},
    ),
    "BankBound": (ChainBankAccountRow, {"account": "account", "bank_account": "bankAccount"}),
    "Reconciled": (ChainReconciliationRow, {"day": "day", "bank_fen": "bankFen", "ledger_fen": "ledgerFen"}),
    "Barred": (ChainBarRow, {"account": "account", "barred": "barred"}),
}
"""Event → its table, and column → member."""
_OPENED = {
    "day_index": "index",
    "reference_fen": "priceFen",
    "low_fen": "lowFen",
    "high_fen": "highFen",
    "cut_off": "cutOff",
}
_CLOSED = {"volume": "volume", "value_fen": "valueFen", "close_fen": "closeFen", "session_root": "sessionRoot"}


def apply_exchange_event(rows: RowBuffer, event: ChainEvent) -> None:
    """Record what one event of the exchange changes."""
    args = event.args
    if event.name in _PLAIN:
        table, names = _PLAIN[event.name]
        _add(rows, event, table, **{column: args[name] for column, name in names.items()})
    match event.name:
        case "TermsSet":
            terms = dict(zip(_TERMS, args["terms"], strict=True))
            del terms["op_id"]
            _add(rows, event, ChainMarketTermsRow, **terms)
            rows.memory.pop("terms", None)
        case "DayOpened" | "DayHalted" | "DayClosed":
            _day(rows, event)
        case "Moved" | "Swept" | "Released":
            _between(rows, event)
        case "ReleaseRequested":
            _release(rows, event, "asked")
        case "Deposited":
            _cash(rows, event, args["account"], free=args["fen"])
        case "Withdrawn" | "PaidOut":
            _bank(rows, event)
        case "OrderCancelled" | "AllCancelled":
            _cancel(rows, event)
        case "Settled":
            _settled(rows, event)
    # A refused trade takes no effect, whatever else bears the name that it was given.
    if event.name not in {"Settled", "TradeRefused"} and any(args.get("opId", b"")):
        rows.took_effect(args["opId"], event.block, CHOSEN_KINDS)


def undo_exchange_above(session: Session, number: int) -> None:
    """Undo what the exchange's events in blocks above ``number`` did."""
    for table in EXCHANGE_TABLES:
        session.execute(delete(table).where(table.block_number > number))  # type: ignore[attr-defined]  # each has it


def _place(event: ChainEvent) -> dict[str, Any]:
    return {"block_number": event.block.number, "log_index": event.index, "tx_hash": event.tx_hash}


def _add(rows: RowBuffer, event: ChainEvent, table: type[Any], **values: Any) -> None:
    rows.mapped.add(table(**_place(event), op_id=event.args["opId"], entry_index=event.args["logIndex"], **values))


def _cash(
    rows: RowBuffer,
    event: ChainEvent,
    account: bytes,
    *,
    part: int = 0,
    counterparty: bytes | None = None,
    free: int = 0,
    trading: int = 0,
    withdrawing: int = 0,
) -> None:
    place = (event.block.number, event.index, part, event.tx_hash, event.name, account)
    asked = (event.args.get("opId"), event.args.get("logIndex"))
    rows.add(ChainCashRow, (*place, free, trading, withdrawing, counterparty, *asked))


def _between(rows: RowBuffer, event: ChainEvent) -> None:
    """Into an account's trading balance or out of it; that the exchange keeps the units meanwhile, the ledger of units
    says just after."""
    args = event.args
    inward = event.name == "Moved" and args["inward"]
    amount = args["amount"] if inward else -args["amount"]
    if event.name == "Released":
        _release(rows, event, "taken")
    if vintage_of(args["asset"]) is None:
        _cash(rows, event, args["account"], free=-amount, trading=amount)
        return
    move(rows, event, args["account"], args["asset"], trading=amount)


def _release(rows: RowBuffer, event: ChainEvent, step: str) -> None:
    args = event.args
    asked = {"account": args["account"], "asset": args["asset"], "amount": str(args["amount"])}
    rows.mapped.add(ChainReleaseRow(**_place(event), step=step, at=args.get("at", event.time), **asked))


def _bank(rows: RowBuffer, event: ChainEvent) -> None:
    args = event.args
    account, fen = args["account"], args["fen"]
    if event.name == "Withdrawn":
        _cash(rows, event, account, free=-fen, withdrawing=fen)
        said = {"withdrawal": args["opId"], "step": "asked", "bank_account": args["bankAccount"]}
        _add(rows, event, ChainWithdrawalRow, account=account, fen=fen, **said)
        return
    _cash(rows, event, account, withdrawing=-fen, free=0 if args["paid"] else fen)
    step = "paid" if args["paid"] else "released"
    said = {"withdrawal": args["withdrawal"], "step": step, "bank_reference": args["bankReference"]}
    _add(rows, event, ChainWithdrawalRow, account=account, fen=fen, **said)


def _day(rows: RowBuffer, event: ChainEvent) -> None:
    args = event.args
    values: dict[str, Any] = {}
    if event.name == "DayOpened":
        step, names = "opened", _OPENED
        # A day keeps the terms under which it began; its event leaves them to theirs.
        terms = _terms(rows)
        rows.memory.pop(("day", args["asset"], args["day"]), None)
        values = {"lock_days": terms.lock_days, "fee_bps": terms.fee_bps}
    elif event.name == "DayHalted":
        step, names = "halted" if args["halted"] else "resumed", {}
    else:
        step, names = "closed", _CLOSED
    values |= {column: args[name] for column, name in names.items()}
    _add(rows, event, ChainDayRow, asset=args["asset"], day=args["day"], step=step, **values)


def _cancel(rows: RowBuffer, event: ChainEvent) -> None:
    args = event.args
    # The holder's own call names no operation.
    op_id = args["opId"] if any(args["opId"]) else None
    place = (event.block.number, event.index, event.tx_hash)
    rows.add(ChainCancelRow, (*place, args["account"], args.get("orderHash"), args.get("epoch"), op_id))
    if op_id is None:
        withdrawals.note_cancelled(rows.session, args["account"], args.get("orderHash"), now=rows.now)


def _settled(rows: RowBuffer, event: ChainEvent) -> None:
    """Units one way and cash the other, fees to the free cash of the fee account, in one row each (DOMAIN 18, 20)."""
    args = event.args
    buyer, seller, asset, tonnes = args["buyer"], args["seller"], args["asset"], args["tonnes"]
    value, buyer_fee, seller_fee = tonnes * args["priceFen"], args["buyerFeeFen"], args["sellerFeeFen"]
    block, index, tx_hash, op_id, entry = (
        event.block.number,
        event.index,
        event.tx_hash,
        args["opId"],
        args.get("logIndex"),
    )
    trade = Trade(
        block,
        index,
        tx_hash,
        op_id,
        args["buyHash"],
        args["sellHash"],
        buyer,
        seller,
        asset,
        args["day"],
        _day_index(rows, asset, args["day"]),
        tonnes,
        args["priceFen"],
        _fill(rows, "buy_hash", args["buyHash"], tonnes),
        _fill(rows, "sell_hash", args["sellHash"], tonnes),
        buyer_fee,
        seller_fee,
        args["counted"],
        args["buyLeaf"],
        args["sellLeaf"],
    )
    rows.add(ChainTradeRow, trade)
    # Most of what is read of a busy chain: its rows are written out, as `move` and `_cash` would make them.
    bought = (block, index, 0, tx_hash, "Settled", buyer)
    sold = (block, index, 1, tx_hash, "Settled", seller)
    rows.add(ChainMovementRow, (*bought, asset, 0, tonnes, 0, 0, 0, 0, seller, None, op_id, entry))
    rows.add(ChainMovementRow, (*sold, asset, 0, -tonnes, 0, 0, 0, 0, buyer, None, op_id, entry))
    rows.add(ChainCashRow, (*bought, 0, -value - buyer_fee, 0, seller, op_id, entry))
    rows.add(ChainCashRow, (*sold, 0, value - seller_fee, 0, buyer, op_id, entry))
    rows.memory["asked", tx_hash, buyer] = rows.memory["asked", tx_hash, seller] = (op_id, entry)
    if buyer_fee or seller_fee:
        _cash(rows, event, _terms(rows).fee_account, part=2, free=buyer_fee + seller_fee)
    rows.settled(trade, event.block)


def _terms(rows: RowBuffer) -> Any:
    return rows.known("terms", lambda session: last(session, ChainMarketTermsRow, None))


def _day_index(rows: RowBuffer, asset: int, day: int) -> int:
    what = ("day", asset, day)
    index: int | None = rows.memory.get(what)
    if index is None:
        row = ChainDayRow
        opened = last(rows.session, row, None, row.asset == asset, row.day == day, row.step == "opened")
        index = rows.memory[what] = int(opened.day_index)
    return index


def _fill(rows: RowBuffer, side: str, order: bytes, tonnes: int) -> int:
    """What of the order was filled before; from now on it is so much more."""
    what = (side, order)
    before: int | None = rows.memory.get(what)
    if before is None:
        query = select(exact_sum(ChainTradeRow.tonnes)).where(getattr(ChainTradeRow, side) == order)
        before = count(rows.session.scalar(query))
    rows.memory[what] = before + tonnes
    return before


def remember_fills(rows: RowBuffer, events: Sequence[ChainEvent]) -> None:
    """Ask at once what was filled before of all orders that these events settle."""
    trades = [event.args for event in events if event.name == "Settled" and event.contract == EXCHANGE]
    for side, member in (("buy_hash", "buyHash"), ("sell_hash", "sellHash")):
        filled = dict.fromkeys([args[member] for args in trades], 0)
        # Row by row, and added up here: sums of the engine's own are not exact, and those that are cost more.
        for order, tonnes in rows.look_up(ChainTradeRow, (side, "tonnes"), side, list(filled)):
            filled[bytes(order)] += tonnes
        rows.memory.update(((side, order), tonnes) for order, tonnes in filled.items())
