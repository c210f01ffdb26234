"""Trading days derived from entries alone: no row of the market's record is asked, nothing is known of any chain.

Whoever holds the log's entries (a store, a copy, what a client downloaded and verified) feeds them in their order and
gets every session as ``quota.market`` computes it. Bodies are taken as judged: signatures, bands and balances were
looked at before an entry was accepted.

``refused``: operations of terms and prices that the exchange finally refused, which a log alone does not tell; such an
entry set nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from attestation.assets import parse_market_asset
from attestation.bodies import (
    CancelEveryOrder,
    CancelPlaced,
    ClearAuction,
    CloseDay,
    CommitBid,
    HaltDay,
    OpenAuction,
    OpenDay,
    PlaceOrder,
    ResumeDay,
    SetMarketReference,
    SetMarketTerms,
    SuspendAccount,
)
from attestation.bodies.keys import EnrolKey
from attestation.envelope import Statement
from attestation.instants import parse_instant
from attestation.market_operations import order_hash
from attestation.market_words import Mode as ModeWord
from attestation.market_words import OrderKind as KindWord
from attestation.market_words import Side as SideWord
from attestation.typed_data import Domain
from ledger.market.ended_keys import EndedKeys
from quota.market.auction import Bid
from quota.market.bands import Reference
from quota.market.events import AuctionClosed, Cancelled, Event, Halted, Opened, Placed, Resumed
from quota.market.orders import EndReason, Mode, Order, OrderKind, Side
from quota.market.session import Replay, Session

TYPES = frozenset({"key", "holding", "order", "market"})
"""Types of the entries that a session can depend on; others may be left out."""


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """What the log said of a closed day, and at which entry."""

    index: int
    body: CloseDay


@dataclass(slots=True)
class _Auction:
    body: OpenAuction
    lot: bytes
    commits: list[tuple[int, bytes, int]] = field(default_factory=list)


class DerivedMarket:
    """The market as entries give it; ``domain``: that of the exchange, in which orders are known by their hash."""

    def __init__(self, domain: Domain, registrar: str, *, refused: Collection[bytes] = ()) -> None:
        self.closes: dict[tuple[int, int], ClosedDay] = {}
        self._domain = domain
        self._refused = frozenset(refused)
        self._keys = EndedKeys(registrar)
        self._groups: dict[str, str | None] = {}
        self._terms: SetMarketTerms | None = None
        self._prices: dict[int, tuple[int, int]] = {}
        self._days: dict[tuple[int, int], Replay] = {}
        self._open: dict[int, tuple[int, int]] = {}
        self._times: dict[tuple[int, int], int] = {}
        self._signers: dict[bytes, str] = {}
        self._epochs: dict[bytes, int] = {}
        self._waiting: dict[bytes, Order] = {}
        self._auctions: dict[bytes, _Auction] = {}

    def session(self, asset: int, day: int) -> Session | None:
        """The session so far, or as it was closed; None of a day that never opened."""
        running = self._days.get((asset, day))
        return None if running is None else running.session()

    def days(self) -> list[tuple[int, int]]:
        """Every (asset, day) that was opened, in the order of the log."""
        return list(self._days)

    def feed(self, index: int, accepted_at: int, statement: Statement) -> None:
        """The next entry; ``accepted_at``: the second in which the log took it.

        Raises ``QuotaError`` where it does what no entry that was accepted could have done.
        """
        body = statement.body
        if isinstance(body, EnrolKey):
            self._groups[body.subject.identifier] = body.subject.group
        for ended in self._keys.feed(index, statement):
            self._end(index, accepted_at, "key", [k for k, signer in self._signers.items() if signer == ended])
        match body:
            case SuspendAccount(suspended=True):
                self._end(index, accepted_at, "suspended", self._orders_of(body.account))
            case PlaceOrder():
                self._place(index, accepted_at, statement, body)
            case CancelPlaced():
                self._end(index, accepted_at, "cancelled", [bytes.fromhex(body.order)])
            case CancelEveryOrder():
                mine = self._orders_of(statement.iss)
                self._end(index, accepted_at, "cancelled", [one for one in mine if self._epochs[one] < body.epoch])
            case CommitBid():
                sealed = (index, bytes.fromhex(body.commitment), body.maximum_fen)
                self._auctions[bytes.fromhex(body.auction)].commits.append(sealed)
            case _:
                self._said(index, accepted_at, body)

    def _said(self, index: int, at: int, body: object) -> None:
        """What the registrar says of the market."""
        match body:
            case SetMarketTerms() if bytes.fromhex(body.op_id) not in self._refused:
                self._terms = body
            case SetMarketReference() if bytes.fromhex(body.op_id) not in self._refused:
                self._prices[parse_market_asset(body.asset)] = (index, body.price_fen)
            case OpenDay():
                self._open_day(index, at, body)
            case HaltDay() | ResumeDay():
                event = Halted(index, at) if isinstance(body, HaltDay) else Resumed(index, at)
                self._act(parse_market_asset(body.asset), event)
            case CloseDay():
                asset = parse_market_asset(body.asset)
                self.closes[asset, body.day] = ClosedDay(index, body)
                self._prices[asset] = (index, body.close_fen)
                self._open.pop(asset, None)
                self._forget()
            case OpenAuction():
                self._auctions[bytes.fromhex(body.op_id)] = _Auction(body, bytes.fromhex(body.order))
            case ClearAuction():
                self._clear(index, at, bytes.fromhex(body.auction))

    def _forget(self) -> None:
        """Of orders that are over nothing is asked any more."""
        resting = {order.order_id for place in self._open.values() for order, _ in self._days[place].resting()}
        living = resting | self._waiting.keys()
        self._signers = {key: signer for key, signer in self._signers.items() if key in living}
        self._epochs = {key: epoch for key, epoch in self._epochs.items() if key in living}

    def _open_day(self, index: int, at: int, body: OpenDay) -> None:
        asset, terms = parse_market_asset(body.asset), self._terms
        price = self._prices.get(asset) or max(self._prices.values(), default=None)
        if terms is None or price is None:
            raise LookupError(f"entry {index} opens a day without terms or a reference price")
        bands = Reference(price[1], terms.band_bps, terms.block_band_bps, terms.block_threshold)
        closing = (terms.minimum_volume, terms.minimum_groups)
        mode = Mode(ModeWord.of(terms.mode))
        self._open[asset] = (asset, body.day)
        self._times[asset, body.day] = at
        self._days[asset, body.day] = Replay(Opened(index, asset, body.day, mode, bands, *closing, at=at))

    def _place(self, index: int, at: int, statement: Statement, body: PlaceOrder) -> None:
        holder = statement.iss
        order = Order(
            order_id=order_hash(body, holder, self._domain),
            index=index,
            account=holder,
            group=self._groups.get(holder),
            asset=parse_market_asset(body.asset),
            side=Side(SideWord.of(body.side)),
            kind=OrderKind(KindWord.of(body.kind)),
            tonnes=body.tonnes,
            price_fen=body.price_fen,
            counterparty=body.counterparty,
            minimum_fill=body.minimum_fill,
            accepts=None if body.accepts is None else bytes.fromhex(body.accepts),
            fee_limit_bps=body.fee_limit_bps,
            deadline=parse_instant(body.deadline),
        )
        self._signers[order.order_id] = statement.kid_key
        self._epochs[order.order_id] = body.epoch
        if order.kind is OrderKind.AUCTION:
            self._waiting[order.order_id] = order
        else:
            # What two post to each other while no day is open is of no session.
            self._act(order.asset, Placed(order, at))

    def _act(self, asset: int, event: Event) -> None:
        place = self._open.get(asset)
        if place is not None:
            self._days[place].apply(event)
            self._times[place] = max(self._times.get(place, 0), event.at)

    def _orders_of(self, account: str) -> list[bytes]:
        resting = (order for place in self._open.values() for order, _ in self._days[place].resting())
        waiting = (order for order in self._waiting.values() if order.account == account)
        return [*(order.order_id for order in resting if order.account == account), *(o.order_id for o in waiting)]

    def _end(self, index: int, at: int, reason: str, orders: Iterable[bytes]) -> None:
        """Orders end by an entry of their own: those in a book by its session, lots and bids outside of it."""
        ended = frozenset(orders)
        for order_id in ended:
            self._waiting.pop(order_id, None)
        for asset, place in self._open.items():
            # Time does not go back in a book; who is past its deadline there ends by it.
            time = max(self._times[place], at)
            living = [o for o, _ in self._days[place].resting() if o.order_id in ended and o.deadline > time]
            for order in living:
                self._act(asset, Cancelled(index, order.order_id, EndReason(reason), at))

    def _clear(self, index: int, at: int, op_id: bytes) -> None:
        auction = self._auctions.pop(op_id)
        lot = self._waiting.pop(auction.lot, None)
        opened = {sealed: self._waiting.pop(sealed, None) for _, sealed, _ in auction.commits}
        if lot is None:
            return
        bids = tuple(
            Bid(opened[sealed], committed, opened[sealed] is not None, maximum, sealed)
            for committed, sealed, maximum in auction.commits
        )
        brought = sorted((lot, *(one for one in opened.values() if one is not None)), key=lambda order: order.index)
        event = AuctionClosed(index, auction.lot, auction.body.floor_fen, bids, at, tuple(brought))
        self._act(lot.asset, event)
