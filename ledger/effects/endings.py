"""How orders end: filled, by their maker, by the day, by a deadline, by what ends their account or key.

What ends an order is part of its day's session where the order stood in the book; lots and bids stand outside of it
until they are cleared (``ledger.market.sessions``).
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.context import LedgerContext
from ledger.db.market import BID
from ledger.db.market_models import MarketDayRow, MarketOrderRow

_STATUS = {"filled": "filled", "cancelled": "cancelled"}


def end_order(context: LedgerContext, row: MarketOrderRow, reason: str, index: int) -> None:
    """An open order is over by the entry at ``index``: what of it was not filled binds nothing any more."""
    row.status, row.reason = _STATUS.get(reason, "ended"), reason
    row.ended_index, row.ended_at, row.reserved_fen = index, context.now, 0


def end_orders(context: LedgerContext, rows: Iterable[MarketOrderRow], reason: str, index: int) -> None:
    """The same for many; sends what changed."""
    for row in rows:
        end_order(context, row, reason, index)
    context.market.send()


def end_by_entry(context: LedgerContext, rows: Iterable[MarketOrderRow], reason: str, index: int) -> None:
    """Open orders end by an entry of its own: their maker's, or one that ends their account or key. Those past their
    deadline are left to the next entry that acts on their book."""
    living = [row for row in rows if row.kind == BID or row.deadline > _time(context, row.asset)]
    for asset in sorted({row.asset for row in living if row.kind != BID}):
        expire(context, context.market.require_latest_day(asset), index)
    end_orders(context, [row for row in living if row.status == "open"], reason, index)


def _time(context: LedgerContext, asset: int) -> int:
    """The second that a book has come to: a service's clock may be behind the one that acted before."""
    return max(context.market.require_latest_day(asset).last_at, context.now)


def expire(context: LedgerContext, day: MarketDayRow, index: int) -> None:
    """Time goes on in a day's book: orders whose deadline has come end. It does not go back, as in a replay."""
    day.last_at = max(day.last_at, context.now)
    end_orders(context, context.market.overdue(day.asset, day.last_at), "deadline", index)
