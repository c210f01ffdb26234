"""Answers about orders, and about what an account has to trade (DOMAIN 12 to 17). Amounts are whole tonnes, prices fen
a tonne, instants unix seconds."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field

from api.block_models import AsOf
from api.market_models import ASSET, Kind, Side, Told, told
from api.models import HASH, Answer
from attestation.assets import format_asset
from ledger.market.standing import TraderView


class MarketOrder(Told):
    """An order and what became of it."""

    order: str = Field(pattern=HASH, description="Its EIP-712 digest.")
    index: int = Field(ge=0, description="Log position of its entry: its place in time.")
    account: str
    asset: str = ASSET
    day: int | None = Field(description="Null: a lot or bid whose bidding names the day.")
    side: Side
    kind: Kind
    tonnes: int
    remaining: int
    price_fen: int
    minimum_fill: int
    counterparty: str | None
    accepts: str | None = Field(description="The order that it accepts.")
    auction: str | None = Field(description="The bidding that it is a bid or the lot of.")
    deadline: int
    epoch: int
    status: Literal["open", "filled", "cancelled", "ended", "refused"]
    reason: str | None = Field(description="Why it ended.")
    ended_index: int | None

    @classmethod
    def of(cls, view: object) -> Self:
        """From the log's view."""
        members = told(view)
        return cls.model_validate(members | {"day": members["day"] or None})


class MarketOrders(Answer):
    """Orders, newest first."""

    orders: list[MarketOrder]
    next: int | None = Field(description="Ask with `before` set to it for more, if not null.")


class TradedHolding(Answer):
    """What an account has of an asset to trade."""

    asset: str = ASSET
    trading: int
    locked: int = Field(description="Bought too lately to be sold (DOMAIN 16, 17); it may be surrendered.")
    in_orders: int = Field(description="What resting sales offer.")
    unsettled: int = Field(description="Sold, and not settled yet.")
    leaving: int = Field(
        description="Moves out of trading that are not on chain yet, and what was asked out on the exchange itself."
    )
    arriving: int
    sellable: int = Field(description="What one more sale may offer.")
    movable: int = Field(description="What may leave the trading balance.")


class Trader(Answer):
    """An account on the market."""

    identifier: str
    as_of: AsOf | None
    epoch: int = Field(description="What its next order names; `cancel-all` raises it.")
    holdings: list[TradedHolding]

    @classmethod
    def of(cls, found: TraderView) -> Self:
        """From the log's view."""
        return cls(
            identifier=found.identifier,
            as_of=AsOf.of(found.as_of),
            epoch=found.epoch,
            holdings=[
                TradedHolding(
                    asset=format_asset(asset),
                    trading=one.trading,
                    locked=one.locked,
                    in_orders=one.in_orders,
                    unsettled=one.unsettled,
                    leaving=one.leaving,
                    arriving=one.arriving,
                    sellable=one.sellable,
                    movable=one.movable,
                )
                for asset, one in found.holdings
            ],
        )
