"""Answers about one-way biddings (DOMAIN 14). Amounts are whole tonnes, prices fen a tonne, instants unix seconds."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from api.market_models import ASSET, DAY, INDEX, told
from api.models import HASH, Answer
from attestation.facts.market import ClearingRecord
from ledger.market import views


class AuctionAward(Answer):
    """What a bid won."""

    order: str = Field(pattern=HASH)
    tonnes: int


class LapsedBid(Answer):
    """A sealed bid that nobody opened in time, and what that forfeits: recorded, not taken from anybody's cash."""

    account: str | None = Field(description="Whose; told to itself and to the overseers, to others null.")
    commitment: str = Field(pattern=HASH)
    index: int = INDEX
    maximum_fen: int = Field(description="What it locked until the result.")
    forfeit_fen: int = Field(description="`forfeit_bps` of that, half-up to the fen.")


class Auction(Answer):
    """A one-way bidding (DOMAIN 14)."""

    op_id: str = Field(pattern=HASH)
    index: int = INDEX
    asset: str = ASSET
    day: int = DAY
    lot_tonnes: int
    floor_fen: int
    seller: str
    order: str = Field(pattern=HASH, description="The lot: the seller's order.")
    commit_until: int
    reveal_until: int
    forfeit_bps: int = Field(description="Of a declared maximum that is not revealed.")
    document_hash: str = Field(pattern=HASH)
    commitments: int = Field(description="Sealed bids so far.")
    revealed: int
    price_fen: int | None = Field(
        description="What all pay (0: nothing is sold); from the end of the reveals on what a `clear` must say, null "
        "before."
    )
    awards: list[AuctionAward] | None
    unsold: int | None
    cleared_index: int | None = Field(description="Log position of the `clear`; null before.")
    lapsed: list[LapsedBid] | None = Field(description="Bids that were not opened, once it is cleared; null before.")

    @classmethod
    def of(cls, found: views.AuctionView, body: str | None, clearing: ClearingRecord | None = None) -> Self:
        """From the log's view, as ``body`` sees it (None: all of it); ``clearing``: what a `clear` must say, where that
        is due."""
        members = told(found)
        bids = members.pop("bids")
        awards = None if found.cleared_index is None else found.awards
        if clearing is not None:
            members |= {"price_fen": clearing.price_fen, "unsold": clearing.unsold}
            awards = clearing.awards
        if found.cleared_index is not None:
            members["price_fen"] = found.price_fen or 0
        members["awards"] = (
            None if awards is None else [{"order": one.hex(), "tonnes": tonnes} for one, tonnes in awards]
        )
        members["lapsed"] = None if found.cleared_index is None else [_lapsed(bid, body) for bid in found.lapsed]
        opened = sum(1 for bid in found.bids if bid.revealed_index is not None)
        return cls.model_validate(members | {"commitments": len(bids), "revealed": opened})


def _lapsed(bid: views.BidView, body: str | None) -> dict[str, object]:
    return {
        "account": bid.account if body is None or body == bid.account else None,
        "commitment": bid.commitment.hex(),
        "index": bid.index,
        "maximum_fen": bid.maximum_fen,
        "forfeit_fen": bid.forfeit_fen or 0,
    }


class Auctions(Answer):
    """Biddings, newest first."""

    auctions: list[Auction]
