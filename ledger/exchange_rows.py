"""How the events of the exchange become rows: units, cash, trades, days, terms (``ledger.db.exchange_models``).

Rows are added, never overwritten (``ledger.projection_rows``): undoing is deleting those above a block number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from attestation.assets import vintage_of
from attestation.typed_data import Domain
from ledger.chain import outbox
from ledger.chain.events import ChainEvent
from ledger.chain.operations import CHOSEN_KINDS
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
from ledger.settled_fills import mark_settled

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


def apply_exchange_event(session: Session, event: ChainEvent, domain: Domain | None, *, now: int) -> None:
    """Record what one event of the exchange changes; ``domain``: in which its orders are signed, ``now`` (Unix seconds)
    touches the outbox only."""
    args = event.args
    if event.name in _PLAIN:
        table, names = _PLAIN[event.name]
        _add(session, event, table, **{column: args[name] for column, name in names.items()})
    match event.name:
        case "TermsSet":
            terms = dict(zip(_TERMS, args["terms"], strict=True))
            del terms["op_id"]
            _add(session, event, ChainMarketTermsRow, **terms)
        case "DayOpened" | "DayHalted" | "DayClosed":
            _day(session, event)
        case "Moved" | "Swept" | "Released":
            _between(session, event)
        case "ReleaseRequested":
            _release(session, event, "asked")
        case "Deposited":
            _cash(session, event, args["account"], free=args["fen"])
        case "Withdrawn" | "PaidOut":
            _bank(session, event)
        case "OrderCancelled" | "AllCancelled":
            _cancel(session, event, now)
        case "Settled":
            _settled(session, event, domain, now)
    if event.name != "Settled" and any(args.get("opId", b"")):
        outbox.mark_mined(session, args["opId"], event.block, now=now, kinds=CHOSEN_KINDS)


def undo_exchange_above(session: Session, number: int) -> None:
    """Undo what the exchange's events in blocks above ``number`` did."""
    for table in EXCHANGE_TABLES:
        session.execute(delete(table).where(table.block_number > number))  # type: ignore[attr-defined]  # each has it


def _place(event: ChainEvent) -> dict[str, Any]:
    return {"block_number": event.block.number, "log_index": event.index, "tx_hash": event.tx_hash}


def _add(session: Session, event: ChainEvent, table: type[Any], **values: Any) -> None:
    session.add(table(**_place(event), op_id=event.args["opId"], entry_index=event.args["logIndex"], **values))


def _cash(
    session: Session,
    event: ChainEvent,
    account: bytes,
    *,
    part: int = 0,
    counterparty: bytes | None = None,
    free: int = 0,
    trading: int = 0,
    withdrawing: int = 0,
) -> None:
    changes = {"free": free, "trading": trading, "withdrawing": withdrawing, "counterparty": counterparty}
    asked = {"op_id": event.args.get("opId"), "entry_index": event.args.get("logIndex")}
    session.add(ChainCashRow(**_place(event), part=part, kind=event.name, account=account, **changes, **asked))


def _between(session: Session, event: ChainEvent) -> None:
    """Into an account's trading balance or out of it; that the exchange keeps the units meanwhile, the ledger of units
    says just after."""
    args = event.args
    inward = event.name == "Moved" and args["inward"]
    amount = args["amount"] if inward else -args["amount"]
    if event.name == "Released":
        _release(session, event, "taken")
    if vintage_of(args["asset"]) is None:
        _cash(session, event, args["account"], free=-amount, trading=amount)
        return
    move(session, event, args["account"], args["asset"], trading=amount)


def _release(session: Session, event: ChainEvent, step: str) -> None:
    args = event.args
    asked = {"account": args["account"], "asset": args["asset"], "amount": str(args["amount"])}
    session.add(ChainReleaseRow(**_place(event), step=step, at=args.get("at", event.time), **asked))


def _bank(session: Session, event: ChainEvent) -> None:
    args = event.args
    account, fen = args["account"], args["fen"]
    if event.name == "Withdrawn":
        _cash(session, event, account, free=-fen, withdrawing=fen)
        said = {"withdrawal": args["opId"], "step": "asked", "bank_account": args["bankAccount"]}
        _add(session, event, ChainWithdrawalRow, account=account, fen=fen, **said)
        return
    _cash(session, event, account, withdrawing=-fen, free=0 if args["paid"] else fen)
    step = "paid" if args["paid"] else "released"
    said = {"withdrawal": args["withdrawal"], "step": step, "bank_reference": args["bankReference"]}
    _add(session, event, ChainWithdrawalRow, account=account, fen=fen, **said)


def _day(session: Session, event: ChainEvent) -> None:
    args = event.args
    values: dict[str, Any] = {}
    if event.name == "DayOpened":
        step, names = "opened", _OPENED
        # A day keeps the terms under which it began; its event leaves them to theirs.
        terms = last(session, ChainMarketTermsRow, None)
        values = {"lock_days": terms.lock_days, "fee_bps": terms.fee_bps}
    elif event.name == "DayHalted":
        step, names = "halted" if args["halted"] else "resumed", {}
    else:
        step, names = "closed", _CLOSED
    values |= {column: args[name] for column, name in names.items()}
    _add(session, event, ChainDayRow, asset=args["asset"], day=args["day"], step=step, **values)


def _cancel(session: Session, event: ChainEvent, now: int) -> None:
    args = event.args
    said = {"order_hash": args.get("orderHash"), "epoch": args.get("epoch")}
    # The holder's own call names no operation.
    op_id = args["opId"] if any(args["opId"]) else None
    session.add(ChainCancelRow(**_place(event), account=args["account"], op_id=op_id, **said))
    if op_id is None:
        withdrawals.note_cancelled(session, args["account"], said["order_hash"], now=now)


def _settled(session: Session, event: ChainEvent, domain: Domain | None, now: int) -> None:
    """Units one way and cash the other, fees to the free cash of the fee account, in one row each (DOMAIN 18, 20)."""
    args = event.args
    buyer, seller, asset, tonnes = args["buyer"], args["seller"], args["asset"], args["tonnes"]
    value, fees = tonnes * args["priceFen"], (args["buyerFeeFen"], args["sellerFeeFen"])
    opened = last(session, ChainDayRow, None, *(_of_day(args)), ChainDayRow.step == "opened")
    trade = ChainTradeRow(
        **_place(event),
        op_id=args["opId"],
        buy_hash=args["buyHash"],
        sell_hash=args["sellHash"],
        buyer=buyer,
        seller=seller,
        asset=asset,
        day=args["day"],
        day_index=opened.day_index,
        tonnes=tonnes,
        price_fen=args["priceFen"],
        buy_filled=_filled(session, ChainTradeRow.buy_hash == args["buyHash"]),
        sell_filled=_filled(session, ChainTradeRow.sell_hash == args["sellHash"]),
        buyer_fee_fen=fees[0],
        seller_fee_fen=fees[1],
        counted=args["counted"],
        buy_leaf=args["buyLeaf"],
        sell_leaf=args["sellLeaf"],
    )
    session.add(trade)
    move(session, event, buyer, asset, trading=tonnes, counterparty=seller)
    move(session, event, seller, asset, part=1, trading=-tonnes, counterparty=buyer)
    _cash(session, event, buyer, trading=-value - fees[0], counterparty=seller)
    _cash(session, event, seller, part=1, trading=value - fees[1], counterparty=buyer)
    if sum(fees):
        terms = last(session, ChainMarketTermsRow, None)
        _cash(session, event, terms.fee_account, part=2, free=sum(fees))
    if domain is not None:
        mark_settled(session, domain, trade, event.block, now=now)


def _of_day(args: Mapping[str, Any]) -> tuple[Any, Any]:
    return ChainDayRow.asset == args["asset"], ChainDayRow.day == args["day"]


def _filled(session: Session, of_order: Any) -> int:
    return count(session.scalar(select(exact_sum(ChainTradeRow.tonnes)).where(of_order)))
