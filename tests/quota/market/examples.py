"""Orders and events that several tests start from."""

from __future__ import annotations

import hashlib
from typing import Any

from quota.market import Bid, Mode, Opened, Order, OrderKind, Reference, Side

ASSET = 0x0001_0000 + 2025
DAY = 20251103
BUY, SELL = Side.BUY, Side.SELL
FAR = 4_000_000_000


def order_id(index: int) -> bytes:
    """An id that does not sort as the index does."""
    return hashlib.sha256(b"order %d" % index).digest()


def order(index: int, side: Side, tonnes: int, price_fen: int, account: str = "", **changes: Any) -> Order:
    """A listed order without minimum, counterparty or group; each index its own account unless one is named."""
    members: dict[str, Any] = {
        "order_id": order_id(index),
        "index": index,
        "account": account or f"account {index}",
        "group": None,
        "asset": ASSET,
        "side": side,
        "kind": OrderKind.LISTED,
        "tonnes": tonnes,
        "price_fen": price_fen,
        "counterparty": None,
        "minimum_fill": 0,
        "accepts": None,
        "fee_limit_bps": 0,
        "deadline": FAR,
    }
    return Order(**(members | changes))


def accepting(index: int, offer: Order, tonnes: int | None = None, account: str = "", **changes: Any) -> Order:
    """An order that takes `tonnes` (all unless given) of a posted one, and names its maker."""
    side = SELL if offer.side is BUY else BUY
    members = {"kind": offer.kind, "accepts": offer.order_id, "counterparty": offer.account} | changes
    price = members.pop("price_fen", offer.price_fen)
    return order(index, members.pop("side", side), tonnes or offer.tonnes, price, account, **members)


def lot(index: int, tonnes: int, price_fen: int, **changes: Any) -> Order:
    """An auction's sell order, the park's."""
    return order(index, SELL, tonnes, price_fen, changes.pop("account", "park"), kind=OrderKind.AUCTION, **changes)


def bid_order(index: int, tonnes: int, price_fen: int, account: str = "", **changes: Any) -> Order:
    """An auction's buy order."""
    return order(index, BUY, tonnes, price_fen, account, kind=OrderKind.AUCTION, **changes)


def bid(order: Order, committed_index: int, locked_fen: int | None = None) -> Bid:
    """A revealed bid that locks what it comes to, unless told."""
    return Bid(order, committed_index, True, order.tonnes * order.price_fen if locked_fen is None else locked_fen)


def opened(index: int = 0, **changes: Any) -> Opened:
    """STORY's trading day: agreement mode, reference 60.00 (step 6)."""
    members: dict[str, Any] = {
        "index": index,
        "asset": ASSET,
        "day": DAY,
        "mode": Mode.AGREEMENT,
        "reference": Reference(6_000),
    }
    return Opened(**(members | changes))
