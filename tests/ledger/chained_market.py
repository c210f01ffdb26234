"""A market from the first signature to the exchange: judged and matched by the tables, relayed, settled, read again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from attestation.bodies import PlaceOrder
from attestation.examination import examine
from attestation.identifiers import account_id
from attestation.market_operations import order_hash
from ledger.chain.contracts import EXCHANGE
from ledger.chain.exchange import Exchange
from ledger.log import Accepted, Log
from ledger.market.reader import MarketReader
from ledger.market.replay import replay_all

from .chained_units import Chained
from .mirrored import marketwork, memory, unitwork

ASSET, DAY_ONE = marketwork.ASSET, marketwork.FIRST_DAY


class ChainedMarket(Chained):
    """``work`` signs for the exchange's own domain; three enterprises with units in the registry and a bank account."""

    def __init__(self, world: Any) -> None:
        super().__init__(world)
        self.work: Any = marketwork.Marketwork(self.units, unitwork)
        self.domain = world.exchange_domain
        self.memory.exchange_domain = self.domain
        self.parameters = replace(self.parameters, exchange_domain=self.domain)
        self.log = Log(world.database, self.parameters, self.log._log_key, lambda: self.memory.now)
        self.steel, self.tiles, self.food = self.work.traders
        for account in self.work.traders:
            self.units.hold(self.units.signed(self.units.carry_in(2_000, account=account)))
        self._seqs: dict[tuple[str, str], int] = {}
        self.work.park.next_seq = self._next_seq
        self.memory.accept = self.take
        for name in ("order", "clearing", "market_session"):
            setattr(self.memory, name, self._asked(name))
        self.market = MarketReader(world.database, lambda: self.memory.now)

    def _asked(self, name: str) -> Any:
        def ask(*arguments: Any) -> Any:
            return self.asked(name, *arguments)

        return ask

    def asked(self, name: str, *arguments: Any) -> Any:
        """What the tables answer now."""
        with self.world.database.read() as session:
            return getattr(self.facts(session), name)(*arguments)

    def _next_seq(self, issuer: str, stream: str) -> int:
        place = (issuer, stream)
        if place not in self._seqs:
            self._seqs[place] = self.memory.stream(issuer, stream).last_seq
        return self._seqs[place] + 1

    def take(self, entry: bytes) -> None:
        """Accepted by the tables. Raises the refusal, and takes no place then."""
        (outcome,) = self.log.submit([entry]).outcomes
        if not isinstance(outcome, Accepted):
            raise outcome.error
        statement = examine(entry, self.parameters.origin)
        self._seqs[statement.iss, statement.stream] = statement.seq
        self.memory.entries.append(memory.Logged(outcome.ref.index, statement, None, self.memory.now))

    def approve(self, body: Any, type_: str = "market") -> None:
        """Signed by two persons for this exchange, and accepted."""
        self.work.administer(self.work.approved(body, domain=self.domain), type_)

    def say(self, body: Any, who: str) -> bytes:
        """Signed by the holder for this exchange, and accepted; an order's hash."""
        signed = self.work.signed(body, who, domain=self.domain)
        self.work.bring(signed, who)
        return order_hash(signed, who, self.domain) if isinstance(body, PlaceOrder) else b""

    def opened(self, **terms: object) -> ChainedMarket:
        """Cash and units in trading, terms, a reference of 60.00 and an open day."""
        work = self.work
        self.approve(work.terms(**terms))
        self.approve(work.price(6_000))
        for number, account in enumerate(work.traders):
            self.approve(work.deposit(10_000_000, f"ICBC-{number}", account=account), "cash")
        self.settle()
        for account in work.traders:
            self.say(work.move(9_000_000, "cash"), account)
            self.say(work.move(1_500), account)
        work.administer(work.day())
        self.settle()
        return self

    def exchange(self) -> Exchange:
        """The contract."""
        return Exchange(self.world.rpc, self.world.deploy().addresses[EXCHANGE])

    def holdings(self, account: str) -> tuple[int, int, int]:
        """Units in trading, cash in trading, cash free: as the contract has it and as the log was told of it."""
        name, contract = account_id(account), self.exchange()
        trading, locked = contract.view("tradingOf", name, ASSET)
        free, cash, _ = contract.view("cashOf", name)
        units, funds = self.asked("trading", account, ASSET), self.asked("cash", account)
        assert (units.trading, units.locked) == (trading, locked)
        assert (funds.trading, funds.free) == (cash, free)
        return trading, cash, free

    def divergences(self) -> list[tuple[str, str]]:
        """Where close, rows or chain say something else than the entries."""
        found = replay_all(self.world.database, self.parameters)
        return [(one.source, one.divergence.what) for day in found for one in day.differences]
