"""What a service tells as it happens, and figures of the trading (DOMAIN 12 to 15)."""

from __future__ import annotations

from typing import Literal

import msgspec

from tanlu.client.market_answers import Candle, Level, Offer, OrderShown, Trade, TradingDay


class BookChanged(msgspec.Struct, frozen=True, kw_only=True):
    """``levels``: what stands now at each price where something changed (no orders: nothing); ``offers``: with what is
    left of them (nothing: gone), as far as they are open to the caller."""

    asset: str
    levels: tuple[Level, ...]
    offers: tuple[Offer, ...]


class FillChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A fill came to ``state``: ``matched`` again where the chain forgot the block that settled it, ``final``, of one's
    own, where it cannot forget it any more."""

    state: Literal["matched", "settled", "final", "undone"]
    trade: Trade


class CandleChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A day's candle as it is now; all 0 without a trade that counts."""

    asset: str
    candle: Candle


class DayChanged(msgspec.Struct, frozen=True, kw_only=True):
    """What was done to a trading day by the entry ``index``; ``day`` None of a reference price."""

    what: Literal["open", "halt", "resume", "close", "reference"]
    asset: str
    index: int
    reference_fen: int
    day: TradingDay | None


EventBody = BookChanged | FillChanged | CandleChanged | DayChanged | OrderShown


class MarketEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event. ``id``: go on from here with ``since``; ``name``: ``book``, ``trade``, ``candle``, ``day``, or of one's
    own ``order``, ``fill``."""

    id: str
    name: str
    body: EventBody


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """Why the service ended a stream."""

    reason: str
    id: str


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """Trades; ``vwap_fen``: ``value_fen`` by ``tonnes``, half-up to the fen, None without a trade."""

    trades: int
    tonnes: int
    value_fen: int
    vwap_fen: int | None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Of a day or of several together: every kind apart, and ``counted``, what is part of closes, with the first,
    highest, lowest and last of its prices. ``participants``: accounts that bought or sold, each once."""

    total: Total
    listed: Total
    block: Total
    bilateral: Total
    auction: Total
    counted: Total
    open_fen: int | None
    high_fen: int | None
    low_fen: int | None
    last_fen: int | None
    participants: int


class DayStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """A trading day; ``close_fen`` None: it is not closed."""

    day: int
    reference_fen: int
    close_fen: int | None
    figures: Figures


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """Trading days, the earliest first, and all of them together."""

    asset: str
    days: tuple[DayStatistics, ...]
    together: Figures
