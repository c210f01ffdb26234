"""A lot by sealed bids, under whatever is killed meanwhile: who cannot reveal in time has bid in vain (DOMAIN 14)."""

from __future__ import annotations

import hashlib
import random
import time

from attestation.bodies import Award, ClearAuction, CommitBid, OpenAuction
from tests.faults.signers import instant
from tests.faults.trader import FEE_BPS, place
from tests.faults.trading_party import Party, operation

_STEP_SECONDS = 150.0
_PAUSE_SECONDS = 0.3
_WHOLE_BPS = 10_000


class Auctioneer:
    """``bidders``: parties that the office's own thread may use; one of them sells. ``window``: seconds in which bids
    are committed, and as many in which they are revealed."""

    def __init__(self, registrar: Party, bidders: list[Party], chance: random.Random, window: int) -> None:
        self._window = window
        self._registrar = registrar
        self._bidders = bidders
        self._chance = chance

    def hold(self, asset: str, day: int, reference_fen: int) -> None:
        """From the lot to the result; returns without one where the lot or its announcement was refused."""
        seller, *bidders = self._chance.sample(self._bidders, 4)
        lot = place(seller, asset, "sell", self._chance.randint(20, 60), reference_fen, kind="auction")
        if seller.order(lot) is not None:
            return
        commit_until = int(time.time()) + self._window
        announced = OpenAuction(
            op_id=operation(),
            asset=asset,
            day=day,
            lot_tonnes=lot.tonnes,
            floor_fen=lot.price_fen,
            seller=seller.identifier,
            order=seller.hash_of(lot),
            commit_until=instant(commit_until),
            reveal_until=instant(commit_until + self._window),
            forfeit_bps=500,
            document_hash=hashlib.sha256(b"announcement").hexdigest(),
        )
        if self._registrar.say("market", announced) is not None:
            return
        sealed = []
        for bidder in bidders:
            tonnes, price = self._chance.randint(5, lot.tonnes), reference_fen + self._chance.randint(0, 40)
            bid = place(bidder, asset, "buy", tonnes, price, kind="auction", auction=announced.op_id)
            most = 2 * tonnes * price * (_WHOLE_BPS + FEE_BPS) // _WHOLE_BPS
            commitment = CommitBid(auction=announced.op_id, commitment=bidder.hash_of(bid), maximum_fen=most)
            if bidder.say("order", commitment) is None:
                sealed.append((bidder, bid))
        _sleep_until(commit_until)
        for bidder, bid in sealed:
            bidder.order(bid)
        _sleep_until(commit_until + self._window)
        self._clear(announced.op_id)

    def _clear(self, auction: str) -> None:
        limit = time.monotonic() + _STEP_SECONDS
        while time.monotonic() < limit:
            found = self._registrar.way.ask(f"/v1/market/auctions/{auction}")
            if found is not None and found["awards"] is not None:
                body = ClearAuction(
                    auction=auction,
                    price_fen=found["price_fen"],
                    awards=tuple(Award(order=one["order"], tonnes=one["tonnes"]) for one in found["awards"]),
                    unsold=found["unsold"],
                )
                if self._registrar.say("market", body) is None:
                    return
            time.sleep(_PAUSE_SECONDS)
        raise TimeoutError(f"auction {auction} has no result within {_STEP_SECONDS:g} s")


def _sleep_until(second: int) -> None:
    # One more: the service's clock has seconds.
    time.sleep(max(0.0, second + 1 - time.time()))
