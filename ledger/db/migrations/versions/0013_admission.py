"""admission: applications apart from the log; reviews, approvals, accreditations, ties and openings

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ESTABLISHED = ("openings", "ties", "accreditations", "admission_approvals", "admission_reviews")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "applications",
        sa.Column("application", sa.LargeBinary(length=32), nullable=False),
        sa.Column("received_at", _BIG, nullable=False),
        sa.Column("identifier", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("application"),
    )
    op.create_index("ix_applications_received", "applications", ["received_at"])
    op.create_index("ix_applications_identifier", "applications", ["identifier"])
    op.create_table(
        "admission_reviews",
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.Column("application", sa.LargeBinary(length=32), nullable=False),
        sa.Column("identifier", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("group_name", sa.String(length=255), nullable=True),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("accreditation_number", sa.String(length=128), nullable=True),
        sa.Column("accreditation_until", _BIG, nullable=True),
        sa.Column("recommended", sa.Boolean(), nullable=False),
        sa.Column("reviewer", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("statement_id"),
        sa.UniqueConstraint("entry_index"),
    )
    op.create_index("ix_admission_reviews_application", "admission_reviews", ["application"])
    op.create_index("ix_admission_reviews_identifier", "admission_reviews", ["identifier", "entry_index"])
    op.create_table(
        "admission_approvals",
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.Column("review_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("approver", sa.String(length=255), nullable=False),
        sa.Column("used_index", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["review_id"], ["admission_reviews.statement_id"]),
        sa.ForeignKeyConstraint(["used_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("statement_id"),
        sa.UniqueConstraint("entry_index"),
        sa.UniqueConstraint("review_id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_table(
        "accreditations",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("verifier", sa.String(length=255), nullable=False),
        sa.Column("number", sa.String(length=128), nullable=False),
        sa.Column("until_at", _BIG, nullable=False),
        sa.Column("document_hash", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["verifier"], ["identifiers.identifier"]),
        sa.PrimaryKeyConstraint("entry_index"),
    )
    op.create_index("ix_accreditations_verifier", "accreditations", ["verifier", "entry_index"])
    op.create_table(
        "ties",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("a", sa.String(length=255), nullable=False),
        sa.Column("b", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint("a <> b", name="two"),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["a"], ["identifiers.identifier"]),
        sa.ForeignKeyConstraint(["b"], ["identifiers.identifier"]),
        sa.PrimaryKeyConstraint("entry_index"),
        sa.UniqueConstraint("a", "b", name="uq_ties_a_b"),
    )
    op.create_index("ix_ties_b", "ties", ["b"])
    op.create_table(
        "openings",
        sa.Column("enterprise", sa.String(length=255), nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("base_years", sa.JSON(), nullable=False),
        sa.Column("document_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["enterprise"], ["identifiers.identifier"]),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("enterprise"),
        sa.UniqueConstraint("entry_index"),
    )


def downgrade() -> None:
    """Take back. Refused once an entry of these types is logged: the program before knows none, and would read on past
    it. Applications are no part of the log: they are sent again."""
    for name in ("admission_reviews", "accreditations", "ties", "openings"):
        if op.get_bind().execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar():
            raise RuntimeError(f"the log established rows of {name}: it cannot be taken back to a program without them")
    for name in (*_ESTABLISHED, "applications"):
        op.drop_table(name)
