"""Queries over open orders that meet nothing any more: taken back on the exchange, or with a fill that it refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from attestation.identifiers import account_id
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow
from ledger.db.exchange_models import ChainCancelRow
from ledger.db.market_models import MarketFillRow, MarketOrderRow
from ledger.db.unsettled import settlement

_ORDER, _FILL = MarketOrderRow, MarketFillRow
_OF_BOOK = (_ORDER.asset == bindparam("asset"), _ORDER.status == "open")
# Made once, and a side each, so that each goes by its own index.
_REFUSED = tuple(
    select(_FILL.buy, _FILL.buyer, _FILL.sell, _FILL.seller, OutboxRow.last_error)
    .select_from(_ORDER)
    .join(_FILL, side == _ORDER.order_hash)
    .join(OutboxRow, settlement())
    .where(*_OF_BOOK, OutboxRow.state == State.REFUSED.value)
    for side in (_FILL.buy, _FILL.sell)
)
_CANCELLED = (
    select(ChainCancelRow.order_hash).join(_ORDER, _ORDER.order_hash == ChainCancelRow.order_hash).where(*_OF_BOOK)
)


class GoneQueries:
    """Part of ``ledger.db.market.MarketRepository``."""

    _session: Session

    def refused_orders(self, orders: Collection[bytes]) -> frozenset[bytes]:
        """Those of which the contract finally refused a fill by their own fault: where its error names an order or an
        account, only that one's, so that nobody ends the offers of others by acceptances that cannot be settled."""
        row = MarketFillRow
        if not orders:
            return frozenset()
        query = select(row.buy, row.buyer, row.sell, row.seller, OutboxRow.last_error).join(OutboxRow, settlement())
        query = query.where(OutboxRow.state == State.REFUSED.value, row.buy.in_(orders) | row.sell.in_(orders))
        found = (
            _at_fault({buy: buyer, sell: seller}, error)
            for buy, buyer, sell, seller, error in self._session.execute(query)
        )
        return frozenset(order for named in found for order in named) & frozenset(orders)

    def taken_back(self, orders: Sequence[MarketOrderRow]) -> frozenset[bytes]:
        """Those of open orders that the exchange was told to fill no more, by themselves or by their epoch."""
        row = ChainCancelRow
        hashes = [order.order_hash for order in orders]
        if not hashes:
            return frozenset()
        alone = self._session.scalars(select(row.order_hash).where(row.order_hash.in_(hashes)))
        return frozenset(order for order in alone if order is not None) | self._past(orders)

    def gone_from_book(self, asset: int, orders: Sequence[MarketOrderRow]) -> frozenset[bytes]:
        """:meth:`refused_orders` and :meth:`taken_back` of open orders of an asset: hundreds of them, which are not
        named one by one, since that costs several times as much as to look for all that are open."""
        if not orders:
            return frozenset()
        named = {"asset": asset}
        refused = (
            _at_fault({buy: buyer, sell: seller}, error)
            for query in _REFUSED
            for buy, buyer, sell, seller, error in self._session.execute(query, named)
        )
        alone = (found for found in self._session.scalars(_CANCELLED, named) if found is not None)
        gone = {*(order for each in refused for order in each), *alone, *self._past(orders)}
        return frozenset(order.order_hash for order in orders) & gone

    def _past(self, orders: Sequence[MarketOrderRow]) -> frozenset[bytes]:
        row = ChainCancelRow
        names = {account: account_id(account) for account in {order.account for order in orders}}
        query = select(row.account, func.max(row.epoch)).where(row.account.in_(names.values()), row.epoch.is_not(None))
        epochs = {found[0]: found[1] for found in self._session.execute(query.group_by(row.account))}
        return frozenset(order.order_hash for order in orders if (epochs.get(names[order.account]) or 0) > order.epoch)


def _at_fault(sides: Mapping[bytes, str], error: str | None) -> Collection[bytes]:
    """Of two orders and their accounts those that an error of the contract is about; both where it names neither."""
    told = error or ""
    named = [order for order, account in sides.items() if order.hex() in told or account_id(account).hex() in told]
    return named or list(sides)
