"""What a log says of a small market: two trading days of four enterprises, signed by those who must (STORY 6, 8)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from attestation.identifiers import account_id
from attestation.keys import PrivateKey
from attestation.market_messages import (
    BankBinding,
    CancelAll,
    CancelOrder,
    Deposit,
    MarketReference,
    MarketTerms,
    Order,
    Payout,
    TradingMove,
    Withdrawal,
)
from attestation.market_messages import HolderMessage as HeldMessage
from attestation.typed_data import sign_compact_digest
from attestation.typed_data import sign_key_possession as prove
from ledger.chain.asset_intents import AllocationItem, SignedIntent
from ledger.chain.contracts import EXCHANGE
from ledger.chain.exchange import Exchange
from ledger.chain.intents import EnrolIntent
from ledger.chain.market_intents import (
    BarIntent,
    CloseDayIntent,
    HaltDayIntent,
    OpenDayIntent,
    ReconcileIntent,
    SettleIntent,
    SweepIntent,
)

from .asset_life import DOCUMENT, QUOTA, RESERVE, ROOT, Units
from .registry_life import BOTH, WORKS, key

TRADERS = {WORKS: key(2), "88.608.5288/B": key(12), "88.608.5288/C": key(13), "88.608.5288/D": key(14)}
A, B, C, D = (account_id(name) for name in TRADERS)
KEYS = dict(zip((A, B, C, D), TRADERS.values(), strict=True))
EVERYBODY = (A, B, C, D, RESERVE)
CASH = 0x0003_0000
FIRST_DAY, SECOND_DAY = 20_251_103, 20_251_104
ANYBODY = bytes(32)
BUY, SELL = 1, 2
LISTED, BLOCK, BILATERAL, AUCTION = 1, 2, 3, 4
FEE_BPS = 10
DELAY = 3_600
BANK = hashlib.sha256(b"bank account").digest()


class Market(Units):
    """Intents about four traders, each of an entry of its own. The reserve is the fee account."""

    def everybody(self) -> list[Any]:
        """Enrolments of all who have a part."""
        others = [name for name in TRADERS if name != WORKS]
        return [*self.life.everybody(), *(self._enrolled(name) for name in others)]

    def _enrolled(self, name: str) -> EnrolIntent:
        own = TRADERS[name]
        leaf, index = self.life.entry()
        possession = prove(self.world.registry_domain, account_id(name), own, BOTH)
        return EnrolIntent(name, 2, None, None, 2, int(BOTH), own.public.on_chain, leaf, index, possession)

    def say(self, message: Any, *, by: PrivateKey | None = None, **more: Any) -> SignedIntent:
        """A message for the exchange with the signature of its holder, or of two persons."""
        keys = (by or KEYS[message.account],) if isinstance(message, HeldMessage) else (key(4), key(5))
        digest = message.digest(self.world.exchange_domain)
        return SignedIntent(
            *self.life.entry(), message, tuple(sign_compact_digest(digest, each) for each in keys), **more
        )

    # --- the park's word ---

    def rules(self, *, mode: int = 1, lock_days: int = 1, minimum_groups: int = 2) -> SignedIntent:
        shares = (mode, 1_000, 3_000, 1_000, lock_days, FEE_BPS, RESERVE)
        return self.say(MarketTerms(self.op(), *shares, 10, minimum_groups, 0, DELAY, DOCUMENT))

    def reference(self, price_fen: int, asset: int = QUOTA) -> SignedIntent:
        return self.say(MarketReference(self.op(), asset, price_fen, DOCUMENT))

    def bind(self, account: bytes) -> SignedIntent:
        return self.say(BankBinding(self.op(), account, BANK, DOCUMENT))

    def deposit(self, account: bytes, fen: int) -> SignedIntent:
        op_id = self.op()
        return self.say(Deposit(op_id, account, fen, hashlib.sha256(op_id).digest()))

    def payout(self, withdrawal: SignedIntent, *, paid: bool) -> SignedIntent:
        op_id = self.op()
        return self.say(Payout(op_id, withdrawal.message.op_id, paid, hashlib.sha256(op_id).digest()))

    def open_day(self, day: int, *, seconds: int = 86_400) -> OpenDayIntent:
        return OpenDayIntent(*self.life.entry(), QUOTA, day, self.began + seconds)

    def halt(self, day: int, *, halted: bool) -> HaltDayIntent:
        return HaltDayIntent(*self.life.entry(), QUOTA, day, halted, self.op())

    def close_day(self, day: int, groups: int = 4) -> CloseDayIntent:
        return CloseDayIntent(*self.life.entry(), QUOTA, day, groups, ROOT)

    def reconcile(self, day: int, bank_fen: int) -> ReconcileIntent:
        return ReconcileIntent(*self.life.entry(), day, bank_fen)

    def sweep(self, account: bytes, asset: int, amount: int) -> SweepIntent:
        return SweepIntent(*self.life.entry(), account, asset, amount)

    def bar(self, account: bytes, *, barred: bool) -> BarIntent:
        return BarIntent(*self.life.entry(), account, barred)

    # --- holders' word ---

    def order(self, account: bytes, side: int, tonnes: int, price_fen: int, **members: Any) -> Order:
        """An order good for a day of a year; listed, for anybody, unless said otherwise."""
        until = self.began + 40 * 86_400
        given = Order(account, QUOTA, side, tonnes, price_fen, LISTED, ANYBODY, 1, FEE_BPS, until, 0, self.op())
        return replace(given, **members)

    def fill(
        self,
        buy: Order,
        sell: Order,
        tonnes: int,
        price_fen: int,
        *,
        day: int = FIRST_DAY,
        before: tuple[int, int] = (0, 0),
        by: tuple[PrivateKey, PrivateKey] | None = None,
    ) -> SettleIntent:
        """One fill; ``before``: what of buy and sell was filled."""
        keys = by or (KEYS[buy.account], KEYS[sell.account])
        domain = self.world.exchange_domain
        signatures = [
            sign_compact_digest(order.digest(domain), each) for order, each in zip((buy, sell), keys, strict=True)
        ]
        leaf, index = self.life.entry()
        return SettleIntent(leaf, index, 0, day, tonnes, price_fen, *before, DOCUMENT, ROOT, buy, sell, *signatures)

    def move(self, account: bytes, asset: int, amount: int, *, inward: bool = True) -> SignedIntent:
        return self.say(TradingMove(self.op(), account, asset, amount, inward, self.began + 40 * 86_400))

    def take_out(self, account: bytes, fen: int) -> SignedIntent:
        return self.say(Withdrawal(self.op(), account, fen, BANK, self.began + 40 * 86_400))

    def cancel_order(self, order: Order) -> SignedIntent:
        digest = order.digest(self.world.exchange_domain)
        return self.say(CancelOrder(self.op(), order.account, digest, self.began + 40 * 86_400), extra=order)

    def cancel_all(self, account: bytes, epoch: int) -> SignedIntent:
        return self.say(CancelAll(self.op(), account, epoch, self.began + 40 * 86_400))

    # --- a whole small life ---

    def stocked(self) -> list[Any]:
        """B and D hold units, A and C cash, of which most is in trading."""
        rows = (AllocationItem(B, 1_000), AllocationItem(D, 900))
        return [
            self.issue(2_000),
            *self.run(*sorted(rows, key=lambda row: row.account)),
            self.rules(),
            self.reference(6_000),
            *(self.bind(account) for account in (A, C)),
            self.deposit(A, 6_000_000),
            self.deposit(C, 4_000_000),
            self.move(A, CASH, 5_000_000),
            self.move(C, CASH, 3_900_000),
            self.move(B, QUOTA, 800),
            self.move(D, QUOTA, 700),
        ]

    def trading_day(self) -> list[Any]:
        """STORY 6: B sells A 700 t at 62.50 in three fills of one order, D sells C 475 t at 62.00; close 62.30."""
        sale, other = self.order(B, SELL, 700, 6_250), self.order(D, SELL, 475, 6_200)
        buys = [self.order(A, BUY, tonnes, 6_250, counterparty=B) for tonnes in (300, 250, 150)]
        fourth = self.order(C, BUY, 475, 6_200, counterparty=D)
        unfilled = self.order(B, SELL, 10, 6_300)
        return [
            self.open_day(FIRST_DAY),
            *(
                self.fill(buy, sale, buy.tonnes, 6_250, before=(0, before))
                for buy, before in zip(buys, (0, 300, 550), strict=True)
            ),
            self.fill(fourth, other, 475, 6_200),
            self.cancel_order(unfilled),
            self.cancel_all(D, 1),
            self.halt(FIRST_DAY, halted=True),
            self.halt(FIRST_DAY, halted=False),
            self.close_day(FIRST_DAY),
        ]

    def afterwards(self) -> list[Any]:
        """STORY 8: D sells C 60 t more at 62.30 on the next day; cash goes to the bank and back, and is compared."""
        late = self.order(D, SELL, 60, 6_230, epoch=1)
        gone, kept = self.take_out(A, 900_000), self.take_out(C, 50_000)
        left = 10_000_000 - 900_000
        return [
            self.open_day(SECOND_DAY),
            self.fill(self.order(C, BUY, 60, 6_230, counterparty=D), late, 60, 6_230, day=SECOND_DAY),
            self.close_day(SECOND_DAY, groups=1),
            self.move(B, QUOTA, 40, inward=False),
            self.move(B, CASH, 1_000_000, inward=False),
            gone,
            kept,
            self.payout(gone, paid=True),
            self.payout(kept, paid=False),
            self.reconcile(FIRST_DAY, left + 1),
            self.reconcile(SECOND_DAY, left),
            self.bar(D, barred=True),
            self.sweep(D, QUOTA, 100),
            self.sweep(D, CASH, 500_000),
            self.bar(D, barred=False),
        ]

    def exchange(self) -> Exchange:
        return Exchange(self.world.rpc, self.world.deploy().addresses[EXCHANGE])
