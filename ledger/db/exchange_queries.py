"""What every order asks of the exchange's projection, made once: SQLAlchemy takes several times as long to make a query
as to run it. ``ledger.db.exchange`` runs them, as of any block."""

from __future__ import annotations

from sqlalchemy import BindParameter, bindparam, func, select

from ledger.db.asset_models import ChainMovementRow
from ledger.db.chain_queries import sums
from ledger.db.exact_sum import exact_sum
from ledger.db.exchange_models import (
    ChainCancelRow,
    ChainCashRow,
    ChainDayRow,
    ChainReconciliationRow,
    ChainReleaseRow,
    ChainTradeRow,
)

_ACCOUNT: BindParameter[bytes] = bindparam("account")
_ASSET: BindParameter[int] = bindparam("asset")
TRADING = select(exact_sum(ChainMovementRow.trading)).where(
    ChainMovementRow.account == _ACCOUNT, ChainMovementRow.asset == _ASSET
)
LATEST_INDEX = select(func.max(ChainDayRow.day_index)).where(ChainDayRow.asset == _ASSET)
BOUGHT = (
    select(ChainTradeRow.day_index, exact_sum(ChainTradeRow.tonnes))
    .where(ChainTradeRow.buyer == _ACCOUNT, ChainTradeRow.asset == _ASSET)
    .where(ChainTradeRow.day_index > bindparam("unlocked"))
    .group_by(ChainTradeRow.day_index)
    .order_by(ChainTradeRow.day_index)
)
CASH = select(*sums(ChainCashRow.free, ChainCashRow.trading, ChainCashRow.withdrawing)).where(
    ChainCashRow.account == _ACCOUNT
)
RELEASING = (
    select(ChainReleaseRow)
    .where(ChainReleaseRow.account == _ACCOUNT, ChainReleaseRow.asset == _ASSET)
    .order_by(ChainReleaseRow.block_number.desc(), ChainReleaseRow.log_index.desc())
    .limit(1)
)
EPOCH = select(func.max(ChainCancelRow.epoch)).where(ChainCancelRow.account == _ACCOUNT)
CANCELLED = select(ChainCancelRow.block_number).where(ChainCancelRow.order_hash == bindparam("order_hash")).limit(1)
RECONCILED = (
    select(ChainReconciliationRow)
    .order_by(ChainReconciliationRow.block_number.desc(), ChainReconciliationRow.log_index.desc())
    .limit(1)
)
