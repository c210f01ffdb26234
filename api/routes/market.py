"""The market: terms, days, books, trades, sessions, auctions, and for whose they are orders and fills."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.access.callers import OVERSEERS
from api.access.guard import Asked, AskedDep
from api.auction_models import Auction, Auctions
from api.deps import Service, ServiceDep
from api.describe import failures
from api.market_models import (
    QUOTA_PATTERN,
    Book,
    Market,
    MarketSession,
    Trade,
    Trades,
    TradingDay,
    TradingDays,
)
from api.models import HASH
from api.order_models import MarketOrder, MarketOrders, Trader
from api.routes.labels import BeforeQuery
from api.routes.parameters import absent, identifier_in
from attestation.assets import parse_asset
from attestation.bodies.market import FIRST_DAY, LAST_DAY
from ledger.market.reader import SHOWN, MarketReader
from ledger.market.standing import StandingReader

router = APIRouter(tags=["market"])

AssetPath = Annotated[str, Path(pattern=QUOTA_PATTERN, description="`quota-2025`.")]
DayPath = Annotated[int, Path(ge=FIRST_DAY, le=LAST_DAY, description="A trading day: 20260105.")]
DayQuery = Annotated[int | None, Query(ge=FIRST_DAY, le=LAST_DAY, description="By default the latest one.")]
DayBefore = Annotated[int | None, Query(ge=FIRST_DAY, le=LAST_DAY, description="Days before this one.")]
AccountQuery = Annotated[str | None, Query(max_length=255, description="Whose; by default the caller's.")]
LimitQuery = Annotated[int, Query(ge=1, le=SHOWN, description="At most so many.")]
HashPath = Annotated[str, Path(pattern=HASH)]


def reader_of(service: Service) -> MarketReader:
    # By the clock of the log, as what is shown is judged.
    return MarketReader(service.access.database, service.access.clock)


def _standing(service: Service) -> StandingReader:
    return StandingReader(service.access.database, service.access.clock)


def sees(asked: Asked) -> str | None:
    """As whose body the caller sees offers and trades; None: as who oversees them all."""
    caller = asked.caller
    return "" if caller is None else None if caller.role in OVERSEERS else caller.body


def holder_of(asked: Asked, account: str | None) -> str:
    """The account that is asked about, which must be the caller's to read."""
    caller = asked.caller
    holder = identifier_in(account) if account is not None else "" if caller is None else caller.body
    asked.require_holder(holder)
    return holder


def _market(service: Service, asked: Asked) -> Market:
    asked.object = "market"
    return Market.of(reader_of(service).market())


def _book(service: Service, asked: Asked, asset: str) -> Book:
    asked.object = f"book of {asset}"
    return Book.of(reader_of(service).book(parse_asset(asset)), sees(asked))


def _days(service: Service, asked: Asked, asset: str, *, before: int | None, limit: int) -> TradingDays:
    asked.object = f"trading days of {asset}"
    # One more than asked for says whether there is another page.
    found = reader_of(service).days(parse_asset(asset), before=before, limit=limit + 1)
    shown, more = found[:limit], found[limit:]
    return TradingDays(asset=asset, days=[TradingDay.of(one) for one in shown], next=shown[-1].day if more else None)


def _trades(service: Service, asked: Asked, asset: str, *, day: int | None, after: int | None, limit: int) -> Trades:
    asked.object = f"trades of {asset}"
    found = reader_of(service).trades(parse_asset(asset), day, after=after, limit=limit + 1)
    shown, more = found[:limit], found[limit:]
    return Trades(trades=[Trade.of(one, sees(asked)) for one in shown], next=shown[-1].number if more else None)


def _session(service: Service, asked: Asked, asset: str, day: int) -> MarketSession:
    asked.object = f"session of {asset} {day}"
    found = reader_of(service).session(parse_asset(asset), day)
    if found is None:
        raise absent("day.unknown", f"{day} of {asset}", "trading day", "交易日")
    return MarketSession.of(found)


def _orders(
    service: Service, asked: Asked, *, account: str | None, open_only: bool, before: int | None, limit: int
) -> MarketOrders:
    holder = holder_of(asked, account)
    asked.object = f"orders of {holder}"
    found = reader_of(service).orders(account=holder, open_only=open_only, before=before, limit=limit + 1)
    shown, more = found[:limit], found[limit:]
    return MarketOrders(orders=[MarketOrder.of(one) for one in shown], next=shown[-1].index if more else None)


def _order(service: Service, asked: Asked, order: str) -> MarketOrder:
    asked.object = f"order {order}"
    found = reader_of(service).order(bytes.fromhex(order))
    if found is None:
        asked.require_holder()
        raise absent("order.unknown", order, "order", "委托")
    asked.require_holder(found.account)
    return MarketOrder.of(found)


def _fills(service: Service, asked: Asked, *, account: str | None, before: int | None, limit: int) -> Trades:
    holder, reader = holder_of(asked, account), reader_of(service)
    asked.object = f"fills of {holder}"
    found = reader.fills(holder, before=before, limit=limit)
    last = found[-1].cause if found else None
    more = last is not None and bool(reader.fills(holder, before=last, limit=1))
    return Trades(trades=[Trade.of(one, sees(asked)) for one in found], next=last if more else None)


def _auctions(service: Service, asked: Asked) -> Auctions:
    asked.object = "auctions"
    return Auctions(auctions=[Auction.of(one, sees(asked)) for one in reader_of(service).auctions()])


def _auction(service: Service, asked: Asked, op_id: str) -> Auction:
    asked.object = f"auction {op_id}"
    operation = bytes.fromhex(op_id)
    found = reader_of(service).auction(operation)
    if found is None:
        raise absent("auction.unknown", op_id, "auction", "竞价")
    return Auction.of(found, sees(asked), _standing(service).clearing(operation))


def _trader(service: Service, asked: Asked, identifier: str) -> Trader:
    holder = holder_of(asked, identifier)
    asked.object = f"trading balance of {holder}"
    found = _standing(service).trader(holder)
    if found is None:
        raise absent("accounts.unknown", holder, "account", "账户")
    return Trader.of(found)


@router.get("/market", operation_id="getMarket", summary="The market", responses=failures(403, 503))
async def get_market(service: ServiceDep, asked: AskedDep) -> Market:
    """Terms, how many take part, and of each asset the reference price and the latest day."""
    return await service.read(_market, service, asked)


@router.get("/market/orders", operation_id="listOrders", summary="Orders", responses=failures(400, 403, 503))
async def list_orders(
    *,
    service: ServiceDep,
    asked: AskedDep,
    account: AccountQuery = None,
    open_only: Annotated[bool, Query(alias="open", description="Only those that are open.")] = False,
    before: BeforeQuery = None,
    limit: LimitQuery = SHOWN,
) -> MarketOrders:
    """Of one account, newest first, with what became of each."""
    return await service.read(_orders, service, asked, account=account, open_only=open_only, before=before, limit=limit)


@router.get(
    "/market/orders/{order}",
    operation_id="getOrder",
    summary="What became of an order",
    responses=failures(403, 404, 503),
)
async def get_order(order: HashPath, service: ServiceDep, asked: AskedDep) -> MarketOrder:
    """By its EIP-712 digest."""
    return await service.read(_order, service, asked, order)


@router.get("/market/fills", operation_id="listFills", summary="Fills of an account", responses=failures(400, 403, 503))
async def list_fills(
    *,
    service: ServiceDep,
    asked: AskedDep,
    account: AccountQuery = None,
    before: BeforeQuery = None,
    limit: LimitQuery = SHOWN,
) -> Trades:
    """Newest first, with both parties; those that one entry made come together, so that a page may be longer."""
    return await service.read(_fills, service, asked, account=account, before=before, limit=limit)


@router.get("/market/auctions", operation_id="listAuctions", summary="One-way biddings", responses=failures(403, 503))
async def list_auctions(service: ServiceDep, asked: AskedDep) -> Auctions:
    """The newest hundred. What bids say is nobody's to read before they are opened."""
    return await service.read(_auctions, service, asked)


@router.get(
    "/market/auctions/{op_id}",
    operation_id="getAuction",
    summary="One one-way bidding",
    responses=failures(403, 404, 503),
)
async def get_auction(op_id: HashPath, service: ServiceDep, asked: AskedDep) -> Auction:
    """From the end of the reveals on with the result that its bids give."""
    return await service.read_long(_auction, service, asked, op_id)


@router.get(
    "/market/accounts/{identifier:path}",
    operation_id="getTrader",
    summary="Where an account stands on the market",
    responses=failures(400, 403, 404, 503),
)
async def get_trader(identifier: str, service: ServiceDep, asked: AskedDep) -> Trader:
    """What it can sell of each asset, what is locked, in orders and not settled, and the epoch of its next order."""
    return await service.read(_trader, service, asked, identifier)


@router.get("/market/{asset}/book", operation_id="getBook", summary="Open orders", responses=failures(403, 503))
async def get_book(asset: AssetPath, service: ServiceDep, asked: AskedDep) -> Book:
    """Listed orders by price without their makers; one by one what is accepted by name: who accepts needs the maker.
    What names another counterparty is shown to its two parties and to who oversees."""
    return await service.read(_book, service, asked, asset)


@router.get("/market/{asset}/days", operation_id="listDays", summary="Trading days", responses=failures(403, 503))
async def list_days(
    *,
    asset: AssetPath,
    service: ServiceDep,
    asked: AskedDep,
    before: DayBefore = None,
    limit: LimitQuery = SHOWN,
) -> TradingDays:
    """Newest first, with windows, bands, and the close of those that are closed."""
    return await service.read(_days, service, asked, asset, before=before, limit=limit)


@router.get(
    "/market/{asset}/trades", operation_id="listTrades", summary="Trades of a day", responses=failures(403, 503)
)
async def list_trades(
    *,
    asset: AssetPath,
    service: ServiceDep,
    asked: AskedDep,
    day: DayQuery = None,
    after: Annotated[int | None, Query(ge=0, description="Above this number of the day.")] = None,
    limit: LimitQuery = SHOWN,
) -> Trades:
    """In the order in which they were matched. Whose they are is told to the parties and to who oversees."""
    return await service.read(_trades, service, asked, asset, day=day, after=after, limit=limit)


@router.get(
    "/market/{asset}/sessions/{day}",
    operation_id="getTradingSession",
    summary="What a day's entries give",
    responses=failures(403, 404, 503),
)
async def get_session(asset: AssetPath, day: DayPath, service: ServiceDep, asked: AskedDep) -> MarketSession:
    """Computed anew for this answer: what a `close` of the day must say, or what its close said."""
    return await service.read_long(_session, service, asked, asset, day)
