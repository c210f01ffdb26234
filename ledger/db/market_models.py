"""The market as entries established it (DOMAIN B): orders, fills, days, auctions, what was asked of the exchange.

Every column follows from entries and the seconds in which they were accepted, so that a replay gives the same rows
(``ledger.fsck``). What became of a call is in ``outbox`` by the same ``op_id``. Accounts are identifiers, assets those
of ``attestation.assets``, days YYYYMMDD as a number, prices fen a tonne, money fen, instants unix seconds. Sides, kinds
and modes are the contract's numbers (``quota.market.orders``).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt


class MarketOrderRow(Base):
    """A signed order, from the entry that brought it to what ended it. ``entry_index`` is its arrival.

    ``order_hash``: the EIP-712 digest that the contract knows it by. ``signer``: RFC 7638 thumbprint of the key that
    signed it. ``remaining``: tonnes that no fill took. ``reserved_fen``: of a buy, what the rest binds of the account's
    cash, fee included; 0 of a sale and of a bid, which its commitment's maximum binds. ``status``: ``open``,
    ``filled``, ``cancelled`` or ``ended``, by ``reason`` at ``ended_index``. ``auction``: the operation of its auction,
    ``day`` that auction's (None of a lot that no auction names yet).
    """

    __tablename__ = "market_orders"
    __table_args__ = (
        Index("ix_market_orders_book", "asset", "status", "side", "kind", "price_fen"),
        Index("ix_market_orders_deadline", "asset", "status", "deadline"),
        Index("ix_market_orders_day", "asset", "day"),
        Index("ix_market_orders_account", "account", "status"),
        Index("ix_market_orders_signer", "signer", "status"),
        Index("ix_market_orders_auction", "auction"),
        Index("ix_market_orders_ended", "ended_index"),
    )

    order_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), unique=True)
    account: Mapped[str] = mapped_column(String(255))
    group: Mapped[str | None] = mapped_column("group_name", String(255))
    signer: Mapped[str] = mapped_column(String(43))
    asset: Mapped[int] = mapped_column(BigInt)
    day: Mapped[int | None] = mapped_column(BigInt)
    side: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[int] = mapped_column(SmallInteger)
    tonnes: Mapped[int] = mapped_column(BigInt)
    remaining: Mapped[int] = mapped_column(BigInt)
    reserved_fen: Mapped[int] = mapped_column(BigInt)
    price_fen: Mapped[int] = mapped_column(BigInt)
    counterparty: Mapped[str | None] = mapped_column(String(255))
    minimum_fill: Mapped[int] = mapped_column(BigInt)
    fee_limit_bps: Mapped[int] = mapped_column(BigInt)
    deadline: Mapped[int] = mapped_column(BigInt)
    epoch: Mapped[int] = mapped_column(BigInt)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    accepts: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    auction: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    ended_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))
    ended_at: Mapped[int | None] = mapped_column(BigInt)
    accepted_at: Mapped[int] = mapped_column(BigInt)


class MarketFillRow(Base):
    """A fill of a session, by its ``number`` there from 0. ``cause``: the entry that made it; ``buy_filled``,
    ``sell_filled``: what was filled of both orders before; ``counted``: it enters the day's close (DOMAIN 15).
    ``op_id``: under which the contract is asked to settle it."""

    __tablename__ = "market_fills"
    __table_args__ = (
        Index("ix_market_fills_buyer", "buyer", "cause"),
        Index("ix_market_fills_seller", "seller", "cause"),
        Index("ix_market_fills_buy", "buy"),
        Index("ix_market_fills_sell", "sell"),
        Index("ix_market_fills_cause", "cause"),
    )

    asset: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    cause: Mapped[int] = mapped_column(ForeignKey("entries.idx"))
    buy: Mapped[bytes] = mapped_column(ForeignKey("market_orders.order_hash"))
    sell: Mapped[bytes] = mapped_column(ForeignKey("market_orders.order_hash"))
    buyer: Mapped[str] = mapped_column(String(255))
    seller: Mapped[str] = mapped_column(String(255))
    tonnes: Mapped[int] = mapped_column(BigInt)
    price_fen: Mapped[int] = mapped_column(BigInt)
    value_fen: Mapped[int] = mapped_column(BigInt)
    buyer_fee_fen: Mapped[int] = mapped_column(BigInt)
    seller_fee_fen: Mapped[int] = mapped_column(BigInt)
    buy_filled: Mapped[int] = mapped_column(BigInt)
    sell_filled: Mapped[int] = mapped_column(BigInt)
    kind: Mapped[int] = mapped_column(SmallInteger)
    counted: Mapped[bool] = mapped_column(Boolean)
    op_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made_at: Mapped[int] = mapped_column(BigInt)


class MarketDayRow(Base):
    """A trading day of an asset, with the terms, reference and bands that its opening fixed. ``windows``,
    ``block_windows``: lists of [from, until). ``halts``: [entry, whether it halted, second] of each halt and
    resumption. ``last_at``: the latest second in which an entry acted on the book. ``volume`` to ``root``: what its
    close said, empty before; ``first_index`` and ``last_index``: the entries of its session."""

    __tablename__ = "market_days"

    asset: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    opened_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), unique=True)
    status: Mapped[str] = mapped_column(String(8))
    status_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"))
    mode: Mapped[int] = mapped_column(SmallInteger)
    windows: Mapped[list[Any]] = mapped_column(JSON)
    block_windows: Mapped[list[Any]] = mapped_column(JSON)
    cut_off: Mapped[int] = mapped_column(BigInt)
    halts: Mapped[list[Any]] = mapped_column(JSON)
    reference_fen: Mapped[int] = mapped_column(BigInt)
    band_bps: Mapped[int] = mapped_column(BigInt)
    block_band_bps: Mapped[int] = mapped_column(BigInt)
    block_threshold: Mapped[int] = mapped_column(BigInt)
    lock_days: Mapped[int] = mapped_column(SmallInteger)
    fee_bps: Mapped[int] = mapped_column(SmallInteger)
    minimum_volume: Mapped[int] = mapped_column(BigInt)
    minimum_groups: Mapped[int] = mapped_column(BigInt)
    fills: Mapped[int] = mapped_column(BigInt)
    opened_at: Mapped[int] = mapped_column(BigInt)
    last_at: Mapped[int] = mapped_column(BigInt)
    closed_at: Mapped[int | None] = mapped_column(BigInt)
    first_index: Mapped[int | None] = mapped_column(BigInt)
    last_index: Mapped[int | None] = mapped_column(BigInt)
    volume: Mapped[int | None] = mapped_column(BigInt)
    value_fen: Mapped[int | None] = mapped_column(BigInt)
    close_fen: Mapped[int | None] = mapped_column(BigInt)
    groups: Mapped[int | None] = mapped_column("group_count", BigInt)
    book_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    root: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class MarketAuctionRow(Base):
    """A one-way bidding (DOMAIN 14), named by its operation. ``order_hash``: the seller's order, the lot.
    ``price_fen``, ``unsold``: what its clearing gave, empty before."""

    __tablename__ = "market_auctions"
    __table_args__ = (Index("ix_market_auctions_day", "asset", "day"),)

    op_id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), unique=True)
    asset: Mapped[int] = mapped_column(BigInt)
    day: Mapped[int] = mapped_column(BigInt)
    lot_tonnes: Mapped[int] = mapped_column(BigInt)
    floor_fen: Mapped[int] = mapped_column(BigInt)
    seller: Mapped[str] = mapped_column(String(255))
    order_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    commit_until: Mapped[int] = mapped_column(BigInt)
    reveal_until: Mapped[int] = mapped_column(BigInt)
    forfeit_bps: Mapped[int] = mapped_column(BigInt)
    document_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    announced_at: Mapped[int] = mapped_column(BigInt)
    cleared_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))
    cleared_at: Mapped[int | None] = mapped_column(BigInt)
    price_fen: Mapped[int | None] = mapped_column(BigInt)
    unsold: Mapped[int | None] = mapped_column(BigInt)


class MarketCommitmentRow(Base):
    """A sealed bid: ``commitment`` is the hash of the order that its reveal brings, at ``revealed_index``.
    ``maximum_fen`` of cash is bound until the auction is cleared. ``awarded``: tonnes, empty before the clearing;
    ``forfeit_fen``: what a bid that was not revealed forfeits, by the auction's terms."""

    __tablename__ = "market_commitments"
    __table_args__ = (Index("ix_market_commitments_account", "account"),)

    auction: Mapped[bytes] = mapped_column(ForeignKey("market_auctions.op_id"), primary_key=True)
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), unique=True)
    account: Mapped[str] = mapped_column(String(255))
    maximum_fen: Mapped[int] = mapped_column(BigInt)
    revealed_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))
    awarded: Mapped[int | None] = mapped_column(BigInt)
    forfeit_fen: Mapped[int | None] = mapped_column(BigInt)


class MarketOperationRow(Base):
    """What else entries asked of the exchange: terms, references, cash, moves; ``kind`` as in
    ``ledger.chain.operations``. ``amount``: tonnes of quota or fen of cash. ``inward``: of a move, towards trading.
    ``order_hash``, ``epoch``: of cancellations. ``details``: the members of terms; of a deposit that undoes a trade,
    which (``reverses``)."""

    __tablename__ = "market_operations"
    __table_args__ = (
        Index("ix_market_operations_kind", "kind", "asset"),
        Index("ix_market_operations_account", "account", "kind"),
        Index("ix_market_operations_reference", "bank_reference"),
        Index("ix_market_operations_withdrawal", "withdrawal"),
    )

    op_id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    accepted_at: Mapped[int] = mapped_column(BigInt)
    account: Mapped[str | None] = mapped_column(String(255))
    asset: Mapped[int | None] = mapped_column(BigInt)
    amount: Mapped[int | None] = mapped_column(BigInt)
    inward: Mapped[bool | None] = mapped_column(Boolean)
    day: Mapped[int | None] = mapped_column(BigInt)
    bank_account: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    bank_reference: Mapped[str | None] = mapped_column(String(255))
    withdrawal: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    paid: Mapped[bool | None] = mapped_column(Boolean)
    order_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    epoch: Mapped[int | None] = mapped_column(BigInt)
    document_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
