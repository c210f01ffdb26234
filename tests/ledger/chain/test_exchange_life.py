"""Orders, cash and trading days reach the exchange: in the order of the log, once, and again if the chain forgets."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from sqlalchemy import select

from ledger.chain.contracts import EXCHANGE
from ledger.chain.exchange import trade_words
from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State
from ledger.chain.signing import account_address
from ledger.db.assets import AssetRepository
from ledger.db.chain_models import ChainHeadRow, OutboxRow
from ledger.db.exchange import ExchangeRepository
from ledger.exchange_rows import EXCHANGE_TABLES
from ledger.projection import Projection
from tests.ledger.engines import migrated_postgres

from ..asset_life import QUOTA, Time
from ..market_life import (
    BILATERAL,
    BUY,
    DELAY,
    EVERYBODY,
    FIRST_DAY,
    KEYS,
    SECOND_DAY,
    SELL,
    A,
    B,
    C,
    D,
    Market,
)

pytestmark = pytest.mark.chain

_STATUS = {1: "open", 2: "halted", 3: "closed"}


@pytest.fixture
def market(world: Any) -> Market:
    return Market(world)


def custodian(world: Any) -> bytes:
    """The exchange's own account at the ledger of units."""
    address: bytes = world.deploy().addresses[EXCHANGE]
    return bytes(12) + address


def told(world: Any) -> list[OutboxRow]:
    with world.database.read() as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def begin(world: Any, market: Market, clock: Time | None = None) -> Any:
    """Everybody is enrolled and has something to trade with."""
    relayer = world.relayer(clock=clock) if clock else world.relayer()
    for intent in market.everybody():
        world.enrol(intent)
    world.settle(relayer)
    for intent in market.stocked():
        world.tell(intent)
    world.settle(relayer, rounds=40)
    return relayer


def live(world: Any, market: Market) -> Any:
    """The whole life, a day at a time."""
    relayer = begin(world, market)
    for phase in (market.trading_day(), market.afterwards()):
        for intent in phase:
            world.tell(intent)
        world.settle(relayer, rounds=60)
    return relayer


def require_same(world: Any, market: Market, block: int | None = None) -> None:
    """Rows built from events alone say what the contracts say, as of a block (law 5)."""
    exchange, ledger = market.exchange(), market.ledger()
    at: Any = "latest" if block is None else block
    with world.database.read() as session:
        require_laws(world, market, session, session.get_one(ChainHeadRow, 1).number if block is None else block)
        rows, units = ExchangeRepository(session), AssetRepository(session)
        latest = rows.latest_day(QUOTA, block=block)
        for account in EVERYBODY:
            trading = rows.trading(account, QUOTA, block=block).trading
            assert (trading, rows.locked(account, QUOTA, block=block)) == exchange.trading_of(account, QUOTA, block=at)
            held = units.balance(account, QUOTA, block=block)
            assert held.trading == trading
            assert (held.registry, held.frozen) == ledger.balance_of(account, QUOTA, block=at)
            cash, found = rows.cash(account, block=block), exchange.cash_of(account, block=at)
            assert (cash.free, cash.trading, cash.withdrawing) == (found.free, found.trading, found.withdrawing)
            assert rows.epoch(account, block=block) == exchange.epoch_of(account, block=at)
            assert rows.barred(account, block=block) == exchange.is_barred(account, block=at)
            assert rows.bank_account(account, block=block) == exchange.bank_account_of(account, block=at)
        assert rows.halted(block=block) == exchange.cash_halted(block=at)
        last = 0 if latest is None else latest.day
        assert (rows.reference(QUOTA, block=block) or 0, last) == exchange.reference_of(QUOTA, block=at)
        for day in rows.days(QUOTA, block=block):
            require_same_day(rows, exchange, day, block)
        for trade in rows.trades(QUOTA, FIRST_DAY, block=block):
            for order in (trade.buy_hash, trade.sell_hash):
                assert rows.filled(order, block=block) == exchange.filled_of(order, block=at)[0]


def require_laws(world: Any, market: Market, session: Any, block: int) -> None:
    """Law 3, custody, and all cash, by rows and by the contracts, as of a block."""
    rows, units, exchange, ledger = (
        ExchangeRepository(session),
        AssetRepository(session),
        market.exchange(),
        market.ledger(),
    )
    total = sum(sum(parts(rows.cash(account, block=block))) for account in EVERYBODY)
    assert total == rows.total_cash(block=block) == exchange.total_cash(block=block)
    in_trading = sum(rows.trading(account, QUOTA, block=block).trading for account in EVERYBODY)
    assert ledger.balance_of(custodian(world), QUOTA, block=block) == (in_trading, 0)
    assert units.balance(custodian(world), QUOTA, block=block).registry == in_trading
    supply = units.supply(QUOTA, block=block)
    assert supply.issued == supply.held + supply.surrendered + supply.cancelled
    assert (supply.issued, supply.surrendered, supply.cancelled) == ledger.supply_of(QUOTA, block=block)


def require_same_day(rows: ExchangeRepository, exchange: Any, day: int, block: int | None) -> None:
    """A day as its events said it, and its sums as its trades add up."""
    state, found = rows.day(QUOTA, day, block=block), exchange.day_of(QUOTA, day, block=block or "latest")
    assert state is not None
    named = (state.status, state.index, state.reference_fen, state.lock_days, state.fee_bps, state.cut_off)
    status = _STATUS[found.status]
    assert named == (status, found.index, found.reference_fen, found.lock_days, found.fee_bps, found.cut_off)
    counted = [trade for trade in rows.trades(QUOTA, day, block=block) if trade.counted]
    sums = (sum(one.tonnes for one in counted), sum(one.tonnes * one.price_fen for one in counted))
    assert sums == (found.volume, found.value_fen)
    if status == "closed":
        assert (state.volume, state.value_fen) == sums


def parts(cash: Any) -> tuple[int, int, int]:
    return cash.free, cash.trading, cash.withdrawing


def test_a_market_rebuilt_from_events_equals_the_exchange(world: Any, market: Market) -> None:
    """Law 5 at the head, at ten random earlier blocks, and after the rows were dropped and built anew; law 3, custody
    and the sum of cash at every block (DOMAIN 21, 22). STORY 6: the close is 62.30."""
    live(world, market)
    assert {row.state for row in told(world)} == {State.MINED}, [row.last_error for row in told(world)]
    before = world.projected()
    unused = {table.__tablename__ for table in EXCHANGE_TABLES if not before[table.__tablename__]}
    assert unused == {"chain_releases"}, "nobody left without the market in this life"
    for range_blocks in (1, 3, 2_000):
        projection = Projection(world.database, world.rpc, world.deploy(), world.finality, range_blocks=range_blocks)
        projection.drop()
        projection.sync()
        assert world.projected() == before
    require_same(world, market)
    with world.database.read() as session:
        head = session.get_one(ChainHeadRow, 1).number
        first = min(row.block_number or 0 for row in told(world))
        day = ExchangeRepository(session).day(QUOTA, FIRST_DAY)
    assert day is not None
    assert (day.volume, day.value_fen, day.close_fen) == (1_175, 7_320_000, 6_230)
    for block in random.Random(6).sample(range(first, head), 10):
        require_same(world, market, block)
    with world.database.read() as session:
        for block in range(first, head + 1):
            require_laws(world, market, session, block)
    with world.database.read() as session:
        rows = ExchangeRepository(session)
        asked = {row.op_id for row in told(world)}
        for account in EVERYBODY:
            assert {row.op_id for row in rows.cash_movements(account)} <= asked, "each names what asked for it"
        moved = AssetRepository(session).movements(B)
        assert {row.op_id for row in moved} <= asked
        assert rows.trading(A, QUOTA).bought == ((1, 700),)
        assert rows.trading(C, QUOTA).bought == ((1, 475), (2, 60))


def test_fills_of_other_accounts_go_in_one_round_and_of_one_order_behind_each_other(world: Any, market: Market) -> None:
    """The log's fills of a day are sent at once: three of one order, and one of two other accounts."""
    relayer = begin(world, market)
    opened, *rest = market.trading_day()
    world.tell(opened)
    world.settle(relayer)
    for fill in rest[:4]:
        world.tell(fill)
    assert relayer.step().sent == 4
    relayer.step()
    assert not world.counts()[State.PENDING], world.errors()
    require_same(world, market)


def test_a_chain_that_forgot_blocks_has_the_market_back_once(world: Any, market: Market) -> None:
    """Law 6: told again in the order of the log, to the last fen."""
    relayer = begin(world, market)
    before = world.snapshot()
    for intent in market.trading_day():
        world.tell(intent)
    world.settle(relayer, rounds=60)
    after = amounts(world)
    for forget in (lambda: world.revert(before), lambda: world.reorganise(4), world.forget_everything):
        forget()
        world.settle(relayer, rounds=80)
        assert {row.state for row in told(world)} == {State.MINED}
        assert amounts(world) == after
        require_same(world, market)


def amounts(world: Any) -> dict[bytes, Any]:
    """What everybody has, whatever blocks it came in."""
    with world.database.read() as session:
        rows, units = ExchangeRepository(session), AssetRepository(session)
        return {
            account: (
                units.balance(account, QUOTA),
                rows.cash(account),
                rows.trading(account, QUOTA).bought,
                len(rows.cash_movements(account)),
            )
            for account in EVERYBODY
        }


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
    world.send(own, exchange.address, exchange.data("requestRelease", QUOTA, 900))
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


@pytest.mark.postgres
def test_a_server_adds_up_the_same(engine: Any, make_world: Any, postgres: str) -> None:
    """Sums and blocks on PostgreSQL, in the tables that migrations made."""
    world = make_world(engine, database=migrated_postgres(postgres))
    market = Market(world)
    live(world, market)
    require_same(world, market)
    assert amounts(world)[D][0].trading == 65
    before = world.projected()
    projection = Projection(world.database, world.rpc, world.deploy(), world.finality)
    projection.drop()
    projection.sync()
    assert world.projected() == before
