"""whose devices: identifiers by their parent

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_identifiers_parent", "identifiers", ["parent"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_identifiers_parent", table_name="identifiers")
