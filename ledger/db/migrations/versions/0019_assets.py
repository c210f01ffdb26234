"""operations that entries about units asked for, and serials of CCER

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "asset_operations",
        sa.Column("op_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("accepted_at", _BIG, nullable=False),
        sa.Column("account", sa.String(length=255), nullable=True),
        sa.Column("receiver", sa.String(length=255), nullable=True),
        sa.Column("asset", _BIG, nullable=True),
        sa.Column("tonnes", _BIG, nullable=True),
        sa.Column("year", _BIG, nullable=True),
        sa.Column("freeze", sa.LargeBinary(length=32), nullable=True),
        sa.Column("document_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=True),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("op_id"),
        sa.UniqueConstraint("entry_index"),
    )
    op.create_index("ix_asset_operations_account", "asset_operations", ["account", "kind"], unique=False)
    op.create_index("ix_asset_operations_receiver", "asset_operations", ["receiver"], unique=False)
    op.create_index("ix_asset_operations_freeze", "asset_operations", ["freeze"], unique=False)
    op.create_index("ix_asset_operations_year", "asset_operations", ["kind", "year"], unique=False)
    op.create_table(
        "offset_serials",
        sa.Column("op_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("series", sa.String(length=128), nullable=False),
        sa.Column("first_serial", _BIG, nullable=False),
        sa.Column("last_serial", _BIG, nullable=False),
        sa.Column("cancellation", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["op_id"], ["asset_operations.op_id"]),
        sa.PrimaryKeyConstraint("op_id"),
    )
    op.create_index("ix_offset_serials_series", "offset_serials", ["series", "first_serial"], unique=False)
    op.create_index("ix_offset_serials_cancellation", "offset_serials", ["cancellation"], unique=False)


def downgrade() -> None:
    """Take back. Refused once the log holds such entries: the program before cannot read them."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM asset_operations")).scalar():
        raise RuntimeError("the log holds entries about units: it cannot be taken back to a program that knows none")
    op.drop_table("offset_serials")
    op.drop_table("asset_operations")
