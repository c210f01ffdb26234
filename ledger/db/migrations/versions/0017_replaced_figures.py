"""figures that the emissions registry refused and that were registered anew

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "replaced_figures",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enterprise", sa.String(length=255), nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("verdict_index", _BIG, nullable=True),
        sa.Column("accepted_at", _BIG, nullable=False),
        sa.Column("replaced_index", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["verdict_index"], ["verdicts.entry_index"]),
        sa.ForeignKeyConstraint(["replaced_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("entry_index"),
        sa.UniqueConstraint("statement_id"),
    )
    op.create_index("ix_replaced_figures_case", "replaced_figures", ["enterprise", "year"], unique=False)


def downgrade() -> None:
    """Take back. Refused once a figure was replaced: the program before would take two entries for one revision."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM replaced_figures")).scalar():
        raise RuntimeError("figures were registered anew: the log cannot be taken back to a program that knows none")
    op.drop_table("replaced_figures")
