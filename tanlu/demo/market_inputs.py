"""What the demo chooses for the market: terms, money, lot, bids, offers (STORY steps 5, 6 and 8)."""

from __future__ import annotations

from dataclasses import dataclass

BAND_BPS, BLOCK_BAND_BPS = 1_000, 3_000
BLOCK_THRESHOLD_TONNES = 1_000
LOCK_DAYS = 5
MAXIMUM_HOLDERS = 200
RELEASE_DELAY_SECONDS = 86_400
DEPOSITS_FEN = {"A": 6_000_000, "C": 4_500_000, "E": 800_000}
LOT_TONNES = 500
FLOOR_FEN = 6_000
FORFEIT_BPS = 500
BID_SECONDS = 8
"""In which sealed bids come, and then again in which they are opened."""
TOO_HIGH_FEN = 6_601


@dataclass(frozen=True, slots=True)
class Bid:
    """A sealed bid, by the letter of its enterprise."""

    letter: str
    tonnes: int
    price_fen: int


@dataclass(frozen=True, slots=True)
class Deal:
    """An offer of ``seller`` that ``buyer`` accepts."""

    seller: str
    buyer: str
    tonnes: int
    price_fen: int


BIDS = (Bid("A", 233, 6_180), Bid("E", 127, 6_100), Bid("C", 200, 6_050))
FIRST_DAY = (Deal("B", "A", 700, 6_250), Deal("D", "C", 475, 6_200))
SECOND_DAY = (Deal("D", "C", 60, 6_230),)
