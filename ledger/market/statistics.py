"""Figures of an asset's trading: by day and kind, over a range, and candles within a day (DOMAIN 13 to 15).

What the contract finally refused counts for nothing. Prices are those of the trades that are part of the close.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, func, select, union
from sqlalchemy.orm import Session as Store

from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.exact_sum import exact_sum, read_sum
from ledger.db.market import MarketRepository
from ledger.db.market_models import MarketDayRow, MarketFillRow
from ledger.market.shown import kind_text
from ledger.market.views import CandleView, KindText

MOST_DAYS = 366
INTERVALS = {"1m": 60, "5m": 300, "1h": 3_600}
"""Seconds of a candle within a day; windows and hours of China begin with them."""
_KINDS: tuple[KindText, ...] = ("listed", "block", "bilateral", "auction")


@dataclass(frozen=True, slots=True)
class TotalView:
    """Trades of a kind: how many, tonnes, fen. ``vwap_fen``: fen by tonnes, half-up to the fen; None without a trade
    (exactly it is ``value_fen`` / ``tonnes``)."""

    trades: int = 0
    tonnes: int = 0
    value_fen: int = 0

    @property
    def vwap_fen(self) -> int | None:
        """See the class."""
        return (2 * self.value_fen + self.tonnes) // (2 * self.tonnes) if self.tonnes else None

    def __add__(self, other: TotalView) -> TotalView:
        return TotalView(self.trades + other.trades, self.tonnes + other.tonnes, self.value_fen + other.value_fen)


@dataclass(frozen=True, slots=True)
class FiguresView:
    """A day's figures, or a range's. ``kinds``: every kind apart. ``counted``: the trades that are part of closes, with
    the first, highest, lowest and last of their prices (None without one). ``participants``: accounts that bought or
    sold, each once."""

    total: TotalView
    kinds: tuple[tuple[KindText, TotalView], ...]
    counted: TotalView
    open_fen: int | None
    high_fen: int | None
    low_fen: int | None
    last_fen: int | None
    participants: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    """``close_fen``: what the day closed at (DOMAIN 15), None before."""

    day: int
    reference_fen: int
    close_fen: int | None
    figures: FiguresView


@dataclass(frozen=True, slots=True)
class StatisticsView:
    """Of every trading day of the range, the earliest first, and of all of them together."""

    asset: int
    days: tuple[DayFigures, ...]
    together: FiguresView


class StatisticsReader:
    """Read access to one log; each answer is one snapshot of the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def statistics(self, asset: int, first: int, last: int) -> StatisticsView | None:
        """The days from ``first`` to ``last``; None where they are more than ``MOST_DAYS``."""
        row = MarketDayRow
        query = select(row).where(row.asset == asset, row.day >= first, row.day <= last).order_by(row.day)
        with self._database.read() as store:
            days = store.scalars(query.limit(MOST_DAYS + 1)).all()
            if len(days) > MOST_DAYS:
                return None
            place = _stands(asset, first, last)
            found, people = _by_day(store, place), _participants_by_day(store, place)
            told = tuple(
                DayFigures(
                    day.day, day.reference_fen, day.close_fen, replace(found[day.day], participants=people[day.day])
                )
                for day in days
            )
            return StatisticsView(asset, told, _together([one.figures for one in told], _participants(store, place)))

    def intraday(self, asset: int, day: int | None, seconds: int) -> list[CandleView]:
        """The candles of a day (None: the latest one), so many seconds long each, the earliest first."""
        with self._database.read() as store:
            latest = MarketRepository(store).latest_day(asset) if day is None else None
            chosen = day if latest is None else latest.day
            if chosen is None:
                return []
            fill = MarketFillRow
            query = select(fill.made_at, fill.price_fen, fill.tonnes).where(
                *_stands(asset, chosen, chosen), fill.counted
            )
            made: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
            for at, price, tonnes in store.execute(query.order_by(fill.number)):
                made[at - at % seconds].append((price, tonnes))
            return [replace(_candle(chosen, fills), start=start) for start, fills in sorted(made.items())]


def _candle(day: int, fills: list[tuple[int, int]]) -> CandleView:
    prices = [price for price, _ in fills]
    return CandleView(
        day=day,
        open_fen=prices[0],
        high_fen=max(prices),
        low_fen=min(prices),
        last_fen=prices[-1],
        volume=sum(tonnes for _, tonnes in fills),
        value_fen=sum(price * tonnes for price, tonnes in fills),
        trades=len(fills),
    )


def _stands(asset: int, first: int, last: int) -> tuple[ColumnElement[bool], ...]:
    """Fills of those days that the contract did not finally refuse."""
    fill, row = MarketFillRow, OutboxRow
    settlement = and_(row.op_id == fill.op_id, row.kind == Kind.SETTLE.value)
    undone = select(row.id).where(settlement, row.state == State.REFUSED.value).exists()
    return fill.asset == asset, fill.day >= first, fill.day <= last, ~undone


def _by_day(store: Store, place: tuple[ColumnElement[bool], ...]) -> defaultdict[int, FiguresView]:
    fill = MarketFillRow
    sums = (func.count(), exact_sum(fill.tonnes), exact_sum(fill.value_fen))
    kinds: defaultdict[int, dict[KindText, TotalView]] = defaultdict(dict)
    for day, kind, *told in store.execute(
        select(fill.day, fill.kind, *sums).where(*place).group_by(fill.day, fill.kind)
    ):
        kinds[day][kind_text(kind)] = _total(*told)
    found: defaultdict[int, FiguresView] = defaultdict(lambda: _figures({}))
    found |= {day: _figures(totals) for day, totals in kinds.items()}
    ends = (func.max(fill.price_fen), func.min(fill.price_fen), func.min(fill.number), func.max(fill.number))
    counted = select(fill.asset, fill.day, *sums, *ends).where(*place, fill.counted).group_by(fill.asset, fill.day)
    for asset, day, trades, tonnes, value, high, low, *numbers in store.execute(counted).all():
        first, last = (store.get_one(MarketFillRow, (asset, day, number)).price_fen for number in numbers)
        total = _total(trades, tonnes, value)
        found[day] = replace(found[day], counted=total, open_fen=first, high_fen=high, low_fen=low, last_fen=last)
    return found


def _total(trades: int, tonnes: object, value: object) -> TotalView:
    return TotalView(trades, read_sum(tonnes), read_sum(value))


def _figures(kinds: dict[KindText, TotalView]) -> FiguresView:
    apart = tuple((kind, kinds.get(kind, TotalView())) for kind in _KINDS)
    return FiguresView(_sum(total for _, total in apart), apart, TotalView(), None, None, None, None, 0)


def _together(days: list[FiguresView], participants: int) -> FiguresView:
    priced = [one for one in days if one.open_fen is not None]
    highs = [one.high_fen for one in priced if one.high_fen is not None]
    lows = [one.low_fen for one in priced if one.low_fen is not None]
    return FiguresView(
        total=_sum(one.total for one in days),
        kinds=tuple((kind, _sum(dict(one.kinds)[kind] for one in days)) for kind in _KINDS),
        counted=_sum(one.counted for one in days),
        open_fen=priced[0].open_fen if priced else None,
        high_fen=max(highs, default=None),
        low_fen=min(lows, default=None),
        last_fen=priced[-1].last_fen if priced else None,
        participants=participants,
    )


def _sum(totals: Iterable[TotalView]) -> TotalView:
    return sum(totals, TotalView())


def _participants_by_day(store: Store, place: tuple[ColumnElement[bool], ...]) -> defaultdict[int, int]:
    fill = MarketFillRow
    sides = union(
        *(select(fill.day.label("day"), side.label("who")).where(*place) for side in (fill.buyer, fill.seller))
    )
    named = sides.subquery()
    found = store.execute(select(named.c.day, func.count()).group_by(named.c.day)).all()
    return defaultdict(int, dict(found))


def _participants(store: Store, place: tuple[ColumnElement[bool], ...]) -> int:
    fill = MarketFillRow
    named = union(*(select(side.label("who")).where(*place) for side in (fill.buyer, fill.seller))).subquery()
    return store.scalar(select(func.count()).select_from(named)) or 0
