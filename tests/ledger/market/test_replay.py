"""Sessions from entries alone: a thousand random orders, and every alteration of what was recorded is found (law 5)."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import update

from attestation.bodies import PlaceOrder
from attestation.instants import format_instant
from attestation.market_operations import order_hash
from ledger.chain.outbox import State
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.exchange_models import ChainTradeRow
from ledger.db.market_models import MarketDayRow, MarketFillRow
from ledger.log import Accepted
from ledger.market.replay import replay_all, replay_day
from tests.ledger.engines import migrated_sqlite
from tests.ledger.market_desk import ASSET, DAY_ONE, MarketDesk
from tests.ledger.mirrored import marketwork

ORDERS, IN_A_BATCH = 1_000, 100


@pytest.fixture
def desk(database: Database) -> MarketDesk:
    made = MarketDesk(database)
    made.endow()
    return made


def test_a_day_is_what_its_entries_give(desk: MarketDesk) -> None:
    """Close, rows and chain say the same as the entries, also of a day with ends of every kind."""
    work, units = desk.work, desk.work.units
    work.opened(mode="licensed")
    for price in (6_000, 6_010, 6_020):
        desk.say(work.sell(10, price), desk.steel)
        desk.say(work.sell(10, price), desk.food)
    desk.say(work.cancel(desk.say(work.sell(7, 6_000), desk.food)), desk.food)
    desk.say(work.buy(25, 6_015), desk.tiles)
    units.hold(units.signed(units.suspend(desk.steel)))
    work.administer(work.halt())
    work.administer(work.resume())
    desk.say(work.buy(25, 6_020), desk.tiles)
    assert desk.divergences() == []
    said = desk.close()
    desk.mine()
    found = replay_day(desk.database, desk.parameters, ASSET, DAY_ONE)
    assert found is not None
    assert (found.differences, found.session.root.hex(), len(found.session.fills)) == ((), said.root, said.fills)
    assert desk.faults() == []


def test_one_altered_fill_is_found(desk: MarketDesk) -> None:
    """By the replay as rows, by the check of the store too; the close itself stands, since nobody altered entries."""
    desk.work.opened()
    desk.trade(desk.steel, desk.tiles, 700, 6_250)
    desk.trade(desk.food, desk.tiles, 475, 6_200)
    desk.close()
    desk.mine()
    with desk.database.write() as session:
        session.execute(update(MarketFillRow).where(MarketFillRow.number == 1).values(tonnes=474))
    assert desk.divergences() == [("rows", "fills[1].tonnes")]
    assert [(fault.table, fault.column) for fault in desk.faults()] == [("market_fills", "tonnes")]


def test_an_altered_close_is_found(desk: MarketDesk) -> None:
    """A row that says another close than the entry: the check of the store names it."""
    desk.work.opened()
    desk.trade(desk.steel, desk.tiles, 700, 6_250)
    desk.close()
    with desk.database.write() as session:
        session.execute(update(MarketDayRow).values(close_fen=6_251))
    assert [(fault.table, fault.column) for fault in desk.faults()] == [("market_days", "close_fen")]


def test_a_chain_that_says_otherwise_is_found(desk: MarketDesk) -> None:
    """A trade at another price, one that was lost, one that no entry gave."""
    desk.work.opened()
    sell, _ = desk.trade(desk.steel, desk.tiles, 700, 6_250)
    desk.trade(desk.food, desk.tiles, 475, 6_200)
    desk.mine()
    assert desk.divergences() == []
    with desk.database.write() as session:
        session.execute(update(ChainTradeRow).where(ChainTradeRow.sell_hash == sell).values(price_fen=6_249))
    assert desk.divergences() == [("chain", "trade.price_fen")]
    with desk.database.write() as session:
        session.execute(update(ChainTradeRow).where(ChainTradeRow.sell_hash == sell).values(sell_filled=1))
    assert desk.divergences() == [("chain", "trade"), ("chain", "trade")]


def test_terms_that_the_exchange_refused_set_nothing(desk: MarketDesk) -> None:
    """What was refused for good counts neither when a day opens nor when it is derived again."""
    work = desk.work
    work.administer(work.approved(work.terms()))
    work.administer(work.approved(work.price()))
    wrong = work.terms(band_bps=500)
    work.administer(work.approved(wrong))
    desk.mine(refuse=(bytes.fromhex(wrong.op_id),))
    work.administer(work.day())
    desk.trade(desk.steel, desk.tiles, 1, 6_600)
    desk.close()
    assert (desk.divergences(), desk.faults()) == ([], [])


def test_a_thousand_random_orders_are_what_a_replay_makes_of_them(tmp_path: Any) -> None:
    """Matching reads the crossed orders alone; a replay of the whole book gives the same fills, book and root."""
    desk = MarketDesk(migrated_sqlite(tmp_path / "random.sqlite3"))
    desk.endow(10_000_000, 10**13)
    work, rng = desk.work, random.Random(6)
    work.opened(mode="licensed", minimum_volume=10)
    known: list[tuple[bytes, str]] = []
    for start in range(0, ORDERS, IN_A_BATCH):
        entries = [_entry(desk, known, rng, start + place) for place in range(IN_A_BATCH)]
        outcomes = desk.log.submit(entries).outcomes
        rules = {one.error.rule for one in outcomes if not isinstance(one, Accepted)}
        assert rules <= {"order.ended"}
    desk.mine()
    said = desk.close()
    assert said.fills > ORDERS // 4
    (found,) = replay_all(desk.database, desk.parameters)
    assert (found.differences, found.session.root.hex(), len(found.session.fills)) == ((), said.root, said.fills)
    ends = {end.order_id: (str(end.reason), end.remaining) for end in found.session.ends}
    assert {reason for reason, _ in ends.values()} >= {"filled", "cancelled", "self", "minimum"}
    orders = [order for order in desk.market.orders(limit=ORDERS) if order.reason != "day"]
    assert {order.order: (order.reason, order.remaining) for order in orders} == ends
    desk.database.close()


def test_deadlines_and_a_clock_that_steps_back_replay_alike(tmp_path: Any) -> None:
    """Orders with deadlines of seconds, halts between, and seconds that do not always grow (docs/market.md)."""
    desk = MarketDesk(migrated_sqlite(tmp_path / "deadlines.sqlite3"))
    desk.endow(10_000_000, 10**13)
    work, rng = desk.work, random.Random(11)
    work.opened(mode="licensed")
    known: list[tuple[bytes, str]] = []
    for start in range(0, 200, 5):
        desk.memory.now += rng.randint(-4, 12)
        deadlines = [format_instant(desk.memory.now + rng.randint(1, 60)) for _ in range(5)]
        entries = [
            _entry(desk, known, rng, start + place, deadline=deadline) for place, deadline in enumerate(deadlines)
        ]
        rules = {one.error.rule for one in desk.log.submit(entries).outcomes if not isinstance(one, Accepted)}
        assert rules <= {"order.ended"}
        if start % 50 == 0:
            work.administer(work.halt())
            work.administer(work.resume())
    desk.close()
    (found,) = replay_all(desk.database, desk.parameters)
    ends = {end.order_id: (str(end.reason), end.remaining) for end in found.session.ends}
    orders = [order for order in desk.market.orders(limit=ORDERS) if order.reason != "day"]
    assert {order.order: (order.reason, order.remaining) for order in orders} == ends
    assert "deadline" in {reason for reason, _ in ends.values()}
    assert desk.faults() == []
    desk.database.close()


def _entry(desk: MarketDesk, known: list[tuple[bytes, str]], rng: random.Random, number: int, **changed: Any) -> bytes:
    work = desk.work
    if known and rng.random() < 0.15:
        order, who = known[rng.randrange(len(known))]
        body = work.signed(work.cancel(order), who)
    else:
        who = rng.choice(work.traders)
        side, tonnes = rng.choice(("buy", "sell")), rng.randint(1, 60)
        least = tonnes if rng.random() < 0.1 else 1
        placed: PlaceOrder = work.signed(
            work.order(side, tonnes, 6_000 + rng.randint(-12, 12), minimum_fill=least, **changed), who
        )
        known.append((order_hash(placed, who, marketwork.EXCHANGE), who))
        body = placed
    key = work.keys[who]
    signed: bytes = desk.park.sign(
        "order", body, iss=who, stream=f"order-{number}", seq=1, iat=desk.memory.now, key=key
    )
    return signed


def test_a_fill_that_was_undone_stays_in_the_session(desk: MarketDesk) -> None:
    """What the contract refused is no trade there, and no difference."""
    desk.work.opened()
    desk.trade(desk.steel, desk.tiles, 10, 6_000)
    (fill,) = desk.market.trades(ASSET)
    desk.mine(refuse=(fill.op_id,))
    assert desk.divergences() == []
    with desk.database.write() as session:
        said = {"state": State.MINED.value, "block_number": 1, "block_hash": bytes(32)}
        session.execute(update(OutboxRow).where(OutboxRow.op_id == fill.op_id).values(**said))
    assert desk.divergences() == [("chain", "trade")]
