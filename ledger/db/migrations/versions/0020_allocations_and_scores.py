"""allocations and credit scores

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "allocations",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("op_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("round", sa.String(length=8), nullable=False),
        sa.Column("reserve", sa.String(length=255), nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("accounts", _BIG, nullable=False),
        sa.Column("input_root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("return_due", _BIG, nullable=False),
        sa.Column("accepted_at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("entry_index"),
        sa.UniqueConstraint("op_id"),
        sa.UniqueConstraint("statement_id"),
    )
    op.create_index("ix_allocations_year", "allocations", ["year", "round"], unique=False)
    op.create_table(
        "scores",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enterprise", sa.String(length=255), nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("size", _BIG, nullable=False),
        sa.Column("block", _BIG, nullable=True),
        sa.Column("input_root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("points_bps", sa.SmallInteger(), nullable=True),
        sa.Column("grade", sa.String(length=8), nullable=False),
        sa.Column("comments_until", _BIG, nullable=False),
        sa.Column("proposed_at", _BIG, nullable=False),
        sa.Column("replaced_index", _BIG, nullable=True),
        sa.Column("published_index", _BIG, nullable=True),
        sa.Column("withdrawn_index", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["published_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["replaced_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["withdrawn_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("entry_index"),
        sa.UniqueConstraint("statement_id"),
    )
    op.create_index("ix_scores_case", "scores", ["enterprise", "year"], unique=False)
    op.create_index("ix_scores_published_index", "scores", ["published_index"], unique=False)
    op.create_index("ix_scores_withdrawn_index", "scores", ["withdrawn_index"], unique=False)
    op.create_table(
        "score_comments",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("score_index", _BIG, nullable=False),
        sa.Column("accepted_at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["score_index"], ["scores.entry_index"]),
        sa.PrimaryKeyConstraint("entry_index"),
        sa.UniqueConstraint("statement_id"),
    )
    op.create_index("ix_score_comments_score_index", "score_comments", ["score_index"], unique=False)


def downgrade() -> None:
    """Take back. Refused once the log holds such entries: the program before cannot read them."""
    for table in ("allocations", "scores"):
        # Names of our own schema only.
        if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table}")).scalar():  # noqa: S608
            raise RuntimeError(f"the log holds {table}: it cannot be taken back to a program that knows none")
    op.drop_table("score_comments")
    op.drop_table("scores")
    op.drop_table("allocations")
