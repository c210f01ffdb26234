"""movements, cash and trades without the indexes that nothing asks

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_UNASKED = (("chain_movements", "op"), ("chain_cash", "op"), ("chain_trades", "op"))
_FROZEN = "ix_chain_movements_freeze"


def upgrade() -> None:
    """Apply. Each index is a write into the middle of the file for every row of a trade; few rows name a freeze."""
    for table, name in _UNASKED:
        op.drop_index(f"ix_{table}_{name}", table)
    op.drop_index(_FROZEN, "chain_movements")
    named = sa.text('"freeze" IS NOT NULL')
    op.create_index(_FROZEN, "chain_movements", ["freeze"], sqlite_where=named, postgresql_where=named)


def downgrade() -> None:
    """Take back."""
    op.drop_index(_FROZEN, "chain_movements")
    op.create_index(_FROZEN, "chain_movements", ["freeze"])
    for table, name in _UNASKED:
        op.create_index(f"ix_{table}_{name}", table, ["op_id"])
