"""Answers about the market (DOMAIN 12 to 20). Amounts are whole tonnes, prices fen a tonne, shares basis points, days
integers like 20260105, instants unix seconds."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field

from api.block_models import AsOf
from api.models import HASH, Answer
from attestation.assets import format_asset
from ledger.as_of import AsOf as Block
from ledger.market import views

QUOTA_PATTERN = r"^quota-(1990|199[1-9]|20[0-9]{2}|21[0-9]{2}|2200)$"
ASSET = Field(pattern=QUOTA_PATTERN, description="`quota-2025`: nothing else is traded.")
DAY = Field(ge=19900101, le=22001231, description="A trading day: 20260105.")
Side = Literal["buy", "sell"]
Kind = Literal["listed", "block", "bilateral", "auction"]
INDEX = Field(ge=0, description="Log position of the entry that said so.")


_AS_THEY_ARE = frozenset({int, str, bool, type(None)})


_known: dict[type, tuple[str, ...] | None] = {}


def _members(view: type) -> tuple[str, ...] | None:
    """The names of the members of a type of view, None of one that is none: looked up once, not for each row."""
    if view not in _known:
        _known[view] = tuple(field.name for field in fields(view)) if is_dataclass(view) else None
    return _known[view]


def told(value: Any) -> Any:
    """A view as its answer's members: the same names, hashes in hexadecimal, assets by their text."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [told(one) for one in value]
    if isinstance(value, Block):
        return AsOf.of(value)
    names = _members(type(value))
    if names is None:
        return value
    values = [getattr(value, name) for name in names]
    members = {name: one if type(one) in _AS_THEY_ARE else told(one) for name, one in zip(names, values, strict=True)}
    asset = members.get("asset")
    return members if asset is None else members | {"asset": format_asset(asset)}


class Told(Answer):
    """An answer with the members of the log's view."""

    @classmethod
    def of(cls, view: object) -> Self:
        """From the log's view."""
        return cls.model_validate(told(view))


class MarketTerms(Told):
    """By which rules the market works, as two persons signed them."""

    mode: Literal["agreement", "licensed"] = Field(description="DOMAIN 12.")
    band_bps: int = Field(description="How far a listed price may be from the reference (DOMAIN 13).")
    block_band_bps: int
    block_threshold: int = Field(description="Tonnes from which on a block trade is one.")
    lock_days: int = Field(description="Trading days after its purchase for which a unit is not sold again.")
    fee_bps: int = Field(description="Each side's fee, of the value (DOMAIN 20).")
    fee_account: str
    minimum_volume: int = Field(description="Tonnes below which the previous close stands (DOMAIN 15).")
    minimum_groups: int
    maximum_holders: int = Field(description="0: no limit.")
    release_delay_s: int = Field(description="After so long a holder's units and cash come out without the market.")
    document_hash: str = Field(pattern=HASH)
    index: int = INDEX


class Window(Told):
    """When orders are taken: half open."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    start: int = Field(alias="from")
    until: int


class TradingDay(Told):
    """A trading day of an asset."""

    asset: str = ASSET
    day: int = DAY
    status: Literal["open", "halted", "closed"]
    mode: Literal["agreement", "licensed"]
    windows: list[Window] = Field(description="For listed and bilateral orders.")
    block_windows: list[Window]
    cut_off: int = Field(description="From then on nothing of this day is settled (DOMAIN 16).")
    reference_fen: int
    low_fen: int = Field(description="The band, inward to the fen (DOMAIN 15).")
    high_fen: int
    block_low_fen: int
    block_high_fen: int
    index: int = INDEX
    fills: int = Field(description="So far.")
    close_fen: int | None = Field(description="Null until it is closed, as is what follows.")
    volume: int | None
    value_fen: int | None
    root: str | None = Field(pattern=HASH)
    closed_index: int | None


class MarketAsset(Answer):
    """What can be traded."""

    asset: str = ASSET
    reference_fen: int | None = Field(description="Null: no reference price, no market (DOMAIN 15).")
    day: TradingDay | None = Field(description="Its latest one.")


class Market(Answer):
    """The market as it is."""

    terms: MarketTerms | None
    holders: int = Field(description="How many accounts ever had units or cash in the market (DOMAIN 12).")
    cash_halted: bool = Field(description="Bank and ledger differ: no cash moves until they do not (DOMAIN 21).")
    assets: list[MarketAsset]

    @classmethod
    def of(cls, found: views.MarketView) -> Self:
        """From the log's view."""
        return cls(
            terms=None if found.terms is None else MarketTerms.of(found.terms),
            holders=found.holders,
            cash_halted=found.cash_halted,
            assets=[
                MarketAsset(
                    asset=format_asset(asset),
                    reference_fen=reference,
                    day=None if day is None else TradingDay.of(day),
                )
                for asset, reference, day in found.assets
            ],
        )


class TradingDays(Answer):
    """Trading days, newest first."""

    asset: str = ASSET
    days: list[TradingDay]
    next: int | None = Field(description="Ask with `before` set to it for more, if not null.")


class Level(Told):
    """What stands at a price."""

    side: Side
    price_fen: int
    tonnes: int
    orders: int


class Offer(Told):
    """An open order that is accepted by its hash."""

    order: str = Field(pattern=HASH)
    index: int = INDEX
    account: str
    side: Side
    kind: Kind
    price_fen: int
    remaining: int
    minimum_fill: int
    counterparty: str | None = Field(description="Whom alone it is open to; null: anybody.")
    deadline: int


class Book(Answer):
    """Open orders of an asset."""

    asset: str = ASSET
    mode: Literal["agreement", "licensed"] | None = Field(description="Null before the first terms.")
    hash: str = Field(pattern=HASH, description="Of the whole book, as a close says it.")
    id: str = Field(description="As of this place in the market's events: follow them from here with `since`.")
    levels: list[Level] = Field(description="Of listed orders; the best price of each side first.")
    offers: list[Offer] = Field(description="What is accepted by name, as far as it is open to the caller.")

    @classmethod
    def of(cls, found: views.BookView, body: str | None) -> Self:
        """From the log's view, as ``body`` sees it; None: all of it."""
        offers = [
            one
            for one in found.offers
            if body is None or one.counterparty is None or body in {one.counterparty, one.account}
        ]
        return cls(
            asset=format_asset(found.asset),
            mode=found.mode,
            hash=found.hash.hex(),
            id=found.id,
            levels=[Level.of(one) for one in found.levels],
            offers=[Offer.of(one) for one in offers],
        )


_OF_PARTIES = ("reason", "op_id", "buyer", "seller", "buy", "sell", "buyer_fee_fen", "seller_fee_fen")


class Trade(Answer):
    """A fill. Parties are told to each other and to the overseers, to others null."""

    asset: str = ASSET
    day: int = DAY
    number: int = Field(ge=0, description="In the order in which the day's fills were matched.")
    cause: int = Field(ge=0, description="Log position of the entry that made it.")
    kind: Kind
    tonnes: int
    price_fen: int
    value_fen: int
    counted: bool = Field(description="It is part of the close (DOMAIN 15).")
    state: Literal["matched", "settled", "undone"] = Field(
        description="`undone`: the contract finally refused it; it stays in the record and moved nothing."
    )
    reason: str | None
    made_at: int
    op_id: str | None = Field(pattern=HASH, description="The operation that settles it.")
    buyer: str | None
    seller: str | None
    buy: str | None = Field(description="The buyer's order.")
    sell: str | None
    buyer_fee_fen: int | None
    seller_fee_fen: int | None

    @classmethod
    def of(cls, found: views.TradeView, body: str | None) -> Self:
        """From the log's view, as ``body`` sees it; None: all of it."""
        members = told(found)
        if body is not None and body not in {found.buyer, found.seller}:
            members |= dict.fromkeys(_OF_PARTIES)
        return cls.model_validate(members)


class Trades(Answer):
    """Fills of an asset's day in their order, or of an account, newest first."""

    trades: list[Trade]
    next: int | None = Field(
        description="Ask with `after` (of a day) or `before` (of an account) set to it for more, if not null."
    )


class Candle(Told):
    """Counted trades of a day, or of a part of it."""

    day: int = DAY
    open_fen: int
    high_fen: int
    low_fen: int
    last_fen: int
    volume: int
    value_fen: int
    trades: int
    start: int | None = Field(None, description="Unix seconds at which a part of a day begins; null of a day.")


class Candles(Answer):
    """Candles by day, of days with a counted trade."""

    asset: str = ASSET
    candles: list[Candle]


class MarketSession(Told):
    """What the log computes of a day from its entries, as a `close` must say it (docs/statements.md)."""

    asset: str = ASSET
    day: int = DAY
    first: int = Field(description="Log position of the first entry.")
    last: int
    fills: int
    book: str = Field(pattern=HASH)
    volume: int
    value_fen: int
    close_fen: int
    groups: int
    stands: bool = Field(description="There was too little of it: the reference before is its close (DOMAIN 15).")
    root: str = Field(pattern=HASH)
    closed_index: int | None = Field(description="Log position of the close; null while the day is not closed.")
