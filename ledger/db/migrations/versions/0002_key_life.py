"""keys for life: who brought a key, who ended it, from where it is flagged, and recoveries

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("keys") as table:
        table.add_column(sa.Column("compromised_since", _BIG, nullable=True))
        table.add_column(sa.Column("compromised_index", _BIG, nullable=True))
        table.add_column(sa.Column("authorised_by", sa.String(length=43), nullable=True))
        table.add_column(sa.Column("depth", sa.SmallInteger(), server_default="1", nullable=False))
        table.create_foreign_key("fk_keys_compromised_index", "entries", ["compromised_index"], ["idx"])
        table.create_foreign_key("fk_keys_authorised_by", "keys", ["authorised_by"], ["thumbprint"])
        table.create_index("ix_keys_authorised_by", ["authorised_by"])
    op.create_table(
        "recoveries",
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("proposed_index", _BIG, nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("replaces", sa.String(length=43), nullable=False),
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("raw", sa.LargeBinary(length=65), nullable=False),
        sa.Column("purposes", sa.SmallInteger(), nullable=False),
        sa.Column("proposed_at", _BIG, nullable=False),
        sa.Column("vetoed_index", _BIG, nullable=True),
        sa.Column("completed_index", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["completed_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["proposed_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["replaces"], ["keys.thumbprint"]),
        sa.ForeignKeyConstraint(["subject"], ["identifiers.identifier"]),
        sa.ForeignKeyConstraint(["vetoed_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("statement_id"),
        sa.UniqueConstraint("thumbprint"),
    )
    op.create_index("ix_recoveries_subject", "recoveries", ["subject"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("recoveries")
    with op.batch_alter_table("keys") as table:
        table.drop_index("ix_keys_authorised_by")
        table.drop_constraint("fk_keys_authorised_by", type_="foreignkey")
        table.drop_constraint("fk_keys_compromised_index", type_="foreignkey")
        for name in ("depth", "authorised_by", "compromised_index", "compromised_since"):
            table.drop_column(name)
