"""What the emissions registry's events say: assignments, ties, figures. Projection, as all ``chain_*`` tables.

Accounts are account ids (keccak-256 of the identifier's UTF-8, 32 bytes), so that rows depend on the chain alone.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt


class ChainAssignmentRow(Base):
    """A verifier assigned to a case by the contract. ``begins``, ``until``: Unix seconds; ``leaf_hash``,
    ``entry_index``: the log's entry that assigns. ``ended_*``: empty while it stands, else the entry that ended it and
    the block that says so.
    """

    __tablename__ = "chain_assignments"
    __table_args__ = (Index("ix_chain_assignments_case", "enterprise", "year"),)

    op_id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    enterprise: Mapped[bytes] = mapped_column(LargeBinary(32))
    year: Mapped[int] = mapped_column(BigInt)
    verifier: Mapped[bytes] = mapped_column(LargeBinary(32))
    begins: Mapped[int] = mapped_column(BigInt)
    until: Mapped[int] = mapped_column(BigInt)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    entry_index: Mapped[int] = mapped_column(BigInt)
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    block_number: Mapped[int] = mapped_column(BigInt, index=True)
    ended_leaf: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    ended_index: Mapped[int | None] = mapped_column(BigInt)
    ended_number: Mapped[int | None] = mapped_column(BigInt)


class ChainTieRow(Base):
    """Two accounts of which neither verifies the other, as one declaration names them."""

    __tablename__ = "chain_ties"
    __table_args__ = (Index("ix_chain_ties_accounts", "a", "b"),)

    op_id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    a: Mapped[bytes] = mapped_column(LargeBinary(32))
    b: Mapped[bytes] = mapped_column(LargeBinary(32))
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    block_number: Mapped[int] = mapped_column(BigInt, index=True)


class ChainEmissionsRow(Base):
    """One version of a case's figure; the one of the highest ``revision`` counts.

    ``tonnes``: whole tCO2e. A verified figure has ``verifier``, ``report_leaf`` and ``signer`` (EVM address); a
    determined one (DOMAIN 10) has ``document_hash``, ``entry_index`` and both approvers' addresses instead.
    ``statement_leaf``: leaf hash of the verification statement's entry, or of the determination's. ``registered_at``:
    the block's time; empty in rows from before it was kept, whose deployments have no obligations.
    """

    __tablename__ = "chain_emissions"

    enterprise: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    year: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    op_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    tonnes: Mapped[int] = mapped_column(BigInt)
    determined: Mapped[bool] = mapped_column(Boolean)
    statement_leaf: Mapped[bytes] = mapped_column(LargeBinary(32))
    verifier: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    report_leaf: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    signer: Mapped[bytes | None] = mapped_column(LargeBinary(20))
    document_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    entry_index: Mapped[int | None] = mapped_column(BigInt)
    first_approver: Mapped[bytes | None] = mapped_column(LargeBinary(20))
    second_approver: Mapped[bytes | None] = mapped_column(LargeBinary(20))
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    block_number: Mapped[int] = mapped_column(BigInt, index=True)
    registered_at: Mapped[int | None] = mapped_column(BigInt)
