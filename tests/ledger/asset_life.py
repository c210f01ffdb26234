"""What a log says of the units, obligations and scores of two enterprises, signed by those who must."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from attestation.asset_messages import (
    AllocationRun,
    AssetMessage,
    Cancel,
    CancelByOrder,
    CarryOver,
    Checker,
    Freeze,
    HolderMessage,
    Issue,
    OffsetEntry,
    OpeningBalance,
    ReferencePrice,
    Release,
    Return,
    Surrender,
    Suspension,
    Transfer,
    YearTerms,
)
from attestation.assets import CCER, quota_of
from attestation.identifiers import account_id
from attestation.keys import PrivateKey
from attestation.typed_data import sign_compact_digest
from ledger.chain.asset_intents import (
    AllocatePartIntent,
    AllocationItem,
    AssessIntent,
    CloseIntent,
    CollectIntent,
    CreditIntent,
    LapseFreezeIntent,
    ProposeScoreIntent,
    PublishScoreIntent,
    SignedIntent,
    WithdrawScoreIntent,
)
from ledger.chain.carbon_ledger import CarbonLedger
from ledger.chain.compliance import Compliance
from ledger.chain.contracts import CARBON_LEDGER, COMPLIANCE, CREDIT_SCORES
from ledger.chain.credit_scores import CreditScores

from .emissions_life import YEAR, Cases
from .registry_life import PARK, WORKS, key

MILL = "88.608.5288/A"
RESERVE, HOLDER, OTHER = account_id(PARK), account_id(WORKS), account_id(MILL)
ACCOUNTS = (RESERVE, HOLDER, OTHER)
QUOTA, NEXT = quota_of(YEAR), quota_of(YEAR + 1)
ASSETS = (QUOTA, NEXT, CCER)
DOCUMENT = hashlib.sha256(b"order").digest()
ROOT = hashlib.sha256(b"inputs").digest()
_NO_FREEZE = bytes(32)
HOLDERS_KEY = key(2)
COMMENTS = 11 * 86_400
"""Seconds from the beginning of a life: a score stands open for comment for ten days or more (DOMAIN 49)."""
DEADLINE, CARRY_UNTIL, CLOSES, AMENDMENT = 2 * COMMENTS, 2 * COMMENTS + 2_000, 2 * COMMENTS + 4_000, 300
"""Seconds likewise."""


class Units:
    """Intents about two accounts and a reserve, each of an entry of its own. ``began``: Unix seconds."""

    def __init__(self, world: Any, began: int | None = None) -> None:
        self.world = world
        self.cases = Cases(world)
        self.life = self.cases.life
        self.began = int(time.time()) if began is None else began
        self.made = 0

    def everybody(self) -> list[Any]:
        """Enrolments of all who have a part."""
        return [*self.life.everybody(), self.world.enterprise(MILL)]

    def op(self) -> bytes:
        """A fresh operation."""
        self.made += 1
        return hashlib.sha256(b"operation %d" % self.made).digest()

    def signed(self, message: AssetMessage, *, by: PrivateKey = HOLDERS_KEY, **more: Any) -> SignedIntent:
        """Brought with the holder's signature, or with those of a person of the park and one of the bureau."""
        domain = self.world.compliance_domain if message.CHECKER is Checker.COMPLIANCE else self.world.ledger_domain
        keys = (by,) if isinstance(message, HolderMessage) else (key(4), key(5))
        signatures = tuple(sign_compact_digest(message.digest(domain), each) for each in keys)
        return SignedIntent(*self.life.entry(), message, signatures, **more)

    # --- the park's word ---

    def issue(self, tonnes: int) -> SignedIntent:
        return self.signed(Issue(self.op(), RESERVE, YEAR, tonnes, DOCUMENT))

    def run(self, *rows: AllocationItem) -> list[SignedIntent | AllocatePartIntent]:
        """An approved run and its parts, one row each."""
        parts = [keccak(encode(["(bytes32,uint64,uint64,uint64)[]"], [[row.as_tuple()]])) for row in rows]
        items_hash = keccak(encode(["bytes32[]"], [parts]))
        tonnes, due = sum(row.granted for row in rows), self.began + DEADLINE
        run = AllocationRun(self.op(), RESERVE, YEAR, tonnes, items_hash, ROOT, due)
        approved = self.signed(run)
        entry = self.life.entry()
        return [
            approved,
            *(AllocatePartIntent(*entry, run.op_id, tuple(parts), part, (row,)) for part, row in enumerate(rows)),
        ]

    def transfer(self, sender: bytes, receiver: bytes, tonnes: int, *, freeze: bytes = _NO_FREEZE) -> SignedIntent:
        return self.signed(Transfer(self.op(), sender, receiver, QUOTA, tonnes, 2, freeze, DOCUMENT))

    def cancel_by_order(self, account: bytes, tonnes: int) -> SignedIntent:
        return self.signed(CancelByOrder(self.op(), account, QUOTA, tonnes, DOCUMENT))

    def freeze(self, account: bytes, tonnes: int) -> SignedIntent:
        return self.signed(Freeze(self.op(), account, QUOTA, tonnes, DOCUMENT))

    def freeze_at_once(self, account: bytes, tonnes: int) -> SignedIntent:
        return SignedIntent(*self.life.entry(), Freeze(self.op(), account, QUOTA, tonnes, DOCUMENT), ())

    def confirm(self, frozen: SignedIntent) -> SignedIntent:
        return self.signed(frozen.message, confirms=True)

    def lapse(self, frozen: SignedIntent) -> LapseFreezeIntent:
        return LapseFreezeIntent(*self.life.entry(), frozen.message.op_id, HOLDER)

    def release(self, frozen: SignedIntent, tonnes: int, account: bytes) -> SignedIntent:
        return self.signed(Release(self.op(), frozen.message.op_id, tonnes, DOCUMENT), account=account)

    def suspend(self, account: bytes, *, suspended: bool) -> SignedIntent:
        return self.signed(Suspension(self.op(), account, suspended, DOCUMENT))

    def carry_in(self, account: bytes, tonnes: int) -> SignedIntent:
        return self.signed(OpeningBalance(self.op(), account, QUOTA, tonnes, DOCUMENT))

    def ccer(self, account: bytes, tonnes: int, *, first: int = 1) -> SignedIntent:
        series, cancellation = keccak(b"CCER-1"), keccak(b"cancelled from %d" % first)
        last = first + tonnes - 1
        return self.signed(OffsetEntry(self.op(), account, tonnes, series, first, last, cancellation, DOCUMENT))

    def collect(self, account: bytes) -> CollectIntent:
        return CollectIntent(*self.life.entry(), account, YEAR)

    def terms(self, *, deadline: int = DEADLINE) -> SignedIntent:
        until, closes = self.began + CARRY_UNTIL, self.began + CLOSES
        shares = (500, 15_000, 50_000, AMENDMENT, False)
        return self.signed(YearTerms(self.op(), YEAR, 500, self.began + deadline, until, closes, *shares, DOCUMENT))

    def price(self, fen: int) -> SignedIntent:
        return self.signed(ReferencePrice(self.op(), YEAR, fen, DOCUMENT))

    def assess(self, account: bytes) -> AssessIntent:
        return AssessIntent(*self.life.entry(), account, YEAR)

    def credit(self, account: bytes) -> CreditIntent:
        return CreditIntent(*self.life.entry(), account, YEAR)

    def close(self, *accounts: bytes) -> CloseIntent:
        return CloseIntent(*self.life.entry(), YEAR, accounts)

    def propose(self, points: int, *, until: int = COMMENTS) -> ProposeScoreIntent:
        score = (HOLDER, YEAR, points, 2, DOCUMENT, ROOT)
        return ProposeScoreIntent(*self.life.entry(), *score, self.began + until)

    def publish(self, points: int) -> PublishScoreIntent:
        return PublishScoreIntent(*self.life.entry(), HOLDER, YEAR, points, 2, DOCUMENT, ROOT)

    def withdraw(self) -> WithdrawScoreIntent:
        return WithdrawScoreIntent(*self.life.entry(), HOLDER, YEAR)

    # --- holders' word ---

    def surrender(self, tonnes: int, asset: int = QUOTA, *, by: PrivateKey = HOLDERS_KEY) -> SignedIntent:
        until = self.began + CLOSES
        return self.signed(Surrender(self.op(), HOLDER, YEAR, asset, tonnes, until), by=by)

    def give_back(self, tonnes: int) -> SignedIntent:
        return self.signed(Return(self.op(), HOLDER, YEAR, tonnes, self.began + CLOSES))

    def cancel(self, tonnes: int) -> SignedIntent:
        return self.signed(Cancel(self.op(), HOLDER, QUOTA, tonnes, self.began + CLOSES))

    def carry_over(self, tonnes: int, *, net_sold: int = 0) -> SignedIntent:
        message = CarryOver(self.op(), HOLDER, YEAR, tonnes, self.began + CLOSES)
        return self.signed(message, net_sold=net_sold)

    # --- a whole life ---

    def supplied(self) -> list[Any]:
        """A cap of 1,000 t; the works get 500 t of which they owe 30, the mill 200."""
        rows = sorted((AllocationItem(HOLDER, 500, owes=30), AllocationItem(OTHER, 200)), key=lambda row: row.account)
        return [self.issue(1_000), *self.run(*rows)]

    def year(self) -> list[list[Any]]:
        """Everything that can be said, in phases: before the second phase the comment time is over, before the third
        the surrender deadline, before the last the year."""
        frozen, emergency, other = (
            self.freeze(HOLDER, 50),
            self.freeze_at_once(OTHER, 20),
            self.freeze_at_once(HOLDER, 4),
        )
        spring = [
            *self.supplied(),
            self.terms(),
            self.price(6_200),
            self.carry_in(HOLDER, 10),
            self.ccer(HOLDER, 25),
            self.transfer(RESERVE, OTHER, 40),
            frozen,
            self.release(frozen, 15, HOLDER),
            self.transfer(HOLDER, OTHER, 5, freeze=frozen.message.op_id),
            emergency,
            self.confirm(emergency),
            other,
            self.release(other, 1, HOLDER),
            self.suspend(OTHER, suspended=True),
            self.cancel_by_order(OTHER, 3),
            self.suspend(OTHER, suspended=False),
            self.cancel(2),
            self.give_back(10),
            self.cases.determine(400),
            self.surrender(20, CCER),
            self.surrender(300),
            self.propose(8_700),
        ]
        summer = [
            self.publish(8_700),
            self.propose(9_000, until=DEADLINE),
            self.withdraw(),
            self.surrender(80),
            self.cases.determine(350, revision=2),
            self.credit(HOLDER),
        ]
        winter = [self.assess(HOLDER), self.collect(HOLDER), self.carry_over(9, net_sold=3)]
        return [spring, summer, winter, [self.close(*ACCOUNTS)]]

    # --- what the contracts say ---

    def ledger(self) -> CarbonLedger:
        return CarbonLedger(self.world.rpc, self.world.deploy().addresses[CARBON_LEDGER])

    def compliance(self) -> Compliance:
        return Compliance(self.world.rpc, self.world.deploy().addresses[COMPLIANCE])

    def scores(self) -> CreditScores:
        return CreditScores(self.world.rpc, self.world.deploy().addresses[CREDIT_SCORES])


class Time:
    """The clock of relayer and chain, which goes on when it is told to."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.ahead = 0

    def __call__(self) -> float:
        return time.time() + self.ahead

    def until(self, instant: int) -> None:
        """Go on to that instant, and a little further."""
        self.go_on(max(0, instant - int(self())) + 2)

    def go_on(self, seconds: int) -> None:
        """So much time passes."""
        self.ahead += seconds
        self.world.pass_time(seconds)


PHASES = (0, COMMENTS, DEADLINE + AMENDMENT, CLOSES)
"""When the phases of a year begin."""


def live(world: Any, units: Units, *, between: Callable[[Time], None] = lambda _clock: None) -> None:
    """The whole life through one relayer; ``between`` is called after every phase, before it is settled."""
    clock = Time(world)
    for intent in units.everybody():
        world.enrol(intent)
    world.settle(world.relayer(clock=clock))
    for phase, begins in zip(units.year(), PHASES, strict=True):
        if begins:
            clock.until(units.began + begins)
        for intent in phase:
            world.tell(intent)
        between(clock)
        world.settle(world.relayer(clock=clock), rounds=60)
