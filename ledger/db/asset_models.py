"""What the ledger of units says: movements, freezes, debts, suspensions, runs. Projection, as all ``chain_*`` tables.

Every row is one that an event added, named by the event's place on the chain; none is ever changed, but for the stamp
of a year's close on the movements of its own transaction. Accounts are account ids (Keccak-256 of the identifier's
UTF-8, 32 bytes), assets as in ``attestation.assets``, amounts whole tonnes, instants Unix seconds.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt

_FREEZES = text('"freeze" IS NOT NULL')


class ChainPlace:
    """Which event a row comes from. ``op_id``: the operation that brought it; ``entry_index``: the log's entry that
    asked for it."""

    block_number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    op_id: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    entry_index: Mapped[int] = mapped_column(BigInt)


class ChainMovementRow(Base):
    """What an event changed in one account and asset; a transfer has two rows, by ``part`` 0 and 1.

    ``in_registry``, ``trading``, ``frozen``: how much more the account holds of each, below 0 for less. ``issued``,
    ``surrendered``, ``cancelled``: how much more there is of each in all. Of every row the first three add up to
    ``issued`` less the other two, or two rows of one event do: that is law 3. ``kind``: the event's name.
    ``counterparty``: the other account of a transfer, an allocation or a return. ``freeze``: the freeze that units went
    into or came out of. ``op_id`` is that of the call; an event that another contract's call caused has it from that
    contract's event in the same transaction.
    """

    __tablename__ = "chain_movements"
    __table_args__ = (
        Index("ix_chain_movements_account", "account", "asset", "block_number"),
        Index("ix_chain_movements_asset", "asset", "block_number"),
        # Few rows name a freeze, and every index is a write more for each of the rows of a trade.
        Index("ix_chain_movements_freeze", "freeze", sqlite_where=_FREEZES, postgresql_where=_FREEZES),
    )

    block_number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    kind: Mapped[str] = mapped_column(String(32))
    account: Mapped[bytes] = mapped_column(LargeBinary(32))
    asset: Mapped[int] = mapped_column(BigInt)
    in_registry: Mapped[int] = mapped_column("registry", BigInt)
    trading: Mapped[int] = mapped_column(BigInt)
    frozen: Mapped[int] = mapped_column(BigInt)
    issued: Mapped[int] = mapped_column(BigInt)
    surrendered: Mapped[int] = mapped_column(BigInt)
    cancelled: Mapped[int] = mapped_column(BigInt)
    counterparty: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    freeze: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    op_id: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    entry_index: Mapped[int | None] = mapped_column(BigInt)


class ChainFreezeRow(ChainPlace, Base):
    """A freeze as it was made; its ``op_id`` names it. ``lapses_at`` 0: by two persons. What is left of it is the
    sum of the movements that name it."""

    __tablename__ = "chain_freezes"

    account: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    asset: Mapped[int] = mapped_column(BigInt)
    tonnes: Mapped[int] = mapped_column(BigInt)
    document_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    lapses_at: Mapped[int] = mapped_column(BigInt)


class ChainConfirmationRow(ChainPlace, Base):
    """Two persons confirmed a freeze that was made at once: it lapses no more (DOMAIN 23)."""

    __tablename__ = "chain_confirmations"

    freeze: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)


class ChainSuspensionRow(ChainPlace, Base):
    """An account was suspended, or resumed; ``at``: the block's time."""

    __tablename__ = "chain_suspensions"

    account: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    suspended: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[int] = mapped_column(BigInt)
    document_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class ChainRunRow(ChainPlace, Base):
    """An approved run of the allocation; its ``op_id`` names it."""

    __tablename__ = "chain_runs"

    reserve: Mapped[bytes] = mapped_column(LargeBinary(32))
    vintage: Mapped[int] = mapped_column(BigInt)
    tonnes: Mapped[int] = mapped_column(BigInt)
    items_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    input_root: Mapped[bytes] = mapped_column(LargeBinary(32))
    return_due: Mapped[int] = mapped_column(BigInt)


class ChainAllocationRow(ChainPlace, Base):
    """A row of a run that was carried out (DOMAIN 30, 31)."""

    __tablename__ = "chain_allocations"

    run: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    account: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    asset: Mapped[int] = mapped_column(BigInt)
    granted: Mapped[int] = mapped_column(BigInt)
    owes: Mapped[int] = mapped_column(BigInt)
    settles: Mapped[int] = mapped_column(BigInt)


class ChainOwedRow(ChainPlace, Base):
    """What an account owes to a reserve after an event; the last row counts. ``due_at`` and ``reserve`` mean nothing
    where ``tonnes`` is 0."""

    __tablename__ = "chain_owed"

    account: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    tonnes: Mapped[int] = mapped_column(BigInt)
    due_at: Mapped[int] = mapped_column(BigInt)
    reserve: Mapped[bytes] = mapped_column(LargeBinary(32))
