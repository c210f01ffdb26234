"""device events

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "device_events",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("device", sa.String(length=255), nullable=False),
        sa.Column("replaced_by", sa.String(length=255), nullable=True),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["device"], ["identifiers.identifier"]),
        sa.ForeignKeyConstraint(["replaced_by"], ["identifiers.identifier"]),
        sa.PrimaryKeyConstraint("entry_index"),
    )
    op.create_index("ix_device_events_device", "device_events", ["device"])
    op.create_index("ix_device_events_replaced_by", "device_events", ["replaced_by"])


def downgrade() -> None:
    """Take back. Refused once an event is logged: the program before knows no such entry, and would read on past it."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM device_events")).scalar():
        raise RuntimeError("the log holds device statements: it cannot be taken back to a program that knows none")
    op.drop_table("device_events")
