"""The part of the log in memory that answers `attestation.facts.market` of orders, balances and cash.

No chain is behind it: `traded` and `funds` are what a test says was read of one, `refused` the indices of entries that
the exchange finally refused. What rests, what is bound and what is on its way follows from the entries. It matches
acceptances alone, naively: a central book is the market's own affair, and its fills are told by `filled`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec.structs import replace

from attestation.assets import CASH, parse_market_asset
from attestation.bodies import (
    BindBankAccount,
    CancelEveryOrder,
    CancelPlaced,
    ClearAuction,
    CloseDay,
    CommitBid,
    DepositCash,
    MoveTrading,
    OpenAuction,
    PlaceOrder,
    ReconcileCash,
    SettleWithdrawal,
    SuspendAccount,
    TransferUnits,
    WithdrawCash,
)
from attestation.facts.market import CashRecord, OrderRecord, TradeRecord, TradingRecord, WithdrawalRecord
from attestation.instants import parse_instant
from attestation.judging.trading_balances import cost_fen
from attestation.market_operations import order_hash
from attestation.market_words import OrderKind, Side


@dataclass
class MemoryTradingFacts:
    """Recomputes every answer from the entries, and from what a test set."""

    traded: dict[tuple[str, int], TradingRecord] = field(default_factory=dict, kw_only=True)
    funds: dict[str, CashRecord] = field(default_factory=dict, kw_only=True)
    filled: dict[bytes, int] = field(default_factory=dict, kw_only=True)
    ledger_fen: int = field(default=0, kw_only=True)
    trades: dict[bytes, TradeRecord] = field(default_factory=dict, kw_only=True)
    unlocked: set[str] = field(default_factory=set, kw_only=True)

    def _orders(self) -> dict[bytes, OrderRecord]:
        found: dict[bytes, OrderRecord] = {}
        steps = (PlaceOrder, CancelPlaced, CancelEveryOrder, CloseDay, OpenAuction, ClearAuction, SuspendAccount)
        for logged, body in self._of(steps):
            if logged.index not in self.refused or isinstance(body, PlaceOrder):
                self._live(found, logged, body)
        return {key: _less(record, self.filled.get(key, 0)) for key, record in found.items()}

    def _live(self, orders: dict[bytes, OrderRecord], logged, body) -> None:
        who = logged.statement.iss
        match body:
            case PlaceOrder():
                record = _placed(logged, body, order_hash(body, who, self.exchange_domain))
                if logged.index in self.refused:
                    record = replace(record, status="refused")
                orders[record.order_hash] = record
                if record.accepts is not None and record.status == "open":
                    for taken in (record.order_hash, record.accepts):
                        orders[taken] = _less(orders[taken], record.tonnes)
            case CancelPlaced():
                _end(orders, "cancelled", lambda one: one.order_hash.hex() == body.order)
            case CancelEveryOrder():
                _end(orders, "cancelled", lambda one: one.account == who)
            case SuspendAccount():
                _end(orders, "ended", lambda one: one.account == body.account)
            case CloseDay():
                asset = parse_market_asset(body.asset)
                _end(orders, "ended", lambda one: one.asset == asset and one.kind != OrderKind.AUCTION)
            case OpenAuction():
                key = bytes.fromhex(body.order)
                orders[key] = replace(orders[key], auction=bytes.fromhex(body.op_id))
            case ClearAuction():
                auction = bytes.fromhex(body.auction)
                for award in body.awards:
                    key = bytes.fromhex(award.order)
                    orders[key] = _less(orders[key], award.tonnes)
                _end(orders, "ended", lambda one: one.auction == auction)

    def trade(self, op_id: bytes, /) -> TradeRecord | None:
        """What a test says was traded, less what entries brought back of it."""
        back = [
            body
            for logged, body in self._of((TransferUnits, DepositCash))
            if body.reverses == op_id.hex() and logged.index not in self.refused
        ]
        tonnes = sum(body.tonnes for body in back if isinstance(body, TransferUnits))
        fen = sum(body.fen for body in back if isinstance(body, DepositCash))
        found = self.trades.get(op_id)
        return None if found is None else replace(found, tonnes_back=tonnes, fen_back=fen)

    def order(self, order_hash: bytes, /) -> OrderRecord | None:
        return self._orders().get(order_hash)

    def _open(self, account: str) -> list[OrderRecord]:
        return [one for one in self._orders().values() if one.account == account and one.status == "open"]

    def epoch(self, account: str, /) -> int:
        said = [body.epoch for logged, body in self._steps(CancelEveryOrder) if logged.statement.iss == account]
        return max(said, default=0)

    def trading(self, account: str, asset: int, /) -> TradingRecord:
        moves = [b for e, b in self._steps(MoveTrading) if e.statement.iss == account]
        here = [move for move in moves if parse_market_asset(move.asset) == asset]
        return replace(
            self.traded.get((account, asset), TradingRecord()),
            in_orders=sum(o.remaining for o in self._open(account) if (o.asset, o.side) == (asset, Side.SELL)),
            leaving=sum(move.amount for move in here if not move.inward),
            arriving=sum(move.amount for move in here if move.inward),
        )

    def cash(self, account: str, /) -> CashRecord:
        terms = self.market_terms()
        fee = 0 if terms is None else terms.fee_bps
        moves = [b for e, b in self._steps(MoveTrading) if e.statement.iss == account]
        inward = sum(b.amount for b in moves if parse_market_asset(b.asset) == CASH and b.inward)
        outward = sum(b.amount for b in moves if parse_market_asset(b.asset) == CASH and not b.inward)
        buys = [o for o in self._open(account) if (o.side, o.auction) == (Side.BUY, None)]
        withdrawn = sum(b.fen for e, b in self._steps(WithdrawCash) if e.statement.iss == account)
        cleared = {body.auction for _, body in self._steps(ClearAuction)}
        bids = [b for e, b in self._steps(CommitBid) if e.statement.iss == account and b.auction not in cleared]
        return replace(
            self.funds.get(account, CashRecord()),
            in_orders=sum(cost_fen(o.remaining, o.price_fen, fee, o.minimum_fill) for o in buys),
            locked_bids=sum(bid.maximum_fen for bid in bids),
            leaving=outward,
            arriving=inward,
            free_leaving=inward + withdrawn,
            free_arriving=outward + sum(b.fen for _, b in self._steps(DepositCash) if b.account == account),
        )

    def bank_account(self, account: str, /) -> bytes | None:
        found = [bytes.fromhex(b.bank_account) for _, b in self._steps(BindBankAccount) if b.account == account]
        return found[-1] if found else None

    def bank_reference_taken(self, reference: str, /) -> int | None:
        said = self._of((DepositCash, SettleWithdrawal))
        return next((logged.index for logged, body in said if body.bank_reference == reference), None)

    def withdrawal(self, op_id: bytes, /) -> WithdrawalRecord | None:
        settled = {body.withdrawal: body.paid for _, body in self._steps(SettleWithdrawal)}
        for logged, body in self._steps(WithdrawCash):
            if bytes.fromhex(body.op_id) == op_id:
                state = {None: "pending", True: "paid", False: "released"}[settled.get(body.op_id)]
                if body.op_id in self.unlocked:
                    state = "asked"
                bank, account = bytes.fromhex(body.bank_account), logged.statement.iss
                return WithdrawalRecord(op_id, logged.index, account, body.fen, bank, state)
        return None

    def reconciled(self) -> int | None:
        said = [body.day for _, body in self._steps(ReconcileCash)]
        return said[-1] if said else None

    @property
    def cash_halted(self) -> bool:
        said = [body.bank_fen for _, body in self._steps(ReconcileCash)]
        return bool(said) and said[-1] != self.ledger_fen

    def _holders(self) -> set[str]:
        moved = {logged.statement.iss for logged, body in self._steps(MoveTrading) if body.inward}
        return moved | {account for account, _ in self.traded} | set(self.funds)

    def holders(self) -> int:
        return len(self._holders())

    def is_holder(self, account: str, /) -> bool:
        return account in self._holders()


def _placed(logged, body: PlaceOrder, key: bytes) -> OrderRecord:
    return OrderRecord(
        key,
        logged.index,
        logged.statement.iss,
        parse_market_asset(body.asset),
        Side.of(body.side),
        OrderKind.of(body.kind),
        body.tonnes,
        body.tonnes,
        body.price_fen,
        body.counterparty,
        body.minimum_fill,
        parse_instant(body.deadline),
        body.epoch,
        "open",
        None if body.accepts is None else bytes.fromhex(body.accepts),
        None if body.auction is None else bytes.fromhex(body.auction),
    )


def _less(order: OrderRecord, tonnes: int) -> OrderRecord:
    if not tonnes:
        return order
    left = order.remaining - tonnes
    return replace(order, remaining=left, status="open" if left else "filled")


def _end(orders: dict[bytes, OrderRecord], status: str, of) -> None:
    for key, order in orders.items():
        if order.status == "open" and of(order):
            orders[key] = replace(order, status=status)
