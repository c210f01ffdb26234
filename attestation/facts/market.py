"""What verification asks of the market: its terms, days, orders, auctions, trading balances and cash (DOMAIN B).

The chain is the truth of balances; an answer is what was read of it, and beside that what the log has on its way there
or bound (accepted, not on chain yet, not refused by the contract). Accounts are identifiers, assets those of
``attestation.assets``; sides, kinds and modes the numbers of ``attestation.market_words``; operations and order hashes
32 bytes; days numbers YYYYMMDD; amounts whole tonnes or fen, prices fen a tonne, instants unix seconds, windows
``[from, until)``. A ledger without an exchange has no domain of it; everything else is empty there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from attestation.bodies.market import MarketHours
    from attestation.typed_data import Domain

DayStatus = Literal["open", "halted", "closed"]
OrderStatus = Literal["open", "filled", "cancelled", "ended", "refused"]
WithdrawalState = Literal["asked", "pending", "paid", "released"]


class MarketTermsRecord(Struct, frozen=True):
    """The terms of the market, as in ``attestation.market_messages.MarketTerms``; the latest that were accepted."""

    index: int
    mode: int
    band_bps: int
    block_band_bps: int
    block_threshold: int
    lock_days: int
    fee_bps: int
    fee_account: str
    minimum_volume: int
    minimum_groups: int
    maximum_holders: int
    release_delay: int
    hours: MarketHours | None = None


class TradingDayRecord(Struct, frozen=True):
    """The latest trading day of an asset. ``windows``, ``block_windows`` and ``cut_off`` as its opening gave them
    (``attestation.judging.trading_days.windows_of``); bands, fee and threshold as the terms were then."""

    index: int
    asset: int
    day: int
    status: DayStatus
    windows: tuple[tuple[int, int], ...]
    block_windows: tuple[tuple[int, int], ...]
    cut_off: int
    reference: int
    low: int
    high: int
    block_low: int
    block_high: int
    block_threshold: int
    fee_bps: int


class TradingRecord(Struct, frozen=True):
    """What an account has of an asset to trade. ``locked``: bought too lately to be sold (DOMAIN 16, 17).

    ``in_orders``: what resting sales offer still. ``unsettled``: sold, and not settled yet. ``leaving``, ``arriving``:
    moves on their way out and in; what its holder asked to be let out without the market leaves from then on.
    """

    trading: int = 0
    locked: int = 0
    in_orders: int = 0
    unsettled: int = 0
    leaving: int = 0
    arriving: int = 0

    @property
    def movable(self) -> int:
        """What may leave: all that stands behind no order and no fill; locked units may (DOMAIN 16)."""
        return max(0, self.trading + self.arriving - self.in_orders - self.unsettled - self.leaving)

    @property
    def sellable(self) -> int:
        """What one more sale may offer (DOMAIN 16)."""
        return max(0, self.movable - self.locked)


class CashRecord(Struct, frozen=True):
    """An account's fen. ``in_orders``: what resting buys may cost still, fees included (DOMAIN 20). ``unsettled``:
    bought, and not settled yet. ``locked_bids``: maxima of sealed bids. ``leaving``, ``arriving``: what is on its way
    out of the trading cash and into it; ``free_leaving``, ``free_arriving``: of the free cash."""

    free: int = 0
    trading: int = 0
    withdrawing: int = 0
    in_orders: int = 0
    unsettled: int = 0
    locked_bids: int = 0
    leaving: int = 0
    arriving: int = 0
    free_leaving: int = 0
    free_arriving: int = 0

    @property
    def usable(self) -> int:
        """What one more buy, bid or move may take of the trading cash; proceeds are usable at once (DOMAIN 17)."""
        bound = self.in_orders + self.unsettled + self.locked_bids
        return max(0, self.trading + self.arriving - self.leaving - bound)

    @property
    def withdrawable(self) -> int:
        """What one more withdrawal or move may take of the free cash."""
        return max(0, self.free + self.free_arriving - self.free_leaving)


class OrderRecord(Struct, frozen=True):
    """A logged order. ``remaining``: what no fill took; ``status`` is ``refused`` where it ended by a contract's
    word. ``auction``: the operation of the auction whose lot or bid it is."""

    order_hash: bytes
    index: int
    account: str
    asset: int
    side: int
    kind: int
    tonnes: int
    remaining: int
    price_fen: int
    counterparty: str | None
    minimum_fill: int
    deadline: int
    epoch: int
    status: OrderStatus
    accepts: bytes | None = None
    auction: bytes | None = None


class AuctionRecord(Struct, frozen=True):
    """A logged auction. ``order``: hash of the lot. ``cleared``: the entry with its result, None before."""

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
    cleared: int | None = None


class CommitmentRecord(Struct, frozen=True):
    """A sealed bid: the hash of the order that opens it, and the fen that it locks."""

    index: int
    auction: bytes
    account: str
    commitment: bytes
    maximum_fen: int
    revealed: bool = False


class WithdrawalRecord(Struct, frozen=True):
    """A logged withdrawal, unless the exchange finally refused it. ``state`` ``asked``: the exchange has not locked the
    money yet, and may refuse to; then ``pending`` until the bank's word."""

    op_id: bytes
    index: int
    account: str
    fen: int
    bank_account: bytes
    state: WithdrawalState


class TradeRecord(Struct, frozen=True):
    """A logged fill. ``settled``: units and cash changed hands on chain. ``paid_fen``: what the buyer paid, with fee.
    ``tonnes_back``, ``fen_back``: what logged reversals of it bring back, unless the contracts refused them."""

    asset: int
    buyer: str
    seller: str
    tonnes: int
    paid_fen: int
    settled: bool
    tonnes_back: int = 0
    fen_back: int = 0


class SessionRecord(Struct, frozen=True):
    """A session recomputed from its entries, as ``attestation.bodies.market.CloseDay`` says it; ``book`` and ``root``
    32 bytes."""

    first: int
    last: int
    fills: int
    book: bytes
    volume: int
    value_fen: int
    close_fen: int
    groups: int
    root: bytes


class ClearingRecord(Struct, frozen=True):
    """An auction recomputed from its bids (DOMAIN 14): price (0 where nothing is sold), awards (order hash, tonnes) in
    the order in which they are written, what is unsold."""

    price_fen: int
    awards: tuple[tuple[bytes, int], ...]
    unsold: int


class MarketFacts(Protocol):
    """Part of ``attestation.context.Context``. An entry whose call the contract finally refused established nothing
    of what is asked here, save that its operation, hash or bank reference is used."""

    @property
    def exchange_domain(self) -> Domain | None:
        """EIP-712 domain of ``Exchange``, or None where there is no such contract."""

    @property
    def cash_halted(self) -> bool:
        """Whether the bank's balance is not the ledger's, so that no cash moves (DOMAIN 21)."""

    def market_terms(self) -> MarketTermsRecord | None:
        """The terms of the market, or None before the first."""

    def reference(self, asset: int, /) -> int | None:
        """The asset's reference price; one without inherits that of the vintage before (DOMAIN 15). None: none."""

    def closed_otherwise(self, asset: int, /) -> int | None:
        """The price at which the exchange closed the day that the asset's reference comes from, or with which it goes
        on where it finally refused that close; where that is not the log's: fills that count in the log's were undone
        there (DOMAIN 15). None: the same, not read yet, or two persons set one since."""

    def closing_day(self, asset: int, /) -> int | None:
        """The day that the asset's reference comes from, where its close was neither read of the exchange nor finally
        refused there: until then nobody knows whether both closed at one price. None: known, or not from a close."""

    def trading_day(self, asset: int, /) -> TradingDayRecord | None:
        """The asset's latest trading day, or None before the first."""

    def open_days(self) -> Sequence[TradingDayRecord]:
        """Trading days of any asset that are open or halted."""

    def trading(self, account: str, asset: int, /) -> TradingRecord:
        """What the account has of the asset to trade."""

    def cash(self, account: str, /) -> CashRecord:
        """The account's cash."""

    def order(self, order_hash: bytes, /) -> OrderRecord | None:
        """The order of that hash, or None."""

    def epoch(self, account: str, /) -> int:
        """The account's epoch, with what is on its way to the exchange."""

    def auction(self, op_id: bytes, /) -> AuctionRecord | None:
        """The auction of that operation, or None."""

    def uncleared(self, asset: int, day: int, /) -> bytes | None:
        """The operation of an auction of that asset without a result, of that day or an earlier one; None: none."""

    def waiting_auctions(self) -> Sequence[AuctionRecord]:
        """Every announced auction without a result, of any asset and day, in the order of the log."""

    def auction_binding(self, account: str, /) -> bytes | None:
        """The operation of an auction without a result that the account is the seller of, or has an opened bid in."""

    def commitment(self, auction: bytes, commitment: bytes, /) -> CommitmentRecord | None:
        """The sealed bid of that auction with that hash, or None."""

    def bids(self, auction: bytes, account: str, /) -> tuple[int, int]:
        """How many sealed bids the auction has, and how many of them are the account's."""

    def clearing(self, auction: bytes, /) -> ClearingRecord | None:
        """What the auction's bids give; None where there is no such auction."""

    def market_session(self, asset: int, day: int, /) -> SessionRecord | None:
        """What a close of the day would say now; None where there is no such open day."""

    def bank_account(self, account: str, /) -> bytes | None:
        """The hash of the bank account that is bound, or None."""

    def bank_reference_taken(self, reference: str, /) -> int | None:
        """The entry that named this reference of the bank, or None."""

    def withdrawal(self, op_id: bytes, /) -> WithdrawalRecord | None:
        """The withdrawal of that operation, or None."""

    def trade(self, op_id: bytes, /) -> TradeRecord | None:
        """The fill that the exchange is asked to settle by this operation."""

    def reconciled(self) -> int | None:
        """The last day that was reconciled, or None."""

    def holders(self) -> int:
        """How many accounts hold or held something to trade (DOMAIN 12)."""

    def is_holder(self, account: str, /) -> bool:
        """Whether the account is among them."""
