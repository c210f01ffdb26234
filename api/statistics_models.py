"""Answers with figures of the trading: by day and kind, over a range, and within a day. Tonnes are whole, money fen."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from api.market_models import ASSET, DAY
from api.models import Answer
from attestation.assets import format_asset
from ledger.market.statistics import FiguresView, StatisticsView, TotalView


class Total(Answer):
    """Trades, without those that the contract finally refused."""

    trades: int
    tonnes: int
    value_fen: int
    vwap_fen: int | None = Field(
        description="Volume-weighted price, half-up to the fen; exactly `value_fen` / `tonnes`. Null without a trade."
    )

    @classmethod
    def of(cls, found: TotalView) -> Self:
        """From the log's view."""
        return cls(trades=found.trades, tonnes=found.tonnes, value_fen=found.value_fen, vwap_fen=found.vwap_fen)


class Figures(Answer):
    """Of a day, or of several together."""

    total: Total
    listed: Total
    block: Total
    bilateral: Total
    auction: Total
    counted: Total = Field(description="What is part of closes (DOMAIN 15); the prices below are of these.")
    open_fen: int | None
    high_fen: int | None
    low_fen: int | None
    last_fen: int | None
    participants: int = Field(description="Accounts that bought or sold, each once.")

    @classmethod
    def of(cls, found: FiguresView) -> Self:
        """From the log's view."""
        return cls(
            total=Total.of(found.total),
            **{kind: Total.of(total) for kind, total in found.kinds},
            counted=Total.of(found.counted),
            open_fen=found.open_fen,
            high_fen=found.high_fen,
            low_fen=found.low_fen,
            last_fen=found.last_fen,
            participants=found.participants,
        )


class DayStatistics(Answer):
    """A trading day."""

    day: int = DAY
    reference_fen: int
    close_fen: int | None = Field(description="Null until it is closed.")
    figures: Figures


class Statistics(Answer):
    """Of the days of a range, the earliest first, and of all of them together."""

    asset: str = ASSET
    days: list[DayStatistics]
    together: Figures

    @classmethod
    def of(cls, found: StatisticsView) -> Self:
        """From the log's view."""
        return cls(
            asset=format_asset(found.asset),
            days=[
                DayStatistics(
                    day=one.day,
                    reference_fen=one.reference_fen,
                    close_fen=one.close_fen,
                    figures=Figures.of(one.figures),
                )
                for one in found.days
            ],
            together=Figures.of(found.together),
        )
