"""Queries over fills that are matched and not on chain yet: what they take from an account, and bring to it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, ScalarSelect, SQLColumnExpression, and_, case, func, select, union_all
from sqlalchemy.orm import Session

from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow
from ledger.db.chain_queries import count
from ledger.db.exact_sum import exact_sum
from ledger.db.market_models import MarketFillRow

_ON_ITS_WAY = (State.PENDING.value, State.SENT.value)


class UnsettledQueries:
    """Part of ``ledger.db.market.MarketRepository``."""

    _session: Session

    def selling(self, account: str, asset: int) -> int:
        """Tonnes that fills on their way take from the account."""
        row = MarketFillRow
        return self._sum(row.tonnes, and_(row.seller == account, row.asset == asset))

    def buying(self, account: str, asset: int) -> int:
        """Tonnes that fills on their way bring to the account."""
        row = MarketFillRow
        return self._sum(row.tonnes, and_(row.buyer == account, row.asset == asset))

    def cash_unsettled(self, account: str) -> tuple[int, int]:
        """Fen that fills on their way take from the account, with its fees, and bring to it, less its fees."""
        row = MarketFillRow
        buys, sells = row.buyer == account, row.seller == account
        # Value and fee are added up apart: the two of one row may already pass 64 bits together.
        parts = (
            case((buys, row.value_fen), else_=0),
            case((buys, row.buyer_fee_fen), else_=0),
            case((sells, row.value_fen), else_=0),
            case((sells, row.seller_fee_fen), else_=0),
        )
        query = select(*map(exact_sum, parts)).select_from(row).join(OutboxRow, settlement())
        # Said of both sides, so that the index of each begins at the oldest.
        since = row.cause >= _oldest()
        query = query.where((buys & since) | (sells & since), OutboxRow.state.in_(_ON_ITS_WAY))
        paid, buyer_fees, received, seller_fees = map(count, self._session.execute(query).one())
        return paid + buyer_fees, received - seller_fees

    def _sum(self, amount: SQLColumnExpression[int], wanted: ColumnElement[bool]) -> int:
        query = select(exact_sum(amount)).select_from(MarketFillRow).join(OutboxRow, settlement())
        here = query.where(wanted, MarketFillRow.cause >= _oldest(), OutboxRow.state.in_(_ON_ITS_WAY))
        return count(self._session.scalar(here))


def settlement() -> ColumnElement[bool]:
    """Which row of the outbox settles a fill."""
    return and_(OutboxRow.op_id == MarketFillRow.op_id, OutboxRow.kind == Kind.SETTLE.value)


def _oldest() -> ScalarSelect[int]:
    """The entry of the oldest fill that is on its way: the outbox has settlements in the order of the log. What an
    account traded before it is settled, and need not be looked at."""
    row = OutboxRow
    firsts = (
        select(row.position)
        .where(row.state == state, row.kind == Kind.SETTLE.value)
        .order_by(row.id)
        .limit(1)
        .subquery()
        for state in _ON_ITS_WAY
    )
    both = union_all(*(select(first.c.position) for first in firsts)).subquery()
    return select(func.min(both.c.position)).scalar_subquery()
