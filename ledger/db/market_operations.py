"""Queries over what else entries asked of the exchange: terms, references, moves, cash (DOMAIN 12, 15, 16, 21)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from attestation.assets import CASH
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow
from ledger.db.chain_queries import count
from ledger.db.exact_sum import exact_sum
from ledger.db.market_models import MarketOperationRow

_ON_ITS_WAY = (State.PENDING.value, State.SENT.value)
_OF_CASH = (Kind.MOVE.value, Kind.DEPOSIT.value, Kind.WITHDRAW.value, Kind.PAYOUT.value)


def _same() -> ColumnElement[bool]:
    return and_(OutboxRow.op_id == MarketOperationRow.op_id, OutboxRow.kind == MarketOperationRow.kind)


def _stands() -> ColumnElement[bool]:
    return ~select(OutboxRow.id).where(_same(), OutboxRow.state == State.REFUSED.value).exists()


# What every order asks, made once: SQLAlchemy takes several times as long to make a query as to run it.
_OPERATION, _OF_ACCOUNT = MarketOperationRow, MarketOperationRow.account == bindparam("account")
_MOVING = {
    inward: select(exact_sum(_OPERATION.amount))
    .select_from(_OPERATION)
    .join(OutboxRow, _same())
    .where(_OPERATION.kind == Kind.MOVE.value, _OF_ACCOUNT, _OPERATION.asset == bindparam("asset"))
    .where(_OPERATION.inward.is_(inward), OutboxRow.state.in_(_ON_ITS_WAY))
    for inward in (True, False)
}
_CASH_ON_ITS_WAY = (
    select(_OPERATION.kind, _OPERATION.inward, _OPERATION.paid, exact_sum(_OPERATION.amount))
    .join(OutboxRow, _same())
    .where(_OF_ACCOUNT, _OPERATION.kind.in_(_OF_CASH), (_OPERATION.asset == CASH) | _OPERATION.asset.is_(None))
    .where(OutboxRow.state.in_(_ON_ITS_WAY))
    .group_by(_OPERATION.kind, _OPERATION.inward, _OPERATION.paid)
)


@cache
def _latest_of(of_account: bool, of_asset: bool) -> Select[MarketOperationRow]:
    query = select(_OPERATION).where(_OPERATION.kind == bindparam("kind"), _stands())
    query = query.where(_OF_ACCOUNT) if of_account else query
    query = query.where(_OPERATION.asset == bindparam("asset")) if of_asset else query
    return query.order_by(_OPERATION.entry_index.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class CashOnItsWay:
    """Fen into trading and out of it, from the bank, to the bank, and free again since the bank did not pay."""

    inward: int
    outward: int
    deposited: int
    withdrawn: int
    released: int


class MarketOperationRepository:
    """Reads and writes of ``market_operations`` in the caller's transaction. Amounts are tonnes of quota, fen of
    cash."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._latest: dict[tuple[Kind, str | None, int | None], MarketOperationRow | None] = {}

    def add(self, row: MarketOperationRow) -> None:
        """Add an operation and send it, so that the next statement of the same transaction sees it."""
        self._session.add(row)
        self._session.flush()
        self._latest.clear()

    def latest(self, kind: Kind, *, account: str | None = None, asset: int | None = None) -> MarketOperationRow | None:
        """The last operation of the kind that the contract did not finally refuse, as of when it was asked first in
        this transaction."""
        asked = kind, account, asset
        if asked not in self._latest:
            query = _latest_of(account is not None, asset is not None)
            given = {"kind": kind.value, "account": account, "asset": asset}
            values = {name: value for name, value in given.items() if value is not None}
            self._latest[asked] = self._session.scalars(query, values).first()
        return self._latest[asked]

    def references(self) -> Sequence[int]:
        """Every asset that was given a reference price, ascending."""
        row = MarketOperationRow
        query = select(row.asset).where(row.kind == Kind.MARKET_REFERENCE.value, row.asset.is_not(None), _stands())
        return sorted({asset for asset in self._session.scalars(query) if asset is not None})

    def moving(self, account: str, asset: int, *, inward: bool) -> int:
        """What moves on their way bring to trading, or out of it."""
        return count(self._session.scalar(_MOVING[inward], {"account": account, "asset": asset}))

    def cash_on_its_way(self, account: str) -> CashOnItsWay:
        """What operations on their way do to the account's cash."""
        rows = self._session.execute(_CASH_ON_ITS_WAY, {"account": account})
        found = {(kind, inward, paid): count(fen) for kind, inward, paid, fen in rows}
        return CashOnItsWay(
            inward=found.get((Kind.MOVE.value, True, None), 0),
            outward=found.get((Kind.MOVE.value, False, None), 0),
            deposited=found.get((Kind.DEPOSIT.value, None, None), 0),
            withdrawn=found.get((Kind.WITHDRAW.value, None, None), 0),
            released=found.get((Kind.PAYOUT.value, None, False), 0),
        )

    def withdrawal(self, op_id: bytes) -> MarketOperationRow | None:
        """The withdrawal of that operation that the contract did not finally refuse."""
        row = MarketOperationRow
        query = select(row).where(row.op_id == op_id, row.kind == Kind.WITHDRAW.value, _stands())
        return self._session.scalars(query).one_or_none()

    def on_its_way(self, operation: MarketOperationRow) -> bool:
        """Whether the contract has not said its word on the operation."""
        row = OutboxRow
        query = select(row.id).where(row.op_id == operation.op_id, row.kind == operation.kind)
        return self._session.scalar(query.where(row.state.in_(_ON_ITS_WAY)).limit(1)) is not None

    def withdrawal_as_signed(self, op_id: bytes) -> MarketOperationRow:
        """The withdrawal of that operation, whatever became of it. Raises LookupError without one."""
        found = self._session.get(MarketOperationRow, op_id)
        if found is None or found.kind != Kind.WITHDRAW.value:
            raise LookupError(f"no withdrawal 0x{op_id.hex()}")
        return found

    def payout(self, withdrawal: bytes) -> MarketOperationRow | None:
        """What was last said of a withdrawal by an entry that the contract did not finally refuse."""
        row = MarketOperationRow
        query = select(row).where(row.withdrawal == withdrawal, row.kind == Kind.PAYOUT.value, _stands())
        return self._session.scalars(query.order_by(row.entry_index.desc()).limit(1)).first()

    def reference_taken(self, bank_reference: str) -> int | None:
        """The entry that named this reference of the bank's, whatever became of it."""
        row = MarketOperationRow
        query = select(row.entry_index).where(row.bank_reference == bank_reference)
        return self._session.scalars(query.order_by(row.entry_index).limit(1)).first()

    def holders(self) -> frozenset[str]:
        """Accounts that units or cash ever came into the market for."""
        row = MarketOperationRow
        came = (row.kind == Kind.DEPOSIT.value) | and_(row.kind == Kind.MOVE.value, row.inward.is_(True))
        query = select(row.account).where(came, row.account.is_not(None), _stands()).distinct()
        return frozenset(account for account in self._session.scalars(query) if account is not None)

    def is_holder(self, account: str) -> bool:
        """Whether units or cash ever came into the market for the account."""
        row = MarketOperationRow
        came = (row.kind == Kind.DEPOSIT.value) | and_(row.kind == Kind.MOVE.value, row.inward.is_(True))
        query = select(row.op_id).where(came, row.account == account, _stands()).limit(1)
        return self._session.scalar(query) is not None
