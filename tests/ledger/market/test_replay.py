"""Sessions from entries alone: every alteration of what was recorded is found (law 5)."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from ledger.chain.outbox import State
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.exchange_models import ChainTradeRow
from ledger.db.market_models import MarketDayRow, MarketFillRow
from ledger.market.replay import replay_day
from tests.ledger.market_desk import ASSET, DAY_ONE, MarketDesk


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
