"""Rows of the market's record as what is shown of them (``ledger.market.views``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from attestation.market_words import Mode, OrderKind, Side
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow
from ledger.db.market_models import (
    MarketAuctionRow,
    MarketCommitmentRow,
    MarketDayRow,
    MarketFillRow,
    MarketOperationRow,
    MarketOrderRow,
)
from ledger.market.views import (
    AuctionView,
    BidView,
    DayStatus,
    DayView,
    FillState,
    KindText,
    ModeText,
    OfferView,
    OrderStatus,
    OrderView,
    SideText,
    TermsView,
    TradeView,
    WindowView,
)
from quota.market.bands import band

_FILL_STATES: dict[str, FillState] = {
    State.MINED.value: "settled",
    State.FINAL.value: "settled",
    State.REFUSED.value: "undone",
}


def side_text(side: int) -> SideText:
    """``buy`` or ``sell``."""
    return cast(SideText, Side(side).text)


def kind_text(kind: int) -> KindText:
    """``listed``, ``block``, ``bilateral`` or ``auction``."""
    return cast(KindText, OrderKind(kind).text)


def mode_text(mode: int) -> ModeText:
    """``agreement`` or ``licensed``."""
    return cast(ModeText, Mode(mode).text)


def terms_view(row: MarketOperationRow) -> TermsView:
    """The terms of an operation's row. Raises LookupError for a row of another kind."""
    if row.details is None or row.account is None or row.document_hash is None:
        raise LookupError(f"no terms at entry {row.entry_index}")
    details = row.details
    return TermsView(
        mode=mode_text(details["mode"]),
        band_bps=details["band_bps"],
        block_band_bps=details["block_band_bps"],
        block_threshold=details["block_threshold"],
        lock_days=details["lock_days"],
        fee_bps=details["fee_bps"],
        fee_account=row.account,
        minimum_volume=details["minimum_volume"],
        minimum_groups=details["minimum_groups"],
        maximum_holders=details["maximum_holders"],
        release_delay_s=details["release_delay"],
        document_hash=row.document_hash,
        index=row.entry_index,
    )


def day_view(row: MarketDayRow) -> DayView:
    """A trading day."""
    low, high = band(row.reference_fen, row.band_bps)
    block_low, block_high = band(row.reference_fen, row.block_band_bps)
    closed = row.status == "closed"
    return DayView(
        asset=row.asset,
        day=row.day,
        status=cast(DayStatus, row.status),
        mode=mode_text(row.mode),
        windows=tuple(WindowView(start, until) for start, until in row.windows),
        block_windows=tuple(WindowView(start, until) for start, until in row.block_windows),
        cut_off=row.cut_off,
        reference_fen=row.reference_fen,
        low_fen=low,
        high_fen=high,
        block_low_fen=block_low,
        block_high_fen=block_high,
        index=row.opened_index,
        fills=row.fills,
        close_fen=row.close_fen,
        volume=row.volume,
        value_fen=row.value_fen,
        root=row.root,
        closed_index=row.status_index if closed else None,
    )


def trade_view(row: MarketFillRow, settlement: OutboxRow | None) -> TradeView:
    """A fill and what became of it; without an exchange it stays matched."""
    state = "matched" if settlement is None else _FILL_STATES.get(settlement.state, "matched")
    return TradeView(
        asset=row.asset,
        day=row.day,
        number=row.number,
        cause=row.cause,
        kind=kind_text(row.kind),
        tonnes=row.tonnes,
        price_fen=row.price_fen,
        value_fen=row.value_fen,
        buyer_fee_fen=row.buyer_fee_fen,
        seller_fee_fen=row.seller_fee_fen,
        counted=row.counted,
        state=state,
        reason=settlement.last_error if settlement is not None and state == "undone" else None,
        op_id=row.op_id,
        buyer=row.buyer,
        seller=row.seller,
        buy=row.buy,
        sell=row.sell,
        made_at=row.made_at,
    )


def order_view(row: MarketOrderRow, status: OrderStatus) -> OrderView:
    """An order and what became of it."""
    return OrderView(
        order=row.order_hash,
        index=row.entry_index,
        account=row.account,
        asset=row.asset,
        day=row.day,
        side=side_text(row.side),
        kind=kind_text(row.kind),
        tonnes=row.tonnes,
        remaining=row.remaining,
        price_fen=row.price_fen,
        minimum_fill=row.minimum_fill,
        counterparty=row.counterparty,
        accepts=row.accepts,
        auction=row.auction,
        deadline=row.deadline,
        epoch=row.epoch,
        status=status,
        # Its deadline ended it; the next entry that acts on the book will say so.
        reason="deadline" if status == "ended" and row.status == "open" else row.reason,
        ended_index=row.ended_index,
    )


def offer_view(row: MarketOrderRow) -> OfferView:
    """An open order that is accepted by its hash."""
    return OfferView(
        order=row.order_hash,
        index=row.entry_index,
        account=row.account,
        side=side_text(row.side),
        kind=kind_text(row.kind),
        price_fen=row.price_fen,
        remaining=row.remaining,
        minimum_fill=row.minimum_fill,
        counterparty=row.counterparty,
        deadline=row.deadline,
    )


def auction_view(row: MarketAuctionRow, bids: Sequence[MarketCommitmentRow]) -> AuctionView:
    """A one-way bidding with its sealed bids."""
    return AuctionView(
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
        document_hash=row.document_hash,
        bids=tuple(
            BidView(
                commitment=bid.commitment,
                index=bid.entry_index,
                account=bid.account,
                maximum_fen=bid.maximum_fen,
                revealed_index=bid.revealed_index,
                awarded=bid.awarded,
                forfeit_fen=bid.forfeit_fen,
            )
            for bid in bids
        ),
        price_fen=row.price_fen,
        unsold=row.unsold,
        cleared_index=row.cleared_index,
    )
