"""A round that hands over, reads back and prepares at once, stopped between any two of its steps (law 6).

Each time from the same chain and the same store: several looks of several transactions, fills of one order one after
the other among them. Whoever goes on afterwards ends with the same trades in the same order as a round that nobody
stopped; nothing was signed twice, and what was stored when it stopped is what is on the chain.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.chain import dispatch, manifest, ordering
from ledger.chain.errors import ChainUnavailable
from ledger.chain.outbox import State
from ledger.chain.rpc import Rpc
from ledger.chain.signing import account_address
from ledger.db.base import Database
from ledger.db.chain_models import LeaseRow, OutboxRow
from ledger.db.exchange import ExchangeRepository
from ledger.errors import LeaseLost

from ..asset_life import QUOTA
from ..market_equal import begin, require_same, told
from ..market_life import BUY, FIRST_DAY, SELL, A, B, C, D, Market

pytestmark = pytest.mark.chain

_LATER = 60.0
_AT_MOST = 60
"""Rounds that are stopped, each a step later than the one before; a round has fewer steps."""
Fault = Callable[[int], tuple[Rpc | None, Database | None]]


class Dying(Database):
    """The process ends at the n-th transaction that writes, before it or when it is durable."""

    def __init__(self, url: str, left: int, *, durable: bool) -> None:
        super().__init__(url)
        self._left, self._durable = left, durable

    @contextmanager
    def write(self) -> Iterator[Session]:
        self._left -= 1
        if self._left == 0 and not self._durable:
            raise KeyboardInterrupt
        with super().write() as session:
            yield session
        if self._left == 0:
            raise KeyboardInterrupt


class Falling(Rpc):
    """The n-th transaction is the last thing that the process sends, or would have sent."""

    def __init__(self, url: str, left: int, *, applied: bool) -> None:
        super().__init__(url)
        self._left, self._applied = left, applied

    def send_raw(self, raw: bytes) -> None:
        self._left -= 1
        if self._left > 0 or (self._left == 0 and self._applied):
            super().send_raw(raw)
        if self._left <= 0:
            raise KeyboardInterrupt


class Silent(Rpc):
    """The n-th request has no answer, though it may have been heard."""

    def __init__(self, url: str, at: int) -> None:
        super().__init__(url)
        self._left = at
        self.heard = False

    def request(self, method: str, *params: Any) -> Any:
        self._left -= 1
        answer = super().request(method, *params)
        if self._left == 0:
            self.heard = True
            raise ChainUnavailable("the answer is lost", rule="chain.unavailable")
        return answer


class Overtaken(Database):
    """Another relayer takes the lease before the n-th transaction that writes."""

    def __init__(self, url: str, left: int) -> None:
        super().__init__(url)
        self._left = left

    @contextmanager
    def write(self) -> Iterator[Session]:
        self._left -= 1
        if self._left == 0:
            with super().write() as session:
                lease = session.get_one(LeaseRow, "relayer")
                lease.holder, lease.token = "another", lease.token + 1
        with super().write() as session:
            yield session


class Forgetful(Rpc):
    """After the n-th answer the chain forgets what came since the start."""

    def __init__(self, start: Start, left: int) -> None:
        super().__init__(start.world.engine.rpc_url)
        self._start, self._left = start, left
        self.forgot = False

    def request(self, method: str, *params: Any) -> Any:
        answer = super().request(method, *params)
        self._left -= 1
        if self._left == 0:
            self.forgot = True
            self._start.forget()
        return answer


class Start:
    """A market with fills to settle, to which chain and store go back."""

    def __init__(self, world: Any, market: Market) -> None:
        self.world, self.market = world, market
        relayer = begin(world, market)
        world.tell(market.open_day(FIRST_DAY))
        world.settle(relayer)
        relayer.release()
        offer = market.order(B, SELL, 40, 5_000)
        for number in range(8):
            buy = market.order(A, BUY, 5, 9_000, counterparty=B)
            world.tell(market.fill(buy, offer, 5, 6_000, before=(0, 5 * number)))
            if number == 5:
                world.tell(market.cancel_order(market.order(C, BUY, 5, 5_900)))
        world.tell(
            market.fill(market.order(C, BUY, 5, 6_000, counterparty=D), market.order(D, SELL, 5, 6_000), 5, 6_000)
        )
        self.kept = world.folder / "start.db"
        with contextlib.closing(sqlite3.connect(world.folder / "ledger.db")) as line:
            line.execute("VACUUM INTO ?", (str(self.kept),))
        self.snapshot, self.times = world.snapshot(), 0
        self.before = self.transactions()

    def again(self) -> str:
        """Chain and store as they were; the store's address."""
        self.world.database.close()
        self.world.revert(self.snapshot)
        self.snapshot, self.times = self.world.snapshot(), self.times + 1
        place = self.world.folder / f"again{self.times}.db"
        place.write_bytes(self.kept.read_bytes())
        self.world.database = Database(f"sqlite:///{place}")
        return f"sqlite:///{place}"

    def forget(self) -> None:
        """The chain alone goes back."""
        self.world.revert(self.snapshot)
        self.snapshot = self.world.snapshot()

    def transactions(self) -> int:
        return int(self.world.rpc.nonce(account_address(self.world.relayer_account)))

    def trades(self) -> list[bytes]:
        with self.world.database.read() as session:
            return [trade.op_id for trade in ExchangeRepository(session).trades(QUOTA, FIRST_DAY)]

    def rows(self) -> list[OutboxRow]:
        with self.world.database.read() as session:
            return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))

    def stored(self) -> dict[int, bytes]:
        return {row.id: row.tx_hash for row in self.rows() if row.state == State.SENT and row.tx_hash is not None}

    def go_on(self) -> None:
        self.world.settle(self.world.relayer("next", clock=lambda: time.time() + _LATER), rounds=20)

    def require_the_same(self, trades: list[bytes], stored: dict[int, bytes], doing: str) -> None:
        rows = {row.id: row for row in self.rows()}
        assert self.trades() == trades, doing
        assert {row.state for row in rows.values()} == {State.MINED}, doing
        assert {row.attempts for row in rows.values()} == {1}, doing
        assert {number: rows[number].tx_hash for number in stored} == stored, doing
        # Since the snapshot: what carries an intent, and nothing else.
        signed = {row.nonce for row in rows.values() if row.nonce is not None and row.nonce >= self.before}
        assert signed == set(range(self.before, self.transactions())), doing


@pytest.fixture
def start(world: Any, monkeypatch: pytest.MonkeyPatch) -> Start:
    made = Start(world, Market(world))
    for module in (dispatch, ordering):
        monkeypatch.setattr(module, "LOOKED_AT", 3)
    monkeypatch.setattr(manifest, "MOST_TOGETHER", 2)
    return made


@pytest.fixture
def trades(start: Start) -> list[bytes]:
    """Those of a round that nobody stops: one round, whatever it takes in at a time."""
    start.again()
    relayer = start.world.relayer("undisturbed")
    report = relayer.step()
    assert report.sent == 10
    assert not report.more
    start.world.settle(relayer)
    start.require_the_same(found := start.trades(), {}, "undisturbed")
    assert found == [row.op_id for row in told(start.world) if row.kind == "settle"]
    assert len(start.rows()) > 10
    require_same(start.world, start.market)
    return found


@pytest.mark.parametrize("durable", [False, True], ids=["before", "after"])
def test_a_kill_at_any_write_to_the_store_is_gone_on_from(start: Start, trades: list[bytes], durable: bool) -> None:
    for number in range(1, _AT_MOST):
        place = start.again()
        dying = Dying(place, number, durable=durable)
        try:
            start.world.relayer("dying", database=dying).step()
        except KeyboardInterrupt:
            stored = start.stored()
        else:
            break
        finally:
            dying.close()
        start.go_on()
        start.require_the_same(trades, stored, f"write {number}")
    assert 8 < number < _AT_MOST


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
def test_a_kill_at_any_sending_is_gone_on_from(start: Start, trades: list[bytes], applied: bool) -> None:
    for number in range(1, _AT_MOST):
        start.again()
        rpc = Falling(start.world.engine.rpc_url, number, applied=applied)
        try:
            start.world.relayer("falling", rpc=rpc).step()
        except KeyboardInterrupt:
            stored = start.stored()
        else:
            break
        finally:
            rpc.close()
        start.go_on()
        start.require_the_same(trades, stored, f"sending {number}")
    assert 4 < number < _AT_MOST


def test_an_answer_that_is_lost_anywhere_ends_the_round_and_nothing_else(start: Start, trades: list[bytes]) -> None:
    """The same relayer goes on. Every seventh request: each kind of them, in both threads."""
    numbers = range(1, 7 * _AT_MOST, 7)
    for number in numbers:
        start.again()
        rpc = Silent(start.world.engine.rpc_url, number)
        relayer = start.world.relayer("patient", rpc=rpc)
        with contextlib.suppress(ChainUnavailable):
            relayer.step()
        if not rpc.heard:
            rpc.close()
            break
        stored = start.stored()
        start.world.settle(relayer, rounds=20)
        rpc.close()
        start.require_the_same(trades, stored, f"request {number}")
    assert number > 3 * 7, "several were lost"
    assert number < numbers[-1], "the round has an end"


def test_a_lease_that_is_lost_at_any_write_ends_the_round(start: Start, trades: list[bytes]) -> None:
    """What it had stored is the next relayer's to send; it stores nothing more itself."""
    for number in range(2, _AT_MOST):
        place = start.again()
        overtaken = Overtaken(place, number)
        try:
            with pytest.raises(LeaseLost):
                start.world.relayer("overtaken", database=overtaken).step()
        except pytest.fail.Exception:
            break
        finally:
            overtaken.close()
        stored = start.stored()
        with start.world.database.write() as session:
            session.get_one(LeaseRow, "relayer").expires_at = 0
        start.go_on()
        start.require_the_same(trades, stored, f"write {number}")
    assert 8 < number < _AT_MOST


def test_a_chain_that_forgets_in_the_middle_of_a_round_gets_the_same_trades(start: Start, trades: list[bytes]) -> None:
    """With what was handed over still on its way: every seventh request, of both threads."""
    numbers = range(3, 7 * _AT_MOST, 7)
    for number in numbers:
        start.again()
        rpc = Forgetful(start, number)
        relayer = start.world.relayer("patient", rpc=rpc)
        with contextlib.suppress(ChainUnavailable):
            relayer.step()
        for _ in range(20):
            with contextlib.suppress(ChainUnavailable):
                relayer.step()
            counts = start.world.counts()
            if not counts[State.PENDING] and not counts[State.SENT]:
                break
        rpc.close()
        assert {row.state for row in start.rows()} == {State.MINED}, number
        assert start.trades() == trades, number
        if not rpc.forgot:
            break
    require_same(start.world, start.market)
    assert number > 3 * 7, "it forgot several times"
    assert number < numbers[-1], "the round has an end"
