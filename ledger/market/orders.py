"""An order of the record, as the pure book matches it and as the contract checks its signature."""

from __future__ import annotations

from attestation.identifiers import account_id
from attestation.market_messages import Order as SignedOrder
from ledger.db.market_models import MarketOrderRow
from quota.market.orders import Order, OrderKind, Side

ANYBODY = bytes(32)
"""The counterparty of an order that names none."""


def book_order(row: MarketOrderRow) -> Order:
    """As ``quota.market`` has it."""
    return Order(
        order_id=row.order_hash,
        index=row.entry_index,
        account=row.account,
        group=row.group,
        asset=row.asset,
        side=Side(row.side),
        kind=OrderKind(row.kind),
        tonnes=row.tonnes,
        price_fen=row.price_fen,
        counterparty=row.counterparty,
        minimum_fill=row.minimum_fill,
        accepts=row.accepts,
        fee_limit_bps=row.fee_limit_bps,
        deadline=row.deadline,
    )


def signed_order(row: MarketOrderRow) -> SignedOrder:
    """The message that its holder signed; its digest is the order's hash."""
    return SignedOrder(
        account=account_id(row.account),
        asset=row.asset,
        side=row.side,
        tonnes=row.tonnes,
        price_fen=row.price_fen,
        kind=row.kind,
        counterparty=ANYBODY if row.counterparty is None else account_id(row.counterparty),
        minimum_fill=row.minimum_fill,
        fee_limit_bps=row.fee_limit_bps,
        deadline=row.deadline,
        epoch=row.epoch,
        salt=row.salt,
    )
