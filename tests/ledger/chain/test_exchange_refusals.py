"""What the exchange refuses, what waits for it, and what holders do on it without the log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account

from ledger.chain.exchange import trade_words
from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State
from ledger.chain.signing import account_address
from ledger.db.assets import AssetRepository
from ledger.db.exchange import ExchangeRepository

from ..asset_life import QUOTA, Time
from ..market_equal import begin, require_same, told
from ..market_life import BILATERAL, BUY, DELAY, FIRST_DAY, KEYS, SECOND_DAY, SELL, A, B, C, D, Market

pytestmark = pytest.mark.chain


@pytest.fixture
def market(world: Any) -> Market:
    return Market(world)


def test_a_fill_that_the_exchange_refuses_ends_with_its_error_and_holds_up_nobody(make_world: Any, engine: Any) -> None:
    """A price outside of the band, a fee above the limit, more than is there, the wrong key: refused for good, by name
    and value; the fills of others go on."""
    world = make_world(engine, finality=Confirmations(1))
    market = Market(world)
    relayer = begin(world, market)
    world.tell(market.open_day(FIRST_DAY))
    good = market.fill(market.order(C, BUY, 5, 6_000, counterparty=D), market.order(D, SELL, 5, 6_000), 5, 6_000)

    def tried(tonnes: int = 5, price_fen: int = 6_000, *, by: Any = None, **members: Any) -> Any:
        buy = market.order(A, BUY, 400_000, 7_000, counterparty=B)
        sell = market.order(B, SELL, 400_000, 5_000, **members)
        return market.fill(buy, sell, tonnes, price_fen, by=by)

    tries = {
        "PriceOutOfBand": tried(price_fen=6_601),
        "FeeExceeded": tried(fee_limit_bps=9),
        "UnitsInsufficient": tried(tonnes=801),
        "CashInsufficient": tried(tonnes=800, price_fen=6_600),
        "OrderSignatureInvalid": tried(by=(KEYS[A], KEYS[A])),
        "OrderExpired": tried(deadline=market.began - 10),
        "OrderEpochInvalid": tried(epoch=1),
        "CounterpartyInvalid": tried(counterparty=C),
        "KindsInvalid": tried(kind=BILATERAL),
        "DayStatusInvalid": replace(tried(), day=SECOND_DAY),
    }
    refused = {name: world.tell(intent) for name, intent in tries.items()}
    told_last = world.tell(good)
    for _ in range(12):
        relayer.step()
        world.rpc.request("evm_mine")
    found = {row.op_id: row for row in told(world)}
    for name, op_id in refused.items():
        row = found[op_id]
        assert (row.state, (row.last_error or "").split("(")[0]) == (State.REFUSED, name)
    assert found[told_last].state == State.FINAL
    require_same(world, market)


def test_what_holders_settle_themselves_is_known_by_its_orders(world: Any, market: Market) -> None:
    """DOMAIN 13: a bilateral trade needs no operator; under whatever name, it is the fill of the log that it is."""
    relayer = begin(world, market)
    world.tell(market.open_day(FIRST_DAY))
    world.settle(relayer)
    exchange = market.exchange()
    pair = [
        market.fill(
            market.order(A, BUY, 7, 9_000, kind=BILATERAL, counterparty=B),
            market.order(B, SELL, 7, 9_000, kind=BILATERAL, counterparty=A),
            7,
            9_000,
        )
        for _ in range(2)
    ]
    # Both are named as the second one: the first is not taken for it.
    name = pair[1].operation_id(world.deployment_id)
    world.send(world.stranger, exchange.address, exchange.data("settleBilateral", trade_words(name, pair[0])))
    other = world.tell(pair[1])
    relayer.step()
    ops = [world.tell(pair[0]), other]
    world.settle(relayer)
    assert [world.state(op) for op in ops] == [State.MINED, State.MINED]
    with world.database.read() as session:
        assert len(ExchangeRepository(session).trades(QUOTA, FIRST_DAY)) == 2
        assert ExchangeRepository(session).trading(A, QUOTA).trading == 14
    require_same(world, market)


def test_an_account_leaves_without_the_market_and_ends_its_orders_itself(world: Any, market: Market) -> None:
    """Units and cash are out after the delay; what was cancelled on the chain is known, though no entry says so."""
    clock = Time(world)
    relayer = begin(world, market, clock)
    exchange, own = market.exchange(), Account.from_key(KEYS[B].raw)
    world.rpc.request("anvil_setBalance", "0x" + account_address(own).hex(), hex(10**18))
    order = market.order(B, SELL, 10, 6_000)
    world.send(own, exchange.address, exchange.data("cancelDirect", order.as_tuple()))
    world.send(own, exchange.address, exchange.data("cancelAllDirect"))
    world.send(own, exchange.address, exchange.data("requestRelease", QUOTA, 2**64 - 1))
    clock.go_on(DELAY + 5)
    world.send(own, exchange.address, exchange.data("completeRelease", B, QUOTA))
    world.settle(relayer)
    require_same(world, market)
    with world.database.read() as session:
        rows = ExchangeRepository(session)
        assert rows.cancelled(order.digest(world.exchange_domain))
        assert rows.epoch(B) == 1
        assert rows.trading(B, QUOTA).trading == 0, "at most what is there"
        assert AssetRepository(session).balance(B, QUOTA).registry == 1_000


def test_what_waits_for_the_banks_balance_goes_on_when_it_is_the_ledgers(world: Any, market: Market) -> None:
    """DOMAIN 21: cash halts, and says so; nothing is refused for good meanwhile."""
    relayer = begin(world, market)
    world.tell(market.reconcile(FIRST_DAY, 1))
    withdrawal = market.take_out(A, 10)
    op = world.tell(withdrawal)
    for _ in range(4):
        relayer.step()
    assert world.state(op) is State.PENDING
    assert any("CashHalted" in (error or "") for error in world.errors())
    world.tell(market.reconcile(SECOND_DAY, 10_000_000))
    world.settle(relayer)
    assert world.state(op) is State.MINED
    require_same(world, market)
