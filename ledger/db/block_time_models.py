"""When blocks with events were made: what turns a date into a block. Projection, as all ``chain_*`` tables."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt


class ChainBlockTimeRow(Base):
    """The time of a block with an event of our contracts, in unix seconds, as its header says. On one chain a later
    block is never of an earlier time."""

    __tablename__ = "chain_block_times"

    block_number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    time: Mapped[int] = mapped_column(BigInt, index=True)
