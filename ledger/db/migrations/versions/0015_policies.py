"""policies: corrected factor sets, what reports used, reminders

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta, timezone

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CHINA = timezone(timedelta(hours=8))
_REPORTS = (
    "SELECT r.entry_index, e.entry, e.accepted_at, r.year FROM reports r JOIN entries e ON e.idx = r.entry_index"
    " ORDER BY r.entry_index"
)
# The only kind of a year that there was.
_BASE = (
    "SELECT policy_id, version FROM policies WHERE policy = 'obligation-base' AND year = :year"
    " AND entry_index < :before AND effective_from <= :day ORDER BY effective_from DESC, entry_index DESC LIMIT 1"
)
_USED = "INSERT INTO used_policies (entry_index, policy, policy_id, version) VALUES (:entry, :policy, :id, :version)"
_NEW_KINDS = "SELECT count(*) FROM policies WHERE policy IN ('coverage-list', 'calendar', 'rules')"

_NEW_FORMS = "SELECT (SELECT count(*) FROM corrections) + (SELECT count(*) FROM policies WHERE length(version) > 64)"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "corrections",
        sa.Column("policy_id", sa.String(length=128), nullable=False),
        sa.Column("version", sa.String(length=128), nullable=False),
        sa.Column("by_version", sa.String(length=128), nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("policy_id", "version"),
    )
    op.create_table(
        "used_policies",
        sa.Column("entry_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("policy", sa.String(length=32), nullable=False),
        sa.Column("policy_id", sa.String(length=128), nullable=False),
        sa.Column("version", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("entry_index", "policy"),
    )
    op.create_index("ix_used_policies_policy", "used_policies", ["policy", "policy_id", "version", "entry_index"])
    op.create_table(
        "reminders",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("enterprise", sa.String(length=255), nullable=True),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("deadline", sa.String(length=32), nullable=False),
        sa.Column("due_at", _BIG, nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", _BIG, nullable=False),
        sa.Column("next_at", _BIG, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("sent_at", _BIG, nullable=True),
        sa.Column("cancelled_at", _BIG, nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_reminders_open", "reminders", ["sent_at", "cancelled_at", "next_at"])
    # Statements give a version 128 characters; PostgreSQL holds a column to what it says.
    with op.batch_alter_table("policies") as batch:
        batch.alter_column("version", type_=sa.String(length=128), existing_type=sa.String(length=64))
    _fill()


def _fill() -> None:
    """Reports that are in the log already used what they name, and the base of their year."""
    bind = op.get_bind()
    for index, entry, accepted_at, year in bind.execute(sa.text(_REPORTS)).all():
        payload = bytes(entry).split(b".", 2)[1]
        named = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))["body"]["factor_set"]
        used = [("factor-set", named["id"], named["version"])]
        day = datetime.fromtimestamp(accepted_at, _CHINA).date().isoformat()
        base = bind.execute(sa.text(_BASE), {"year": year, "before": index, "day": day}).one_or_none()
        if base is not None:
            used.append(("obligation-base", *base))
        for policy, policy_id, version in used:
            bind.execute(sa.text(_USED), {"entry": index, "policy": policy, "id": policy_id, "version": version})


def downgrade() -> None:
    """Take back. Refused once the log holds a policy that the program before does not know, or cannot keep."""
    if op.get_bind().execute(sa.text(_NEW_KINDS)).scalar():
        raise RuntimeError("the log holds calendars, rules or coverage lists: an older program cannot read on")
    if op.get_bind().execute(sa.text(_NEW_FORMS)).scalar():
        raise RuntimeError(
            "a policy corrects another, or has a version of over 64 characters: an older program has none"
        )
    with op.batch_alter_table("policies") as batch:
        batch.alter_column("version", type_=sa.String(length=64), existing_type=sa.String(length=128))
    for name in ("reminders", "used_policies", "corrections"):
        op.drop_table(name)
