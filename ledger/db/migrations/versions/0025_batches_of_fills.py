"""signed transactions of several intents, each stored once

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sent_batches",
        sa.Column("tx_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("raw_tx", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tx_hash"),
    )


def downgrade() -> None:
    """Take back. What went out in batches is signed anew: an operation takes effect once."""
    op.execute(
        "UPDATE outbox SET state = 'pending', sender = NULL, nonce = NULL, tx_hash = NULL, raw_tx = NULL, fee = NULL,"
        " sent_at = NULL WHERE state = 'sent' AND tx_hash IN (SELECT tx_hash FROM sent_batches)"
    )
    op.execute(
        "UPDATE outbox SET sender = NULL, nonce = NULL, tx_hash = NULL, raw_tx = NULL, fee = NULL, sent_at = NULL"
        " WHERE tx_hash IN (SELECT tx_hash FROM sent_batches)"
    )
    op.drop_table("sent_batches")
