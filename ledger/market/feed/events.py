"""What happens on the market, as it is told: to whom, and with which id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ledger.market.feed.ids import FeedId
from ledger.market.views import CandleView, DayView, LevelView, OfferView, OrderView, TradeView

Kind = Literal["book", "trade", "candle", "day", "order", "fill"]
FillStep = Literal["matched", "settled", "final", "undone"]
DayStep = Literal["open", "halt", "resume", "close", "reference"]


@dataclass(frozen=True, slots=True)
class BookChange:
    """What stands now where something changed: ``levels`` whole (no orders: nothing stands there any more), ``offers``
    with what is left of them (nothing: gone; all of them, whoever shows them leaves out what is not open to the
    caller)."""

    asset: int
    levels: tuple[LevelView, ...]
    offers: tuple[OfferView, ...]


@dataclass(frozen=True, slots=True)
class FillChange:
    """A fill, and what it came to: ``matched`` again where the chain forgot the block that settled it."""

    state: FillStep
    trade: TradeView


@dataclass(frozen=True, slots=True)
class CandleChange:
    """A day's candle as it is now; without a trade that counts all is 0."""

    asset: int
    candle: CandleView


@dataclass(frozen=True, slots=True)
class DayChange:
    """What the registrar did by the entry ``index``: ``day`` as it was then; None of a ``reference``, which two persons
    set. ``reference_fen``: of the day, or the new one."""

    what: DayStep
    asset: int
    index: int
    reference_fen: int
    day: DayView | None


Body = BookChange | FillChange | CandleChange | DayChange | OrderView


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event. ``id``: where one stands after it. ``accounts``: whose own it is; None: of whoever may see the
    asset's book. ``by_entry``: it is of an entry, else of an outcome."""

    id: FeedId
    kind: Kind
    asset: int
    accounts: frozenset[str] | None
    body: Body
    by_entry: bool

    def told_before(self, reached: FeedId) -> bool:
        """Whether who stands at ``reached`` knows it already."""
        if self.by_entry:
            return (self.id.entry, self.id.place) <= (reached.entry, reached.place)
        return (self.id.outcome, self.id.step) <= (reached.outcome, reached.step)
