"""One enterprise on the market of a kill round: posts, accepts, takes back, moves in and out, without pause."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from attestation.bodies import CancelEveryOrder, CancelPlaced, MoveTrading, PlaceOrder
from tests.faults.signers import instant
from tests.faults.trading_party import Party, operation

ASSETS = ("quota-2024", "quota-2025")
FEE_BPS = 7
BLOCK_TONNES = 40
UNSIGNED = "0x" + 64 * "00"
LONG = 40 * 86_400
"""Seconds for which a signature is good where its end is not what is tried."""
_OTHER_SIDE = {"buy": "sell", "sell": "buy"}
_SPREAD_FEN = 90


@dataclass
class Board:
    """What the office posts for all: of each asset that trades mode and reference price (fen). Shared by threads."""

    _posted: dict[str, tuple[str, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, asset: str, mode: str, reference_fen: int) -> None:
        """The asset trades."""
        with self._lock:
            self._posted[asset] = mode, reference_fen

    def take_down(self, asset: str) -> None:
        """It does not."""
        with self._lock:
            self._posted.pop(asset, None)

    def find(self, asset: str) -> tuple[str, int] | None:
        """Mode and reference price, None while the asset does not trade."""
        with self._lock:
            return self._posted.get(asset)


def place(party: Party, asset: str, side: str, tonnes: int, price_fen: int, **members: Any) -> PlaceOrder:
    """An order of the party's epoch, unsigned; for anybody, listed and good for long unless said otherwise."""
    given: dict[str, Any] = {"kind": "listed", "minimum_fill": 0, "deadline": instant(int(time.time()) + LONG)}
    return PlaceOrder(
        asset=asset,
        side=side,
        tonnes=tonnes,
        price_fen=price_fen,
        fee_limit_bps=FEE_BPS,
        epoch=party.epochs[party.identifier],
        salt=operation(),
        signature=UNSIGNED,
        **given | members,
    )


def move(asset: str, amount: int, *, inward: bool) -> MoveTrading:
    """Tonnes or fen into trading or out of it, unsigned."""
    until = instant(int(time.time()) + LONG)
    return MoveTrading(op_id=operation(), asset=asset, amount=amount, inward=inward, deadline=until, signature=UNSIGNED)


class Trader:
    """``others``: the identifiers of the other enterprises. ``pause``: mean seconds between two acts."""

    def __init__(self, party: Party, others: list[str], board: Board, chance: random.Random, pause: float) -> None:
        self._party = party
        self._others = others
        self._board = board
        self._chance = chance
        self._pause = pause
        self._open: list[str] = []

    def run(self, stop: threading.Event) -> None:
        """Act until told to stop; what was begun is ended."""
        acts: dict[Callable[[], None], int] = {
            self._trade: 84,
            self._cancel: 8,
            self._move_units: 3,
            self._move_cash: 3,
            self._cancel_all: 2,
        }
        while not stop.is_set():
            (act,) = self._chance.choices(list(acts), list(acts.values()))
            act()
            stop.wait(self._chance.uniform(0.0, 2 * self._pause))

    def _trade(self) -> None:
        asset = self._chance.choice(ASSETS)
        posted = self._board.find(asset)
        if posted is None:
            return
        mode, reference = posted
        if mode == "agreement" and self._chance.random() < 0.6:
            self._accept(asset)
        elif self._chance.random() < 0.06:
            self._block(asset, reference)
        else:
            self._post(asset, reference)

    def _post(self, asset: str, reference: int) -> None:
        chance, tonnes = self._chance, self._chance.randint(1, 60)
        members: dict[str, Any] = {}
        if chance.random() < 0.15:
            members["minimum_fill"] = chance.randint(1, tonnes)
        if chance.random() < 0.05:
            # It may end by itself, in the book or before what was matched is settled.
            members["deadline"] = instant(int(time.time()) + chance.randint(3, 20))
        price = reference + chance.randint(-_SPREAD_FEN, _SPREAD_FEN)
        self._send(place(self._party, asset, chance.choice(("buy", "sell")), tonnes, price, **members))

    def _block(self, asset: str, reference: int) -> None:
        named = self._chance.choice(self._others)
        tonnes = self._chance.randint(BLOCK_TONNES, 2 * BLOCK_TONNES)
        self._send(place(self._party, asset, "sell", tonnes, reference, kind="block", counterparty=named))

    def _accept(self, asset: str) -> None:
        """Somebody's offer, whole or a part of it."""
        book = self._party.way.ask(f"/v1/market/{asset}/book")
        offers = [] if book is None else [one for one in book["offers"] if one["account"] != self._party.identifier]
        # What is left of a block may be no block any more.
        offers = [one for one in offers if one["kind"] != "block" or one["remaining"] >= BLOCK_TONNES]
        if not offers:
            return
        offer = self._chance.choice(offers)
        least = BLOCK_TONNES if offer["kind"] == "block" else 1
        low = min(offer["remaining"], max(least, offer["minimum_fill"]))
        body = place(
            self._party,
            asset,
            _OTHER_SIDE[offer["side"]],
            self._chance.randint(low, offer["remaining"]),
            offer["price_fen"],
            kind=offer["kind"],
            counterparty=offer["account"],
            accepts=offer["order"],
        )
        self._party.order(body)

    def _send(self, body: PlaceOrder) -> None:
        if self._party.order(body) is None:
            self._open.append(self._party.hash_of(body))

    def _cancel(self) -> None:
        if self._open:
            order = self._open.pop(self._chance.randrange(len(self._open)))
            until = instant(int(time.time()) + LONG)
            self._party.order(CancelPlaced(op_id=operation(), order=order, deadline=until, signature=UNSIGNED))

    def _cancel_all(self) -> None:
        epoch = self._party.epochs[self._party.identifier] + 1
        until = instant(int(time.time()) + LONG)
        body = CancelEveryOrder(op_id=operation(), epoch=epoch, deadline=until, signature=UNSIGNED)
        if self._party.order(body) is None:
            self._party.epochs[self._party.identifier] = epoch
            self._open.clear()

    def _move_units(self) -> None:
        inward = self._chance.random() < 0.5
        self._party.order(move(self._chance.choice(ASSETS), self._chance.randint(1, 30), inward=inward))

    def _move_cash(self) -> None:
        inward = self._chance.random() < 0.5
        self._party.order(move("cash", self._chance.randint(1, 200_000), inward=inward))
