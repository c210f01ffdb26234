"""EIP-712 messages of ``Exchange``, hashed by hand: what people sign of trading and cash (DOMAIN 12 to 21, 23).

An order names no operation: its hash, the EIP-712 digest in the exchange's domain, is what it is known by, and how
much of it was filled is what stops a replay. Every other message names its operation first (``op_id``: 32 random
bytes, not zero). Members stand in the order of the Solidity struct. Accounts are account ids, assets those of
:mod:`attestation.assets`, prices fen a tonne, cash fen, instants unix seconds. Tests compare with ``eth_account``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from attestation.typed_message import Checker, TypedMessage, TypedStruct

__all__ = [
    "MESSAGES",
    "ApprovedMessage",
    "BankBinding",
    "CancelAll",
    "CancelOrder",
    "Deposit",
    "HolderMessage",
    "MarketHalt",
    "MarketMessage",
    "MarketReference",
    "MarketTerms",
    "Order",
    "Payout",
    "TradingMove",
    "Withdrawal",
]


@dataclass(frozen=True, slots=True)
class Order(TypedStruct):
    """An order: up to ``tonnes`` at ``price_fen`` or better.

    ``side``: 1 buy, 2 sell. ``kind``: 1 listed, 2 block, 3 bilateral, 4 auction. ``counterparty``: with whom alone, 32
    zero bytes for anybody. ``minimum_fill``: no smaller fill, save of what is left. ``epoch``: the account's, which
    ``CancelAll`` raises. ``salt`` is random and tells equal orders apart. The order hash is the digest.
    """

    TYPE = (
        "Order(bytes32 account,uint32 asset,uint8 side,uint64 tonnes,uint32 priceFen,uint8 kind,bytes32 counterparty,"
        "uint64 minimumFill,uint16 feeLimitBps,uint64 deadline,uint32 epoch,bytes32 salt)"
    )
    CHECKER = Checker.EXCHANGE

    account: bytes
    asset: int
    side: int
    tonnes: int
    price_fen: int
    kind: int
    counterparty: bytes
    minimum_fill: int
    fee_limit_bps: int
    deadline: int
    epoch: int
    salt: bytes


@dataclass(frozen=True, slots=True)
class CancelOrder(TypedMessage):
    """What is left of an order is not filled any more."""

    TYPE = "CancelOrder(bytes32 opId,bytes32 account,bytes32 orderHash,uint64 deadline)"
    CHECKER = Checker.EXCHANGE

    account: bytes
    order_hash: bytes
    deadline: int


@dataclass(frozen=True, slots=True)
class CancelAll(TypedMessage):
    """Every order of the account of an earlier epoch is over; ``epoch`` is above the current one."""

    TYPE = "CancelAll(bytes32 opId,bytes32 account,uint32 epoch,uint64 deadline)"
    CHECKER = Checker.EXCHANGE

    account: bytes
    epoch: int
    deadline: int


@dataclass(frozen=True, slots=True)
class TradingMove(TypedMessage):
    """Units between registry and trading balance, or cash between free and trading: ``inward`` to trade with it."""

    TYPE = "TradingMove(bytes32 opId,bytes32 account,uint32 asset,uint64 amount,bool inward,uint64 deadline)"
    CHECKER = Checker.EXCHANGE

    account: bytes
    asset: int
    amount: int
    inward: bool
    deadline: int


@dataclass(frozen=True, slots=True)
class Withdrawal(TypedMessage):
    """Free cash to the bound bank account (DOMAIN 21). ``bank_account``: the hash that was bound."""

    TYPE = "Withdrawal(bytes32 opId,bytes32 account,uint64 fen,bytes32 bankAccount,uint64 deadline)"
    CHECKER = Checker.EXCHANGE

    account: bytes
    fen: int
    bank_account: bytes
    deadline: int


@dataclass(frozen=True, slots=True)
class MarketTerms(TypedMessage):
    """How the market trades (DOMAIN 12 to 20). ``mode``: 1 agreement, 2 licensed. ``block_threshold`` and
    ``minimum_volume`` in tonnes, ``maximum_holders`` 0 for no limit, ``release_delay`` in seconds."""

    TYPE = (
        "MarketTerms(bytes32 opId,uint8 mode,uint16 bandBps,uint16 blockBandBps,uint24 blockThreshold,uint8 lockDays,"
        "uint8 feeBps,bytes32 feeAccount,uint40 minimumVolume,uint16 minimumGroups,uint16 maximumHolders,"
        "uint32 releaseDelay,bytes32 documentHash)"
    )
    CHECKER = Checker.EXCHANGE

    mode: int
    band_bps: int
    block_band_bps: int
    block_threshold: int
    lock_days: int
    fee_bps: int
    fee_account: bytes
    minimum_volume: int
    minimum_groups: int
    maximum_holders: int
    release_delay: int
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class MarketReference(TypedMessage):
    """The reference price of an asset: the opening one, or a reasoned override (DOMAIN 15)."""

    TYPE = "MarketReference(bytes32 opId,uint32 asset,uint32 priceFen,bytes32 documentHash)"
    CHECKER = Checker.EXCHANGE

    asset: int
    price_fen: int
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class MarketHalt(TypedMessage):
    """A trading day (``YYYYMMDD``) of an asset is ``halted``, or goes on (DOMAIN 22, 23).

    Of the exchange's domain, but read by the log alone: the contract takes a halt on the registrar's word, so that no
    second signature on chain stands between a fault and its end.
    """

    TYPE = "MarketHalt(bytes32 opId,uint32 asset,uint32 day,bool halted,bytes32 documentHash)"
    CHECKER = Checker.EXCHANGE

    asset: int
    day: int
    halted: bool
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class BankBinding(TypedMessage):
    """The bank account that withdrawals of an account go to, by its hash (DOMAIN 21)."""

    TYPE = "BankBinding(bytes32 opId,bytes32 account,bytes32 bankAccount,bytes32 documentHash)"
    CHECKER = Checker.EXCHANGE

    account: bytes
    bank_account: bytes
    document_hash: bytes


@dataclass(frozen=True, slots=True)
class Deposit(TypedMessage):
    """Cash that the bank received for an account. ``bank_reference``: Keccak-256 of the bank's text."""

    TYPE = "Deposit(bytes32 opId,bytes32 account,uint64 fen,bytes32 bankReference)"
    CHECKER = Checker.EXCHANGE

    account: bytes
    fen: int
    bank_reference: bytes


@dataclass(frozen=True, slots=True)
class Payout(TypedMessage):
    """What became of a withdrawal at the bank: paid and gone, or failed and free again. ``withdrawal``: its
    operation."""

    TYPE = "Payout(bytes32 opId,bytes32 withdrawal,bool paid,bytes32 bankReference)"
    CHECKER = Checker.EXCHANGE

    withdrawal: bytes
    paid: bool
    bank_reference: bytes


HolderMessage = CancelOrder | CancelAll | TradingMove | Withdrawal
"""What an asset key of the account signs beside its orders."""

ApprovedMessage = MarketTerms | MarketReference | BankBinding | Deposit | Payout
"""What two persons of two bodies sign (DOMAIN 23), and the exchange checks."""

MarketMessage = Order | HolderMessage | ApprovedMessage | MarketHalt
MESSAGES: tuple[type[MarketMessage], ...] = get_args(MarketMessage)
"""Every message."""
