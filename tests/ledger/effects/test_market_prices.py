"""The price that a day opens with is the log's and the exchange's (DOMAIN 15)."""

from __future__ import annotations

import pytest

from ledger.chain.operations import Kind
from ledger.db.base import Database
from tests.ledger.market_desk import ASSET, DAY_ONE, QUOTA, MarketDesk, intents, refused


@pytest.fixture
def desk(database: Database) -> MarketDesk:
    made = MarketDesk(database)
    made.endow()
    return made


def close_on_chain(desk: MarketDesk, close_fen: int) -> None:
    """What the exchange says of the day that the log closed."""
    with desk.database.write() as session:
        desk.close_on_chain(session, DAY_ONE, close_fen)


def test_a_fill_that_was_undone_moves_nobodys_band(desk: MarketDesk) -> None:
    """A trade at the band's edge that is made and then kept from being settled costs nothing: the next day does not
    open on its price before two persons say which price counts."""
    work = desk.work
    work.opened(6_000)
    desk.trade(desk.steel, desk.tiles, 1_000, 6_600)
    (fill,) = desk.market.trades(ASSET)
    desk.mine(refuse=(fill.op_id,))
    assert desk.close().close_fen == 6_600
    close_on_chain(desk, 6_000)
    refused("market.differs", work.administer, work.day(day=DAY_ONE + 1))
    work.administer(work.approved(work.price(6_000)))
    work.administer(work.day(day=DAY_ONE + 1))
    assert desk.market.days(ASSET)[0].reference_fen == 6_000
    assert desk.faults() == []


def test_a_quick_reopening_waits_for_the_close_on_chain(desk: MarketDesk) -> None:
    """Otherwise whoever closes and opens in one breath never learns that the exchange closed at another price."""
    work = desk.work
    work.opened(6_000)
    desk.trade(desk.steel, desk.tiles, 1_000, 6_600)
    (fill,) = desk.market.trades(ASSET)
    desk.mine(refuse=(fill.op_id,))
    desk.close()
    error = refused("market.closing", work.administer, work.day(day=DAY_ONE + 1))
    assert error.value == f"{DAY_ONE}, for {QUOTA}"
    assert intents(desk, Kind.OPEN_DAY)[-1].day == DAY_ONE
    close_on_chain(desk, 6_000)
    refused("market.differs", work.administer, work.day(day=DAY_ONE + 1))
    assert desk.faults() == []


def test_two_persons_or_a_final_refusal_open_without_the_close(desk: MarketDesk) -> None:
    """DOMAIN 15, 23: a price that two persons set rests on no close; of a refused close nothing is to come."""
    work = desk.work
    work.opened(6_000)
    desk.mine()
    desk.close()
    refused("market.closing", work.administer, work.day(day=DAY_ONE + 1))
    work.administer(work.approved(work.price(6_100)))
    work.administer(work.day(day=DAY_ONE + 1))
    desk.mine()
    desk.close(DAY_ONE + 1)
    (closing,) = [one for one in intents(desk, Kind.CLOSE_DAY) if one.day == DAY_ONE + 1]
    desk.mine(refuse=(closing.operation_id(desk.parameters.deployment_id),))
    work.administer(work.day(day=DAY_ONE + 2))
    assert desk.faults() == []


def test_after_a_refused_close_the_price_is_the_one_that_the_exchange_went_on_with(desk: MarketDesk) -> None:
    """DOMAIN 15: of a day that the exchange never opened all fills are undone and its close is refused. Their price
    opens no day, or trades that nobody settles would move the band."""
    work = desk.work
    work.opened(6_000)
    desk.mine()
    desk.close()
    close_on_chain(desk, 6_000)
    work.administer(work.day(day=DAY_ONE + 1))
    desk.trade(desk.steel, desk.tiles, 1_000, 6_600)
    (fill,) = desk.market.trades(ASSET, day=DAY_ONE + 1)
    (opening,) = [one for one in intents(desk, Kind.OPEN_DAY) if one.day == DAY_ONE + 1]
    assert desk.close(DAY_ONE + 1).close_fen == 6_600
    (closing,) = [one for one in intents(desk, Kind.CLOSE_DAY) if one.day == DAY_ONE + 1]
    given = desk.parameters.deployment_id
    desk.mine(refuse=(opening.operation_id(given), fill.op_id, closing.operation_id(given)))
    error = refused("market.differs", work.administer, work.day(day=DAY_ONE + 2))
    assert "66.00" in error.value
    assert "60.00" in error.value
    work.administer(work.approved(work.price(6_000)))
    work.administer(work.day(day=DAY_ONE + 2))
    assert desk.faults() == []


def test_a_vintage_that_inherits_its_price_waits_for_the_close_that_gives_it(desk: MarketDesk) -> None:
    """DOMAIN 15: and where that close is another one on chain, it is not inherited."""
    work = desk.work
    work.opened(6_000)
    desk.trade(desk.steel, desk.tiles, 1_000, 6_600)
    (fill,) = desk.market.trades(ASSET)
    desk.mine(refuse=(fill.op_id,))
    desk.close()
    heir = work.day(asset="quota-2024", day=DAY_ONE + 1)
    refused("market.closing", work.administer, heir)
    close_on_chain(desk, 6_000)
    refused("market.differs", work.administer, heir)
    work.administer(work.approved(work.price(6_000, asset="quota-2024")))
    work.administer(work.day(asset="quota-2024", day=DAY_ONE + 1))
    assert desk.faults() == []


def test_a_close_that_both_know_opens_the_next_day(desk: MarketDesk) -> None:
    work = desk.work
    work.opened(6_000)
    desk.trade(desk.steel, desk.tiles, 1_000, 6_600)
    desk.mine()
    desk.close()
    close_on_chain(desk, 6_600)
    work.administer(work.day(day=DAY_ONE + 1))
    assert desk.market.days(ASSET)[0].reference_fen == 6_600
