"""A trading day as the pure rules compute it from what the log accepted, whatever was matched when it came in.

Events are made of the rows that entries left: orders with what ended them, halts, auctions with their bids;
``quota.market.session`` matches the whole book anew. So a close is recomputed by other code than that which matched
each order as it came (``ledger.effects.matching``), and the two must agree. ``ledger.market.replay`` does the same from
the entries themselves.

Lots and bids of auctions are no part of the book before their clearing brings them: an auction may be announced and bid
for before its day opens.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session as Store

from ledger.db.market import BID, MarketRepository
from ledger.db.market_models import MarketAuctionRow, MarketCommitmentRow, MarketDayRow, MarketOrderRow
from ledger.market.orders import book_order
from quota.market.auction import Bid, Clearing, clear
from quota.market.bands import Reference
from quota.market.events import AuctionClosed, Cancelled, Event, Halted, Opened, Placed, Resumed
from quota.market.orders import EndReason, Mode
from quota.market.session import Session, replay

ENDED_BY_ENTRY = frozenset({EndReason.CANCELLED, EndReason.SUSPENDED, EndReason.KEY})
"""Reasons that an entry of its own gives; every other end follows from the book."""


def session_of(store: Store, day: MarketDayRow) -> Session:
    """The day's session so far, or as it was when it was closed."""
    return replay(day_events(store, day))


def opening(day: MarketDayRow) -> Opened:
    """The day's first event."""
    bands = Reference(day.reference_fen, day.band_bps, day.block_band_bps, day.block_threshold)
    return Opened(
        day.opened_index,
        day.asset,
        day.day,
        Mode(day.mode),
        bands,
        day.minimum_volume,
        day.minimum_groups,
        at=day.opened_at,
    )


def day_events(store: Store, day: MarketDayRow) -> Iterator[Event]:
    """The day's events in the order of the log, its close left out."""
    market = MarketRepository(store)
    orders = [row for row in market.orders_of_day(day.asset, day.day) if _in_book(row, day)]
    found: list[Event] = [Placed(book_order(row), at=row.accepted_at) for row in orders]
    found += [Cancelled(*end, at=row.ended_at or 0) for row in orders if (end := _ended_by_entry(row)) is not None]
    found += [Halted(index, at) if halted else Resumed(index, at) for index, halted, at in day.halts]
    found += _clearings(store, day)
    yield opening(day)
    # Of one entry only ends are several; they stand in the order of arrival, and sorting keeps that.
    yield from sorted(found, key=lambda event: event.index)


def _in_book(row: MarketOrderRow, day: MarketDayRow) -> bool:
    """Lots and bids wait outside; what two post to each other between two days is of neither."""
    closed = day.status_index if day.status == "closed" else None
    after = closed is not None and row.entry_index > closed
    return row.kind != BID and row.entry_index > day.opened_index and not after


def _ended_by_entry(row: MarketOrderRow) -> tuple[int, bytes, EndReason] | None:
    if row.reason not in ENDED_BY_ENTRY or row.ended_index is None:
        return None
    return row.ended_index, row.order_hash, EndReason(row.reason)


def _clearings(store: Store, day: MarketDayRow) -> Iterator[AuctionClosed]:
    market = MarketRepository(store)
    for auction in market.auctions_of(day.asset, day.day):
        lot = market.require(auction.order_hash)
        if auction.cleared_index is None or lot.reason in ENDED_BY_ENTRY:
            continue
        bids = bids_of(store, auction)
        brought = (book_order(lot), *(bid.order for bid in bids if bid.order is not None))
        yield AuctionClosed(
            auction.cleared_index,
            auction.order_hash,
            auction.floor_fen,
            bids,
            at=auction.cleared_at or 0,
            brought=tuple(sorted(brought, key=lambda order: order.index)),
        )


def clearing_of(store: Store, auction: MarketAuctionRow) -> Clearing:
    """What the auction's bids give (DOMAIN 14): nothing where the lot was taken away before."""
    bids = bids_of(store, auction)
    if MarketRepository(store).require(auction.order_hash).reason in ENDED_BY_ENTRY:
        return Clearing(None, (), auction.lot_tonnes, tuple(bid.commitment for bid in bids if bid.order is None))
    return clear(auction.lot_tonnes, auction.floor_fen, bids)


def bids_of(store: Store, auction: MarketAuctionRow) -> tuple[Bid, ...]:
    """The auction's sealed bids with what was opened of them, in the order of commitment."""
    market = MarketRepository(store)
    opened = {row.order_hash: row for row in market.auction_orders(auction.op_id)}
    return tuple(_bid(sealed, opened.get(sealed.commitment)) for sealed in market.commitments(auction.op_id))


def _bid(sealed: MarketCommitmentRow, row: MarketOrderRow | None) -> Bid:
    # What ended by its maker's word or another's, before the clearing, bids no more.
    order = None if row is None or row.reason in ENDED_BY_ENTRY else book_order(row)
    return Bid(order, sealed.entry_index, order is not None, sealed.maximum_fen, sealed.commitment)
