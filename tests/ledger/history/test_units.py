"""The way of units adds up at every block, and to what the contracts say there (law 3, law 5, DOMAIN 5, 6, 16, 22)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from attestation.assets import CCER, quota_of
from attestation.identifiers import account_id
from ledger.chain.carbon_ledger import CarbonLedger
from ledger.chain.contracts import CARBON_LEDGER
from ledger.chain.finality import Confirmations
from ledger.db.account_queries import AccountRepository
from ledger.db.base import Database
from ledger.history import HistoryReader, UnitWay
from ledger.projection_rows import undo_above
from tests.ledger.chained_market import ASSET, ChainedMarket
from tests.ledger.market_desk import MarketDesk
from tests.ledger.mirrored import memory
from tests.read_chain import GENESIS_TIME, ReadChain

YEAR = 2023
QUOTA = quota_of(YEAR)


def total(way: UnitWay) -> tuple[int, int]:
    opening, closing = (held.registry + held.trading + held.frozen for held in (way.opening, way.closing))
    return opening, closing


def moved(way: UnitWay) -> int:
    return sum(one.tonnes if one.inward else -one.tonnes for one in way.flows)


@pytest.fixture
def read(database: Database) -> tuple[HistoryReader, ReadChain, Any]:
    """On both databases: enrolled holders, and a chain of which every call is a block."""
    desk = MarketDesk(database)
    chain = ReadChain(database, desk.parameters.deployment_id, memory.PARK)
    chain.knows(memory.PARK, desk.steel, desk.tiles)
    return HistoryReader(database, desk.parameters), chain, desk


def test_units_that_stay_the_accounts_did_not_leave(read: tuple[HistoryReader, ReadChain, Any]) -> None:
    history, chain, desk = read
    chain.carried_in(desk.steel, 400, YEAR)
    chain.carried_in(desk.steel, 50, YEAR)
    chain.moved(desk.steel, 120, YEAR)
    chain.frozen(desk.steel, 30, YEAR)
    chain.surrendered(desk.steel, YEAR, 100)
    chain.surrendered(desk.steel, YEAR - 1, 7, QUOTA)
    chain.offsets(desk.steel, 9)
    way = history.units(desk.steel, QUOTA)
    assert way is not None
    told = [(one.kind, one.inward, one.year, one.tonnes, one.events) for one in way.flows]
    assert told == [
        ("CarriedIn", True, None, 450, 2),
        ("Surrendered", False, YEAR, 100, 1),
        ("Surrendered", False, YEAR - 1, 7, 1),
    ]
    assert (way.closing.registry, way.closing.trading, way.closing.frozen) == (193, 120, 30)
    (offsets,) = [one.flows for one in (history.units(desk.steel, CCER),) if one is not None]
    assert [(one.kind, one.tonnes) for one in offsets] == [("OffsetEntered", 9)]
    nothing = history.units(desk.tiles, QUOTA)
    assert nothing is not None
    assert (nothing.flows, total(nothing)) == ((), (0, 0))
    assert history.units("88.608.5288/nobody", QUOTA) is None


def test_the_law_holds_between_any_two_blocks(read: tuple[HistoryReader, ReadChain, Any]) -> None:
    history, chain, desk = read
    chain.carried_in(desk.steel, 400, YEAR)
    chain.moved(desk.steel, 120, YEAR)
    chain.surrendered(desk.steel, YEAR, 100)
    chain.carried_in(desk.steel, 2**40, YEAR)
    for last in range(chain.number + 1):
        for first in range(last + 1):
            way = history.units(desk.steel, QUOTA, from_block=first, block=last)
            assert way is not None
            opening, closing = total(way)
            assert opening + moved(way) == closing
        by_time = history.units(desk.steel, QUOTA, at=GENESIS_TIME + last) if last else None
        assert by_time is None or total(by_time)[1] == closing


def test_forgotten_blocks_are_forgotten_by_date_too(read: tuple[HistoryReader, ReadChain, Any]) -> None:
    """Law 5: what the chain takes back is of no instant any more."""
    _, chain, desk = read
    before = chain.carried_in(desk.steel, 400, YEAR)
    after = chain.carried_in(desk.steel, 50, YEAR)
    with desk.database.write() as session:
        accounts = AccountRepository(session)
        assert accounts.block_at(GENESIS_TIME + after) == after
        undo_above(session, before)
        session.flush()
        assert accounts.block_at(GENESIS_TIME + after) == before
        assert accounts.times() == (GENESIS_TIME + 1, GENESIS_TIME + before)


@pytest.fixture
def chained(make_world: Callable[..., Any], engine: Any) -> ChainedMarket:
    return ChainedMarket(make_world(engine, finality=Confirmations(1)))


@pytest.mark.chain
def test_trades_and_transfers_add_up_to_the_contracts_balance_at_every_block(chained: ChainedMarket) -> None:
    """From being carried in over trades and a transfer; whoever looks from the other side sees the same."""
    work, units = chained.opened().work, chained.units
    for tonnes, price in ((700, 6_250), (30, 6_200)):
        chained.say(work.accepting(chained.say(work.sell(tonnes, price), chained.steel)), chained.tiles)
    chained.settle()
    chained.say(work.move(200, inward=False), chained.food)
    chained.settle()
    units.hold(units.signed(units.transfer(150, sender=chained.food, receiver=chained.tiles, asset="quota-2023")))
    units.hold(units.signed(units.freeze(20)))
    chained.settle()
    history = HistoryReader(chained.world.database, chained.parameters)
    ledger = CarbonLedger(chained.world.rpc, chained.world.deploy().addresses[CARBON_LEDGER])
    exchange = chained.exchange()
    last = chained.world.rpc.head().number
    ways = {}
    for account in chained.work.traders:
        for block in range(max(0, last - 40), last):
            way = history.units(account, ASSET, block=block)
            assert way is not None
            assert total(way)[0] + moved(way) == total(way)[1]
            registry, frozen = ledger.balance_of(account_id(account), ASSET, block=block)
            trading, _ = exchange.view("tradingOf", account_id(account), ASSET, block=block)
            assert (way.closing.registry, way.closing.frozen, way.closing.trading) == (registry, frozen, trading)
        ways[account] = {
            (one.kind, one.inward, one.other): (one.tonnes, one.events) for one in _flows(history, account)
        }
    assert ways[chained.steel]["Settled", False, chained.tiles] == (730, 2)
    assert ways[chained.tiles]["Settled", True, chained.steel] == (730, 2)
    assert ways[chained.food]["Transferred", False, chained.tiles] == (150, 1)
    assert ways[chained.tiles]["Transferred", True, chained.food] == (150, 1)
    assert ways[chained.steel]["CarriedIn", True, None] == (2_000, 1)


def _flows(history: HistoryReader, account: str) -> tuple[Any, ...]:
    way = history.units(account, ASSET)
    assert way is not None
    return way.flows
