"""an operation id is unique in its kind

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BY_KIND = "uq_outbox_op_id_kind"


def _outbox(*unique: str, name: str | None) -> sa.Table:
    return sa.Table(
        "outbox",
        sa.MetaData(),
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("op_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("position", _BIG, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("sender", sa.LargeBinary(length=20), nullable=True),
        sa.Column("nonce", _BIG, nullable=True),
        sa.Column("tx_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("raw_tx", sa.LargeBinary(), nullable=True),
        sa.Column("fee", sa.String(length=78), nullable=True),
        sa.Column("sent_at", _BIG, nullable=True),
        sa.Column("attempts", _BIG, nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("block_number", _BIG, nullable=True),
        sa.Column("block_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("doubt_number", _BIG, nullable=True),
        sa.Column("doubt_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("created_at", _BIG, nullable=False),
        sa.Column("updated_at", _BIG, nullable=False),
        sa.CheckConstraint("state <> 'sent' or raw_tx is not null", name="sent_is_signed"),
        sa.CheckConstraint("state in ('pending','sent','mined','final','refused')", name="outbox_state"),
        sa.CheckConstraint("state not in ('mined','final') or block_hash is not null", name="mined_has_block"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(*unique, name=name),
        sa.Index("ix_outbox_state", "state", "id"),
        sa.Index("ix_outbox_block", "state", "block_number"),
    )


def _made_again(*unique: str, name: str | None) -> None:
    # SQLite drops no constraint: the table is made again, with every row.
    with op.batch_alter_table("outbox", recreate="always", copy_from=_outbox(*unique, name=name)):
        pass


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "sqlite":
        _made_again("op_id", "kind", name=_BY_KIND)
        return
    op.drop_constraint("outbox_op_id_key", "outbox", type_="unique")
    op.create_unique_constraint(_BY_KIND, "outbox", ["op_id", "kind"])


def downgrade() -> None:
    """Take back; fails where two kinds share an id, which the release before could not hold."""
    if op.get_bind().dialect.name == "sqlite":
        _made_again("op_id", name=None)
        return
    op.drop_constraint(_BY_KIND, "outbox", type_="unique")
    op.create_unique_constraint("outbox_op_id_key", "outbox", ["op_id"])
