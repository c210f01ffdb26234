"""The history: what was ever said, found again by whom, what and when, with what it led to on chain; the way of a
tonne, and of units.

``HistoryReader`` is the service's read side; everything it tells follows from entries and the projection.
"""

from __future__ import annotations

from ledger.history.hits import Effect, EventSeen, Hit
from ledger.history.reader import HistoryReader
from ledger.history.search import HITS_SHOWN, Found, Question
from ledger.history.tonne import Tonne, TonneStep
from ledger.history.units import UnitFlow, UnitWay

__all__ = [
    "HITS_SHOWN",
    "Effect",
    "EventSeen",
    "Found",
    "HistoryReader",
    "Hit",
    "Question",
    "Tonne",
    "TonneStep",
    "UnitFlow",
    "UnitWay",
]
