"""What is matched: orders, the fills between two of them, and how an order ends (DOMAIN 12 to 16).

Tonnes are whole tonnes of CO2e (lot 1 t), prices whole fen per tonne (tick CNY 0.01): a value is an exact integer.
An order's id is its hash, its index its entry's position in the log, which is its time of arrival.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from quota.errors import QuotaError
from quota.market.bounds import at_most, between, both, whole
from quota.refusals import refuse

ID_BYTES = 32
MAX_TONNES = 2**63 - 1
"""The most tonnes of one order."""
MAX_PRICE_FEN = 2**32 - 1
"""The highest price: the contract holds it as `uint32`."""
MAX_VALUE_FEN = 2**63 - 1
"""The most money that one order may come to."""
MAX_INSTANT = 2**63 - 1
MAX_FEE_LIMIT_BPS = 2**16 - 1
_MAX_TEXT = 255


class Side(IntEnum):
    """Who an order is for: the one that pays, or the one that delivers."""

    BUY = 1
    SELL = 2


class OrderKind(IntEnum):
    """Listed 挂牌协议, block 大宗协议, bilateral (two that name each other), auction 单向竞价 (DOMAIN 13, 14)."""

    LISTED = 1
    BLOCK = 2
    BILATERAL = 3
    AUCTION = 4


class Mode(IntEnum):
    """How listed orders meet (DOMAIN 12): by acceptance of a posted offer, or in a central book."""

    AGREEMENT = 1
    LICENSED = 2


class EndReason(StrEnum):
    """Why an order is no longer open. What of it was not filled is free again."""

    FILLED = "filled"
    CANCELLED = "cancelled"
    DAY = "day"
    """The trading day is over: orders are day orders (DOMAIN 15)."""
    DEADLINE = "deadline"
    SELF = "self"
    """The rest would have crossed an order of the same account."""
    MINIMUM = "minimum"
    """The rest would have crossed an order that a minimum fill keeps it from."""
    COUNTERPARTY = "counterparty"
    """The rest would have crossed an order that names, or is named, another counterparty."""
    OUTBID = "outbid"
    """Of a bid: the lot went to higher ones."""
    UNSOLD = "unsold"
    """Of a lot: what no bid took returns (DOMAIN 14)."""
    SUSPENDED = "suspended"
    KEY = "key"
    """The key that signed it is ended."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it was signed and logged.

    `order_id` (32 bytes) its hash, `index` its entry's log index, `account` and `group` (of related enterprises, None:
    none) of its maker, `asset` the number of the quota, `tonnes` 1 or more, `price_fen` the limit per tonne,
    `counterparty` the one account that may take it (None: anybody), `minimum_fill` the least tonnes of one fill (the
    rest of an order may be less), `accepts` the id of the posted order that it accepts, `fee_limit_bps` the highest
    fee, `deadline` the first second (Unix time) that is too late.

    Raises MarketRefused: `market.order` for a member outside its bounds, `market.value` for more money than an order
    may come to.
    """

    order_id: bytes
    index: int
    account: str
    group: str | None
    asset: int
    side: Side
    kind: OrderKind
    tonnes: int
    price_fen: int
    counterparty: str | None
    minimum_fill: int
    accepts: bytes | None
    fee_limit_bps: int
    deadline: int

    def __post_init__(self) -> None:
        if not (
            type(self.tonnes) is type(self.price_fen) is type(self.index) is type(self.asset) is int
            and type(self.minimum_fill) is type(self.fee_limit_bps) is type(self.deadline) is int
            and 0 < self.tonnes <= MAX_TONNES
            and 0 < self.price_fen <= MAX_PRICE_FEN
            and 0 <= self.minimum_fill <= self.tonnes
            and 0 <= self.index <= MAX_INSTANT
            and 0 < self.asset < 2**32
            and 0 <= self.fee_limit_bps <= MAX_FEE_LIMIT_BPS
            and 0 <= self.deadline <= MAX_INSTANT
            and type(self.side) is Side
            and type(self.kind) is OrderKind
            and _is_id(self.order_id)
            and (self.accepts is None or _is_id(self.accepts))
            and _is_text(self.account)
            and (self.group is None or _is_text(self.group))
            and (self.counterparty is None or _is_text(self.counterparty))
        ):
            raise _broken(self)
        if self.tonnes * self.price_fen > MAX_VALUE_FEN:
            raise refuse("market.value", self.tonnes * self.price_fen, **at_most(MAX_VALUE_FEN, "fen"), at=self.name)

    @property
    def name(self) -> str:
        """The id in 64 hexadecimal digits."""
        return self.order_id.hex()

    @property
    def party(self) -> str:
        """Whom a trade of this order counts for: the group, or the account of one that has none (DOMAIN 15)."""
        return self.account if self.group is None else f"group {self.group}"

    def least(self, remaining: int) -> int:
        """The fewest tonnes of one fill while `remaining` are left: the rest may be less than the minimum."""
        return min(self.minimum_fill, remaining)


@dataclass(frozen=True, slots=True)
class Fill:
    """`tonnes` between two orders at `price_fen`.

    `number` counts from 0 within the session, `cause` is the log index of the entry that made it, `buy_filled` and
    `sell_filled` are the tonnes that either order had before: they put fills into an order that the contract keeps.
    `counted`: a listed trade of two parties that are not related, so part of the day's close (DOMAIN 15).
    """

    number: int
    cause: int
    buy: bytes
    sell: bytes
    tonnes: int
    price_fen: int
    buy_filled: int
    sell_filled: int
    kind: OrderKind
    counted: bool

    @property
    def value_fen(self) -> int:
        """Tonnes times price, exact."""
        return self.tonnes * self.price_fen


@dataclass(frozen=True, slots=True)
class End:
    """An order is no longer open; `remaining` tonnes of it were not filled."""

    order_id: bytes
    remaining: int
    reason: EndReason


def counts(one: Order, other: Order) -> bool:
    """Whether a fill of two orders is part of the close: listed, and not within one group (DOMAIN 15)."""
    return one.kind is OrderKind.LISTED and (one.group is None or one.group != other.group)


def _is_id(value: object) -> bool:
    return type(value) is bytes and len(value) == ID_BYTES


def _is_text(value: object) -> bool:
    return type(value) is str and 0 < len(value) <= _MAX_TEXT


def _broken(order: Order) -> QuotaError:
    """The first member that breaks the form: looked for only once one is known to."""
    numbers = {
        "index": (0, MAX_INSTANT),
        "asset": (1, 2**32 - 1),
        "tonnes": (1, MAX_TONNES),
        "price_fen": (1, MAX_PRICE_FEN),
        "minimum_fill": (0, order.tonnes),
        "fee_limit_bps": (0, MAX_FEE_LIMIT_BPS),
        "deadline": (0, MAX_INSTANT),
    }
    for member, (low, high) in numbers.items():
        value = getattr(order, member)
        if type(value) is not int or not low <= value <= high:
            return refuse("market.order", value, **whole(low, high), at=member)
    for member, wanted in (("side", Side), ("kind", OrderKind)):
        value = getattr(order, member)
        if type(value) is not wanted:
            return refuse("market.order", value, f"a {wanted.__name__}", at=member)
    for member in ("order_id", "accepts"):
        value = getattr(order, member)
        if not (_is_id(value) or (member == "accepts" and value is None)):
            return refuse("market.order", value, **both(f"{ID_BYTES} bytes", f"{ID_BYTES} 字节"), at=member)
    texts = {"account": order.account, "group": order.group, "counterparty": order.counterparty}
    at = next(name for name, text in texts.items() if not (_is_text(text) or (text is None and name != "account")))
    return refuse("market.order", texts[at], **between(1, _MAX_TEXT, "characters"), at=at)
