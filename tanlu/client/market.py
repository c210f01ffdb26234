"""Reads of the market, as ``client.market``: terms and days, books, trades, one's own orders and fills, auctions.

What follows from other numbers of an answer is computed again before it is returned: PromiseBroken
(``answer.market``) where it does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar
from urllib.parse import quote

import msgspec

from tanlu.client.answers import decode
from tanlu.client.feeds import MarketFeeds
from tanlu.client.market_answers import (
    AuctionShown,
    Book,
    Candle,
    MarketShown,
    OrderShown,
    SessionShown,
    Trade,
    Trader,
    TradingDay,
)
from tanlu.client.transport import Transport
from tanlu.errors import PromiseBroken

PAGE = 100
"""Trades, orders or days of one request; the service gives no more at once."""
RULE = "answer.market"

Keep = Callable[[PromiseBroken, str], PromiseBroken]
_Asked = dict[str, str | int]


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    next: int | None

    @property
    def rows(self) -> tuple[object, ...]:
        raise NotImplementedError


class _Trades(_Page, frozen=True, kw_only=True):
    trades: tuple[Trade, ...]

    @property
    def rows(self) -> tuple[Trade, ...]:
        return self.trades


class _Orders(_Page, frozen=True, kw_only=True):
    orders: tuple[OrderShown, ...]

    @property
    def rows(self) -> tuple[OrderShown, ...]:
        return self.orders


class _Days(_Page, frozen=True, kw_only=True):
    days: tuple[TradingDay, ...]

    @property
    def rows(self) -> tuple[TradingDay, ...]:
        return self.days


class _Candles(msgspec.Struct, frozen=True):
    candles: tuple[Candle, ...]


class _Auctions(msgspec.Struct, frozen=True):
    auctions: tuple[AuctionShown, ...]


_PageT = TypeVar("_PageT", bound=_Page)


class Market(MarketFeeds):
    """Reads over one transport; ``Client.market``. For whoever takes part or oversees; raises RefusedByService for
    others, and with status 404 for what there is not."""

    def __init__(self, transport: Transport, keep: Keep) -> None:
        self._transport = transport
        self._keep = keep

    def show(self) -> MarketShown:
        """Terms, and of each asset the reference price and the latest day."""
        text = self._get("/v1/market")
        found = decode(text.encode(), MarketShown)
        for one in found.assets:
            if one.day is not None:
                self._check_day(one.day, one.asset, text)
        return found

    def book(self, asset: str) -> Book:
        """What stands open of an asset."""
        text = self._get(f"/v1/market/{_named(asset)}/book")
        found = decode(text.encode(), Book)
        self._same("asset", found.asset, asset, text)
        for level in found.levels:
            if level.tonnes < level.orders or level.orders < 1:
                raise self._broken(f"{level.tonnes} t in {level.orders} orders", "a tonne in each of them", text)
        for side, sign in (("buy", -1), ("sell", 1)):
            prices = [level.price_fen * sign for level in found.levels if level.side == side]
            if prices != sorted(set(prices)):
                raise self._broken(f"{side} levels at {prices}", "each price once, the best one first", text)
        return found

    def days(self, asset: str, *, page: int = PAGE) -> Iterator[TradingDay]:
        """An asset's trading days, newest first, ``page`` a request."""
        for text, found in self._pages(f"/v1/market/{_named(asset)}/days", {}, _Days, "before", page):
            for one in found.days:
                self._check_day(one, asset, text)
                yield one

    def trades(self, asset: str, day: int | None = None, *, page: int = PAGE) -> Iterator[Trade]:
        """The fills of an asset's day (by default its latest one), in the order in which they were matched."""
        asked: _Asked = {} if day is None else {"day": day}
        for text, found in self._pages(f"/v1/market/{_named(asset)}/trades", asked, _Trades, "after", page):
            for one in found.trades:
                self._same("asset", one.asset, asset, text)
                self._same("day", one.day, one.day if day is None else day, text)
                yield self._trade(one, text)

    def candles(self, asset: str) -> tuple[Candle, ...]:
        """Each day's first, highest, lowest and last price of counted trades, by day."""
        text = self._get(f"/v1/market/{_named(asset)}/candles")
        found = decode(text.encode(), _Candles).candles
        for one in found:
            if not one.low_fen <= min(one.open_fen, one.last_fen) <= max(one.open_fen, one.last_fen) <= one.high_fen:
                raise self._broken(f"{one.day}: {one.open_fen} to {one.last_fen}", "within lowest and highest", text)
            if not one.low_fen * one.volume <= one.value_fen <= one.high_fen * one.volume:
                raise self._broken(f"{one.day}: {one.value_fen} fen for {one.volume} t", "within the prices", text)
        return found

    def session(self, asset: str, day: int) -> SessionShown:
        """What the day's entries give so far, or gave when it was closed."""
        text = self._get(f"/v1/market/{_named(asset)}/sessions/{day}")
        found = decode(text.encode(), SessionShown)
        self._same("asset", found.asset, asset, text)
        self._same("day", found.day, day, text)
        return found

    def orders(self, *, account: str | None = None, open_only: bool = False, page: int = PAGE) -> Iterator[OrderShown]:
        """One's own orders, newest first; with ``account`` somebody's, for whoever oversees."""
        asked = _of(account) | ({"open": "true"} if open_only else {})
        for text, found in self._pages("/v1/market/orders", asked, _Orders, "before", page):
            for one in found.orders:
                yield self._order(one, text)

    def order(self, order: str) -> OrderShown:
        """One of one's own orders, by its hash."""
        text = self._get(f"/v1/market/orders/{order}")
        found = decode(text.encode(), OrderShown)
        self._same("order", found.order, order, text)
        return self._order(found, text)

    def fills(self, *, account: str | None = None, page: int = PAGE) -> Iterator[Trade]:
        """One's own fills, newest first, with both parties; with ``account`` somebody's, for whoever oversees."""
        for text, found in self._pages("/v1/market/fills", _of(account), _Trades, "before", page):
            for one in found.trades:
                yield self._trade(one, text)

    def auctions(self) -> tuple[AuctionShown, ...]:
        """Every one-way bidding, newest first."""
        text = self._get("/v1/market/auctions")
        found = decode(text.encode(), _Auctions).auctions
        for one in found:
            self._check_auction(one, text)
        return found

    def auction(self, op_id: str) -> AuctionShown:
        """One of them, by its operation."""
        text = self._get(f"/v1/market/auctions/{op_id}")
        found = decode(text.encode(), AuctionShown)
        self._same("auction", found.op_id, op_id, text)
        self._check_auction(found, text)
        return found

    def trader(self, identifier: str) -> Trader:
        """What an account can sell, and the epoch of its orders; for whose it is, and whoever oversees."""
        text = self._get(f"/v1/market/accounts/{quote(identifier, safe='')}")
        found = decode(text.encode(), Trader)
        self._same("account", found.identifier, identifier, text)
        for one in found.holdings:
            movable = max(0, one.trading + one.arriving - one.in_orders - one.unsettled - one.leaving)
            for said, computed in ((one.movable, movable), (one.sellable, max(0, movable - one.locked))):
                if said != computed:
                    raise self._broken(f"{one.asset}: {said} t", f"{computed} t", text)
        return found

    def _get(self, path: str, asked: _Asked | None = None) -> str:
        return self._transport.request("GET", path, params=asked or {}).text

    def _pages(
        self, path: str, asked: _Asked, kind: type[_PageT], place: str, page: int
    ) -> Iterator[tuple[str, _PageT]]:
        asked = asked | {"limit": page}
        while True:
            text = self._get(path, asked)
            found = decode(text.encode(), kind)
            yield text, found
            if found.next is None:
                return
            # A service that leads in a circle would be asked for ever.
            if found.next == asked.get(place) or not found.rows:
                raise self._broken(f"{place} {found.next}", "another page", text)
            asked[place] = found.next

    def _trade(self, one: Trade, text: str) -> Trade:
        if one.value_fen != one.tonnes * one.price_fen:
            said = f"{one.tonnes} t at {one.price_fen} fen: {one.value_fen} fen"
            raise self._broken(said, f"{one.tonnes * one.price_fen} fen", text)
        return one

    def _order(self, one: OrderShown, text: str) -> OrderShown:
        if not 0 <= one.remaining <= one.tonnes:
            raise self._broken(f"{one.order}: {one.remaining} t remain", f"0 to {one.tonnes} t", text)
        return one

    def _check_day(self, one: TradingDay, asset: str, text: str) -> None:
        self._same("asset", one.asset, asset, text)
        for low, high in ((one.low_fen, one.high_fen), (one.block_low_fen, one.block_high_fen)):
            if not low <= one.reference_fen <= high:
                raise self._broken(f"{one.day}: {low} to {high} fen", f"a band around {one.reference_fen} fen", text)

    def _check_auction(self, one: AuctionShown, text: str) -> None:
        if one.price_fen is None or one.awards is None or one.unsold is None:
            return
        sold = sum(award.tonnes for award in one.awards)
        below = one.price_fen < one.floor_fen if sold else one.price_fen != 0
        if sold + one.unsold != one.lot_tonnes or below:
            said = f"{sold} t sold at {one.price_fen} fen, {one.unsold} t unsold"
            raise self._broken(said, f"{one.lot_tonnes} t at {one.floor_fen} fen or more", text)

    def _same(self, name: str, said: object, expected: object, text: str) -> None:
        if said != expected:
            raise self._broken(f"{name} {said}", expected, text)

    def _broken(self, value: object, expected: object, text: str) -> PromiseBroken:
        return self._keep(contradicted(value, expected), text)


def contradicted(value: object, expected: object) -> PromiseBroken:
    """That an answer about the market does not fit."""
    return PromiseBroken(
        rule=RULE,
        value=value,
        expected=expected,
        message=f"The service's answer does not fit: {value}, expected {expected}",
        message_zh="服务的应答前后不一致",
    )


def _of(account: str | None) -> _Asked:
    return {} if account is None else {"account": account}


def _named(asset: str) -> str:
    return quote(asset, safe="")
