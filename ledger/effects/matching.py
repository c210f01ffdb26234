"""An order meets the book in the transaction that accepts it: fills, ends, and what the exchange is asked to settle.

Only the orders that a new one can meet are read: what ``quota.market`` does with them alone is what it would do with
the whole book. A replay matches the whole book (``ledger.market.sessions``), and the two are held against each other.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ledger.chain.market_intents import SettleIntent
from ledger.context import LedgerContext
from ledger.db.market import BUY
from ledger.db.market_models import MarketDayRow, MarketFillRow, MarketOrderRow
from ledger.effects.endings import end_order, expire
from ledger.effects.exchange import tell_exchange
from ledger.market.orders import book_order, signed_order
from quota.market.book import Book
from quota.market.fees import fee_fen, reserved_fen
from quota.market.orders import Fill, Mode, OrderKind

_LISTED = OrderKind.LISTED


def place(session: Session, context: LedgerContext, row: MarketOrderRow, day: MarketDayRow | None, leaf: bytes) -> None:
    """Keep an accepted order and match it; ``leaf`` is the hash of its entry. Lots and bids wait for the clearing, they
    have no ``day`` here."""
    bound = 0
    if day is not None and row.side == BUY:
        bound = reserved_fen(row.tonnes, row.price_fen, day.fee_bps, row.minimum_fill)
    row.remaining, row.reserved_fen, row.status = row.tonnes, bound, "open"
    market = context.market
    market.add(row)
    if day is None:
        return
    expire(context, day, row.entry_index)
    resting = ((book_order(one), one.remaining) for one in _met(context, row, day))
    book = Book.of(resting, Mode(day.mode), asset=row.asset, next_number=day.fills)
    fills, ends = book.place(book_order(row))
    keep_fills(session, context, fills, day, (leaf, row.entry_index))
    for end in ends:
        end_order(context, market.require(end.order_id), str(end.reason), row.entry_index)
    market.send()


def keep_fills(
    session: Session, context: LedgerContext, fills: Sequence[Fill], day: MarketDayRow, entry: tuple[bytes, int]
) -> None:
    """Keep the fills that an entry (leaf hash, index) made, and have each settled."""
    leaf, index = entry
    for place_in_entry, fill in enumerate(fills):
        buy, sell = context.market.require(fill.buy), context.market.require(fill.sell)
        intent = SettleIntent(
            leaf_hash=leaf,
            log_index=index,
            number=place_in_entry,
            day=day.day,
            tonnes=fill.tonnes,
            price_fen=fill.price_fen,
            buy_filled=fill.buy_filled,
            sell_filled=fill.sell_filled,
            buy_leaf=_leaf(context, buy, entry),
            sell_leaf=_leaf(context, sell, entry),
            buy=signed_order(buy),
            sell=signed_order(sell),
            buy_signature=buy.signature,
            sell_signature=sell.signature,
        )
        fee = fee_fen(fill.value_fen, day.fee_bps)
        context.market.add(
            MarketFillRow(
                asset=day.asset,
                day=day.day,
                number=fill.number,
                cause=index,
                buy=fill.buy,
                sell=fill.sell,
                buyer=buy.account,
                seller=sell.account,
                tonnes=fill.tonnes,
                price_fen=fill.price_fen,
                value_fen=fill.value_fen,
                buyer_fee_fen=fee,
                seller_fee_fen=fee,
                buy_filled=fill.buy_filled,
                sell_filled=fill.sell_filled,
                kind=int(fill.kind),
                counted=fill.counted,
                op_id=intent.operation_id(context.parameters.deployment_id),
                made_at=context.now,
            )
        )
        day.fills += 1
        for row in (buy, sell):
            row.remaining -= fill.tonnes
        if buy.reserved_fen:
            buy.reserved_fen = reserved_fen(buy.remaining, buy.price_fen, day.fee_bps, buy.minimum_fill)
        tell_exchange(session, context, intent)


def _leaf(context: LedgerContext, order: MarketOrderRow, entry: tuple[bytes, int]) -> bytes:
    """The leaf hash of an order's entry, which is the one that makes the fill or stands in the log already."""
    leaf, index = entry
    return leaf if order.entry_index == index else context.entries.require(order.entry_index).leaf_hash


def _met(context: LedgerContext, row: MarketOrderRow, day: MarketDayRow) -> Sequence[MarketOrderRow]:
    """The open orders that this one can meet: the named one, or in a central book those that it crosses."""
    if row.accepts is not None:
        named = context.market.order(row.accepts)
        return [] if named is None or named.status != "open" else [named]
    if row.kind == _LISTED and day.mode == Mode.LICENSED:
        return context.market.crossed(row)
    return []
