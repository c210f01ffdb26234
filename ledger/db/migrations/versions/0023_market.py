"""the market in the log

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "market_orders",
        sa.Column("order_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("group_name", sa.String(length=255), nullable=True),
        sa.Column("signer", sa.String(length=43), nullable=False),
        sa.Column("asset", _BIG, nullable=False),
        sa.Column("day", _BIG, nullable=True),
        sa.Column("side", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("remaining", _BIG, nullable=False),
        sa.Column("reserved_fen", _BIG, nullable=False),
        sa.Column("price_fen", _BIG, nullable=False),
        sa.Column("counterparty", sa.String(length=255), nullable=True),
        sa.Column("minimum_fill", _BIG, nullable=False),
        sa.Column("fee_limit_bps", _BIG, nullable=False),
        sa.Column("deadline", _BIG, nullable=False),
        sa.Column("epoch", _BIG, nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("accepts", sa.LargeBinary(length=32), nullable=True),
        sa.Column("auction", sa.LargeBinary(length=32), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("ended_index", _BIG, nullable=True),
        sa.Column("ended_at", _BIG, nullable=True),
        sa.Column("accepted_at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["ended_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("order_hash"),
        sa.UniqueConstraint("entry_index"),
    )
    op.create_index("ix_market_orders_account", "market_orders", ["account", "status"], unique=False)
    op.create_index("ix_market_orders_auction", "market_orders", ["auction"], unique=False)
    op.create_index(
        "ix_market_orders_book", "market_orders", ["asset", "status", "side", "kind", "price_fen"], unique=False
    )
    op.create_index("ix_market_orders_deadline", "market_orders", ["asset", "status", "deadline"], unique=False)
    op.create_index("ix_market_orders_day", "market_orders", ["asset", "day"], unique=False)
    op.create_index("ix_market_orders_signer", "market_orders", ["signer", "status"], unique=False)
    op.create_table(
        "market_fills",
        sa.Column("asset", _BIG, autoincrement=False, nullable=False),
        sa.Column("day", _BIG, autoincrement=False, nullable=False),
        sa.Column("number", _BIG, autoincrement=False, nullable=False),
        sa.Column("cause", _BIG, nullable=False),
        sa.Column("buy", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sell", sa.LargeBinary(length=32), nullable=False),
        sa.Column("buyer", sa.String(length=255), nullable=False),
        sa.Column("seller", sa.String(length=255), nullable=False),
        sa.Column("tonnes", _BIG, nullable=False),
        sa.Column("price_fen", _BIG, nullable=False),
        sa.Column("value_fen", _BIG, nullable=False),
        sa.Column("buyer_fee_fen", _BIG, nullable=False),
        sa.Column("seller_fee_fen", _BIG, nullable=False),
        sa.Column("buy_filled", _BIG, nullable=False),
        sa.Column("sell_filled", _BIG, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("op_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", _BIG, nullable=False),
        sa.ForeignKeyConstraint(["cause"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["buy"], ["market_orders.order_hash"]),
        sa.ForeignKeyConstraint(["sell"], ["market_orders.order_hash"]),
        sa.PrimaryKeyConstraint("asset", "day", "number"),
        sa.UniqueConstraint("op_id"),
    )
    op.create_index("ix_market_fills_buy", "market_fills", ["buy"], unique=False)
    op.create_index("ix_market_fills_buyer", "market_fills", ["buyer", "cause"], unique=False)
    op.create_index("ix_market_fills_cause", "market_fills", ["cause"], unique=False)
    op.create_index("ix_market_fills_sell", "market_fills", ["sell"], unique=False)
    op.create_index("ix_market_fills_seller", "market_fills", ["seller", "cause"], unique=False)
    op.create_table(
        "market_days",
        sa.Column("asset", _BIG, autoincrement=False, nullable=False),
        sa.Column("day", _BIG, autoincrement=False, nullable=False),
        sa.Column("opened_index", _BIG, nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("status_index", _BIG, nullable=False),
        sa.Column("mode", sa.SmallInteger(), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.Column("block_windows", sa.JSON(), nullable=False),
        sa.Column("cut_off", _BIG, nullable=False),
        sa.Column("halts", sa.JSON(), nullable=False),
        sa.Column("reference_fen", _BIG, nullable=False),
        sa.Column("band_bps", _BIG, nullable=False),
        sa.Column("block_band_bps", _BIG, nullable=False),
        sa.Column("block_threshold", _BIG, nullable=False),
        sa.Column("lock_days", sa.SmallInteger(), nullable=False),
        sa.Column("fee_bps", sa.SmallInteger(), nullable=False),
        sa.Column("minimum_volume", _BIG, nullable=False),
        sa.Column("minimum_groups", _BIG, nullable=False),
        sa.Column("fills", _BIG, nullable=False),
        sa.Column("opened_at", _BIG, nullable=False),
        sa.Column("last_at", _BIG, nullable=False),
        sa.Column("closed_at", _BIG, nullable=True),
        sa.Column("first_index", _BIG, nullable=True),
        sa.Column("last_index", _BIG, nullable=True),
        sa.Column("volume", _BIG, nullable=True),
        sa.Column("value_fen", _BIG, nullable=True),
        sa.Column("close_fen", _BIG, nullable=True),
        sa.Column("group_count", _BIG, nullable=True),
        sa.Column("book_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("root", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(["opened_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["status_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("asset", "day"),
        sa.UniqueConstraint("opened_index"),
    )
    op.create_table(
        "market_auctions",
        sa.Column("op_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.Column("asset", _BIG, nullable=False),
        sa.Column("day", _BIG, nullable=False),
        sa.Column("lot_tonnes", _BIG, nullable=False),
        sa.Column("floor_fen", _BIG, nullable=False),
        sa.Column("seller", sa.String(length=255), nullable=False),
        sa.Column("order_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("commit_until", _BIG, nullable=False),
        sa.Column("reveal_until", _BIG, nullable=False),
        sa.Column("forfeit_bps", _BIG, nullable=False),
        sa.Column("document_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("announced_at", _BIG, nullable=False),
        sa.Column("cleared_index", _BIG, nullable=True),
        sa.Column("cleared_at", _BIG, nullable=True),
        sa.Column("price_fen", _BIG, nullable=True),
        sa.Column("unsold", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["cleared_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("op_id"),
        sa.UniqueConstraint("entry_index"),
    )
    op.create_index("ix_market_auctions_day", "market_auctions", ["asset", "day"], unique=False)
    op.create_table(
        "market_commitments",
        sa.Column("auction", sa.LargeBinary(length=32), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.Column("account", sa.String(length=255), nullable=False),
        sa.Column("maximum_fen", _BIG, nullable=False),
        sa.Column("revealed_index", _BIG, nullable=True),
        sa.Column("awarded", _BIG, nullable=True),
        sa.Column("forfeit_fen", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["auction"], ["market_auctions.op_id"]),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.ForeignKeyConstraint(["revealed_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("auction", "commitment"),
        sa.UniqueConstraint("entry_index"),
    )
    op.create_index("ix_market_commitments_account", "market_commitments", ["account"], unique=False)
    op.create_table(
        "market_operations",
        sa.Column("op_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry_index", _BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("accepted_at", _BIG, nullable=False),
        sa.Column("account", sa.String(length=255), nullable=True),
        sa.Column("asset", _BIG, nullable=True),
        sa.Column("amount", _BIG, nullable=True),
        sa.Column("inward", sa.Boolean(), nullable=True),
        sa.Column("day", _BIG, nullable=True),
        sa.Column("bank_account", sa.LargeBinary(length=32), nullable=True),
        sa.Column("bank_reference", sa.String(length=255), nullable=True),
        sa.Column("withdrawal", sa.LargeBinary(length=32), nullable=True),
        sa.Column("paid", sa.Boolean(), nullable=True),
        sa.Column("order_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("epoch", _BIG, nullable=True),
        sa.Column("document_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_index"], ["entries.idx"]),
        sa.PrimaryKeyConstraint("op_id"),
        sa.UniqueConstraint("entry_index"),
    )
    op.create_index("ix_market_operations_account", "market_operations", ["account", "kind"], unique=False)
    op.create_index("ix_market_operations_kind", "market_operations", ["kind", "asset"], unique=False)
    op.create_index("ix_market_operations_reference", "market_operations", ["bank_reference"], unique=False)
    op.create_index("ix_market_operations_withdrawal", "market_operations", ["withdrawal"], unique=False)


def downgrade() -> None:
    """Take back. Refused once the log holds such entries: the program before cannot read them."""
    for table in ("market_operations", "market_orders", "market_days", "market_auctions"):
        # Names of our own schema only.
        if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table}")).scalar():  # noqa: S608
            raise RuntimeError(f"the log holds {table}: it cannot be taken back to a program that knows none")
    for table in (
        "market_operations",
        "market_commitments",
        "market_auctions",
        "market_days",
        "market_fills",
        "market_orders",
    ):
        op.drop_table(table)
