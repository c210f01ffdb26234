"""The bytes that a session's root is the SHA-256 of (docs/market.md gives them member by member).

Canonical JSON: tonnes and fen are strings of whole numbers, hashes 64 lowercase hexadecimal digits; log indices, days,
asset and codes are numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from quota.canonical import canonical_bytes
from quota.market.closing import Close
from quota.market.orders import Fill


def fill_record(fill: Fill) -> dict[str, object]:
    """One fill, as the root has it."""
    return {
        "buy": fill.buy.hex(),
        "buy_filled": str(fill.buy_filled),
        "cause": fill.cause,
        "counted": fill.counted,
        "kind": int(fill.kind),
        "number": fill.number,
        "price_fen": str(fill.price_fen),
        "sell": fill.sell.hex(),
        "sell_filled": str(fill.sell_filled),
        "tonnes": str(fill.tonnes),
    }


def close_record(close: Close) -> dict[str, object]:
    """The close, as the root has it."""
    return {
        "groups": close.groups,
        "price_fen": str(close.price_fen),
        "stands": close.stands,
        "value_fen": str(close.value_fen),
        "volume": str(close.volume),
    }


def session_bytes(
    *,
    asset: int,
    day: int,
    first: int,
    last: int,
    fills: Iterable[Fill],
    book: bytes,
    close: Close,
    reference: int,
) -> bytes:
    """The canonical JSON of a session: entry range, fills, hash of the book, close, reference price."""
    return canonical_bytes(
        {
            "asset": asset,
            "book": book.hex(),
            "close": close_record(close),
            "day": day,
            "fills": [fill_record(fill) for fill in fills],
            "first": first,
            "last": last,
            "reference": str(reference),
        }
    )


def session_root(record: bytes) -> bytes:
    """The root of a session's canonical bytes: 32 bytes."""
    return hashlib.sha256(record).digest()
