"""Queries over fills that are matched and not on chain yet: what they take from an account, and bring to it.

Every order asks them, so they are made once: SQLAlchemy takes ten times as long to make such a query as to run it.
"""

from __future__ import annotations

from sqlalchemy import BindParameter, ColumnElement, ScalarSelect, and_, bindparam, case, func, select, union_all
from sqlalchemy.orm import Session

from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow
from ledger.db.chain_queries import count
from ledger.db.exact_sum import exact_sum
from ledger.db.market_models import MarketFillRow

_ON_ITS_WAY = (State.PENDING.value, State.SENT.value)


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


_FILL = MarketFillRow
_ACCOUNT: BindParameter[str] = bindparam("account")
_SINCE = _FILL.cause >= _oldest()
_BUYS, _SELLS = _FILL.buyer == _ACCOUNT, _FILL.seller == _ACCOUNT
_TONNES = (
    select(exact_sum(_FILL.tonnes))
    .select_from(_FILL)
    .join(OutboxRow, settlement())
    .where(_FILL.asset == bindparam("asset"), _SINCE, OutboxRow.state.in_(_ON_ITS_WAY))
)
_SELLING, _BUYING = _TONNES.where(_SELLS), _TONNES.where(_BUYS)
# Value and fee are added up apart: the two of one row may already pass 64 bits together. The oldest is said of both
# sides, so that the index of each begins there.
_CASH = (
    select(
        *(
            exact_sum(case((side, amount), else_=0))
            for side, amounts in (
                (_BUYS, (_FILL.value_fen, _FILL.buyer_fee_fen)),
                (_SELLS, (_FILL.value_fen, _FILL.seller_fee_fen)),
            )
            for amount in amounts
        )
    )
    .select_from(_FILL)
    .join(OutboxRow, settlement())
    .where((_BUYS & _SINCE) | (_SELLS & _SINCE), OutboxRow.state.in_(_ON_ITS_WAY))
)


class UnsettledQueries:
    """Part of ``ledger.db.market.MarketRepository``."""

    _session: Session

    def selling(self, account: str, asset: int) -> int:
        """Tonnes that fills on their way take from the account."""
        return count(self._session.scalar(_SELLING, {"account": account, "asset": asset}))

    def buying(self, account: str, asset: int) -> int:
        """Tonnes that fills on their way bring to the account."""
        return count(self._session.scalar(_BUYING, {"account": account, "asset": asset}))

    def cash_unsettled(self, account: str) -> tuple[int, int]:
        """Fen that fills on their way take from the account, with its fees, and bring to it, less its fees."""
        found = self._session.execute(_CASH, {"account": account}).one()
        paid, buyer_fees, received, seller_fees = map(count, found)
        return paid + buyer_fees, received - seller_fees
