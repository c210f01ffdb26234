"""Trading in the park's quota (DOMAIN 12 to 20): orders, book, bands, close, auctions (docs/market.md).

Pure and deterministic: the same entries give the same book and fills, byte for byte. Integers only. Every refusal is a
`MarketRefused` (or `AmountRefused`).
"""

from __future__ import annotations

from quota.market.acceptance import check_acceptance
from quota.market.auction import Bid, Clearing, check_lot, clear
from quota.market.bands import BLOCK_BPS, BLOCK_TONNES, LISTED_BPS, Reference, band, check_price
from quota.market.book import Book
from quota.market.closing import Close, close
from quota.market.fees import fee_fen, forfeit_fen, reserved_fen
from quota.market.orders import (
    MAX_PRICE_FEN,
    MAX_TONNES,
    MAX_VALUE_FEN,
    End,
    EndReason,
    Fill,
    Mode,
    Order,
    OrderKind,
    Side,
)

__all__ = [
    "BLOCK_BPS",
    "BLOCK_TONNES",
    "LISTED_BPS",
    "MAX_PRICE_FEN",
    "MAX_TONNES",
    "MAX_VALUE_FEN",
    "Bid",
    "Book",
    "Clearing",
    "Close",
    "End",
    "EndReason",
    "Fill",
    "Mode",
    "Order",
    "OrderKind",
    "Reference",
    "Side",
    "band",
    "check_acceptance",
    "check_lot",
    "check_price",
    "clear",
    "close",
    "fee_fen",
    "forfeit_fen",
    "reserved_fen",
]
