"""What became of fills and orders after their entries, in the order in which it was learnt: the feeds' second half.

What entries do to the market has an order of its own, the log's. What the chain then does to it has none that could be
told twice: the outbox keeps a state and not how it came to it, and a forgotten block leaves nothing. So each change is
a row here, written in the transaction that makes it (``ledger.chain.outcomes``, ``ledger.market.withdrawals``), and
never changed; ``ledger.fsck`` holds the last one of each fill against the outbox.
"""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt


class MarketOutcomeRow(Base):
    """One change. ``number``: its place, in the order of the transactions. ``entries``: how many entries the log had
    then: it comes after all of them. Of a fill ``op_id`` (its settlement) and ``state`` ``settled``, ``final``,
    ``undone`` (for ``reason``) or ``matched`` again; of an order ``order_hash`` and ``withdrawn`` (the exchange will
    fill it no more) or ``restored``. ``noted_at``: Unix seconds."""

    __tablename__ = "market_outcomes"
    __table_args__ = (
        Index("ix_market_outcomes_op_id", "op_id"),
        Index("ix_market_outcomes_order", "order_hash"),
    )

    number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=True)
    entries: Mapped[int] = mapped_column(BigInt)
    op_id: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    order_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    noted_at: Mapped[int] = mapped_column(BigInt)
