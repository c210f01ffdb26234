"""One-way biddings and cash in the log (DOMAIN 14, 21)."""

from __future__ import annotations

import pytest

from attestation.identifiers import account_id
from ledger.db.base import Database
from tests.ledger.market_desk import ASSET, DAY_ONE, MarketDesk, cash, refused, trading
from tests.ledger.mirrored import marketwork, memory

HOUR = marketwork.HOUR


@pytest.fixture
def desk(database: Database) -> MarketDesk:
    made = MarketDesk(database)
    made.endow()
    return made


def test_the_auction_of_the_story_sells_at_6050(desk: MarketDesk) -> None:
    """STORY 5, DOMAIN 14: 233 at 61.80, 127 at 61.00, 200 at 60.50 for 500 t: all pay 60.50, the last one gets 140."""
    work, park = desk.work, memory.PARK
    work.opened(6_000)
    with desk.database.write() as session:
        session.add(desk._units(9, account_id(park), 2_000, "Moved"))
    lot = desk.say(work.lot(500), park)
    announced = work.auction(lot, forfeit_bps=1_000)
    work.administer(announced)
    bids = [
        (desk.steel, work.bid(announced, 233, 6_180)),
        (desk.food, work.bid(announced, 127, 6_100)),
        (desk.tiles, work.bid(announced, 200, 6_050)),
    ]
    for who, bid in bids:
        desk.say(work.commit(bid, who, maximum=2_000_000), who)
    silent = work.bid(announced, 10, 6_500)
    desk.say(work.commit(silent, desk.food, maximum=100_000), desk.food)
    assert (cash(desk, desk.steel).locked_bids, cash(desk, desk.food).locked_bids) == (2_000_000, 2_100_000)
    auction_id = bytes.fromhex(announced.op_id)
    with desk.database.read() as session:
        facts = desk.facts(session)
        assert [facts.bids(auction_id, who) for who in (desk.food, desk.steel, park)] == [(4, 2), (4, 1), (4, 0)]
        assert [facts.uncleared(ASSET, DAY_ONE + later) for later in (-1, 0, 1)] == [None, auction_id, auction_id]
        assert [(one.op_id, one.day) for one in facts.waiting_auctions()] == [(auction_id, DAY_ONE)]
    refused("auction.reveal", desk.say, bids[0][1], desk.steel)
    desk.memory.now += HOUR
    hashes = [desk.say(bid, who) for who, bid in bids]
    refused("auction.bound", desk.say, work.cancel(hashes[0]), desk.steel)
    refused("auction.open", work.administer, work.close())
    desk.memory.now += 1_800
    found = work.clear(announced)
    assert (found.price_fen, found.unsold, [award.tonnes for award in found.awards]) == (6_050, 0, [233, 127, 140])
    work.administer(found)
    auction = desk.market.auction(bytes.fromhex(announced.op_id))
    with desk.database.read() as session:
        assert desk.facts(session).waiting_auctions() == []
    assert auction is not None
    assert auction.awards == tuple(zip(hashes, (233, 127, 140), strict=True))
    assert (auction.price_fen, auction.unsold, auction.bids[-1].forfeit_fen) == (6_050, 0, 10_000)
    assert [desk.market.order(one).status for one in (*hashes, lot)] == ["filled", "filled", "ended", "filled"]
    assert [one.value_fen for one in desk.market.trades(ASSET)] == [1_409_650, 768_350, 847_000]
    assert sum(one.value_fen for one in desk.market.trades(ASSET)) == 3_025_000
    assert (cash(desk, desk.tiles).locked_bids, cash(desk, desk.tiles).unsettled) == (0, 847_000)
    assert not any(one.counted for one in desk.market.trades(ASSET))
    desk.mine()
    assert cash(desk, park).trading == 3_025_000
    assert (desk.close().close_fen, desk.market.session(ASSET, DAY_ONE).fills) == (6_000, 3)
    assert desk.faults() == []


@pytest.mark.parametrize("gone", ["bidder", "seller"])
def test_who_is_suspended_before_the_clearing_takes_no_part(desk: MarketDesk, gone: str) -> None:
    """DOMAIN 14: a bid that ended bids no more; without its lot an auction gives nothing, and everything is free."""
    work, units = desk.work, desk.work.units
    work.opened(6_000)
    lot = desk.say(work.lot(500, 6_000), desk.steel)
    announced = work.auction(lot)
    work.administer(announced)
    bids = [(desk.food, work.bid(announced, 300, 6_180)), (desk.tiles, work.bid(announced, 400, 6_050))]
    for who, bid in bids:
        desk.say(work.commit(bid, who), who)
    desk.memory.now += HOUR
    opened = [desk.say(bid, who) for who, bid in bids]
    units.hold(units.signed(units.suspend(desk.food if gone == "bidder" else desk.steel)))
    desk.memory.now += 1_800
    said = work.clear(announced)
    expected = (6_050, 100, [400]) if gone == "bidder" else (0, 500, [])
    assert (said.price_fen, said.unsold, [award.tonnes for award in said.awards]) == expected
    work.administer(said)
    reasons = [desk.market.order(one).reason for one in (lot, *opened)]
    assert reasons == (["unsold", "suspended", "filled"] if gone == "bidder" else ["suspended", "unsold", "unsold"])
    assert [cash(desk, who).locked_bids for who, _ in bids] == [0, 0]
    assert trading(desk, desk.steel).in_orders == 0
    desk.close()
    assert desk.faults() == []


def test_cash_comes_in_moves_and_leaves_to_the_bound_account(desk: MarketDesk) -> None:
    """DOMAIN 21: deposit, into trading and out, withdrawal, paid or free again; a bank's reference counts once."""
    work, steel = desk.work, desk.steel
    work.opened()
    work.administer(work.approved(work.bind()), "cash")
    work.administer(work.approved(work.deposit(5_000)), "cash")
    assert (cash(desk, steel).free, cash(desk, steel).withdrawable) == (0, 5_000)
    refused("cash.reference", work.administer, work.approved(work.deposit(1)), "cash")
    desk.say(work.move(3_000, "cash"), steel)
    assert (cash(desk, steel).withdrawable, cash(desk, steel).arriving) == (2_000, 3_000)
    desk.mine()
    withdrawals = [work.withdraw(1_500), work.withdraw(500)]
    for one in withdrawals:
        desk.say(one, steel)
    with desk.database.read() as session:
        told = [desk.facts(session).withdrawal(bytes.fromhex(one.op_id)) for one in withdrawals]
    assert [one and one.state for one in told] == ["asked", "asked"], "the exchange may still refuse to lock"
    desk.mine()
    with desk.database.read() as session:
        told = [desk.facts(session).withdrawal(bytes.fromhex(one.op_id)) for one in withdrawals]
    assert [one and one.state for one in told] == ["pending", "pending"]
    held = desk.cash.cash(steel)
    assert held is not None
    assert (held.free_fen, held.withdrawing_fen, held.trading_fen) == (0, 2_000, 100_003_000)
    work.administer(work.approved(work.payout(withdrawals[0].op_id)), "cash")
    work.administer(work.approved(work.payout(withdrawals[1].op_id, "ICBC-3", paid=False)), "cash")
    assert cash(desk, steel).withdrawable == 500
    desk.mine()
    assert (desk.cash.cash(steel).free_fen, desk.cash.total().total_fen) == (500, 300_003_500)
    assert desk.faults() == []
