"""cases: plans, assignments, draws, findings, verdicts, objections, registrations, green certificates

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = ("green_certificates", "registrations", "objections", "verdicts", "findings", "assignments", "draws", "plans")
_TYPES = "'plan', 'assignment', 'finding', 'verification', 'objection', 'registration', 'determination'"

_NEW_MEMBERS = (
    "SELECT (SELECT count(*) FROM reports WHERE compiled_by IS NOT NULL OR plan IS NOT NULL)"
    " + (SELECT count(*) FROM green_certificates)"
)


def upgrade() -> None:
    """Apply."""
    op.add_column("reports", sa.Column("issuer", sa.String(length=255), server_default="", nullable=False))
    op.add_column("reports", sa.Column("plan", sa.LargeBinary(length=32), nullable=True))
    op.add_column("reports", sa.Column("compiled_by", sa.String(length=255), nullable=True))
    op.execute("UPDATE reports SET issuer = (SELECT issuer FROM streams WHERE streams.id = reports.stream_id)")
    op.create_index("ix_reports_case", "reports", ["issuer", "year"], unique=False)
    op.create_table(
        "plans",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enterprise", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=128), nullable=False),
        sa.Column("effective_from", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("entry_index"),
        sa.UniqueConstraint("enterprise", "version", name="uq_plans_enterprise_version"),
        sa.UniqueConstraint("statement_id"),
    )
    op.create_table(
        "draws",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enterprise", sa.String(length=255), nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("start_at", _BIG, nullable=False),
        sa.Column("until_at", _BIG, nullable=False),
        sa.Column("contribute_until", _BIG, nullable=False),
        sa.Column("contribution", sa.LargeBinary(length=32), nullable=True),
        sa.Column("contributed_index", _BIG, nullable=True),
        sa.Column("drawn_index", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["contributed_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["drawn_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("entry_index"),
        sa.UniqueConstraint("statement_id"),
    )
    op.create_index("ix_draws_case", "draws", ["enterprise", "year"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enterprise", sa.String(length=255), nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("verifier", sa.String(length=255), nullable=False),
        sa.Column("start_at", _BIG, nullable=False),
        sa.Column("until_at", _BIG, nullable=False),
        sa.Column("draw_index", _BIG, nullable=True),
        sa.Column("ended_index", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["draw_index"], ["draws.entry_index"]),
        sa.ForeignKeyConstraint(["ended_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("entry_index"),
        sa.UniqueConstraint("statement_id"),
    )
    op.create_index("ix_assignments_case", "assignments", ["enterprise", "year"], unique=False)
    op.create_index("ix_assignments_verifier", "assignments", ["verifier"], unique=False)
    op.create_table(
        "findings",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enterprise", sa.String(length=255), nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("report", sa.LargeBinary(length=32), nullable=False),
        sa.Column("verifier", sa.String(length=255), nullable=False),
        sa.Column("accepted_at", _BIG, nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("entry_index"),
        sa.UniqueConstraint("statement_id"),
    )
    op.create_index("ix_findings_case", "findings", ["enterprise", "year"], unique=False)
    op.create_table(
        "verdicts",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enterprise", sa.String(length=255), nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("report", sa.LargeBinary(length=32), nullable=False),
        sa.Column("verifier", sa.String(length=255), nullable=False),
        sa.Column("conclusion", sa.String(length=16), nullable=False),
        sa.Column("tonnes", _BIG, nullable=True),
        sa.Column("factor_set", sa.String(length=128), nullable=False),
        sa.Column("accepted_at", _BIG, nullable=False),
        sa.Column("resolved", sa.JSON(), nullable=False),
        sa.Column("voided_index", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["voided_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("entry_index"),
        sa.UniqueConstraint("statement_id"),
    )
    op.create_index("ix_verdicts_case", "verdicts", ["enterprise", "year"], unique=False)
    op.create_index("ix_verdicts_factor_set", "verdicts", ["factor_set"], unique=False)
    op.create_index("ix_verdicts_year", "verdicts", ["year"], unique=False)
    op.create_table(
        "objections",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("verdict_index", _BIG, nullable=False),
        sa.Column("accepted_at", _BIG, nullable=False),
        sa.Column("decided_index", _BIG, nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["verdict_index"], ["verdicts.entry_index"]),
        sa.ForeignKeyConstraint(["decided_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("entry_index"),
        sa.UniqueConstraint("statement_id"),
        sa.UniqueConstraint("verdict_index"),
    )
    op.create_table(
        "registrations",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enterprise", sa.String(length=255), nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("verdict_index", _BIG, nullable=True),
        sa.Column("accepted_at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["verdict_index"], ["verdicts.entry_index"]),
        sa.PrimaryKeyConstraint("entry_index"),
        sa.UniqueConstraint("enterprise", "year", "revision", name="uq_registrations_revision"),
        sa.UniqueConstraint("statement_id"),
        sa.UniqueConstraint("verdict_index"),
    )
    op.create_index("ix_registrations_year", "registrations", ["year"], unique=False)
    op.create_table(
        "green_certificates",
        sa.Column("serial", sa.String(length=128), nullable=False),
        sa.Column("enterprise", sa.String(length=255), nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("serial"),
    )


def downgrade() -> None:
    """Take back. Refused once the log holds an entry of a case, or a report with a member that is new here: the program
    before knows none, would read on, and what such a report established would not come back with the tables."""
    # Types of this migration only.
    held = f"SELECT count(*) FROM entries WHERE type IN ({_TYPES})"  # noqa: S608
    if op.get_bind().execute(sa.text(held)).scalar():
        raise RuntimeError("the log holds entries of cases: it cannot be taken back to a program that knows none")
    if op.get_bind().execute(sa.text(_NEW_MEMBERS)).scalar():
        raise RuntimeError("reports name who compiled them, or certificates: an older program cannot read on")
    for name in _TABLES:
        op.drop_table(name)
    op.drop_index("ix_reports_case", table_name="reports")
    for name in ("compiled_by", "plan", "issuer"):
        op.drop_column("reports", name)
