"""Signed transactions that carry several intents: stored once, however many intents stand behind them."""

from __future__ import annotations

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base


class SentBatchRow(Base):
    """A signed transaction of several intents: those rows of ``outbox`` that have its hash, and empty bytes where one
    of a single intent has its own. Kept as those are: a chain that forgets blocks is given the very same bytes."""

    __tablename__ = "sent_batches"

    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    raw_tx: Mapped[bytes] = mapped_column(LargeBinary)
