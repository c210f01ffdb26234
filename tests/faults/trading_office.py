"""The registrar's part in the market of a kill round: who takes part, with what, and one trading day after the other.

Both modes trade in turn, since terms change only while no day is open (DOMAIN 12). The days are numbered from long ago
on: they are days of a calendar of their own, with windows that are open now.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from attestation.bodies import (
    BindBankAccount,
    CarryIn,
    CloseDay,
    DepositCash,
    HaltDay,
    OpenDay,
    ResumeDay,
    SetMarketReference,
    SetMarketTerms,
    SettleWithdrawal,
    Window,
    WithdrawCash,
)
from attestation.market_operations import cash_message, market_message
from attestation.signed_operations import holding_message
from tests.faults.installation import Installation
from tests.faults.signers import PARK, Signer, instant
from tests.faults.trader import ASSETS, BLOCK_TONNES, FEE_BPS, LONG, UNSIGNED, Board, move, place
from tests.faults.trading_auction import Auctioneer
from tests.faults.trading_party import Party, approved, operation

OPENING_FEN = 6_000
CARRIED_TONNES, TRADING_TONNES = 20_000, 15_000
DEPOSITED_FEN, TRADING_FEN = 2_000_000_000, 1_500_000_000
_FIRST_DAY = date(2001, 1, 1)
_MODES = ("agreement", "licensed")
_RETRY_SECONDS = 0.3
_STEP_SECONDS = 400.0
_SHORTEST_WINDOW, _LONGEST_WINDOW = 2, 5
_DIFFERS = 8
"""So often the next day is refused for its price before two persons set it anew."""


class Office:
    """``persons``: two, of two bodies. ``traders``: the enterprises, each with a way for the office's own thread.
    ``day_seconds``: about how long a day trades."""

    def __init__(
        self,
        installation: Installation,
        registrar: Party,
        persons: tuple[Signer, Signer],
        traders: Mapping[str, Party],
        board: Board,
        chance: random.Random,
        day_seconds: float,
    ) -> None:
        self._installation = installation
        self._registrar = registrar
        self._persons = persons
        self._traders = traders
        self._board = board
        self._chance = chance
        self._prices = dict.fromkeys(ASSETS, OPENING_FEN)
        self._days: dict[str, int] = {}
        self._day = 0
        self._seconds = day_seconds
        window = min(_LONGEST_WINDOW, max(_SHORTEST_WINDOW, int(day_seconds / 4)))
        self._auctions = Auctioneer(registrar, list(traders.values()), chance, window)

    def prepare(self) -> None:
        """Terms, prices, units and cash; the first days are open when this returns, and one fill is made of each."""
        self._set_terms(_MODES[0])
        for asset in ASSETS:
            self._set_price(asset)
        for number, (name, trader) in enumerate(self._traders.items()):
            bank = _document(f"bank account of {name}")
            for asset in ASSETS:
                body: Any = CarryIn(
                    op_id=operation(),
                    account=name,
                    asset=asset,
                    tonnes=CARRIED_TONNES,
                    document_hash=_document("statement of the former register"),
                    reason="carried in",
                    approvals=(),
                )
                self._units(body)
            binding = BindBankAccount(
                op_id=operation(), account=name, bank_account=bank, document_hash=bank, approvals=()
            )
            self._cash(binding)
            received = DepositCash(
                op_id=operation(), account=name, fen=DEPOSITED_FEN, bank_reference=f"KILLS-{number}", approvals=()
            )
            self._cash(received)
            trader.epochs[name] = 0
        for trader in self._traders.values():
            for asset in ASSETS:
                self._until(lambda t=trader, a=asset: t.order(move(a, TRADING_TONNES, inward=True)))  # type: ignore[misc]
            self._until(lambda t=trader: t.order(move("cash", TRADING_FEN, inward=True)))  # type: ignore[misc]
        self._open(_MODES[0])
        for asset in ASSETS:
            self._first_fill(asset)

    def run(self, stop: threading.Event) -> None:
        """Day after day, both modes in turn, until told to stop; then the first asset's day is closed, the second
        one's stays open."""
        turn = 0
        while True:
            self._trade_on(stop, turn)
            if stop.is_set():
                self._close(ASSETS[0])
                return
            for asset in ASSETS:
                self._close(asset)
            turn += 1
            mode = _MODES[turn % len(_MODES)]
            self._set_terms(mode)
            self._open(mode)

    def _first_fill(self, asset: str) -> None:
        """However short the round is, something is settled in it."""
        seller, buyer, *_ = self._traders.values()
        tonnes, price = self._chance.randint(5, 50), self._prices[asset]
        offer = place(seller, asset, "sell", tonnes, price)
        self._until(lambda: seller.order(offer))
        named = {"counterparty": seller.identifier, "accepts": seller.hash_of(offer)}
        taken = place(buyer, asset, "buy", tonnes, price, **named)
        self._until(lambda: buyer.order(taken))

    # -- a day -----------------------------------------------------------------------------------------------------

    def _open(self, mode: str) -> None:
        self._day += 1
        number = int(f"{_FIRST_DAY + timedelta(days=self._day):%Y%m%d}")
        for asset in ASSETS:
            tries, limit = 0, time.monotonic() + _STEP_SECONDS
            while (rule := self._registrar.say("market", _opening(asset, number))) is not None:
                tries += rule == "market.differs"
                if tries >= _DIFFERS:
                    # What was undone moved no price on chain: two persons say which one holds (DOMAIN 15, 23).
                    self._set_price(asset)
                    tries = 0
                if time.monotonic() > limit:
                    raise TimeoutError(f"{number} of {asset} does not open within {_STEP_SECONDS:g} s: {rule}")
                time.sleep(_RETRY_SECONDS)
            self._days[asset] = number
            self._board.post(asset, mode, self._prices[asset])

    def _trade_on(self, stop: threading.Event, turn: int) -> None:
        stop.wait(self._seconds / 3)
        if turn % 2 == 0:
            self._halt(self._chance.choice(ASSETS))
        if not stop.is_set():
            asset = self._chance.choice(ASSETS)
            self._auctions.hold(asset, self._days[asset], self._prices[asset])
        if not stop.is_set():
            self._pay_out(self._chance.choice(list(self._traders)))
        stop.wait(self._seconds / 3)

    def _halt(self, asset: str) -> None:
        for act in (HaltDay, ResumeDay):
            body = act(
                op_id=operation(),
                asset=asset,
                day=self._days[asset],
                document_hash=_document("log of the network"),
                reason="the network is looked at",
                approvals=(),
            )
            self._registrar.say("market", self._approved(body))
            time.sleep(_RETRY_SECONDS)

    def _close(self, asset: str) -> None:
        self._board.take_down(asset)
        day = self._days.pop(asset)
        limit = time.monotonic() + _STEP_SECONDS
        while True:
            found = self._registrar.way.ask(f"/v1/market/{asset}/sessions/{day}")
            if found is not None:
                members = {name: found[name] for name in CloseDay.__struct_fields__}
                if self._registrar.say("market", CloseDay(**members)) is None:
                    self._prices[asset] = found["close_fen"]
                    return
            if time.monotonic() > limit:
                raise TimeoutError(f"{day} of {asset} is not closed within {_STEP_SECONDS:g} s")
            time.sleep(_RETRY_SECONDS)

    def _pay_out(self, name: str) -> None:
        """Cash leaves to the bank, or comes back from there unpaid (DOMAIN 21)."""
        bank = _document(f"bank account of {name}")
        asked = WithdrawCash(
            op_id=operation(),
            fen=self._chance.randint(1, 500_000),
            bank_account=bank,
            deadline=instant(int(time.time()) + LONG),
            signature=UNSIGNED,
        )
        if self._traders[name].order(asked) is None:
            answer = SettleWithdrawal(
                op_id=operation(),
                withdrawal=asked.op_id,
                paid=self._chance.random() < 0.7,
                bank_reference=f"KILLS-OUT-{asked.op_id[:16].upper()}",
                approvals=(),
            )
            self._cash(answer)

    # -- what two persons say ---------------------------------------------------------------------------------------

    def _set_terms(self, mode: str) -> None:
        self._market(
            SetMarketTerms(
                op_id=operation(),
                mode=mode,
                band_bps=1_000,
                block_band_bps=3_000,
                block_threshold=BLOCK_TONNES,
                lock_days=1,
                fee_bps=FEE_BPS,
                fee_account=PARK,
                minimum_volume=1,
                minimum_groups=1,
                maximum_holders=200,
                release_delay_s=86_400,
                document_hash=_document("rules of the market"),
                approvals=(),
            )
        )

    def _set_price(self, asset: str) -> None:
        self._market(
            SetMarketReference(
                op_id=operation(),
                asset=asset,
                price_fen=self._prices[asset],
                document_hash=_document("appraisal"),
                reason="price of the next day",
                approvals=(),
            )
        )

    def _market(self, body: Any) -> None:
        word = self._approved(body)
        self._until(lambda: self._registrar.say("market", word))

    def _approved(self, body: Any) -> Any:
        return approved(body, market_message(body), self._installation.exchange, self._persons)

    def _cash(self, body: Any) -> None:
        word = approved(body, cash_message(body), self._installation.exchange, self._persons)
        self._until(lambda: self._registrar.say("cash", word))

    def _units(self, body: Any) -> None:
        word = approved(body, holding_message(body), self._installation.units, self._persons)
        self._until(lambda: self._registrar.say("holding", word))

    def _until(self, say: Callable[[], str | None]) -> None:
        """Said again and again until it is in the log: units and cash have to arrive on chain first."""
        limit = time.monotonic() + _STEP_SECONDS
        while (rule := say()) is not None:
            if time.monotonic() > limit:
                raise TimeoutError(f"refused for {_STEP_SECONDS:g} s: {rule}")
            time.sleep(_RETRY_SECONDS)


def _opening(asset: str, number: int) -> OpenDay:
    now = int(time.time())
    window = Window(start=instant(now - 60), until=instant(now + LONG))
    return OpenDay(asset=asset, day=number, windows=(window,), cut_off=instant(now + LONG + 60))


def _document(what: str) -> str:
    return hashlib.sha256(what.encode()).hexdigest()
