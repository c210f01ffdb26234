"""gaps of streams, open and declared lost

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PARTIAL = {
    "ix_entries_no_reading": "type <> 'reading'",
    "ix_entries_backfilled": "type = 'reading' AND accepted_at - period_end > 3456000",
}

# What the entries that are there passed over, in the order in which they came.
_SKIPS = """
    INSERT INTO skips (stream_id, first_seq, last_seq)
    SELECT stream_id, head + 1, seq - 1 FROM (
        SELECT stream_id, seq, coalesce(
            max(seq) OVER (PARTITION BY stream_id ORDER BY idx ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0
        ) AS head FROM entries
    ) AS steps WHERE seq > head + 1
"""
# What of that is still missing.
_GAPS = """
    INSERT INTO gaps (stream_id, first_seq, last_seq)
    SELECT stream_id, previous + 1, seq - 1 FROM (
        SELECT stream_id, seq, lag(seq, 1, 0) OVER (PARTITION BY stream_id ORDER BY seq) AS previous FROM entries
    ) AS steps WHERE seq > previous + 1
"""


def upgrade() -> None:
    """Apply."""
    for name, condition in _PARTIAL.items():
        where = sa.text(condition)
        op.create_index(name, "entries", ["stream_id", "seq"], sqlite_where=where, postgresql_where=where)
    for name in ("skips", "gaps"):
        op.create_table(
            name,
            sa.Column("stream_id", _BIG, autoincrement=False, nullable=False),
            sa.Column("first_seq", _BIG, autoincrement=False, nullable=False),
            sa.Column("last_seq", _BIG, nullable=False),
            sa.ForeignKeyConstraint(["stream_id"], ["streams.id"]),
            sa.PrimaryKeyConstraint("stream_id", "first_seq"),
        )
    op.create_table(
        "losses",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("stream_id", _BIG, nullable=False),
        sa.Column("first_seq", _BIG, nullable=False),
        sa.Column("last_seq", _BIG, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"]),
        sa.PrimaryKeyConstraint("entry_index"),
    )
    op.create_index("uq_losses_stream_first", "losses", ["stream_id", "first_seq"], unique=True)
    op.execute(_SKIPS)
    op.execute(_GAPS)


def downgrade() -> None:
    """Take back. Refused once a loss is declared: the program before knows no such entry, and would read on past it."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM losses")).scalar():
        raise RuntimeError("the log holds loss statements: it cannot be taken back to a program that knows none")
    for name in ("losses", "gaps", "skips"):
        op.drop_table(name)
    for name in _PARTIAL:
        op.drop_index(name, table_name="entries")
