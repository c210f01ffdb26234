"""times of blocks, by which a date is a block

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply. No row here says when a block was made: without a head the projection reads the chain from its beginning,
    to the same rows and these."""
    op.create_table(
        "chain_block_times",
        sa.Column("block_number", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("time", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("block_number"),
    )
    op.create_index(op.f("ix_chain_block_times_time"), "chain_block_times", ["time"])
    op.execute("DELETE FROM chain_reads")
    op.execute("DELETE FROM chain_head")


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f("ix_chain_block_times_time"), table_name="chain_block_times")
    op.drop_table("chain_block_times")
