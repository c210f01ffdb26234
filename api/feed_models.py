"""What is told on the market's event streams: the data of each event, in the words of the routes' answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.market_models import ASSET, INDEX, Candle, Level, Offer, Trade, TradingDay
from api.models import Answer
from api.order_models import MarketOrder
from attestation.assets import format_asset
from ledger.market.feed import events
from ledger.market.views import OrderView


class BookEvent(Answer):
    """Event `book`: what stands now where something changed."""

    asset: str = ASSET
    levels: list[Level] = Field(description="Whole, not differences; no orders: nothing stands at that price any more.")
    offers: list[Offer] = Field(description="As far as they are open to the caller; nothing remaining: gone.")


class FillEvent(Answer):
    """Events `trade` and `fill`: a fill, when it is matched and when the exchange has said its word."""

    state: Literal["matched", "settled", "final", "undone"] = Field(
        description="`matched` again: the chain forgot the block; `final`, of one's own: it cannot forget it any more."
    )
    trade: Trade


class CandleEvent(Answer):
    """Event `candle`: a day's candle as it is now; without a trade that counts all of it is 0."""

    asset: str = ASSET
    candle: Candle


class DayEvent(Answer):
    """Event `day`: what the administration did to a trading day, or which reference price two persons set."""

    what: Literal["open", "halt", "resume", "close", "reference"]
    asset: str = ASSET
    index: int = INDEX
    reference_fen: int
    day: TradingDay | None = Field(description="As it was then; null of a reference price.")


class EndEvent(Answer):
    """Event `end`, the last one: go on from the last id."""

    reason: Literal["slow", "stopping", "signed_out"] = Field(
        description="`slow`: events were not read as fast as they came; `stopping`: the service is about to end; "
        "`signed_out`: the sign-in is not good any more."
    )
    id: str = Field(description="Where to go on.")


AssetEvent = BookEvent | FillEvent | CandleEvent | DayEvent | EndEvent
OwnEvent = MarketOrder | FillEvent | EndEvent


def event_data(body: events.Body, seen_by: str | None) -> Answer | None:
    """What a caller of the body ``seen_by`` (None: who oversees) is told of an event; None: nothing is open to it."""
    match body:
        case events.BookChange():
            offers = [one for one in body.offers if _open_to(one.account, one.counterparty, seen_by)]
            if not body.levels and not offers:
                return None
            return BookEvent(
                asset=format_asset(body.asset),
                levels=[Level.of(one) for one in body.levels],
                offers=[Offer.of(one) for one in offers],
            )
        case events.FillChange():
            return FillEvent(state=body.state, trade=Trade.of(body.trade, seen_by))
        case events.CandleChange():
            return CandleEvent(asset=format_asset(body.asset), candle=Candle.of(body.candle))
        case events.DayChange():
            return DayEvent(
                what=body.what,
                asset=format_asset(body.asset),
                index=body.index,
                reference_fen=body.reference_fen,
                day=None if body.day is None else TradingDay.of(body.day),
            )
        case OrderView():
            return MarketOrder.of(body)


def named_in(body: events.Body) -> frozenset[str]:
    """Whose view of an event is their own; all others, but who oversees, are told the same."""
    if isinstance(body, events.BookChange):
        named = [one for one in body.offers if one.counterparty is not None]
        return frozenset({one.account for one in named} | {one.counterparty or "" for one in named})
    if isinstance(body, events.FillChange):
        return frozenset({body.trade.buyer, body.trade.seller})
    return frozenset()


def _open_to(account: str, counterparty: str | None, seen_by: str | None) -> bool:
    return seen_by is None or counterparty is None or seen_by in {counterparty, account}
