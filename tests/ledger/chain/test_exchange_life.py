"""Orders, cash and trading days reach the exchange: in the order of the log, once, and again if the chain forgets."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest

from ledger.chain.outbox import State
from ledger.db.assets import AssetRepository
from ledger.db.chain_models import ChainHeadRow
from ledger.db.exchange import ExchangeRepository
from ledger.exchange_rows import EXCHANGE_TABLES
from ledger.projection import Projection
from tests.ledger.engines import migrated_postgres

from ..asset_life import QUOTA, Time
from ..market_equal import amounts, begin, live, require_laws, require_same, told
from ..market_life import EVERYBODY, FIRST_DAY, A, B, C, D, Market
from .test_relayer_faults import Crash

pytestmark = pytest.mark.chain


@pytest.fixture
def market(world: Any) -> Market:
    return Market(world)


def test_a_market_rebuilt_from_events_equals_the_exchange(world: Any, market: Market) -> None:
    """Law 5 at the head, at ten random earlier blocks, and after the rows were dropped and built anew; law 3, custody
    and the sum of cash at every block (DOMAIN 21, 22). STORY 6: the close is 62.30."""
    live(world, market)
    assert {row.state for row in told(world)} == {State.MINED}, [row.last_error for row in told(world)]
    before = world.projected()
    unused = {table.__tablename__ for table in EXCHANGE_TABLES if not before[table.__tablename__]}
    assert unused == {"chain_releases"}, "nobody left without the market in this life"
    for range_blocks in (3, 2_000):
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


@pytest.mark.parametrize("applied", [True, False], ids=["after-sending", "before-sending"])
def test_a_relayer_killed_around_sending_settles_nothing_twice(world: Any, market: Market, applied: bool) -> None:
    """Law 6. Every relayer dies while it sends; what it stored is sent by the next."""
    clock, dead = Time(world), list[Crash]()
    relayer = begin(world, market, clock)
    for intent in market.trading_day():
        world.tell(intent)
    for at in (3, 2, 1):
        dead.append(Crash(world.engine.rpc_url, at, applied=applied))
        clock.go_on(60)  # the lease of the one before is over
        with contextlib.suppress(KeyboardInterrupt):
            world.relayer(f"dying {len(dead)}", rpc=dead[-1], clock=clock).step()
    clock.go_on(60)
    world.settle(relayer, rounds=60)
    for rpc in dead:
        rpc.close()
    assert {row.state for row in told(world)} == {State.MINED}
    require_same(world, market)
    with world.database.read() as session:
        trades = ExchangeRepository(session).trades(QUOTA, FIRST_DAY)
        assert [trade.tonnes for trade in trades if trade.seller == B] == [300, 250, 150]
        assert len(trades) == 4


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
