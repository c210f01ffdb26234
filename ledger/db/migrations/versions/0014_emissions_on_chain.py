"""emissions on chain: assignments, ties and figures as the emissions registry knows them

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WORD = sa.LargeBinary(32)
_ADDRESS = sa.LargeBinary(20)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "chain_assignments",
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("enterprise", _WORD, nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("verifier", _WORD, nullable=False),
        sa.Column("begins", _BIG, nullable=False),
        sa.Column("until", _BIG, nullable=False),
        sa.Column("leaf_hash", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("block_number", _BIG, nullable=False),
        sa.Column("ended_leaf", _WORD, nullable=True),
        sa.Column("ended_index", _BIG, nullable=True),
        sa.Column("ended_number", _BIG, nullable=True),
        sa.PrimaryKeyConstraint("op_id"),
    )
    op.create_index("ix_chain_assignments_case", "chain_assignments", ["enterprise", "year"])
    op.create_index("ix_chain_assignments_block_number", "chain_assignments", ["block_number"])
    op.create_table(
        "chain_ties",
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("a", _WORD, nullable=False),
        sa.Column("b", _WORD, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("block_number", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("op_id"),
    )
    op.create_index("ix_chain_ties_accounts", "chain_ties", ["a", "b"])
    op.create_index("ix_chain_ties_block_number", "chain_ties", ["block_number"])
    op.create_table(
        "chain_emissions",
        sa.Column("enterprise", _WORD, nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("revision", _BIG, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("determined", sa.Boolean(), nullable=False),
        sa.Column("statement_leaf", _WORD, nullable=False),
        sa.Column("verifier", _WORD, nullable=True),
        sa.Column("report_leaf", _WORD, nullable=True),
        sa.Column("signer", _ADDRESS, nullable=True),
        sa.Column("document_hash", _WORD, nullable=True),
        sa.Column("entry_index", _BIG, nullable=True),
        sa.Column("first_approver", _ADDRESS, nullable=True),
        sa.Column("second_approver", _ADDRESS, nullable=True),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("block_number", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "year", "revision"),
        sa.UniqueConstraint("op_id"),
    )
    op.create_index("ix_chain_emissions_block_number", "chain_emissions", ["block_number"])


def downgrade() -> None:
    """Take back."""
    for table in ("chain_emissions", "chain_ties", "chain_assignments"):
        op.drop_table(table)
