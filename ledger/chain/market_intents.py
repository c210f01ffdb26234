"""What the log says of the market without anybody's message of its own: trades, trading days, the bank's word.

The exchange is told of a trade with both orders as their holders signed them. What the market waits for, and what
waits for it, are parties beside the accounts (DOMAIN 16): a fill counts under its trading day, so what opens, halts or
closes a day waits for the fills that the log matched before, and they for the opening.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from attestation.market_messages import Order
from ledger.chain.asset_told import AssetTold, require_hash
from ledger.chain.entry_intents import require_compact, require_entry
from ledger.chain.operations import LIMIT, Kind

__all__ = [
    "CASH_CHECK",
    "CASH_MOVES",
    "MARKET_TERMS_PARTY",
    "TRADES",
    "BarIntent",
    "CloseDayIntent",
    "HaltDayIntent",
    "MarketIntent",
    "OpenDayIntent",
    "ReconcileIntent",
    "SettleIntent",
    "SweepIntent",
    "market_party",
]

TRADES = "trades"
"""The party that stands for everything that is settled: new terms come after it."""
MARKET_TERMS_PARTY = "market-terms"
"""The party that stands for the market's terms."""
CASH_MOVES = "cash-moves"
"""The party that stands for what comes from the bank and goes there: all cash is compared with the bank's after what
was said of it before (DOMAIN 21). What passes between accounts changes no sum."""
CASH_CHECK = "cash-check"
"""The party that stands for that comparison: while the two differ, cash does not move."""
_ASSETS = range(1, 2**32)
_PRICES = range(1, 2**32)
_DAYS = range(19_700_101, 99_991_232)
_INSTANTS = range(1, 2**32)
_GROUPS = range(2**16)


def market_party(asset: int) -> str:
    """The party that stands for an asset's trading days and reference price."""
    return f"market-{asset}"


def trades_party(asset: int) -> str:
    """The party that stands for what is settled of an asset."""
    return f"trades-{asset}"


@dataclass(frozen=True, slots=True)
class SettleIntent(AssetTold):
    """One fill: units against cash in one transaction (DOMAIN 18).

    Attributes
    ----------
    leaf_hash, log_index, number
        Of the entry that made the fill, and which of the fills of that entry it is, from 0.
    day
        Its trading day, ``YYYYMMDD``.
    tonnes, price_fen
        What changes hands, in whole tonnes and fen a tonne.
    buy_filled, sell_filled
        What of each order was filled before: the exchange takes fills in this order, and each once.
    buy_leaf, sell_leaf
        Leaf hashes of the entries that brought the orders.
    buy, sell, buy_signature, sell_signature
        The orders, and their holders' EIP-2098 signatures (64 bytes).
    """

    KIND: ClassVar[Kind] = Kind.SETTLE

    number: int
    day: int
    tonnes: int
    price_fen: int
    buy_filled: int
    sell_filled: int
    buy_leaf: bytes
    sell_leaf: bytes
    buy: Order
    sell: Order
    buy_signature: bytes
    sell_signature: bytes

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        require_hash("leaf", self.buy_leaf)
        require_hash("leaf", self.sell_leaf)
        require_compact("signature", self.buy_signature)
        require_compact("signature", self.sell_signature)
        _require_day(self.day)
        if not 0 <= self.number < 2**32:
            raise ValueError(f"fill {self.number} of an entry")
        if not 0 < self.tonnes < LIMIT or self.price_fen not in _PRICES:
            raise ValueError(f"{self.tonnes} t at {self.price_fen} fen")
        if not (0 <= self.buy_filled < LIMIT and 0 <= self.sell_filled < LIMIT):
            raise ValueError(f"filled {self.buy_filled} t and {self.sell_filled} t before")
        if self.buy.asset != self.sell.asset:
            raise ValueError(f"orders of assets {self.buy.asset} and {self.sell.asset}")

    @property
    def asset(self) -> int:
        """What is traded."""
        return self.buy.asset

    @property
    def natural_key(self) -> bytes:
        """The entry and the number: one entry may make several fills."""
        return self.leaf_hash + self.number.to_bytes(4)

    @property
    def parties(self) -> frozenset[str]:
        """Both accounts, and what has to come after trades."""
        return self._accounts | {trades_party(self.asset), TRADES}

    @property
    def rests_on(self) -> frozenset[str]:
        """Both accounts, terms, day and the state of cash; never other accounts' trades."""
        return self._accounts | {MARKET_TERMS_PARTY, market_party(self.asset), CASH_CHECK}

    @property
    def _accounts(self) -> frozenset[str]:
        return frozenset({self.buy.account.hex(), self.sell.account.hex()})


@dataclass(frozen=True, slots=True)
class _OfDay(AssetTold):
    asset: int
    day: int

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        if self.asset not in _ASSETS:
            raise ValueError(f"no asset {self.asset}")
        _require_day(self.day)

    @property
    def parties(self) -> frozenset[str]:
        """The asset's market."""
        return frozenset({market_party(self.asset)})

    @property
    def rests_on(self) -> frozenset[str]:
        """The asset's market, the terms, and what was settled before."""
        return self.parties | {MARKET_TERMS_PARTY, trades_party(self.asset)}


@dataclass(frozen=True, slots=True)
class OpenDayIntent(_OfDay):
    """A trading day begins; its fills are taken until ``cut_off`` (Unix seconds), however late (DOMAIN 16)."""

    KIND: ClassVar[Kind] = Kind.OPEN_DAY

    cut_off: int

    def __post_init__(self) -> None:
        _OfDay.__post_init__(self)
        if self.cut_off not in _INSTANTS:
            raise ValueError(f"cut-off {self.cut_off}")


@dataclass(frozen=True, slots=True)
class HaltDayIntent(_OfDay):
    """A trading day is halted, or goes on; ``op_id`` (32 bytes): the operation that two persons approved."""

    KIND: ClassVar[Kind] = Kind.HALT_DAY

    halted: bool
    op_id: bytes

    def __post_init__(self) -> None:
        _OfDay.__post_init__(self)
        require_hash("operation", self.op_id)
        if not any(self.op_id):
            raise ValueError("an operation id is not zero")

    def operation_id(self, deployment_id: bytes) -> bytes:
        """The one that was approved: what people signed, the log and the exchange know by one name."""
        return self.op_id


@dataclass(frozen=True, slots=True)
class CloseDayIntent(_OfDay):
    """A trading day ends (DOMAIN 15): of how many ``groups`` its traders were, and the root of its session."""

    KIND: ClassVar[Kind] = Kind.CLOSE_DAY

    groups: int
    session_root: bytes

    def __post_init__(self) -> None:
        _OfDay.__post_init__(self)
        require_hash("session root", self.session_root)
        if self.groups not in _GROUPS:
            raise ValueError(f"{self.groups} groups")


@dataclass(frozen=True, slots=True)
class ReconcileIntent(AssetTold):
    """What the bank holds for all at the end of a day (DOMAIN 21); where the ledger differs, cash is halted."""

    KIND: ClassVar[Kind] = Kind.RECONCILE

    day: int
    bank_fen: int

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        _require_day(self.day)
        if not 0 <= self.bank_fen < LIMIT:
            raise ValueError(f"{self.bank_fen} fen at the bank")

    @property
    def parties(self) -> frozenset[str]:
        """The comparison."""
        return frozenset({CASH_CHECK})

    @property
    def rests_on(self) -> frozenset[str]:
        """The comparison before, and what came or went since."""
        return frozenset({CASH_CHECK, CASH_MOVES})


@dataclass(frozen=True, slots=True)
class SweepIntent(AssetTold):
    """What an account has in trading goes back to itself: units to the registry, cash to the free cash."""

    KIND: ClassVar[Kind] = Kind.SWEEP

    account: bytes
    asset: int
    amount: int

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        require_hash("account", self.account)
        if self.asset not in _ASSETS or not 0 < self.amount < LIMIT:
            raise ValueError(f"{self.amount} of asset {self.asset}")

    @property
    def natural_key(self) -> bytes:
        """The entry, the account and the asset: one entry may sweep many."""
        return self.leaf_hash + self.account + self.asset.to_bytes(4)

    @property
    def parties(self) -> frozenset[str]:
        """The account."""
        return frozenset({self.account.hex()})


@dataclass(frozen=True, slots=True)
class BarIntent(AssetTold):
    """An account is kept from trading, or let in again: told with what suspends it."""

    KIND: ClassVar[Kind] = Kind.BAR

    account: bytes
    barred: bool

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        require_hash("account", self.account)

    @property
    def parties(self) -> frozenset[str]:
        """The account."""
        return frozenset({self.account.hex()})


MarketIntent = SettleIntent | OpenDayIntent | HaltDayIntent | CloseDayIntent | ReconcileIntent | SweepIntent | BarIntent
"""What the exchange is told beside what people signed (``ledger.chain.signed_intents``), each by one call."""


def _require_day(day: int) -> None:
    if day not in _DAYS:
        raise ValueError(f"no day {day}")
