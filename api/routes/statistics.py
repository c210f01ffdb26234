"""Figures of the trading: statistics and candles, of days and within one."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.access.guard import Asked, AskedDep
from api.deps import Service, ServiceDep
from api.describe import failures
from api.market_models import Candle, Candles
from api.problems import Refused
from api.routes.market import AssetPath, DayBefore, DayQuery, LimitQuery, reader_of
from api.statistics_models import Statistics
from attestation.assets import parse_asset
from attestation.bodies.market import FIRST_DAY, LAST_DAY
from ledger.market.reader import SHOWN
from ledger.market.statistics import INTERVALS, MOST_DAYS, StatisticsReader

router = APIRouter(tags=["market"])

First = Annotated[int, Query(alias="from", ge=FIRST_DAY, le=LAST_DAY, description="The first day: 20260105.")]
Last = Annotated[int, Query(alias="to", ge=FIRST_DAY, le=LAST_DAY, description="The last day.")]


def _statistics(service: Service, asked: Asked, asset: str, first: int, last: int) -> Statistics:
    asked.object = f"statistics of {asset}"
    if first > last:
        text = "The first day lies after the last.", "起始日晚于终止日。"
        raise Refused(422, "statistics.range", f"{first} to {last}", "`from` not after `to`", text)
    found = StatisticsReader(service.access.database).statistics(parse_asset(asset), first, last)
    if found is None:
        text = f"At most {MOST_DAYS} trading days at once.", f"一次最多 {MOST_DAYS} 个交易日。"
        raise Refused(422, "statistics.days", f"{first} to {last}", f"at most {MOST_DAYS} trading days", text)
    return Statistics.of(found)


def _intraday(service: Service, asked: Asked, asset: str, day: int | None, interval: str) -> Candles:
    asked.object = f"candles of {asset}"
    found = StatisticsReader(service.access.database).intraday(parse_asset(asset), day, INTERVALS[interval])
    return Candles(asset=asset, candles=[Candle.of(one) for one in found])


def _candles(service: Service, asked: Asked, asset: str, *, before: int | None, limit: int) -> Candles:
    asked.object = f"candles of {asset}"
    found = reader_of(service).candles(parse_asset(asset), before=before, limit=limit)
    return Candles(asset=asset, candles=[Candle.of(one) for one in reversed(found)])


@router.get(
    "/market/{asset}/statistics",
    operation_id="getStatistics",
    summary="Figures of trading days",
    responses=failures(403, 503),
)
async def get_statistics(
    *, asset: AssetPath, service: ServiceDep, asked: AskedDep, first: First = FIRST_DAY, last: Last = LAST_DAY
) -> Statistics:
    """Of each day and of all together: trades, tonnes, value and price, each kind apart, and how many took part."""
    return await service.read_long(_statistics, service, asked, asset, first, last)


@router.get(
    "/market/{asset}/candles", operation_id="listCandles", summary="Prices by day", responses=failures(403, 503)
)
async def list_candles(
    *,
    asset: AssetPath,
    service: ServiceDep,
    asked: AskedDep,
    interval: Annotated[Literal["1m", "5m", "1h", "1d"], Query(description="Less than `1d`: within one day.")] = "1d",
    day: DayQuery = None,
    before: DayBefore = None,
    limit: LimitQuery = SHOWN,
) -> Candles:
    """Of the last days with a trade that is part of the close, or of the parts of a `day`, the earliest first."""
    if interval != "1d":
        return await service.read_long(_intraday, service, asked, asset, day, interval)
    return await service.read(_candles, service, asked, asset, before=before, limit=limit)
