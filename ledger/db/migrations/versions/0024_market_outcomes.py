"""what became of fills and orders, in its order

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply. What was settled or undone before has its row, in the order in which it was asked for."""
    op.create_table(
        "market_outcomes",
        sa.Column("number", _BIG, nullable=False),
        sa.Column("entries", _BIG, nullable=False),
        sa.Column("op_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("order_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("noted_at", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_market_outcomes_op_id", "market_outcomes", ["op_id"])
    op.create_index("ix_market_outcomes_order", "market_outcomes", ["order_hash"])
    op.create_index("ix_market_orders_ended", "market_orders", ["ended_index"])
    op.execute(
        "INSERT INTO market_outcomes (entries, op_id, state, reason, noted_at)"
        " SELECT s.next_index, o.op_id,"
        " CASE o.state WHEN 'mined' THEN 'settled' WHEN 'refused' THEN 'undone' ELSE 'final' END,"
        " CASE o.state WHEN 'refused' THEN o.last_error END, o.updated_at"
        " FROM outbox o, log_state s WHERE o.kind = 'settle' AND o.state IN ('mined', 'final', 'refused') ORDER BY o.id"
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_market_orders_ended", "market_orders")
    op.drop_table("market_outcomes")
