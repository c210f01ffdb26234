"""when the chain was last read to its head

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "chain_reads",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("read_at", _BIG, nullable=False),
        sa.CheckConstraint("id = 1", name="one_read"),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("chain_reads")
