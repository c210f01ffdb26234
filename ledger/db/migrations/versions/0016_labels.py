"""carbon efficiency codes

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "labels",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enterprise", sa.String(length=255), nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("k", sa.String(length=64), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("grade", sa.String(length=8), nullable=False),
        sa.Column("superseded_by", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["enterprise"], ["identifiers.identifier"]),
        sa.ForeignKeyConstraint(["superseded_by"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("entry_index"),
        sa.UniqueConstraint("statement_id"),
    )
    op.create_index("ix_labels_case", "labels", ["enterprise", "year"])


def downgrade() -> None:
    """Take back. Refused once a label is logged: the program before knows no such entry, and would read on past it."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM labels")).scalar():
        raise RuntimeError("the log holds label statements: it cannot be taken back to a program that knows none")
    op.drop_table("labels")
