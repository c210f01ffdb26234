"""The market in the log: orders meet where they are accepted, sessions replay, refused fills are undone (DOMAIN B)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from attestation.bodies import RevokeKey
from attestation.errors import AttestationError
from attestation.identifiers import account_id
from attestation.instants import format_instant
from attestation.keys import Algorithm, Purpose
from attestation.keys import Kind as KeyKind
from ledger.chain.asset_intents import SignedIntent, asset_intent
from ledger.chain.market_intents import BarIntent, CloseDayIntent, OpenDayIntent, SettleIntent
from ledger.chain.operations import ASSET_KINDS, Kind
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.market_models import MarketDayRow, MarketFillRow, MarketOrderRow
from ledger.effects import matching
from tests.ledger.market_desk import ASSET, DAY_ONE, QUOTA, MarketDesk
from tests.ledger.mirrored import marketwork, memory, unitwork

HOUR = marketwork.HOUR


@pytest.fixture
def desk(database: Database) -> MarketDesk:
    made = MarketDesk(database)
    made.endow()
    return made


def refused(rule: str, call: Any, *arguments: Any, **options: Any) -> AttestationError:
    with pytest.raises(AttestationError) as caught:
        call(*arguments, **options)
    assert caught.value.rule == rule
    return caught.value


def intents(desk: MarketDesk, *kinds: Kind) -> list[Any]:
    """What the exchange is asked for, in the order of the log."""
    with desk.database.read() as session:
        query = select(OutboxRow).where(OutboxRow.kind.in_(kinds or ASSET_KINDS)).order_by(OutboxRow.id)
        return [asset_intent(Kind(row.kind), json.loads(row.payload)) for row in session.scalars(query)]


def cash(desk: MarketDesk, account: str) -> Any:
    with desk.database.read() as session:
        return desk.facts(session).cash(account)


def trading(desk: MarketDesk, account: str) -> Any:
    with desk.database.read() as session:
        return desk.facts(session).trading(account, ASSET)


def test_the_trading_day_of_the_story_closes_at_6230(desk: MarketDesk) -> None:
    """STORY 6: band 54.00 to 66.00, 700 t at 62.50 and 475 t at 62.00, close 73,200.00 / 1,175 t (DOMAIN 13, 15)."""
    work = desk.work
    work.opened(6_000)
    refused("market.band", desk.say, work.buy(1, 6_601), desk.tiles)
    first = desk.trade(desk.steel, desk.tiles, 700, 6_250)
    second = desk.trade(desk.food, desk.tiles, 475, 6_200)
    (day,) = desk.market.days(ASSET)
    assert (day.low_fen, day.high_fen, day.reference_fen, day.fills) == (5_400, 6_600, 6_000, 2)
    said = desk.close()
    assert (said.volume, said.value_fen, said.close_fen, said.groups) == (1_175, 7_320_000, 6_230, 3)
    (day,) = desk.market.days(ASSET)
    assert (day.status, day.close_fen, day.volume, day.value_fen) == ("closed", 6_230, 1_175, 7_320_000)
    trades = desk.market.trades(ASSET)
    assert [(one.tonnes, one.price_fen, one.state, one.buyer) for one in trades] == [
        (700, 6_250, "matched", desk.tiles),
        (475, 6_200, "matched", desk.tiles),
    ]
    assert [(one.sell, one.buy) for one in trades] == [first, second]
    desk.mine()
    assert {one.state for one in desk.market.trades(ASSET)} == {"settled"}
    assert trading(desk, desk.tiles).trading == 6_175
    assert cash(desk, desk.steel).trading == 100_000_000 + 700 * 6_250
    (candle,) = desk.market.candles(ASSET)
    assert (candle.open_fen, candle.high_fen, candle.low_fen, candle.last_fen) == (6_250, 6_250, 6_200, 6_200)
    with desk.database.read() as session:
        facts = desk.facts(session)
        assert (facts.net_sold(desk.steel, 2023), facts.net_sold(desk.tiles, 2023)) == (700, 0)
        assert facts.reference(ASSET) == 6_230
    assert desk.market.month(2024, 5).price_fen == 6_230
    assert desk.faults() == []


def test_the_exchange_is_asked_for_each_fill_as_both_signed_it(desk: MarketDesk) -> None:
    """DOMAIN 18: one call a fill, with both orders, in the order of the log between opening and close."""
    desk.work.opened()
    sell, buy = desk.trade(desk.steel, desk.tiles, 100, 6_000)
    desk.close()
    opened, settle, closed = intents(desk, Kind.OPEN_DAY, Kind.SETTLE, Kind.CLOSE_DAY)
    assert isinstance(opened, OpenDayIntent)
    assert isinstance(settle, SettleIntent)
    assert isinstance(closed, CloseDayIntent)
    assert (settle.sell.digest(marketwork.EXCHANGE), settle.buy.digest(marketwork.EXCHANGE)) == (sell, buy)
    assert (settle.day, settle.tonnes, settle.price_fen, settle.number) == (DAY_ONE, 100, 6_000, 0)
    assert (settle.buy_filled, settle.sell_filled) == (0, 0)
    (fill,) = desk.rows(MarketFillRow)
    assert fill["op_id"] == settle.operation_id(desk.parameters.deployment_id)
    assert opened.log_index < settle.log_index < closed.log_index
    leaves = {entry.statement.leaf_hash for entry in desk.memory.entries if hasattr(entry.statement, "leaf_hash")}
    assert {settle.buy_leaf, settle.sell_leaf} <= leaves


def test_a_central_book_matches_by_price_then_arrival(desk: MarketDesk) -> None:
    """DOMAIN 12, licensed mode: the resting order's price, the better price first, then who came first."""
    work = desk.work
    work.opened(mode="licensed")
    dear = desk.say(work.sell(50, 6_100), desk.steel)
    cheap = desk.say(work.sell(50, 6_050), desk.food)
    also = desk.say(work.sell(50, 6_050), desk.steel)
    buy = desk.say(work.buy(120, 6_100), desk.tiles)
    found = [(one.sell, one.tonnes, one.price_fen) for one in desk.market.trades(ASSET)]
    assert found == [(cheap, 50, 6_050), (also, 50, 6_050), (dear, 20, 6_100)]
    status = {order: desk.market.order(order) for order in (dear, cheap, also, buy)}
    assert [status[order].status for order in (cheap, also, buy)] == ["filled"] * 3
    assert (status[dear].status, status[dear].remaining) == ("open", 30)
    book = desk.market.book(ASSET)
    assert [(level.side, level.price_fen, level.tonnes, level.orders) for level in book.levels] == [
        ("sell", 6_100, 30, 1)
    ]
    assert book.offers == ()
    settles = intents(desk, Kind.SETTLE)
    assert [(one.number, one.sell_filled, one.buy_filled) for one in settles] == [(0, 0, 0), (1, 0, 50), (2, 0, 100)]
    refused("market.mode", desk.say, work.accepting(dear), desk.tiles)
    assert desk.close().book == book.hash.hex()
    assert desk.market.order(dear).reason == "day"
    assert desk.faults() == []


def test_what_a_resting_order_binds_cannot_leave(desk: MarketDesk) -> None:
    """DOMAIN 16, 20: units behind a sale and cash behind a buy with its fee; what is left of them is free again."""
    work = desk.work
    work.opened(fee_bps=10)
    offer = desk.say(work.sell(4_900, fee_limit_bps=10), desk.steel)
    refused("order.units", desk.say, work.sell(101, fee_limit_bps=10), desk.steel)
    refused("order.units", desk.say, work.move(101, inward=False), desk.steel)
    buy = desk.say(work.buy(1_000, fee_limit_bps=10, minimum_fill=1_000), desk.tiles)
    assert cash(desk, desk.tiles).in_orders == 6_000_000 + 6_000
    desk.say(work.accepting(offer, 100, fee_limit_bps=10), desk.food)
    assert (trading(desk, desk.steel).in_orders, trading(desk, desk.steel).unsettled) == (4_800, 100)
    assert cash(desk, desk.food).unsettled == 600_000 + 600
    assert cash(desk, desk.steel).arriving == 600_000 - 600
    desk.say(work.cancel(offer), desk.steel)
    desk.say(work.cancel_all(), desk.tiles)
    assert (trading(desk, desk.steel).in_orders, cash(desk, desk.tiles).in_orders) == (0, 0)
    assert [desk.market.order(one).status for one in (offer, buy)] == ["cancelled", "cancelled"]
    refused("order.accepts", desk.say, work.accepting(offer, 1, fee_limit_bps=10), desk.food)
    refused("order.epoch", desk.say, work.buy(1, fee_limit_bps=10), desk.tiles)
    cancel, every = intents(desk, Kind.CANCEL_PLACE, Kind.CANCEL_ALL)
    assert isinstance(cancel, SignedIntent)
    assert cancel.extra is not None
    assert cancel.extra.digest(marketwork.EXCHANGE) == offer
    assert every.message.epoch == 1
    assert desk.faults() == []


def test_units_that_were_bought_are_locked_and_a_second_day_goes_on_with_the_close(desk: MarketDesk) -> None:
    """DOMAIN 15, 17: bought today, sold on the trading day after the lock; the close is the next reference."""
    work = desk.work
    work.opened(6_000, lock_days=1)
    desk.trade(desk.steel, desk.tiles, 1_000, 6_200)
    desk.mine()
    assert (trading(desk, desk.tiles).trading, trading(desk, desk.tiles).sellable) == (6_000, 5_000)
    refused("order.units", desk.say, work.sell(5_001), desk.tiles)
    desk.close()
    work.administer(work.day(day=DAY_ONE + 1))
    desk.mine()
    assert trading(desk, desk.tiles).sellable == 6_000
    desk.trade(desk.tiles, desk.food, 6_000, 6_300)
    newest, oldest = desk.market.days(ASSET)
    assert (newest.reference_fen, oldest.close_fen, newest.low_fen) == (6_200, 6_200, 5_580)
    assert [one.number for one in desk.market.trades(ASSET)] == [0]
    assert desk.close(DAY_ONE + 1).close_fen == 6_300
    assert desk.faults() == []


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


def test_a_fill_that_the_exchange_refuses_is_undone(desk: MarketDesk) -> None:
    """It stays in the record with its reason, what it bound is free again, and its orders meet nothing any more."""
    work = desk.work
    work.opened()
    offer = desk.say(work.sell(300, 6_000), desk.steel)
    desk.say(work.accepting(offer, 100), desk.tiles)
    (fill,) = desk.market.trades(ASSET)
    assert trading(desk, desk.steel).sellable == 5_000 - 300
    desk.mine(refuse=(fill.op_id,))
    (fill,) = desk.market.trades(ASSET)
    assert (fill.state, fill.reason) == ("undone", "NotSellable(0)")
    assert (trading(desk, desk.steel).unsettled, cash(desk, desk.tiles).unsettled) == (0, 0)
    assert desk.market.order(offer).status == "refused"
    refused("order.accepts", desk.say, work.accepting(offer, 100), desk.food)
    assert desk.market.book(ASSET).offers == ()
    assert desk.market.candles(ASSET) == []
    with desk.database.read() as session:
        assert desk.facts(session).net_sold(desk.steel, 2023) == 0
    # A close says what was matched: it follows from entries alone.
    assert (desk.close().fills, desk.market.session(ASSET, DAY_ONE).volume) == (1, 100)
    assert desk.faults() == []


def test_what_ends_an_account_or_a_key_ends_its_orders(desk: MarketDesk) -> None:
    """A suspended account's orders end, and the exchange bars it; so do those that an ended key signed."""
    work, units = desk.work, desk.work.units
    work.opened()
    suspended = desk.say(work.sell(10), desk.steel)
    by_key = desk.say(work.sell(10), desk.tiles)
    other = desk.say(work.sell(10), desk.food)
    units.hold(units.signed(units.suspend(desk.steel)))
    units.case.accept(
        "key",
        RevokeKey(thumbprint=work.keys[desk.tiles].public.kid_name, identifier=desk.tiles),
        iss=memory.PARK,
        stream="keys",
    )
    assert [desk.market.order(one).reason for one in (suspended, by_key, other)] == ["suspended", "key", None]
    assert [level.orders for level in desk.market.book(ASSET).levels] == [1]
    refused("account.suspended", desk.say, work.sell(10), desk.steel)
    (bar,) = intents(desk, Kind.BAR)
    assert isinstance(bar, BarIntent)
    assert (bar.account, bar.barred) == (account_id(desk.steel), True)
    units.hold(units.signed(units.suspend(desk.steel, suspended=False)))
    assert [one.barred for one in intents(desk, Kind.BAR)] == [True, False]
    session = desk.market.session(ASSET, DAY_ONE)
    assert session is not None
    assert session.last == desk.market.order(by_key).ended_index
    desk.close()
    assert desk.faults() == []


def test_a_replaced_and_a_stolen_key_end_what_they_signed(desk: MarketDesk) -> None:
    """Rotated or declared stolen: the exchange takes nothing of such a key (docs/design.md §2)."""
    work, park = desk.work, desk.park
    work.opened(mode="licensed")
    rotated = desk.say(work.sell(10), desk.steel)
    fresh = memory.seeded(Algorithm.ES256K, 71)
    since = desk.memory.next_index
    by_first = desk.say(work.sell(10), desk.food)
    kept = desk.say(work.sell(10), desk.tiles)
    park.rotate(desk.steel, fresh, by=work.keys[desk.steel])
    park.compromise(desk.food, work.keys[desk.food], since)
    work.keys[desk.steel] = fresh
    again = desk.say(work.sell(10), desk.steel)
    reasons = [desk.market.order(one).reason for one in (rotated, by_first, kept, again)]
    assert reasons == ["key", "key", None, None]
    desk.close()
    assert desk.faults() == []


def test_what_a_stolen_key_brought_ends_with_it(desk: MarketDesk) -> None:
    """docs/design.md §2: the keys that it brought from there on, and theirs, and every order that they signed."""
    work, park, glass = desk.work, desk.park, "88.608.5299/glass"
    enterprise = {"parent": memory.PARK, "algorithm": Algorithm.ES256K}
    park.enrol(glass, KeyKind.ENTERPRISE, Purpose.STATEMENT | Purpose.ASSET | Purpose.ADMINISTRATION, **enterprise)
    first, early, late = park.keys[glass], memory.seeded(Algorithm.ES256K, 81), memory.seeded(Algorithm.ES256K, 82)
    park.add(glass, early, Purpose.ASSET, by=first)
    since = desk.memory.next_index
    park.add(glass, late, Purpose.ASSET, by=first)
    with desk.database.write() as session:
        session.add(desk._units(7, account_id(glass), 100, "Moved"))
    work.opened()
    orders = []
    for key in (first, early, late):
        work.keys[glass] = key
        orders.append(desk.say(work.sell(10), glass))
    park.compromise(glass, first, since)
    assert [desk.market.order(one).reason for one in orders] == ["key", None, "key"]
    desk.close()
    assert desk.faults() == []


def test_an_order_past_its_deadline_meets_nothing(desk: MarketDesk) -> None:
    """It ends by the next entry that acts on the book, and binds nothing from its deadline on."""
    work = desk.work
    work.opened(mode="licensed")
    late = desk.say(work.sell(10, 6_000, deadline=format_instant(desk.memory.now + 60)), desk.steel)
    kept = desk.say(work.sell(10, 6_010), desk.food)
    desk.memory.now += 60
    assert (desk.market.order(late).status, trading(desk, desk.steel).in_orders) == ("ended", 0)
    refused("order.ended", desk.say, work.cancel(late), desk.steel)
    desk.say(work.buy(15, 6_100), desk.tiles)
    assert [(one.sell, one.price_fen) for one in desk.market.trades(ASSET)] == [(kept, 6_010)]
    assert (desk.market.order(late).reason, desk.market.order(late).remaining) == ("deadline", 10)
    desk.close()
    assert desk.faults() == []


def test_a_halted_day_takes_no_order_but_lets_go(desk: MarketDesk) -> None:
    """DOMAIN 16: halts are part of the session, so that a replay knows which orders could not come."""
    work = desk.work
    work.opened()
    offer = desk.say(work.sell(10), desk.steel)
    work.administer(work.halt())
    refused("market.halted", desk.say, work.accepting(offer), desk.tiles)
    desk.say(work.cancel(offer), desk.steel)
    work.administer(work.resume())
    desk.trade(desk.steel, desk.tiles, 5, 6_000)
    assert [one.halted for one in intents(desk, Kind.HALT_DAY)] == [True, False]
    desk.close()
    assert desk.faults() == []


def test_blocks_and_two_who_agree_meet_by_name_alone(desk: MarketDesk) -> None:
    """DOMAIN 13, 15: they are not part of the close; two may agree after it too, outside of every session."""
    work = desk.work
    work.opened(6_000)
    desk.trade(desk.steel, desk.tiles, 1_000, 7_800, kind="block", counterparty=desk.tiles)
    desk.trade(desk.steel, desk.tiles, 5, 9_999, kind="bilateral", counterparty=desk.tiles)
    said = desk.close()
    assert (said.fills, said.volume, said.close_fen) == (2, 0, 6_000)
    offer, _ = desk.trade(desk.steel, desk.food, 7, 5_000, kind="bilateral", counterparty=desk.food)
    waiting = desk.say(work.sell(8, 5_000, kind="bilateral", counterparty=desk.food), desk.steel)
    assert [one.kind for one in desk.market.trades(ASSET)] == ["block", "bilateral", "bilateral"]
    assert desk.market.session(ASSET, DAY_ONE).root.hex() == said.root
    work.administer(work.day(day=DAY_ONE + 1))
    assert (desk.market.order(waiting).reason, desk.market.order(offer).status) == ("day", "filled")
    desk.close(DAY_ONE + 1)
    assert desk.faults() == []


def test_what_was_sold_may_be_carried_over(desk: MarketDesk) -> None:
    """DOMAIN 6: base and multiple of what was sold less bought; the contract is told of it with the holder's word."""
    work, units = desk.work, desk.work.units
    work.opened()
    units.hold(units.signed(units.carry_in(1_000)))
    units.obliged(100)
    units.say(units.surrender(100))
    desk.trade(desk.steel, desk.tiles, 60, 6_000)
    desk.trade(desk.tiles, desk.steel, 20, 6_000)
    desk.memory.now = unitwork.DEADLINE
    units.say(units.carry_over(65))
    refused("carry_over.exceeds", units.say, units.carry_over(1))
    (carried,) = intents(desk, Kind.CARRY_OVER)
    assert (carried.net_sold, carried.message.tonnes) == (40, 65)
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
    desk.mine()
    held = desk.cash.cash(steel)
    assert held is not None
    assert (held.free_fen, held.withdrawing_fen, held.trading_fen) == (0, 2_000, 100_003_000)
    work.administer(work.approved(work.payout(withdrawals[0].op_id)), "cash")
    work.administer(work.approved(work.payout(withdrawals[1].op_id, "ICBC-3", paid=False)), "cash")
    assert cash(desk, steel).withdrawable == 500
    desk.mine()
    assert (desk.cash.cash(steel).free_fen, desk.cash.total().total_fen) == (500, 300_003_500)
    assert desk.faults() == []


def test_a_crash_between_order_and_fill_leaves_nothing(desk: MarketDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrival, book and fills are one transaction: what was not acknowledged is nowhere, and can be sent again."""
    work = desk.work
    work.opened()
    offer = desk.say(work.sell(10), desk.steel)
    order = work.signed(work.accepting(offer), desk.tiles)
    before = [desk.rows(table) for table in (MarketOrderRow, MarketFillRow, MarketDayRow, OutboxRow)]

    def fail(*_arguments: object) -> None:
        raise RuntimeError("the power is gone")

    with monkeypatch.context() as patch:
        patch.setattr(matching, "tell_exchange", fail)
        with pytest.raises(RuntimeError, match="the power is gone"):
            work.bring(order, desk.tiles)
    assert [desk.rows(table) for table in (MarketOrderRow, MarketFillRow, MarketDayRow, OutboxRow)] == before
    work.bring(order, desk.tiles)
    assert [one.tonnes for one in desk.market.trades(ASSET)] == [10]
    assert desk.faults() == []


def test_what_the_market_does_not_trade_is_refused(desk: MarketDesk) -> None:
    """Only quota is traded, and only on a day that is open (DOMAIN 13, 15)."""
    work = desk.work
    work.administer(work.approved(work.terms()))
    refused("market.reference", work.administer, work.day())
    refused("market.closed", desk.say, work.sell(1), desk.steel)
    work.administer(work.approved(work.price()))
    work.administer(work.day())
    refused("market.tradable", desk.say, work.sell(1, asset="ccer"), desk.steel)
    assert desk.market.market().assets == ((ASSET, 6_000, desk.market.days(ASSET)[0]),)
    assert desk.market.market().terms.mode == "agreement"
    assert QUOTA == "quota-2023"
