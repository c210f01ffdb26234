"""The part of the log in memory that answers `attestation.facts.market` of terms, days, auctions and sessions.

Everything follows from the entries, naively; orders and balances are in `memory_trading`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from msgspec.structs import replace

from attestation.assets import parse_market_asset
from attestation.bodies import (
    ClearAuction,
    CloseDay,
    CommitBid,
    HaltDay,
    OpenAuction,
    OpenDay,
    ResumeDay,
    SetMarketReference,
    SetMarketTerms,
)
from attestation.facts.market import (
    AuctionRecord,
    ClearingRecord,
    CommitmentRecord,
    MarketTermsRecord,
    SessionRecord,
    TradingDayRecord,
)
from attestation.instants import parse_instant
from attestation.judging.trading_days import windows_of
from attestation.market_words import Mode, OrderKind
from attestation.typed_data import Domain

BPS = 10_000


@dataclass
class MemoryMarketFacts:
    """Recomputes every answer from the entries, and from what a test set."""

    exchange_domain: Domain | None = field(default=None, kw_only=True)
    closing: dict[int, int] = field(default_factory=dict, kw_only=True)

    def market_terms(self) -> MarketTermsRecord | None:
        found = list(self._steps(SetMarketTerms))
        return _terms(*found[-1]) if found else None

    def reference(self, asset: int, /) -> int | None:
        """The last price that anything said; a vintage without one inherits that of the vintage before."""
        said = {
            parse_market_asset(body.asset): body.price_fen if isinstance(body, SetMarketReference) else body.close_fen
            for _, body in self._steps(SetMarketReference, CloseDay)
        }
        return said.get(asset, said.get(asset - 1))

    def closed_otherwise(self, asset: int, /) -> int | None:
        """No chain undid anything."""
        return None

    def closing_day(self, asset: int, /) -> int | None:
        """Closes are on chain at once, unless a test holds one up."""
        return self.closing.get(asset)

    def _days(self) -> dict[tuple[int, int], TradingDayRecord]:
        days: dict[tuple[int, int], TradingDayRecord] = {}
        terms = None
        prices: dict[int, int] = {}
        for logged, body in self._steps(SetMarketTerms, SetMarketReference, OpenDay, HaltDay, ResumeDay, CloseDay):
            if isinstance(body, SetMarketTerms):
                terms = _terms(logged, body)
                continue
            asset = parse_market_asset(body.asset)
            if isinstance(body, SetMarketReference):
                prices[asset] = body.price_fen
            elif isinstance(body, OpenDay):
                reference = prices.get(asset, prices.get(asset - 1))
                days[asset, body.day] = _opened(logged, body, terms, reference)
            else:
                status = {HaltDay: "halted", ResumeDay: "open", CloseDay: "closed"}[type(body)]
                days[asset, body.day] = replace(days[asset, body.day], status=status)
            if isinstance(body, CloseDay):
                prices[asset] = body.close_fen
        return days

    def trading_day(self, asset: int, /) -> TradingDayRecord | None:
        found = [day for (of, _), day in self._days().items() if of == asset]
        return found[-1] if found else None

    def open_days(self) -> list[TradingDayRecord]:
        return [day for day in self._days().values() if day.status != "closed"]

    def auction(self, op_id: bytes, /) -> AuctionRecord | None:
        cleared = {bytes.fromhex(b.auction): logged.index for logged, b in self._steps(ClearAuction)}
        for logged, body in self._steps(OpenAuction):
            if bytes.fromhex(body.op_id) == op_id:
                return AuctionRecord(
                    op_id,
                    logged.index,
                    parse_market_asset(body.asset),
                    body.day,
                    body.lot_tonnes,
                    body.floor_fen,
                    body.seller,
                    bytes.fromhex(body.order),
                    parse_instant(body.commit_until),
                    parse_instant(body.reveal_until),
                    body.forfeit_bps,
                    cleared.get(op_id),
                )
        return None

    def _auctions(self) -> list[AuctionRecord]:
        found = [self.auction(bytes.fromhex(body.op_id)) for _, body in self._steps(OpenAuction)]
        return [auction for auction in found if auction is not None and auction.cleared is None]

    def waiting_auctions(self) -> list[AuctionRecord]:
        return self._auctions()

    def uncleared(self, asset: int, day: int, /) -> bytes | None:
        return next((a.op_id for a in self._auctions() if a.asset == asset and a.day <= day), None)

    def auction_binding(self, account: str, /) -> bytes | None:
        bound = {order.auction for order in self._open(account)}
        return next((a.op_id for a in self._auctions() if a.op_id in bound), None)

    def commitment(self, auction: bytes, commitment: bytes, /) -> CommitmentRecord | None:
        for logged, body in self._steps(CommitBid):
            if (bytes.fromhex(body.auction), bytes.fromhex(body.commitment)) == (auction, commitment):
                revealed, account = self.order(commitment) is not None, logged.statement.iss
                return CommitmentRecord(logged.index, auction, account, commitment, body.maximum_fen, revealed)
        return None

    def bids(self, auction: bytes, account: str, /) -> tuple[int, int]:
        found = [e.statement.iss for e, body in self._steps(CommitBid) if bytes.fromhex(body.auction) == auction]
        return len(found), found.count(account)

    def clearing(self, auction: bytes, /) -> ClearingRecord | None:
        """DOMAIN 14, naively: highest price first, ties pro rata by largest remainder, then by commitment."""
        found = self.auction(auction)
        if found is None:
            return None
        sealed = [bytes.fromhex(b.commitment) for _, b in self._steps(CommitBid) if b.auction == auction.hex()]
        bids = [one for one in (self.order(key) for key in sealed) if one is not None]
        left, price, awards = found.lot_tonnes, 0, {}
        for level in sorted({bid.price_fen for bid in bids}, reverse=True):
            here = [bid for bid in bids if bid.price_fen == level]
            asked = sum(bid.tonnes for bid in here)
            given = min(left, asked)
            if not given:
                break
            shares = [bid.tonnes * given // asked for bid in here]
            rests = [bid.tonnes * given % asked for bid in here]
            for place in sorted(range(len(here)), key=lambda n: -rests[n])[: given - sum(shares)]:
                shares[place] += 1
            awards |= {bid.order_hash: share for bid, share in zip(here, shares, strict=True) if share}
            left, price = left - given, level
        return ClearingRecord(price, tuple(awards.items()), left)

    def market_session(self, asset: int, day: int, /) -> SessionRecord | None:
        """The naive session: acceptances of the day, listed ones counted; book and root by rules of this file."""
        opened = self._days().get((asset, day))
        if opened is None or opened.status == "closed":
            return None
        taken = [one for one in self._orders().values() if one.accepts is not None and one.index > opened.index]
        fills = [one for one in taken if one.asset == asset]
        counted = [one for one in fills if one.kind == OrderKind.LISTED]
        volume = sum(one.tonnes for one in counted)
        value = sum(one.tonnes * one.price_fen for one in counted)
        close = (2 * value + volume) // (2 * volume) if volume else opened.reference
        groups = len({name for one in counted for name in (one.account, one.counterparty)})
        resting = sorted(key for key, one in self._orders().items() if one.status == "open" and one.asset == asset)
        book = hashlib.sha256(b"".join(resting)).digest()
        last = max([opened.index, *(one.index for one in fills)])
        root = hashlib.sha256(repr((asset, day, volume, value, close, book)).encode()).digest()
        return SessionRecord(opened.index, last, len(fills), book, volume, value, close, groups, root)


def _terms(logged, body: SetMarketTerms) -> MarketTermsRecord:
    return MarketTermsRecord(
        logged.index,
        Mode.of(body.mode),
        body.band_bps,
        body.block_band_bps,
        body.block_threshold,
        body.lock_days,
        body.fee_bps,
        body.fee_account,
        body.minimum_volume,
        body.minimum_groups,
        body.maximum_holders,
        body.release_delay_s,
        body.hours,
    )


def _opened(logged, body: OpenDay, terms: MarketTermsRecord, reference: int) -> TradingDayRecord:
    def band(bps: int) -> tuple[int, int]:
        """DOMAIN 15: inward to the fen."""
        return -(-reference * (BPS - bps) // BPS), reference * (BPS + bps) // BPS

    return TradingDayRecord(
        logged.index,
        parse_market_asset(body.asset),
        body.day,
        "open",
        *windows_of(body, terms.hours),
        parse_instant(body.cut_off),
        reference,
        *band(terms.band_bps),
        *band(terms.block_band_bps),
        terms.block_threshold,
        terms.fee_bps,
    )
