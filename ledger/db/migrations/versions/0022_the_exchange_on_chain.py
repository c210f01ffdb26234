"""what the exchange says: cash, trades, trading days, terms, withdrawals

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WORD = sa.LargeBinary(32)
_TABLES = (
    "chain_cash",
    "chain_trades",
    "chain_days",
    "chain_market_terms",
    "chain_references",
    "chain_withdrawals",
    "chain_bank_accounts",
    "chain_cancels",
    "chain_reconciliations",
    "chain_bars",
    "chain_releases",
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "chain_cash",
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("account", _WORD, nullable=False),
        sa.Column("free", _BIG, nullable=False),
        sa.Column("trading", _BIG, nullable=False),
        sa.Column("withdrawing", _BIG, nullable=False),
        sa.Column("counterparty", _WORD, nullable=True),
        sa.Column("op_id", _WORD, nullable=True),
        sa.Column("entry_index", _BIG, nullable=True),
        sa.PrimaryKeyConstraint("block_number", "log_index", "part"),
    )
    op.create_index("ix_chain_cash_account", "chain_cash", ["account", "block_number"])
    op.create_index("ix_chain_cash_op", "chain_cash", ["op_id"])
    op.create_table(
        "chain_trades",
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("buy_hash", _WORD, nullable=False),
        sa.Column("sell_hash", _WORD, nullable=False),
        sa.Column("buyer", _WORD, nullable=False),
        sa.Column("seller", _WORD, nullable=False),
        sa.Column("asset", _BIG, nullable=False),
        sa.Column("day", _BIG, nullable=False),
        sa.Column("day_index", _BIG, nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("price_fen", _BIG, nullable=False),
        sa.Column("buy_filled", _BIG, nullable=False),
        sa.Column("sell_filled", _BIG, nullable=False),
        sa.Column("buyer_fee_fen", _BIG, nullable=False),
        sa.Column("seller_fee_fen", _BIG, nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("buy_leaf", _WORD, nullable=False),
        sa.Column("sell_leaf", _WORD, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_trades_buy", "chain_trades", ["buy_hash"])
    op.create_index("ix_chain_trades_buyer", "chain_trades", ["buyer", "asset"])
    op.create_index("ix_chain_trades_day", "chain_trades", ["asset", "day"])
    op.create_index("ix_chain_trades_op", "chain_trades", ["op_id"])
    op.create_index("ix_chain_trades_sell", "chain_trades", ["sell_hash"])
    op.create_table(
        "chain_days",
        sa.Column("asset", _BIG, nullable=False),
        sa.Column("day", _BIG, nullable=False),
        sa.Column("step", sa.String(8), nullable=False),
        sa.Column("day_index", _BIG, nullable=True),
        sa.Column("reference_fen", _BIG, nullable=True),
        sa.Column("low_fen", _BIG, nullable=True),
        sa.Column("high_fen", _BIG, nullable=True),
        sa.Column("cut_off", _BIG, nullable=True),
        sa.Column("lock_days", sa.SmallInteger(), nullable=True),
        sa.Column("fee_bps", sa.SmallInteger(), nullable=True),
        sa.Column("volume", _BIG, nullable=True),
        sa.Column("value_fen", _BIG, nullable=True),
        sa.Column("close_fen", _BIG, nullable=True),
        sa.Column("session_root", _WORD, nullable=True),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_days_day", "chain_days", ["asset", "day"])
    op.create_index("ix_chain_days_op_id", "chain_days", ["op_id"])
    op.create_table(
        "chain_market_terms",
        sa.Column("mode", sa.SmallInteger(), nullable=False),
        sa.Column("band_bps", _BIG, nullable=False),
        sa.Column("block_band_bps", _BIG, nullable=False),
        sa.Column("block_threshold", _BIG, nullable=False),
        sa.Column("lock_days", sa.SmallInteger(), nullable=False),
        sa.Column("fee_bps", sa.SmallInteger(), nullable=False),
        sa.Column("fee_account", _WORD, nullable=False),
        sa.Column("minimum_volume", _BIG, nullable=False),
        sa.Column("minimum_groups", _BIG, nullable=False),
        sa.Column("maximum_holders", _BIG, nullable=False),
        sa.Column("release_delay", _BIG, nullable=False),
        sa.Column("document_hash", _WORD, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_market_terms_op_id", "chain_market_terms", ["op_id"])
    op.create_table(
        "chain_references",
        sa.Column("asset", _BIG, nullable=False),
        sa.Column("price_fen", _BIG, nullable=False),
        sa.Column("document_hash", _WORD, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_references_asset", "chain_references", ["asset"])
    op.create_index("ix_chain_references_op_id", "chain_references", ["op_id"])
    op.create_table(
        "chain_withdrawals",
        sa.Column("withdrawal", _WORD, nullable=False),
        sa.Column("step", sa.String(8), nullable=False),
        sa.Column("account", _WORD, nullable=False),
        sa.Column("fen", _BIG, nullable=False),
        sa.Column("bank_account", _WORD, nullable=True),
        sa.Column("bank_reference", _WORD, nullable=True),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_withdrawals_account", "chain_withdrawals", ["account"])
    op.create_index("ix_chain_withdrawals_op_id", "chain_withdrawals", ["op_id"])
    op.create_index("ix_chain_withdrawals_withdrawal", "chain_withdrawals", ["withdrawal"])
    op.create_table(
        "chain_bank_accounts",
        sa.Column("account", _WORD, nullable=False),
        sa.Column("bank_account", _WORD, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_bank_accounts_account", "chain_bank_accounts", ["account"])
    op.create_index("ix_chain_bank_accounts_op_id", "chain_bank_accounts", ["op_id"])
    op.create_table(
        "chain_cancels",
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("account", _WORD, nullable=False),
        sa.Column("order_hash", _WORD, nullable=True),
        sa.Column("epoch", _BIG, nullable=True),
        sa.Column("op_id", _WORD, nullable=True),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_cancels_account", "chain_cancels", ["account"])
    op.create_index("ix_chain_cancels_order_hash", "chain_cancels", ["order_hash"])
    op.create_table(
        "chain_reconciliations",
        sa.Column("day", _BIG, nullable=False),
        sa.Column("bank_fen", _BIG, nullable=False),
        sa.Column("ledger_fen", _BIG, nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_reconciliations_op_id", "chain_reconciliations", ["op_id"])
    op.create_table(
        "chain_bars",
        sa.Column("account", _WORD, nullable=False),
        sa.Column("barred", sa.Boolean(), nullable=False),
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("op_id", _WORD, nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_bars_account", "chain_bars", ["account"])
    op.create_index("ix_chain_bars_op_id", "chain_bars", ["op_id"])
    op.create_table(
        "chain_releases",
        sa.Column("block_number", _BIG, autoincrement=False, nullable=False),
        sa.Column("log_index", _BIG, autoincrement=False, nullable=False),
        sa.Column("tx_hash", _WORD, nullable=False),
        sa.Column("step", sa.String(8), nullable=False),
        sa.Column("account", _WORD, nullable=False),
        sa.Column("asset", _BIG, nullable=False),
        sa.Column("amount", sa.String(20), nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_chain_releases_account", "chain_releases", ["account"])


def downgrade() -> None:
    """Take back: the tables are read from the chain again."""
    for table in reversed(_TABLES):
        op.drop_table(table)
