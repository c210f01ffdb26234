"""Steps 5, 6 and 8: an auction out of the reserve, and two trading days in agreement mode (DOMAIN 12 to 21)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

from msgspec.structs import replace

from attestation.bodies import (
    BindBankAccount,
    Body,
    DepositCash,
    MoveTrading,
    PlaceOrder,
    ReconcileCash,
    SetMarketReference,
    SetMarketTerms,
)
from attestation.market_operations import holder_message, order_message
from attestation.typed_data import sign_compact_digest
from tanlu import assets, market, market_office
from tanlu.client.market_answers import Offer, Trade
from tanlu.demo import asset_inputs, inputs, units
from tanlu.demo import market_inputs as chosen
from tanlu.demo.actors import Actors

ORDERS, OFFICE, CASH = "orders", "market", "cash"
_CHINA = timezone(timedelta(hours=8))
_DAY_SECONDS = 1_500
"""How long a trading day takes orders; the demo closes it long before."""
_CHAIN_SECONDS = 90.0
_PAUSE_SECONDS = 0.25

_Signed = TypeVar("_Signed", PlaceOrder, MoveTrading)


@dataclass(slots=True)
class Market:
    """What the market brings, read back from what the exchange settled."""

    actors: Actors
    deadline: int
    auctioned: list[Trade] = field(default_factory=list)
    traded: list[Trade] = field(default_factory=list)
    orders: int = 0
    refused: int = 0
    first_close_fen: int = 0

    def prepare(self) -> None:
        """Terms and opening price by two persons, and money that the bank received (DOMAIN 12, 21)."""
        terms = SetMarketTerms(
            op_id=assets.new_operation(),
            mode="agreement",
            band_bps=chosen.BAND_BPS,
            block_band_bps=chosen.BLOCK_BAND_BPS,
            block_threshold=chosen.BLOCK_THRESHOLD_TONNES,
            lock_days=chosen.LOCK_DAYS,
            fee_bps=0,
            fee_account=inputs.PARK,
            minimum_volume=1,
            minimum_groups=1,
            maximum_holders=chosen.MAXIMUM_HOLDERS,
            release_delay_s=chosen.RELEASE_DELAY_SECONDS,
            document_hash=units.document("rules of the park's market"),
            approvals=(),
        )
        units.decide(self.actors, "market", terms)
        reference = SetMarketReference(
            op_id=assets.new_operation(),
            asset=units.QUOTA,
            price_fen=asset_inputs.OPENING_PRICE_FEN,
            document_hash=units.document("appraisal of the opening price"),
            reason="opening price of the first trading day",
            approvals=(),
        )
        units.decide(self.actors, "market", reference)
        for letter, fen in chosen.DEPOSITS_FEN.items():
            self._deposit(letter, fen)
        self.actors.say(
            f"market in agreement mode, reference {yuan(asset_inputs.OPENING_PRICE_FEN)} a tonne; the bank holds "
            f"{yuan(self.actors.client.cash.total().total_fen)} for {len(chosen.DEPOSITS_FEN)} enterprises",
            f"市场采用协议模式，参考价每吨 {yuan(asset_inputs.OPENING_PRICE_FEN)} 元；存管银行为 "
            f"{len(chosen.DEPOSITS_FEN)} 家企业持有 {yuan(self.actors.client.cash.total().total_fen)} 元",
        )

    def open_day(self, number: int) -> None:
        """The ``number``-th trading day of the demo, from 0: days after each other on the calendar, minutes here."""
        now = int(time.time())
        body = market_office.open_day(
            units.QUOTA, day(number), [(now - 1, now + _DAY_SECONDS)], min(now + _DAY_SECONDS + 60, self.deadline)
        )
        self.actors.submit(self.actors.registrar, "market", OFFICE, body)

    def auction(self) -> None:
        """A lot of the reserve by sealed bids: one price for all, the lowest that is accepted (DOMAIN 14)."""
        actors = self.actors
        self._move(inputs.PARK, units.QUOTA, chosen.LOT_TONNES)
        lot = self._place(
            inputs.PARK,
            market.place(
                units.QUOTA,
                "sell",
                chosen.LOT_TONNES,
                chosen.FLOOR_FEN,
                kind="auction",
                deadline=self.deadline,
                epoch=0,
                fee_limit_bps=0,
            ),
        )
        commit_until = int(time.time()) + chosen.BID_SECONDS
        announced = market_office.auction(
            units.QUOTA,
            day(0),
            chosen.LOT_TONNES,
            floor_fen=chosen.FLOOR_FEN,
            seller=inputs.PARK,
            order=lot,
            commit_until=commit_until,
            reveal_until=commit_until + chosen.BID_SECONDS,
            forfeit_bps=chosen.FORFEIT_BPS,
            document_hash=units.document("announcement of the auction"),
        )
        actors.submit(actors.registrar, "market", OFFICE, announced)
        bids = {bid.letter: self._bid(bid, announced.op_id) for bid in chosen.BIDS}
        for letter, bid in bids.items():
            committed = market.commit(
                announced.op_id, market.order_hash(actors.trust, bid, _identifier(letter)), market.maximum_of(bid)
            )
            actors.submit(actors.owners[_identifier(letter)], "order", ORDERS, committed)
        _sleep_until(commit_until)
        for letter, bid in bids.items():
            self._place(_identifier(letter), bid)
        _sleep_until(commit_until + chosen.BID_SECONDS)
        found = actors.client.market.auction(announced.op_id)
        actors.submit(actors.registrar, "market", OFFICE, market_office.clear(found))
        self.auctioned = self._settled(day(0))
        price = self.auctioned[0].price_fen
        awards = {trade.buyer: trade.tonnes for trade in self.auctioned}
        told = ", ".join(f"{bid.letter} {awards.get(_identifier(bid.letter), 0)} t" for bid in chosen.BIDS)
        actors.say(
            f"auction of {chosen.LOT_TONNES} t of the reserve: all pay {yuan(price)} a tonne; {told}; the park "
            f"receives {yuan(self.proceeds_fen)}",
            f"单向竞价出让储备配额 {chosen.LOT_TONNES} 吨：统一成交价每吨 {yuan(price)} 元；{told}；园区收入 "
            f"{yuan(self.proceeds_fen)} 元",
        )

    @property
    def proceeds_fen(self) -> int:
        """What the lot brought."""
        return sum(trade.value_fen for trade in self.auctioned)

    def try_above_the_band(self) -> None:
        """A bid a fen above what the day's band allows is refused (DOMAIN 13)."""
        letter = chosen.FIRST_DAY[0].buyer
        body = market.place(
            units.QUOTA, "buy", 1, chosen.TOO_HIGH_FEN, deadline=self.deadline, epoch=0, fee_limit_bps=0
        )
        identifier = _identifier(letter)
        self.actors.expect_refusal(
            f"{letter} bids {yuan(chosen.TOO_HIGH_FEN)} a tonne",
            f"{letter} 报价每吨 {yuan(chosen.TOO_HIGH_FEN)} 元",
            self.actors.sign(self.actors.owners[identifier], "order", ORDERS, self._signed(identifier, body)),
        )
        self.refused += 1

    def trade(self, number: int, deals: tuple[chosen.Deal, ...]) -> None:
        """Each seller posts an offer, its buyer accepts it by name; then the day is closed with its session's root."""
        for deal in deals:
            seller, buyer = _identifier(deal.seller), _identifier(deal.buyer)
            self._move(seller, units.QUOTA, deal.tonnes)
            posted = self._place(
                seller,
                market.place(
                    units.QUOTA,
                    "sell",
                    deal.tonnes,
                    deal.price_fen,
                    deadline=self.deadline,
                    epoch=0,
                    fee_limit_bps=0,
                ),
            )
            offer = self._offer(posted)
            self._place(
                buyer,
                market.accept(units.QUOTA, offer, deal.tonnes, deadline=self.deadline, epoch=0, fee_limit_bps=0),
            )
            self.orders += 2
            self.actors.say(
                f"{deal.seller} sells {deal.buyer} {deal.tonnes} t at {yuan(deal.price_fen)}",
                f"{deal.seller} 以每吨 {yuan(deal.price_fen)} 元向 {deal.buyer} 出售 {deal.tonnes} 吨",
            )
        listed = [trade for trade in self._settled(day(number)) if trade.kind == "listed"]
        self.traded += listed
        self._close(number)
        for deal in deals:
            self._move(_identifier(deal.buyer), units.QUOTA, deal.tonnes, inward=False)

    def take_home(self) -> None:
        """What was won at the auction goes to the registry, from where it is surrendered, locked or not (DOMAIN 16)."""
        for trade in self.auctioned:
            self._move(str(trade.buyer), units.QUOTA, trade.tonnes, inward=False)

    def reconcile(self, number: int) -> int:
        """What the bank has, which nothing in between can change: it paid nobody yet. Returns the ledger's sum."""
        bank = sum(chosen.DEPOSITS_FEN.values())
        self.actors.submit(self.actors.registrar, "cash", CASH, ReconcileCash(day=day(number), bank_fen=bank))
        ledger = self.actors.client.cash.total().total_fen
        self.actors.say(
            f"the bank holds {yuan(bank)}, the ledger's cash is {yuan(ledger)}",
            f"银行存款 {yuan(bank)} 元，账本资金合计 {yuan(ledger)} 元",
        )
        return ledger

    def summary(self) -> dict[str, object]:
        """What the summary says of auction and market."""
        return {
            "auction": {
                "price_fen": self.auctioned[0].price_fen,
                "tonnes": sum(trade.tonnes for trade in self.auctioned),
                "proceeds_fen": self.proceeds_fen,
            },
            "market": {
                "orders": self.orders,
                "trades": len(self.traded),
                "volume_tonnes": sum(trade.tonnes for trade in self.traded),
                "value_fen": sum(trade.value_fen for trade in self.traded),
                "close_fen": self.first_close_fen,
                "refused": self.refused,
            },
        }

    # -- parts -----------------------------------------------------------------------------------------------------

    def _deposit(self, letter: str, fen: int) -> None:
        identifier = _identifier(letter)
        bank_account = hashlib.sha256(f"custody account of {identifier}".encode()).hexdigest()
        binding = BindBankAccount(
            op_id=assets.new_operation(),
            account=identifier,
            bank_account=bank_account,
            document_hash=units.document(f"account opening form of {identifier}"),
            approvals=(),
        )
        units.decide(self.actors, "cash", binding)
        paid_in = DepositCash(
            op_id=assets.new_operation(),
            account=identifier,
            fen=fen,
            bank_reference=f"{inputs.YEAR}-{letter}-0001",
            approvals=(),
        )
        units.decide(self.actors, "cash", paid_in)
        self._move(identifier, "cash", fen)

    def _move(self, identifier: str, asset: str, amount: int, *, inward: bool = True) -> None:
        body = market.move(asset, amount, self.deadline, inward=inward)
        self._submit(identifier, self._signed(identifier, body))
        units.settle(self.actors, body.op_id)

    def _bid(self, bid: chosen.Bid, auction: str) -> PlaceOrder:
        return market.place(
            units.QUOTA,
            "buy",
            bid.tonnes,
            bid.price_fen,
            kind="auction",
            auction=auction,
            deadline=self.deadline,
            epoch=0,
            fee_limit_bps=0,
        )

    def _place(self, identifier: str, body: PlaceOrder) -> str:
        """Place an order; the hash that it is known by."""
        self._submit(identifier, self._signed(identifier, body))
        return market.order_hash(self.actors.trust, body, identifier)

    def _offer(self, posted: str) -> Offer:
        offers = self.actors.client.market.book(units.QUOTA).offers
        return next(offer for offer in offers if offer.order == posted)

    def _signed(self, identifier: str, body: _Signed) -> _Signed:
        message = order_message(body, identifier) if isinstance(body, PlaceOrder) else holder_message(body, identifier)
        digest = message.digest(market.market_domain(self.actors.trust))
        signature = sign_compact_digest(digest, self.actors.owners[identifier].key)
        return replace(body, signature=f"0x{signature.hex()}")

    def _submit(self, identifier: str, body: Body) -> None:
        self.actors.submit(self.actors.owners[identifier], "order", ORDERS, body)

    def _settled(self, number: int) -> list[Trade]:
        """The day's trades, once the exchange has settled every one."""
        return _when(
            lambda: list(self.actors.client.market.trades(units.QUOTA, number)),
            lambda trades: bool(trades) and all(trade.state == "settled" for trade in trades),
            "every trade of the day settled",
        )

    def _close(self, number: int) -> None:
        session = self.actors.client.market.session(units.QUOTA, day(number))
        self.actors.submit(self.actors.registrar, "market", OFFICE, market_office.close_day(session))
        if not number:
            self.first_close_fen = session.close_fen
        self.actors.say(
            f"close {yuan(session.close_fen)}: {yuan(session.value_fen)} for {session.volume:,} t; session root "
            f"{session.root[:16]}…, which anybody recomputes from entries {session.first} to {session.last}",
            f"收盘价 {yuan(session.close_fen)} 元：成交 {session.volume:,} 吨、{yuan(session.value_fen)} 元；"
            f"场次根哈希 {session.root[:16]}…，可由条目 {session.first} 至 {session.last} 重算",
        )
        _when(
            lambda: self.actors.client.market.show().asset(units.QUOTA).reference_fen,
            lambda reference: reference == session.close_fen,
            "the close as the next reference",
        )


_T = TypeVar("_T")


def _when(ask: Callable[[], _T], good: Callable[[_T], bool], expected: str) -> _T:
    limit = time.monotonic() + _CHAIN_SECONDS
    while not good(found := ask()):
        if time.monotonic() > limit:
            raise units.not_taken(str(found), expected)
        time.sleep(_PAUSE_SECONDS)
    return found


def day(number: int) -> int:
    """The number YYYYMMDD of the demo's ``number``-th trading day: today in China, and the days after it."""
    date = datetime.now(UTC).astimezone(_CHINA).date() + timedelta(days=number)
    return int(f"{date:%Y%m%d}")


def _identifier(letter: str) -> str:
    return inputs.enterprise(letter).identifier


def _sleep_until(instant: int) -> None:
    # The log's clock has seconds: one more, so that it too says that the time has come.
    time.sleep(max(0.0, instant + 1 - time.time()))


def yuan(fen: int) -> str:
    """An amount of money for people."""
    return f"CNY {fen // 100:,}.{fen % 100:02}"
