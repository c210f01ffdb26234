"""The words of orders and of the market, and the numbers that the exchange has for them (DOMAIN 12 to 14)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class MarketWord(IntEnum):
    """A number of the contract; statements write its name in lower case."""

    @property
    def text(self) -> str:
        """As statements write it."""
        return self.name.lower()

    @classmethod
    def texts(cls) -> tuple[str, ...]:
        """Every word, in the order of the numbers."""
        return tuple(word.text for word in cls)


class Side(MarketWord):
    """Whether an order buys or sells."""

    BUY = 1
    SELL = 2

    @classmethod
    def of(cls, text: str) -> Side:
        """The side of ``buy`` or ``sell``. Raises ValueError for another text."""
        return cls(cls.texts().index(text) + 1)


class OrderKind(MarketWord):
    """How an order trades: 挂牌协议, 大宗协议, between two without the operator, 单向竞价."""

    LISTED = 1
    BLOCK = 2
    BILATERAL = 3
    AUCTION = 4

    @classmethod
    def of(cls, text: str) -> OrderKind:
        """The kind of ``listed``, ``block``, ``bilateral`` or ``auction``. Raises ValueError for another text."""
        return cls(cls.texts().index(text) + 1)


class Mode(MarketWord):
    """How listed orders meet (DOMAIN 12): by a named acceptance, or in a central order book."""

    AGREEMENT = 1
    LICENSED = 2

    @classmethod
    def of(cls, text: str) -> Mode:
        """The mode of ``agreement`` or ``licensed``. Raises ValueError for another text."""
        return cls(cls.texts().index(text) + 1)


MOST_TONNES: Final = 2**32 - 1
"""Of one order: the exchange counts what an account bought in a day in 32 bits."""
MOST_PRICE_FEN: Final = 2**32 - 1
MOST_VALUE_FEN: Final = 2**48 - 1
"""Of one order: the exchange counts what a day's trades come to in 48 bits."""
MOST_FEN: Final = 2**53 - 1
"""Of one payment: what every reader of JSON is sure of."""
ALL_BPS: Final = 10_000
