"""What the exchange says: cash, trades, trading days, terms, withdrawals. Projection, as all ``chain_*`` tables.

Every row is one that an event added, named by the event's place on the chain; none is ever changed. What units do is in
``chain_movements`` (``ledger.db.asset_models``), so that an account's units are one sum. Accounts are account ids,
assets as in ``attestation.assets``, units whole tonnes, cash fen, prices fen a tonne, days ``YYYYMMDD``, instants Unix
seconds.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.asset_models import ChainPlace
from ledger.db.base import Base, BigInt


class ChainCashRow(Base):
    """What an event changed in the cash of one account; a trade has up to three rows, by ``part``.

    ``free``, ``trading``, ``withdrawing``: how much more the account has of each, below 0 for less; all rows together
    add up to what the bank holds (DOMAIN 21). ``kind``: the event's name. ``counterparty``: the other account of a
    trade.
    """

    __tablename__ = "chain_cash"
    __table_args__ = (Index("ix_chain_cash_account", "account", "block_number"),)

    block_number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    kind: Mapped[str] = mapped_column(String(32))
    account: Mapped[bytes] = mapped_column(LargeBinary(32))
    free: Mapped[int] = mapped_column(BigInt)
    trading: Mapped[int] = mapped_column(BigInt)
    withdrawing: Mapped[int] = mapped_column(BigInt)
    counterparty: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    op_id: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    entry_index: Mapped[int | None] = mapped_column(BigInt)


class ChainTradeRow(Base):
    """A settled trade (DOMAIN 16, 18). ``op_id`` is what the sender called it: that of a trade settled by anybody may
    be anything. ``buy_filled``, ``sell_filled``: what of each order was filled before. ``day_index``: the number of the
    day among the asset's trading days. ``counted``: whether it counts for the day's volume and close (DOMAIN 15)."""

    __tablename__ = "chain_trades"
    __table_args__ = (
        Index("ix_chain_trades_day", "asset", "day"),
        Index("ix_chain_trades_buyer", "buyer", "asset"),
        Index("ix_chain_trades_buy", "buy_hash"),
        Index("ix_chain_trades_sell", "sell_hash"),
    )

    block_number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    op_id: Mapped[bytes] = mapped_column(LargeBinary(32))
    buy_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    sell_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    buyer: Mapped[bytes] = mapped_column(LargeBinary(32))
    seller: Mapped[bytes] = mapped_column(LargeBinary(32))
    asset: Mapped[int] = mapped_column(BigInt)
    day: Mapped[int] = mapped_column(BigInt)
    day_index: Mapped[int] = mapped_column(BigInt)
    tonnes: Mapped[int] = mapped_column(BigInt)
    price_fen: Mapped[int] = mapped_column(BigInt)
    buy_filled: Mapped[int] = mapped_column(BigInt)
    sell_filled: Mapped[int] = mapped_column(BigInt)
    buyer_fee_fen: Mapped[int] = mapped_column(BigInt)
    seller_fee_fen: Mapped[int] = mapped_column(BigInt)
    counted: Mapped[bool] = mapped_column(Boolean)
    buy_leaf: Mapped[bytes] = mapped_column(LargeBinary(32))
    sell_leaf: Mapped[bytes] = mapped_column(LargeBinary(32))


class ChainDayRow(ChainPlace, Base):
    """A trading day was opened, halted, resumed or closed (``step``). What it was opened with and what it was closed
    with are empty in the rows of the other steps. Lock and fee are those of the terms under which it began."""

    __tablename__ = "chain_days"
    __table_args__ = (Index("ix_chain_days_day", "asset", "day"),)

    asset: Mapped[int] = mapped_column(BigInt)
    day: Mapped[int] = mapped_column(BigInt)
    step: Mapped[str] = mapped_column(String(8))
    day_index: Mapped[int | None] = mapped_column(BigInt)
    reference_fen: Mapped[int | None] = mapped_column(BigInt)
    low_fen: Mapped[int | None] = mapped_column(BigInt)
    high_fen: Mapped[int | None] = mapped_column(BigInt)
    cut_off: Mapped[int | None] = mapped_column(BigInt)
    lock_days: Mapped[int | None] = mapped_column(SmallInteger)
    fee_bps: Mapped[int | None] = mapped_column(SmallInteger)
    volume: Mapped[int | None] = mapped_column(BigInt)
    value_fen: Mapped[int | None] = mapped_column(BigInt)
    close_fen: Mapped[int | None] = mapped_column(BigInt)
    session_root: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class ChainMarketTermsRow(ChainPlace, Base):
    """The market's terms (DOMAIN 12 to 20), as ``attestation.market_messages.MarketTerms``."""

    __tablename__ = "chain_market_terms"

    mode: Mapped[int] = mapped_column(SmallInteger)
    band_bps: Mapped[int] = mapped_column(BigInt)
    block_band_bps: Mapped[int] = mapped_column(BigInt)
    block_threshold: Mapped[int] = mapped_column(BigInt)
    lock_days: Mapped[int] = mapped_column(SmallInteger)
    fee_bps: Mapped[int] = mapped_column(SmallInteger)
    fee_account: Mapped[bytes] = mapped_column(LargeBinary(32))
    minimum_volume: Mapped[int] = mapped_column(BigInt)
    minimum_groups: Mapped[int] = mapped_column(BigInt)
    maximum_holders: Mapped[int] = mapped_column(BigInt)
    release_delay: Mapped[int] = mapped_column(BigInt)
    document_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class ChainReferenceRow(ChainPlace, Base):
    """Two persons set an asset's reference price (DOMAIN 15); a closed day sets the next one in ``chain_days``."""

    __tablename__ = "chain_references"

    asset: Mapped[int] = mapped_column(BigInt, index=True)
    price_fen: Mapped[int] = mapped_column(BigInt)
    document_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class ChainWithdrawalRow(ChainPlace, Base):
    """A withdrawal (``step`` ``asked``; its ``op_id`` names it), or what the bank did with it (``paid``, ``released``):
    ``withdrawal`` is its operation."""

    __tablename__ = "chain_withdrawals"

    withdrawal: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    step: Mapped[str] = mapped_column(String(8))
    account: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    fen: Mapped[int] = mapped_column(BigInt)
    bank_account: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    bank_reference: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class ChainBankAccountRow(ChainPlace, Base):
    """The bank account of an account, by its hash; the last row counts (DOMAIN 21)."""

    __tablename__ = "chain_bank_accounts"

    account: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    bank_account: Mapped[bytes] = mapped_column(LargeBinary(32))


class ChainCancelRow(Base):
    """An order was cancelled (``order_hash``), or all of an account before an epoch (``epoch``). ``op_id`` and
    ``entry_index`` are empty where the account did it on the chain itself."""

    __tablename__ = "chain_cancels"

    block_number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    account: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    order_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    epoch: Mapped[int | None] = mapped_column(BigInt)
    op_id: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class ChainReconciliationRow(ChainPlace, Base):
    """The bank's balance beside the ledger's at the end of a day: while the last two differ, cash is halted."""

    __tablename__ = "chain_reconciliations"

    day: Mapped[int] = mapped_column(BigInt)
    bank_fen: Mapped[int] = mapped_column(BigInt)
    ledger_fen: Mapped[int] = mapped_column(BigInt)


class ChainBarRow(ChainPlace, Base):
    """An account was kept from trading, or let in again; the last row counts."""

    __tablename__ = "chain_bars"

    account: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    barred: Mapped[bool] = mapped_column(Boolean)


class ChainReleaseRow(Base):
    """An account asked for what it has in trading without the market (``step`` ``asked``, from ``at`` on), or took it
    (``taken``). ``amount`` is text: anybody may ask for more than there can be, up to 2^64 - 1."""

    __tablename__ = "chain_releases"

    block_number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    step: Mapped[str] = mapped_column(String(8))
    account: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    asset: Mapped[int] = mapped_column(BigInt)
    amount: Mapped[str] = mapped_column(String(20))
    at: Mapped[int] = mapped_column(BigInt)
