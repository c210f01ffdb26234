"""what the asset contracts say: units, obligations, scores

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WORD = sa.LargeBinary(32)
_TABLES = (
    "chain_movements",
    "chain_freezes",
    "chain_confirmations",
    "chain_suspensions",
    "chain_runs",
    "chain_allocations",
    "chain_owed",
    "chain_terms",
    "chain_prices",
    "chain_surrenders",
    "chain_carry_overs",
    "chain_assessments",
    "chain_credits",
    "chain_closures",
    "chain_scores",
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "chain_movements",
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("account", _WORD, nullable=False),
        sa.Column("asset", _BIG, nullable=False),
        sa.Column("registry", _BIG, nullable=False),
        sa.Column("trading", _BIG, nullable=False),
        sa.Column("frozen", _BIG, nullable=False),
        sa.Column("issued", _BIG, nullable=False),
        sa.Column("surrendered", _BIG, nullable=False),
        sa.Column("cancelled", _BIG, nullable=False),
        sa.Column("counterparty", _WORD, nullable=True),
        sa.Column("freeze", _WORD, nullable=True),
        sa.Column("op_id", _WORD, nullable=True),
        sa.Column("entry_index", _BIG, nullable=True),
        sa.PrimaryKeyConstraint("block_number", "log_index", "part"),
    )
    op.create_index("ix_chain_movements_account", "chain_movements", ["account", "asset", "block_number"])
    op.create_index("ix_chain_movements_asset", "chain_movements", ["asset", "block_number"])
    op.create_index("ix_chain_movements_freeze", "chain_movements", ["freeze"])
    op.create_index("ix_chain_movements_op", "chain_movements", ["op_id"])
    op.create_table(
        "chain_freezes",
        sa.Column("account", _WORD, nullable=False),
        sa.Column("asset", _BIG, nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("document_hash", _WORD, nullable=False),
        sa.Column("lapses_at", _BIG, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_freezes_account", "chain_freezes", ["account"])
    op.create_index("ix_chain_freezes_op_id", "chain_freezes", ["op_id"])
    op.create_table(
        "chain_confirmations",
        sa.Column("freeze", _WORD, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_confirmations_freeze", "chain_confirmations", ["freeze"])
    op.create_index("ix_chain_confirmations_op_id", "chain_confirmations", ["op_id"])
    op.create_table(
        "chain_suspensions",
        sa.Column("account", _WORD, nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("document_hash", _WORD, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_suspensions_account", "chain_suspensions", ["account"])
    op.create_index("ix_chain_suspensions_op_id", "chain_suspensions", ["op_id"])
    op.create_table(
        "chain_runs",
        sa.Column("reserve", _WORD, nullable=False),
        sa.Column("vintage", _BIG, nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("items_hash", _WORD, nullable=False),
        sa.Column("input_root", _WORD, nullable=False),
        sa.Column("return_due", _BIG, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_runs_op_id", "chain_runs", ["op_id"])
    op.create_table(
        "chain_allocations",
        sa.Column("run", _WORD, nullable=False),
        sa.Column("account", _WORD, nullable=False),
        sa.Column("asset", _BIG, nullable=False),
        sa.Column("granted", _BIG, nullable=False),
        sa.Column("owes", _BIG, nullable=False),
        sa.Column("settles", _BIG, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_allocations_account", "chain_allocations", ["account"])
    op.create_index("ix_chain_allocations_op_id", "chain_allocations", ["op_id"])
    op.create_index("ix_chain_allocations_run", "chain_allocations", ["run"])
    op.create_table(
        "chain_owed",
        sa.Column("account", _WORD, nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("due_at", _BIG, nullable=False),
        sa.Column("reserve", _WORD, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_owed_account", "chain_owed", ["account"])
    op.create_index("ix_chain_owed_op_id", "chain_owed", ["op_id"])
    op.create_table(
        "chain_terms",
        sa.Column("year", _BIG, nullable=False),
        sa.Column("offset_cap_bps", _BIG, nullable=False),
        sa.Column("surrender_deadline", _BIG, nullable=False),
        sa.Column("carry_over_until", _BIG, nullable=False),
        sa.Column("closes_at", _BIG, nullable=False),
        sa.Column("carry_base_bps", _BIG, nullable=False),
        sa.Column("carry_multiple_bps", _BIG, nullable=False),
        sa.Column("charge_multiple_bps", _BIG, nullable=False),
        sa.Column("amendment_seconds", _BIG, nullable=False),
        sa.Column("earlier_vintages", sa.Boolean(), nullable=False),
        sa.Column("document_hash", _WORD, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_terms_op_id", "chain_terms", ["op_id"])
    op.create_index("ix_chain_terms_year", "chain_terms", ["year"])
    op.create_table(
        "chain_prices",
        sa.Column("year", _BIG, nullable=False),
        sa.Column("fen_per_tonne", _BIG, nullable=False),
        sa.Column("document_hash", _WORD, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_prices_op_id", "chain_prices", ["op_id"])
    op.create_index("ix_chain_prices_year", "chain_prices", ["year"])
    op.create_table(
        "chain_surrenders",
        sa.Column("account", _WORD, nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("asset", _BIG, nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("due", _BIG, nullable=False),
        sa.Column("offsets_used", _BIG, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_surrenders_case", "chain_surrenders", ["account", "year"])
    op.create_index("ix_chain_surrenders_op_id", "chain_surrenders", ["op_id"])
    op.create_table(
        "chain_carry_overs",
        sa.Column("account", _WORD, nullable=False),
        sa.Column("vintage", _BIG, nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("net_sold", _BIG, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_carry_overs_case", "chain_carry_overs", ["account", "vintage"])
    op.create_index("ix_chain_carry_overs_op_id", "chain_carry_overs", ["op_id"])
    op.create_table(
        "chain_assessments",
        sa.Column("account", _WORD, nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("emissions", _BIG, nullable=False),
        sa.Column("revision", _BIG, nullable=False),
        sa.Column("missed", _BIG, nullable=False),
        sa.Column("price_fen", _BIG, nullable=False),
        sa.Column("charge_fen", sa.String(20), nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_assessments_case", "chain_assessments", ["account", "year"])
    op.create_index("ix_chain_assessments_op_id", "chain_assessments", ["op_id"])
    op.create_table(
        "chain_credits",
        sa.Column("account", _WORD, nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_credits_case", "chain_credits", ["account", "year"])
    op.create_index("ix_chain_credits_op_id", "chain_credits", ["op_id"])
    op.create_table(
        "chain_closures",
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.Column("account", _WORD, nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index", "part"),
    )
    op.create_index("ix_chain_closures_case", "chain_closures", ["account", "year"])
    op.create_table(
        "chain_scores",
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("account", _WORD, nullable=False),
        sa.Column("year", _BIG, nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("points_bps", _BIG, nullable=True),
        sa.Column("grade", sa.SmallInteger(), nullable=True),
        sa.Column("formula", _WORD, nullable=True),
        sa.Column("input_root", _WORD, nullable=True),
        sa.Column("comments_until", _BIG, nullable=True),
        sa.Column("revision", _BIG, nullable=True),
        sa.Column("published", sa.Boolean(), nullable=True),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_scores_case", "chain_scores", ["account", "year"])
    op.create_index("ix_chain_scores_op_id", "chain_scores", ["op_id"])
    # Empty in rows from before: a deployment that had them has no obligations, where this counts.
    op.add_column("chain_emissions", sa.Column("registered_at", _BIG, nullable=True))


def downgrade() -> None:
    """Take back: the tables are read from the chain again."""
    with op.batch_alter_table("chain_emissions") as emissions:
        emissions.drop_column("registered_at")
    for table in reversed(_TABLES):
        op.drop_table(table)
