"""The market from the first signature to the exchange: what the log matched is what the contract settles (DOMAIN B)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from attestation.market_operations import order_hash
from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State
from ledger.db.exchange import ExchangeRepository
from ledger.db.exchange_models import ChainDayRow
from tests.ledger.mirrored import marketwork, memory

from ..chained_market import ASSET, DAY_ONE, ChainedMarket

pytestmark = pytest.mark.chain


@pytest.fixture
def chained(make_world: Callable[..., Any], engine: Any) -> ChainedMarket:
    return ChainedMarket(make_world(engine, finality=Confirmations(1)))


def test_the_day_of_the_story_is_settled_and_closed_on_chain(chained: ChainedMarket) -> None:
    """STORY 6: 700 t at 62.50, 475 t at 62.00; the contract's own sums give 62.30 (DOMAIN 15, 18)."""
    work = chained.opened().work
    for seller, tonnes, price in ((chained.steel, 700, 6_250), (chained.food, 475, 6_200)):
        offer = chained.say(work.sell(tonnes, price), seller)
        chained.say(work.accepting(offer), chained.tiles)
    with memory.refused("order.units", 11):
        chained.say(work.sell(801), chained.steel)
    chained.settle()
    assert not chained.world.counts()[State.REFUSED]
    assert {trade.state for trade in chained.market.trades(ASSET)} == {"settled"}
    assert chained.holdings(chained.steel) == (800, 9_000_000 + 4_375_000, 1_000_000)
    assert chained.holdings(chained.tiles) == (2_675, 9_000_000 - 7_320_000, 1_000_000)
    with memory.refused("order.units", 11):
        chained.say(work.sell(1_501), chained.tiles)
    work.administer(work.close())
    chained.settle()
    with chained.world.database.read() as session:
        day = ExchangeRepository(session).day(ASSET, DAY_ONE)
    assert day is not None
    assert (day.status, day.close_fen, day.volume, day.value_fen) == ("closed", 6_230, 1_175, 7_320_000)
    (shown,) = chained.market.days(ASSET)
    assert (day.session_root, day.close_fen) == (shown.root, shown.close_fen)
    assert chained.divergences() == []


def test_a_fill_that_the_contract_refuses_is_undone_with_its_words(chained: ChainedMarket) -> None:
    """An order's deadline passes before the chain hears of its fill: it stays in the record, and binds nothing."""
    work = chained.opened().work
    offer = chained.say(work.sell(100, 6_000), chained.steel)
    taken = chained.say(work.accepting(offer, 40), chained.tiles)
    chained.settle()
    second = chained.say(work.accepting(offer, 10, deadline=work.window(30).start), chained.food)
    chained.pass_time(60)
    chained.settle()
    states = {trade.buy: (trade.state, trade.reason) for trade in chained.market.trades(ASSET)}
    assert states[taken] == ("settled", None)
    assert states[second][0] == "undone"
    assert states[second][1]
    order, late = chained.market.order(offer), chained.market.order(second)
    assert order is not None
    assert late is not None
    assert (order.status, order.remaining, late.remaining) == ("open", 50, 0)
    with memory.refused("order.accepts", 11):
        chained.say(work.accepting(offer, 51), chained.tiles)
    assert chained.holdings(chained.food) == (1_500, 9_000_000, 1_000_000)
    assert chained.asked("trading", chained.steel, ASSET).unsettled == 0
    work.administer(work.close())
    assert chained.divergences() == []


def test_who_takes_its_order_back_on_the_chain_stops_nobody_elses_fill(chained: ChainedMarket) -> None:
    """DOMAIN 18: trade by trade. What was matched of an offer after a fill that the contract refused is settled all the
    same: as much less was filled before, and a replay knows it."""
    work = chained.opened().work
    offer = chained.say(work.sell(100, 6_000), chained.steel)
    lost = chained.say(work.accepting(offer, 40, deadline=work.window(30).start), chained.tiles)
    kept = [chained.say(work.accepting(offer, tonnes), chained.food) for tonnes in (30, 20)]
    chained.pass_time(60)
    chained.settle()
    states = {trade.buy: (trade.state, trade.reason) for trade in chained.market.trades(ASSET)}
    assert states[lost][0] == "undone"
    assert [states[one] for one in kept] == [("settled", None)] * 2
    assert chained.holdings(chained.steel) == (1_450, 9_000_000 + 300_000, 1_000_000)
    assert chained.holdings(chained.food) == (1_550, 9_000_000 - 300_000, 1_000_000)
    # The offer is as good as it was: it was not its fault.
    chained.say(work.accepting(offer, 10), chained.food)
    chained.settle()
    assert chained.holdings(chained.steel)[0] == 1_440
    work.administer(work.close())
    chained.settle()
    assert chained.divergences() == []


def test_a_quick_reopening_learns_how_the_exchange_closed(chained: ChainedMarket) -> None:
    """DOMAIN 15: whoever closes and opens in one breath would pass over a close that is another one on chain."""
    work = chained.opened().work
    offer = chained.say(work.sell(100, 6_600), chained.steel)
    late = chained.say(work.accepting(offer, 40, deadline=work.window(30).start), chained.tiles)
    chained.pass_time(60)
    said = work.close()
    assert said.close_fen == 6_600
    work.administer(said)
    with memory.refused("market.closing", 11, f"{DAY_ONE}, for {marketwork.QUOTA}"):
        work.administer(work.day(day=DAY_ONE + 1))
    chained.settle()
    assert {trade.buy: trade.state for trade in chained.market.trades(ASSET)} == {late: "undone"}
    with memory.refused("market.differs", 11):
        work.administer(work.day(day=DAY_ONE + 1))
    chained.approve(work.price(6_000))
    work.administer(work.day(day=DAY_ONE + 1))
    chained.settle()
    assert chained.exchange().day_of(ASSET, DAY_ONE + 1).status == 1
    assert chained.divergences() == []


def test_a_halt_that_two_persons_approved_is_the_exchanges_by_its_own_operation(chained: ChainedMarket) -> None:
    """DOMAIN 22, 23: of another exchange's domain, or of one body, nothing is halted, there or here."""
    work = chained.opened().work
    with memory.refused("approval.signature", 12):
        work.administer(work.halt())
    for body, status in ((work.halt(approvals=()), 2), (work.resume(approvals=()), 1)):
        chained.approve(body)
        chained.settle()
        assert chained.exchange().day_of(ASSET, DAY_ONE).status == status
        with chained.world.database.read() as session:
            row = session.scalars(select(ChainDayRow).order_by(ChainDayRow.block_number.desc())).first()
        assert row is not None
        assert row.op_id == bytes.fromhex(body.op_id)
    assert not chained.world.counts()[State.REFUSED]


def test_an_auction_is_settled_at_one_price(chained: ChainedMarket) -> None:
    """DOMAIN 14: what the log clears, the contract settles bid by bid, and no close counts it."""
    work = chained.opened().work
    lot = chained.say(work.lot(500, 6_000), chained.steel)
    announced = work.auction(lot)
    work.administer(announced)
    bids = [(chained.food, work.bid(announced, 300, 6_180)), (chained.tiles, work.bid(announced, 400, 6_050))]
    for who, bid in bids:
        commit = work.commit(bid, who)
        chained.say(
            type(commit)(
                auction=commit.auction,
                commitment=_hash(chained, bid, who).hex(),
                maximum_fen=commit.maximum_fen,
            ),
            who,
        )
    chained.pass_time(3_600)
    for who, bid in bids:
        chained.say(bid, who)
    chained.pass_time(1_800)
    work.administer(work.clear(announced))
    chained.settle()
    assert not chained.world.counts()[State.REFUSED]
    assert [(one.tonnes, one.price_fen, one.state) for one in chained.market.trades(ASSET)] == [
        (300, 6_050, "settled"),
        (200, 6_050, "settled"),
    ]
    assert chained.holdings(chained.steel) == (1_000, 9_000_000 + 500 * 6_050, 1_000_000)
    work.administer(work.close())
    chained.settle()
    assert chained.market.days(ASSET)[0].close_fen == 6_000
    assert chained.divergences() == []


def _hash(chained: ChainedMarket, bid: Any, who: str) -> bytes:
    return order_hash(bid, who, chained.domain)
