"""blocks of the outbox

Revision ID: 0006
Revises: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_outbox_block", "outbox", ["state", "block_number"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_outbox_block", table_name="outbox")
