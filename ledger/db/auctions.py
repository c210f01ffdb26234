"""Queries over one-way biddings and their sealed bids (DOMAIN 14)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from ledger.db.chain_queries import count
from ledger.db.exact_sum import exact_sum
from ledger.db.market_models import MarketAuctionRow, MarketCommitmentRow, MarketOrderRow


class AuctionQueries:
    """Part of ``ledger.db.market.MarketRepository``."""

    _session: Session

    def auction(self, op_id: bytes) -> MarketAuctionRow | None:
        """The auction of that operation."""
        return self._session.get(MarketAuctionRow, op_id)

    def auction_orders(self, op_id: bytes) -> Sequence[MarketOrderRow]:
        """The lot and the opened bids of an auction, in the order of their arrival."""
        row = MarketOrderRow
        return self._session.scalars(select(row).where(row.auction == op_id).order_by(row.entry_index)).all()

    def auctions_of(self, asset: int, day: int) -> Sequence[MarketAuctionRow]:
        """The auctions of an asset's day, in the order of their announcement."""
        row = MarketAuctionRow
        query = select(row).where(row.asset == asset, row.day == day)
        return self._session.scalars(query.order_by(row.entry_index)).all()

    def uncleared(self, asset: int, day: int) -> bytes | None:
        """The operation of an auction of the asset without a result, of that day or an earlier one; None: none."""
        row = MarketAuctionRow
        query = select(row.op_id).where(row.asset == asset, row.day <= day, row.cleared_index.is_(None))
        return self._session.scalars(query.order_by(row.entry_index).limit(1)).first()

    def waiting_auctions(self) -> Sequence[MarketAuctionRow]:
        """Auctions without a result, of any asset and day, in the order of their announcement."""
        row = MarketAuctionRow
        query = select(row).where(row.cleared_index.is_(None))
        return self._session.scalars(query.order_by(row.entry_index)).all()

    def auction_binding(self, account: str) -> bytes | None:
        """The operation of an auction without a result that the account sells in, or has an opened bid in."""
        row, sealed = MarketAuctionRow, MarketCommitmentRow
        bids = select(sealed.auction).where(sealed.account == account, sealed.revealed_index.is_not(None))
        query = select(row.op_id).where(row.cleared_index.is_(None), (row.seller == account) | row.op_id.in_(bids))
        return self._session.scalars(query.order_by(row.entry_index).limit(1)).first()

    def auctions(self, *, limit: int = 100) -> Sequence[MarketAuctionRow]:
        """Auctions, newest first."""
        row = MarketAuctionRow
        return self._session.scalars(select(row).order_by(row.entry_index.desc()).limit(limit)).all()

    def commitment(self, auction: bytes, commitment: bytes) -> MarketCommitmentRow | None:
        """The sealed bid of that auction."""
        return self._session.get(MarketCommitmentRow, (auction, commitment))

    def commitments(self, auction: bytes) -> Sequence[MarketCommitmentRow]:
        """The auction's sealed bids, in the order of their arrival."""
        row = MarketCommitmentRow
        return self._session.scalars(select(row).where(row.auction == auction).order_by(row.entry_index)).all()

    def bids(self, auction: bytes, account: str) -> tuple[int, int]:
        """How many sealed bids an auction has, and how many of them are the account's."""
        row = MarketCommitmentRow
        query = select(func.count(), func.sum(case((row.account == account, 1), else_=0)))
        every, own = self._session.execute(query.where(row.auction == auction)).one()
        return count(every), count(own)

    def locked_bids(self, account: str) -> int:
        """Fen that the account's bids of auctions that are not cleared declared at most."""
        row = MarketCommitmentRow
        query = select(exact_sum(row.maximum_fen)).join(MarketAuctionRow, MarketAuctionRow.op_id == row.auction)
        return count(
            self._session.scalar(query.where(row.account == account, MarketAuctionRow.cleared_index.is_(None)))
        )
