"""What is done to the market is told to everybody on it, and to nobody else (DOMAIN 13, 15, 22)."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.db.base import Database
from ledger.notices import Notice, NoticeReader, Power
from ledger.notices.words import done, grounds
from tests.ledger.market_desk import ASSET, DAY_ONE, MarketDesk

DOCUMENT_HASH = "0d" * 32


@pytest.fixture
def desk(database: Database) -> MarketDesk:
    """The tiles' cash came to the market; the others have nothing there by anybody's word."""
    made = MarketDesk(database)
    made.endow()
    made.work.opened(6_000)
    work = made.work
    work.administer(work.approved(work.deposit(100, "B-1", account=made.tiles)), "cash")
    made.mine()
    return made


def op_of(body: Any) -> bytes:
    return bytes.fromhex(body.op_id)


def notices(desk: MarketDesk, account: str | None) -> list[Notice]:
    found = NoticeReader(desk.database, desk.parameters).page(account)
    assert found is not None
    return found


def test_halts_and_prices_are_told_to_whoever_is_on_the_market(desk: MarketDesk) -> None:
    work = desk.work
    said = work.halt(document_hash=DOCUMENT_HASH)
    work.administer(said)
    work.administer(work.resume())
    price, halt, resumed = notices(desk, desk.tiles)
    assert (price.power, price.fen, price.asset, len(price.approvers)) == (Power.PRICE, 6_000, ASSET, 2)
    assert (halt.power, halt.day, halt.accounts) == (Power.HALT, DAY_ONE, ())
    assert (halt.approvers, halt.op_id) == (tuple(sorted(one.identifier for one in said.approvals)), op_of(said))
    assert (halt.reason, halt.document_hash) == ("a fault of the feed", DOCUMENT_HASH)
    assert (resumed.power, resumed.reason, resumed.state) == (Power.RESUME_MARKET, "the feed is back", "pending")
    assert len(resumed.approvers) == 2
    assert notices(desk, desk.food) == []
    assert notices(desk, None) == [price, halt, resumed]
    assert "halted" in done(halt)[0]
    for one in (halt, resumed):
        assert all(name in grounds(one)[1] for name in one.approvers)
        assert "（单人）" not in grounds(one)[1]


def test_money_that_merely_came_is_no_power_and_a_bound_bank_account_is_one(desk: MarketDesk) -> None:
    work = desk.work
    work.administer(work.approved(work.bind(desk.tiles)), "cash")
    *_, bound = notices(desk, desk.tiles)
    assert (bound.power, bound.accounts, len(bound.approvers)) == (Power.BIND, (desk.tiles,), 2)
    assert Power.REFUND not in {one.power for one in notices(desk, desk.tiles)}
