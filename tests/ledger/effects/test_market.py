"""The market in the log: orders meet where they are accepted, sessions replay, refused fills are undone (DOMAIN B)."""

from __future__ import annotations

import pytest

from ledger.chain.asset_intents import SignedIntent
from ledger.chain.market_intents import CloseDayIntent, OpenDayIntent, SettleIntent
from ledger.chain.operations import Kind
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.market_models import MarketDayRow, MarketFillRow, MarketOrderRow
from ledger.effects import matching
from tests.ledger.market_desk import ASSET, DAY_ONE, QUOTA, MarketDesk, cash, intents, refused, trading
from tests.ledger.mirrored import marketwork, unitwork

HOUR = marketwork.HOUR


@pytest.fixture
def desk(database: Database) -> MarketDesk:
    made = MarketDesk(database)
    made.endow()
    return made


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
    desk.mine()
    work.administer(work.day(day=DAY_ONE + 1))
    desk.mine()
    assert trading(desk, desk.tiles).sellable == 6_000
    desk.trade(desk.tiles, desk.food, 6_000, 6_300)
    newest, oldest = desk.market.days(ASSET)
    assert (newest.reference_fen, oldest.close_fen, newest.low_fen) == (6_200, 6_200, 5_580)
    assert [one.number for one in desk.market.trades(ASSET)] == [0]
    assert desk.close(DAY_ONE + 1).close_fen == 6_300
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
    desk.mine()
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
