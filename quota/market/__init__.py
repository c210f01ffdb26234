"""Trading in the park's quota (DOMAIN 12 to 20): book, bands, close, auctions, sessions and replay (docs/market.md).

Pure and deterministic: the same entries give the same book and fills, byte for byte. Integers only. Every refusal is a
`MarketRefused` (or `AmountRefused`).
"""

from __future__ import annotations

from quota.market.acceptance import check_acceptance
from quota.market.auction import Bid, Clearing, check_lot, clear
from quota.market.bands import BLOCK_BPS, BLOCK_TONNES, LISTED_BPS, Reference, band, check_price
from quota.market.book import Book
from quota.market.calendar import BLOCK_HOURS, LISTED_HOURS, SHANGHAI, Hours, Windows, check_day, day_of
from quota.market.closing import Close, close
from quota.market.divergence import Divergence, Recorded, difference, differences
from quota.market.events import (
    AuctionClosed,
    Cancelled,
    CancelledAll,
    Closed,
    Event,
    Halted,
    Opened,
    Placed,
    Resumed,
)
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
from quota.market.session import Replay, Session, replay

__all__ = [
    "BLOCK_BPS",
    "BLOCK_HOURS",
    "BLOCK_TONNES",
    "LISTED_BPS",
    "LISTED_HOURS",
    "MAX_PRICE_FEN",
    "MAX_TONNES",
    "MAX_VALUE_FEN",
    "SHANGHAI",
    "AuctionClosed",
    "Bid",
    "Book",
    "Cancelled",
    "CancelledAll",
    "Clearing",
    "Close",
    "Closed",
    "Divergence",
    "End",
    "EndReason",
    "Event",
    "Fill",
    "Halted",
    "Hours",
    "Mode",
    "Opened",
    "Order",
    "OrderKind",
    "Placed",
    "Recorded",
    "Reference",
    "Replay",
    "Resumed",
    "Session",
    "Side",
    "Windows",
    "band",
    "check_acceptance",
    "check_day",
    "check_lot",
    "check_price",
    "clear",
    "close",
    "day_of",
    "difference",
    "differences",
    "fee_fen",
    "forfeit_fen",
    "replay",
    "reserved_fen",
]
