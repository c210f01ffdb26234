"""The price that a day opens with is the log's and the exchange's (DOMAIN 15)."""

from __future__ import annotations

import pytest

from ledger.db.base import Database
from ledger.db.exchange_models import ChainDayRow
from tests.ledger.market_desk import ASSET, DAY_ONE, MarketDesk, refused


@pytest.fixture
def desk(database: Database) -> MarketDesk:
    made = MarketDesk(database)
    made.endow()
    return made


def close_on_chain(desk: MarketDesk, close_fen: int) -> None:
    """What the exchange says of the day that the log closed."""
    desk.block += 1
    place = {"block_number": desk.block, "log_index": 0, "tx_hash": bytes(32), "op_id": bytes(32), "entry_index": 1}
    with desk.database.write() as session:
        session.add(ChainDayRow(**place, asset=ASSET, day=DAY_ONE, step="closed", close_fen=close_fen))


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


def test_a_close_that_both_know_opens_the_next_day(desk: MarketDesk) -> None:
    work = desk.work
    work.opened(6_000)
    desk.trade(desk.steel, desk.tiles, 1_000, 6_600)
    desk.mine()
    desk.close()
    close_on_chain(desk, 6_600)
    work.administer(work.day(day=DAY_ONE + 1))
    assert desk.market.days(ASSET)[0].reference_fen == 6_600
