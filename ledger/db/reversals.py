"""Queries over settled trades and the entries that bring back what they moved (DOMAIN 22)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.asset_operation_models import AssetOperationRow
from ledger.db.chain_models import OutboxRow
from ledger.db.market_models import MarketFillRow, MarketOperationRow

_ON_CHAIN = (State.MINED.value, State.FINAL.value)


class ReversalRepository:
    """Reads in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def fill(self, op_id: bytes) -> MarketFillRow | None:
        """The fill that the operation settles."""
        return self._session.scalars(select(MarketFillRow).where(MarketFillRow.op_id == op_id)).one_or_none()

    def is_settled(self, op_id: bytes) -> bool:
        """Whether the exchange settled it."""
        row = OutboxRow
        query = select(row.id).where(row.op_id == op_id, row.kind == Kind.SETTLE.value, row.state.in_(_ON_CHAIN))
        return self._session.scalar(query) is not None

    def tonnes_back(self, fill: MarketFillRow) -> int:
        """What transfers that name the fill bring back, unless the contract refused them."""
        row = AssetOperationRow
        # Few accounts are ever party to a transfer that names a trade.
        named = and_(row.kind == Kind.TRANSFER.value, row.account == fill.buyer, row.details.is_not(None))
        query = select(row.details, row.tonnes).where(named, ~_refused(row))
        return sum(tonnes or 0 for details, tonnes in self._session.execute(query) if _names(details, fill))

    def fen_back(self, fill: MarketFillRow) -> int:
        """What deposits that name the fill bring back, unless the contract refused them."""
        row = MarketOperationRow
        named = and_(row.kind == Kind.DEPOSIT.value, row.account == fill.buyer, row.details.is_not(None))
        query = select(row.details, row.amount).where(named, ~_refused(row))
        return sum(fen or 0 for details, fen in self._session.execute(query) if _names(details, fill))


def _names(details: dict[str, object] | None, fill: MarketFillRow) -> bool:
    return (details or {}).get("reverses") == fill.op_id.hex()


def _refused(row: type[AssetOperationRow] | type[MarketOperationRow]) -> ColumnElement[bool]:
    same = and_(OutboxRow.op_id == row.op_id, OutboxRow.kind == row.kind, OutboxRow.state == State.REFUSED.value)
    return select(OutboxRow.id).where(same).exists()
