"""What the market's record shows: terms, days, book, fills, orders, auctions, cash (DOMAIN 12 to 21).

Accounts are identifiers, assets those of ``attestation.assets``, hashes and operations 32 bytes, days YYYYMMDD as a
number; amounts whole tonnes, prices fen a tonne, money fen, instants unix seconds. ``index`` is a log position.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ledger.as_of import AsOf

SideText = Literal["buy", "sell"]
KindText = Literal["listed", "block", "bilateral", "auction"]
ModeText = Literal["agreement", "licensed"]
DayStatus = Literal["open", "halted", "closed"]
FillState = Literal["matched", "settled", "undone"]
OrderStatus = Literal["open", "filled", "cancelled", "ended", "refused"]


@dataclass(frozen=True, slots=True)
class TermsView:
    """The terms that two persons signed last and the contract did not refuse. ``fee_account``: by identifier where that
    is known, else its account id in hexadecimal."""

    mode: ModeText
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
    document_hash: bytes
    index: int


@dataclass(frozen=True, slots=True)
class WindowView:
    """When orders are taken: half open."""

    start: int
    until: int


@dataclass(frozen=True, slots=True)
class DayView:
    """A trading day of an asset; the last five are None until it is closed."""

    asset: int
    day: int
    status: DayStatus
    mode: ModeText
    windows: tuple[WindowView, ...]
    block_windows: tuple[WindowView, ...]
    cut_off: int
    reference_fen: int
    low_fen: int
    high_fen: int
    block_low_fen: int
    block_high_fen: int
    index: int
    fills: int
    close_fen: int | None = None
    volume: int | None = None
    value_fen: int | None = None
    root: bytes | None = None
    closed_index: int | None = None


@dataclass(frozen=True, slots=True)
class MarketView:
    """The market as it is: ``assets`` with the reference that stands (None: no market) and the latest day of each."""

    terms: TermsView | None
    holders: int
    cash_halted: bool
    assets: tuple[tuple[int, int | None, DayView | None], ...]


@dataclass(frozen=True, slots=True)
class LevelView:
    """What stands of listed orders at a price."""

    side: SideText
    price_fen: int
    tonnes: int
    orders: int


@dataclass(frozen=True, slots=True)
class OfferView:
    """An open order that is accepted by its hash; ``counterparty``: whom alone it is open to."""

    order: bytes
    index: int
    account: str
    side: SideText
    kind: KindText
    price_fen: int
    remaining: int
    minimum_fill: int
    counterparty: str | None
    deadline: int


@dataclass(frozen=True, slots=True)
class BookView:
    """Open orders of an asset: ``levels`` best price first, ``offers`` in the order of their arrival (all of them;
    whoever shows them leaves out what is not open to the caller). ``hash``: of the whole book as a close says it;
    ``id``: the place in the market's events that it is as of (``ledger.market.feed.ids``)."""

    asset: int
    mode: ModeText | None
    levels: tuple[LevelView, ...]
    offers: tuple[OfferView, ...]
    hash: bytes
    id: str


@dataclass(frozen=True, slots=True)
class TradeView:
    """A fill, with its parties. ``reason``: of the contract, where ``state`` is ``undone``."""

    asset: int
    day: int
    number: int
    cause: int
    kind: KindText
    tonnes: int
    price_fen: int
    value_fen: int
    buyer_fee_fen: int
    seller_fee_fen: int
    counted: bool
    state: FillState
    reason: str | None
    op_id: bytes
    buyer: str
    seller: str
    buy: bytes
    sell: bytes
    made_at: int


FillView = TradeView
"""A party's own fill is the same record."""


@dataclass(frozen=True, slots=True)
class CandleView:
    """A day of counted trades that the contract did not refuse, or a part of it from the second ``start`` on."""

    day: int
    open_fen: int
    high_fen: int
    low_fen: int
    last_fen: int
    volume: int
    value_fen: int
    trades: int
    start: int | None = None


@dataclass(frozen=True, slots=True)
class MonthView:
    """What the closes of a month's trading days said together; ``price_fen``: the volume-weighted one that a charge
    goes by (DOMAIN 7), None without a trade."""

    year: int
    month: int
    volume: int
    value_fen: int
    price_fen: int | None


@dataclass(frozen=True, slots=True)
class SessionView:
    """What the log computes of a day from its entries, as a close says or would say it. ``stands``: the close is that
    of its own trades, not the reference before. ``closed_index``: the close's entry, None while there is none."""

    asset: int
    day: int
    first: int
    last: int
    fills: int
    book: bytes
    volume: int
    value_fen: int
    close_fen: int
    groups: int
    stands: bool
    root: bytes
    closed_index: int | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order and what became of it; ``refused``: the exchange refused a fill of it, or its holder took it back there.
    ``day``: None of a lot that no auction names yet."""

    order: bytes
    index: int
    account: str
    asset: int
    day: int | None
    side: SideText
    kind: KindText
    tonnes: int
    remaining: int
    price_fen: int
    minimum_fill: int
    counterparty: str | None
    accepts: bytes | None
    auction: bytes | None
    deadline: int
    epoch: int
    status: OrderStatus
    reason: str | None
    ended_index: int | None


@dataclass(frozen=True, slots=True)
class BidView:
    """A sealed bid: by whom, what it declared, and what came of it."""

    commitment: bytes
    index: int
    account: str
    maximum_fen: int
    revealed_index: int | None
    awarded: int | None
    forfeit_fen: int | None


@dataclass(frozen=True, slots=True)
class AuctionView:
    """A one-way bidding; ``price_fen``, ``unsold`` are None until it is cleared. ``bids`` in the order of their
    commitments."""

    op_id: bytes
    index: int
    asset: int
    day: int
    lot_tonnes: int
    floor_fen: int
    seller: str
    order: bytes
    commit_until: int
    reveal_until: int
    forfeit_bps: int
    document_hash: bytes
    bids: tuple[BidView, ...]
    price_fen: int | None
    unsold: int | None
    cleared_index: int | None

    @property
    def awards(self) -> tuple[tuple[bytes, int], ...]:
        """What bids won: order and tonnes, in the order of commitment."""
        return tuple((bid.commitment, bid.awarded) for bid in self.bids if bid.awarded)

    @property
    def lapsed(self) -> tuple[BidView, ...]:
        """Bids that nobody opened in time, once the result is there: what they forfeit is recorded, and not taken."""
        return () if self.cleared_index is None else tuple(bid for bid in self.bids if bid.revealed_index is None)


@dataclass(frozen=True, slots=True)
class CashView:
    """An account's money as the chain has it, and what of ``trading_fen`` is spoken for; ``arriving_fen`` and
    ``leaving_fen``: what is on its way into the trading money and out of it. ``withdrawable_fen``: what one more
    withdrawal or move may take of the free money."""

    identifier: str
    account: bytes
    as_of: AsOf | None
    free_fen: int
    trading_fen: int
    withdrawing_fen: int
    in_orders_fen: int
    unsettled_fen: int
    locked_fen: int
    leaving_fen: int
    arriving_fen: int
    usable_fen: int
    withdrawable_fen: int
    bank_account: bytes | None


@dataclass(frozen=True, slots=True)
class CashComparisonView:
    """The bank's balance at the end of a day beside the ledger's cash, as the exchange compared them (DOMAIN 21)."""

    day: int
    bank_fen: int
    ledger_fen: int


@dataclass(frozen=True, slots=True)
class CashTotalView:
    """All cash of the ledger, which is what the bank must hold (DOMAIN 21); ``compared``: with it, last."""

    as_of: AsOf | None
    total_fen: int
    halted: bool
    compared: CashComparisonView | None
