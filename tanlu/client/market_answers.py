"""What a service says of the market: terms, days, books, trades, orders, auctions, cash (DOMAIN 12 to 21).

Assets are written ``quota-2025``. Amounts are whole tonnes, prices fen a tonne, money fen, shares basis points, days
integers ``20260105``, instants unix seconds; hashes, operations and account ids lowercase hex.
"""

from __future__ import annotations

from typing import Literal

import msgspec

SideText = Literal["buy", "sell"]
KindText = Literal["listed", "block", "bilateral", "auction"]


class MarketTerms(msgspec.Struct, frozen=True, kw_only=True):
    """By which rules the market works (DOMAIN 12 to 20), as two persons signed them. ``maximum_holders`` 0: no limit.
    ``fee_account``: an identifier. ``index``: the entry that set them."""

    mode: Literal["agreement", "licensed"]
    band_bps: int
    block_band_bps: int
    block_threshold: int
    lock_days: int
    fee_bps: int
    fee_account: str
    minimum_volume: int
    minimum_groups: int
    maximum_holders: int
    release_delay_s: int
    document_hash: str
    index: int


class Window(msgspec.Struct, frozen=True, kw_only=True, rename={"start": "from"}):
    """When orders are taken: from ``start``, before ``until``."""

    start: int
    until: int


class TradingDay(msgspec.Struct, frozen=True, kw_only=True):
    """A trading day of an asset: when what is taken, and at which prices (DOMAIN 13, 15). ``index``: the entry that
    opened it; ``fills``: how many so far. ``close_fen`` to ``closed_index``: None before it is closed."""

    asset: str
    day: int
    status: Literal["open", "halted", "closed"]
    mode: Literal["agreement", "licensed"]
    windows: tuple[Window, ...]
    block_windows: tuple[Window, ...]
    cut_off: int
    reference_fen: int
    low_fen: int
    high_fen: int
    block_low_fen: int
    block_high_fen: int
    index: int
    fills: int
    close_fen: int | None
    volume: int | None
    value_fen: int | None
    root: str | None
    closed_index: int | None


class MarketAsset(msgspec.Struct, frozen=True, kw_only=True):
    """What can be traded: its reference price (None: closed until there is one), and its latest day."""

    asset: str
    reference_fen: int | None
    day: TradingDay | None


class MarketShown(msgspec.Struct, frozen=True, kw_only=True):
    """The market as it is. ``terms`` None: there is none. ``cash_halted``: bank and ledger differ (DOMAIN 21)."""

    terms: MarketTerms | None
    holders: int
    cash_halted: bool
    assets: tuple[MarketAsset, ...]

    def asset(self, asset: str) -> MarketAsset:
        """What is said of an asset; nothing of one that is not listed."""
        for one in self.assets:
            if one.asset == asset:
                return one
        return MarketAsset(asset=asset, reference_fen=None, day=None)


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """What stands at a price: of ``orders`` open orders together."""

    side: SideText
    price_fen: int
    tonnes: int
    orders: int


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An open order that somebody may accept by its hash: who offers, and to whom (None: to anybody)."""

    order: str
    index: int
    account: str
    side: SideText
    kind: KindText
    price_fen: int
    remaining: int
    minimum_fill: int
    counterparty: str | None
    deadline: int


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """Open orders of an asset. ``levels``: of listed orders, best price first on each side; ``offers``: those that are
    accepted by name (agreement mode, block, bilateral), as far as they are open to whoever asks. ``hash``: of the whole
    book as a close says it. ``mode`` None: there are no terms yet. ``id``: follow what comes after it with
    ``client.market.events(asset, since=id)``."""

    asset: str
    mode: Literal["agreement", "licensed"] | None
    hash: str
    levels: tuple[Level, ...]
    offers: tuple[Offer, ...]
    id: str = ""


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """A fill: the ``number``-th of its asset's day, made by the entry ``cause``. ``value_fen`` = tonnes times price.
    ``counted``: it is part of the close (DOMAIN 15). ``state`` ``undone``: the contract refused it, for ``reason``.
    Who traded is told to the parties and to whoever oversees the market; else None."""

    asset: str
    day: int
    number: int
    cause: int
    kind: KindText
    tonnes: int
    price_fen: int
    value_fen: int
    counted: bool
    state: Literal["matched", "settled", "undone"]
    reason: str | None
    made_at: int
    op_id: str | None
    buyer: str | None
    seller: str | None
    buy: str | None
    sell: str | None
    buyer_fee_fen: int | None
    seller_fee_fen: int | None


class Candle(msgspec.Struct, frozen=True, kw_only=True):
    """Counted trades of a day: first, highest, lowest and last price; ``start``: of a part of a day, unix seconds."""

    day: int
    open_fen: int
    high_fen: int
    low_fen: int
    last_fen: int
    volume: int
    value_fen: int
    trades: int
    start: int | None = None


class SessionShown(msgspec.Struct, frozen=True, kw_only=True):
    """What the entries ``first`` to ``last`` make of a day: fills, book, close and the root of all that, as the log
    computes it and a ``close`` must say it. ``stands``: there was too little of it, so that the reference before is its
    close (DOMAIN 15). ``closed_index``: the entry that said so; None before."""

    asset: str
    day: int
    first: int
    last: int
    fills: int
    book: str
    volume: int
    value_fen: int
    close_fen: int
    groups: int
    stands: bool
    root: str
    closed_index: int | None


class OrderShown(msgspec.Struct, frozen=True, kw_only=True):
    """An order, named by its EIP-712 digest, and what became of it. ``status`` ``ended``, ``refused``: for
    ``reason``. ``index``: its entry, which is its place in time. ``day`` None: a lot that no bidding names yet."""

    order: str
    index: int
    account: str
    asset: str
    day: int | None
    side: SideText
    kind: KindText
    tonnes: int
    remaining: int
    price_fen: int
    minimum_fill: int
    counterparty: str | None
    accepts: str | None
    auction: str | None
    deadline: int
    epoch: int
    status: Literal["open", "filled", "cancelled", "ended", "refused"]
    reason: str | None
    ended_index: int | None


class Award(msgspec.Struct, frozen=True, kw_only=True):
    """What a bid won."""

    order: str
    tonnes: int


class LapsedBid(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed bid that nobody opened in time: the money that it locked, and what of that it forfeits, which is
    recorded and not taken. ``account`` None: not told to whoever asks."""

    account: str | None
    commitment: str
    index: int
    maximum_fen: int
    forfeit_fen: int


class AuctionShown(msgspec.Struct, frozen=True, kw_only=True):
    """A one-way bidding (DOMAIN 14). ``commitments``: sealed bids, of which ``revealed`` were opened. ``price_fen``,
    ``awards``, ``unsold``: what its clearing gave or, once the time to reveal is over, what a ``clear`` must say
    (``price_fen`` 0: nothing was sold); None before. ``cleared_index``: the entry that said so. ``lapsed``: bids that
    were not opened, from then on."""

    op_id: str
    index: int
    asset: str
    day: int
    lot_tonnes: int
    floor_fen: int
    seller: str
    order: str
    commit_until: int
    reveal_until: int
    forfeit_bps: int
    document_hash: str
    commitments: int
    revealed: int
    price_fen: int | None
    awards: tuple[Award, ...] | None
    unsold: int | None
    cleared_index: int | None
    lapsed: tuple[LapsedBid, ...] | None


class TradedHolding(msgspec.Struct, frozen=True, kw_only=True):
    """What an account has of an asset to trade, in tonnes. ``locked``: bought too lately to be sold (DOMAIN 16, 17);
    ``in_orders``: what resting sales offer; ``unsettled``: sold and not settled; ``leaving``, ``arriving``: on its way
    out of trading and into it. ``sellable``: what one more sale may offer; ``movable``: what may leave."""

    asset: str
    trading: int
    locked: int
    in_orders: int
    unsettled: int
    leaving: int
    arriving: int
    sellable: int
    movable: int


class Trader(msgspec.Struct, frozen=True, kw_only=True):
    """An account on the market: what it can sell, and the ``epoch`` that its next order names."""

    identifier: str
    epoch: int
    holdings: tuple[TradedHolding, ...]

    def holding(self, asset: str) -> TradedHolding:
        """What it has of an asset, nothing of one that is not listed."""
        for one in self.holdings:
            if one.asset == asset:
                return one
        names = ("trading", "locked", "in_orders", "unsettled", "leaving", "arriving", "sellable", "movable")
        return TradedHolding(asset=asset, **dict.fromkeys(names, 0))
