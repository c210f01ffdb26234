"""what the registry contract says of compromised keys and recoveries

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "chain_compromises",
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("thumbprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("op_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("invalid_since", _BIG, nullable=False),
        sa.Column("declared_index", _BIG, nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_compromises_thumbprint", "chain_compromises", ["thumbprint"], unique=False)
    op.create_table(
        "chain_recoveries",
        sa.Column("thumbprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("op_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("replaces", sa.LargeBinary(length=32), nullable=False),
        sa.Column("algorithm", sa.SmallInteger(), nullable=False),
        sa.Column("purposes", sa.SmallInteger(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=64), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("log_index", _BIG, nullable=False),
        sa.Column("reason_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ready_at", _BIG, nullable=False),
        sa.Column("first_approver", sa.LargeBinary(length=20), nullable=False),
        sa.Column("second_approver", sa.LargeBinary(length=20), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("block_number", _BIG, nullable=False),
        sa.Column("vetoed_by", sa.LargeBinary(length=20), nullable=True),
        sa.Column("vetoed_number", _BIG, nullable=True),
        sa.Column("cancelled_number", _BIG, nullable=True),
        sa.Column("completed_number", _BIG, nullable=True),
        sa.PrimaryKeyConstraint("thumbprint"),
    )
    op.create_index("ix_chain_recoveries_account_id", "chain_recoveries", ["account_id"], unique=False)
    op.create_index("ix_chain_recoveries_block_number", "chain_recoveries", ["block_number"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table("chain_recoveries")
    op.drop_table("chain_compromises")
