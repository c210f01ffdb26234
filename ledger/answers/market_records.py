"""Rows of the market as verification meets them: orders, trading days, auctions, hours."""

from __future__ import annotations

from attestation.bodies.market import ClockWindow, MarketHours
from attestation.facts.market import AuctionRecord, OrderRecord, OrderStatus, TradingDayRecord
from ledger.db.market_models import MarketAuctionRow, MarketDayRow, MarketOrderRow
from quota.market.bands import band


def order_record(row: MarketOrderRow, status: OrderStatus) -> OrderRecord:
    """A logged order as verification meets it."""
    return OrderRecord(
        order_hash=row.order_hash,
        index=row.entry_index,
        account=row.account,
        asset=row.asset,
        side=row.side,
        kind=row.kind,
        tonnes=row.tonnes,
        remaining=row.remaining,
        price_fen=row.price_fen,
        counterparty=row.counterparty,
        minimum_fill=row.minimum_fill,
        deadline=row.deadline,
        epoch=row.epoch,
        status=status,
        accepts=row.accepts,
        auction=row.auction,
    )


def day_record(row: MarketDayRow) -> TradingDayRecord:
    """A trading day as verification meets it, with its bands."""
    low, high = band(row.reference_fen, row.band_bps)
    block_low, block_high = band(row.reference_fen, row.block_band_bps)
    return TradingDayRecord(
        index=row.opened_index,
        asset=row.asset,
        day=row.day,
        status=row.status,  # type: ignore[arg-type]  # the column holds these words alone
        windows=tuple((start, until) for start, until in row.windows),
        block_windows=tuple((start, until) for start, until in row.block_windows),
        cut_off=row.cut_off,
        reference=row.reference_fen,
        low=low,
        high=high,
        block_low=block_low,
        block_high=block_high,
        block_threshold=row.block_threshold,
        fee_bps=row.fee_bps,
    )


def auction_record(row: MarketAuctionRow) -> AuctionRecord:
    """A logged auction as verification meets it."""
    return AuctionRecord(
        op_id=row.op_id,
        index=row.entry_index,
        asset=row.asset,
        day=row.day,
        lot_tonnes=row.lot_tonnes,
        floor_fen=row.floor_fen,
        seller=row.seller,
        order=row.order_hash,
        commit_until=row.commit_until,
        reveal_until=row.reveal_until,
        forfeit_bps=row.forfeit_bps,
        cleared=row.cleared_index,
    )


def hours_record(stored: dict[str, list[list[str]]] | None) -> MarketHours | None:
    """The hours of terms, ``None`` where every opening posts its own."""
    if stored is None:
        return None
    listed, block = (
        tuple(ClockWindow(start=start, until=until) for start, until in stored[name]) for name in ("listed", "block")
    )
    return MarketHours(listed=listed, block=block)
