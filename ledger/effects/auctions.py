"""A one-way bidding from its announcement to its result (DOMAIN 14): awards are fills of bids with the lot."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.assets import parse_market_asset
from attestation.bodies import ClearAuction, OpenAuction
from attestation.instants import parse_instant
from ledger.context import LedgerContext
from ledger.db.market_models import MarketAuctionRow
from ledger.effects.endings import end_order, end_orders, expire
from ledger.effects.matching import keep_fills
from ledger.market.orders import book_order
from quota.market.book import Book
from quota.market.fees import forfeit_fen
from quota.market.orders import Mode


def announce(context: LedgerContext, body: OpenAuction, index: int) -> None:
    """Keep the announcement; the seller's order is the lot from here on."""
    lot = context.market.require(bytes.fromhex(body.order))
    lot.auction, lot.day = bytes.fromhex(body.op_id), body.day
    context.market.add(
        MarketAuctionRow(
            op_id=lot.auction,
            entry_index=index,
            asset=parse_market_asset(body.asset),
            day=body.day,
            lot_tonnes=body.lot_tonnes,
            floor_fen=body.floor_fen,
            seller=body.seller,
            order_hash=lot.order_hash,
            commit_until=parse_instant(body.commit_until),
            reveal_until=parse_instant(body.reveal_until),
            forfeit_bps=body.forfeit_bps,
            document_hash=bytes.fromhex(body.document_hash),
            announced_at=context.now,
        )
    )


def clear(session: Session, context: LedgerContext, body: ClearAuction, entry: tuple[bytes, int]) -> None:
    """Keep the result: awards are settled one by one, what was not awarded is free again."""
    market, index = context.market, entry[1]
    auction = market.auction(bytes.fromhex(body.auction))
    if auction is None:
        raise LookupError(f"no auction 0x{body.auction}")
    day = market.require_day(auction.asset, auction.day)
    awards = {bytes.fromhex(award.order): award.tonnes for award in body.awards}
    auction.cleared_index, auction.cleared_at = index, context.now
    auction.price_fen, auction.unsold = body.price_fen, body.unsold
    for sealed in market.commitments(auction.op_id):
        sealed.awarded = awards.get(sealed.commitment, 0)
        late = sealed.revealed_index is None
        sealed.forfeit_fen = forfeit_fen(sealed.maximum_fen, auction.forfeit_bps) if late else 0
    orders = [row for row in market.auction_orders(auction.op_id) if row.status == "open"]
    if market.require(auction.order_hash).status != "open":
        # The lot's holder was suspended, or its key ended: there is nothing to award.
        end_orders(context, orders, "unsold", index)
        return
    expire(context, day, index)
    book = Book.of(
        ((book_order(row), row.remaining) for row in orders),
        Mode(day.mode),
        asset=auction.asset,
        next_number=day.fills,
    )
    bids = [row.order_hash for row in orders if row.order_hash != auction.order_hash]
    # Where nothing is sold there is no price, and none is asked for.
    price = body.price_fen or market.require(auction.order_hash).price_fen
    fills, ends = book.award(index, auction.order_hash, price, awards.items(), bids)
    keep_fills(session, context, fills, day, entry)
    for end in ends:
        end_order(context, market.require(end.order_id), str(end.reason), index)
    market.send()
