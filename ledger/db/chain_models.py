"""Tables of the way to the chain (outbox, lease) and of what came back from it (the projection).

The ``chain_*`` tables are a projection: drop them, read the chain again, and the same rows return (law 5). The outbox
is not: it is the durable list of what this ledger wants on chain.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt


class OutboxRow(Base):
    """One intended chain write. ``id`` is the order of sending; ``state`` is a value of ``ledger.chain.outbox.State``.

    ``op_id`` is unique in its ``kind`` only: about units people choose it, the others can be computed beforehand.

    ``sender``, ``nonce``, ``tx_hash``, ``raw_tx`` describe the last signed transaction, stored before it is sent.
    ``fee`` is its wei per gas, as text since it may pass 64 bits. ``block_*`` is where the effect was seen;
    ``doubt_*`` is where the contract refused, until that is final.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state in ('pending','sent','mined','final','refused')", name="outbox_state"),
        CheckConstraint("state <> 'sent' or raw_tx is not null", name="sent_is_signed"),
        CheckConstraint("state not in ('mined','final') or block_hash is not null", name="mined_has_block"),
        UniqueConstraint("op_id", "kind", name="uq_outbox_op_id_kind"),
        Index("ix_outbox_state", "state", "id"),
        # What became final, what a forgotten block takes back: found without reading what stands as it is.
        Index("ix_outbox_block", "state", "block_number"),
    )

    id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=True)
    op_id: Mapped[bytes] = mapped_column(LargeBinary(32))
    kind: Mapped[str] = mapped_column(String(16))
    position: Mapped[int] = mapped_column(BigInt)
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8), default="pending")
    sender: Mapped[bytes | None] = mapped_column(LargeBinary(20))
    nonce: Mapped[int | None] = mapped_column(BigInt)
    tx_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    raw_tx: Mapped[bytes | None] = mapped_column(LargeBinary)
    fee: Mapped[str | None] = mapped_column(String(78))
    sent_at: Mapped[int | None] = mapped_column(BigInt)
    attempts: Mapped[int] = mapped_column(BigInt, default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    block_number: Mapped[int | None] = mapped_column(BigInt)
    block_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    doubt_number: Mapped[int | None] = mapped_column(BigInt)
    doubt_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    created_at: Mapped[int] = mapped_column(BigInt)
    updated_at: Mapped[int] = mapped_column(BigInt)


class LeaseRow(Base):
    """Who may act in a role of which there is one. ``token`` grows with every change of holder (fencing)."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    token: Mapped[int] = mapped_column(BigInt)
    expires_at: Mapped[int] = mapped_column(BigInt)


class ChainHeadRow(Base):
    """The one row that says up to which block the projection has read, and which block is final."""

    __tablename__ = "chain_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_head"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    number: Mapped[int] = mapped_column(BigInt)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    final_number: Mapped[int | None] = mapped_column(BigInt)
    final_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class ChainReadRow(Base):
    """The one row that says when the chain was last read to its head (Unix seconds): nothing that was on it then is
    missing here. No projection, since it is about the reader; gone while the rows are taken back or rebuilt.
    """

    __tablename__ = "chain_reads"
    __table_args__ = (CheckConstraint("id = 1", name="one_read"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    read_at: Mapped[int] = mapped_column(BigInt)


class ChainBlockRow(Base):
    """A block seen: every one with an event, and the last one of every range read."""

    __tablename__ = "chain_blocks"

    number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    parent: Mapped[bytes] = mapped_column(LargeBinary(32))


class ChainEventRow(Base):
    """One decoded event of our contracts; ``args`` is JSON, bytes as ``0x`` hexadecimal, integers as numbers."""

    __tablename__ = "chain_events"

    block_number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    contract: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(64))
    args: Mapped[str] = mapped_column(Text)


class ChainAnchorRow(Base):
    """A size whose root the contract knows.

    ``origin``: the event that made it known (``Anchored``, ``Backfilled``, ``EpochOpened``). ``voided_number``: the
    block in which a new epoch went on from below this size, so that the contract knows it no more.
    """

    __tablename__ = "chain_anchors"

    epoch: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    origin: Mapped[str] = mapped_column(String(16))
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    block_number: Mapped[int] = mapped_column(BigInt, index=True)
    block_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    voided_number: Mapped[int | None] = mapped_column(BigInt)


class ChainIdentifierRow(Base):
    """An identifier registered by the contract. ``account_id``: keccak-256 of its UTF-8; zero words mean none."""

    __tablename__ = "chain_identifiers"

    account_id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    identifier: Mapped[str] = mapped_column(String(255))
    kind: Mapped[int] = mapped_column(SmallInteger)
    parent: Mapped[bytes] = mapped_column(LargeBinary(32))
    group: Mapped[bytes] = mapped_column("group_id", LargeBinary(32))
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    block_number: Mapped[int] = mapped_column(BigInt, index=True)


class ChainKeyRow(Base):
    """A key that speaks for an account by the contract. ``evm_address``: 20 zero bytes but for ES256K. ``revoked_*``:
    empty while it speaks. From where on it is flagged stands in ``chain_compromises``.
    """

    __tablename__ = "chain_keys"

    thumbprint: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    op_id: Mapped[bytes] = mapped_column(LargeBinary(32))
    algorithm: Mapped[int] = mapped_column(SmallInteger)
    purposes: Mapped[int] = mapped_column(SmallInteger)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(64))
    evm_address: Mapped[bytes] = mapped_column(LargeBinary(20))
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    log_index: Mapped[int] = mapped_column(BigInt)
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    block_number: Mapped[int] = mapped_column(BigInt, index=True)
    revoked_index: Mapped[int | None] = mapped_column(BigInt)
    revoked_number: Mapped[int | None] = mapped_column(BigInt)


class ChainCompromiseRow(Base):
    """One declaration that a key is flagged from a log position on; of several the lowest counts."""

    __tablename__ = "chain_compromises"

    block_number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    thumbprint: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    op_id: Mapped[bytes] = mapped_column(LargeBinary(32))
    invalid_since: Mapped[int] = mapped_column(BigInt)
    declared_index: Mapped[int] = mapped_column(BigInt)
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class ChainRecoveryRow(Base):
    """A recovery proposed to the contract, by the proposed key's thumbprint.

    ``ready_at``: Unix seconds. ``first_approver``, ``second_approver``: EVM addresses. ``vetoed_number``,
    ``cancelled_number``, ``completed_number``: the block that did so, ``vetoed_by`` the address whose word it was.
    """

    __tablename__ = "chain_recoveries"

    thumbprint: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    op_id: Mapped[bytes] = mapped_column(LargeBinary(32))
    replaces: Mapped[bytes] = mapped_column(LargeBinary(32))
    algorithm: Mapped[int] = mapped_column(SmallInteger)
    purposes: Mapped[int] = mapped_column(SmallInteger)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(64))
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    log_index: Mapped[int] = mapped_column(BigInt)
    reason_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    ready_at: Mapped[int] = mapped_column(BigInt)
    first_approver: Mapped[bytes] = mapped_column(LargeBinary(20))
    second_approver: Mapped[bytes] = mapped_column(LargeBinary(20))
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    block_number: Mapped[int] = mapped_column(BigInt, index=True)
    vetoed_by: Mapped[bytes | None] = mapped_column(LargeBinary(20))
    vetoed_number: Mapped[int | None] = mapped_column(BigInt)
    cancelled_number: Mapped[int | None] = mapped_column(BigInt)
    completed_number: Mapped[int | None] = mapped_column(BigInt)
