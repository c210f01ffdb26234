"""One-way bidding (DOMAIN 14): the lot, sealed bids, their opening, the result; STORY 5's numbers."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from attestation.bodies import Award
from attestation.facts.market import TradingRecord

HALF_HOUR = 1_800


@pytest.fixture
def bidding(market):
    """500 t of the park's reserve at 60.00 or more; everybody may bid for an hour."""
    market.opened()
    market.log.traded[market.memory.PARK, 0x10000 + 2023] = TradingRecord(trading=500)
    lot = market.say(market.lot(), market.memory.PARK)
    market.told = market.auction(lot)
    market.administer(market.told)
    return market


def committed(market, tonnes: int, price: int, holder: str, **changed: object):
    """A bid under seal."""
    bid = market.bid(market.told, tonnes, price, **changed)
    market.say(market.commit(bid, holder), holder)
    return bid


def sealed(market) -> None:
    """On to the time in which bids are opened."""
    market.log.now += 3_600


def test_the_lowest_accepted_bid_is_everybody_s_price(bidding) -> None:
    """STORY 5: A 233 at 61.80, E 127 at 61.00, C 200 at 60.50; all pay 60.50, C receives 140."""
    bids = [
        (bidding.steel, committed(bidding, 233, 6_180, bidding.steel)),
        (bidding.food, committed(bidding, 127, 6_100, bidding.food)),
        (bidding.tiles, committed(bidding, 200, 6_050, bidding.tiles)),
    ]
    sealed(bidding)
    hashes = [bidding.say(bid, holder).hex() for holder, bid in bids]
    bidding.log.now += HALF_HOUR
    result = bidding.clear(bidding.told)
    assert [(award.order, award.tonnes) for award in result.awards] == list(zip(hashes, (233, 127, 140), strict=True))
    assert (result.price_fen, result.unsold) == (6_050, 0)
    bidding.administer(result)
    assert bidding.log.auction(bytes.fromhex(bidding.told.op_id)).cleared is not None


@pytest.mark.parametrize("changed", [{"price_fen": 6_051}, {"unsold": 1}, {"awards": ()}])
def test_another_result_than_the_bids_give_is_refused(bidding, world, changed: dict[str, object]) -> None:
    bid = committed(bidding, 500, 6_050, bidding.steel)
    sealed(bidding)
    placed = bidding.say(bid)
    bidding.log.now += HALF_HOUR
    with world.refused("auction.result", 12):
        bidding.administer(replace(bidding.clear(bidding.told), **changed))
    altered = Award(order=placed.hex(), tonnes=499)
    with world.refused("auction.result", 12, "499 t"):
        bidding.administer(bidding.clear(bidding.told, awards=(altered,)))
    with world.refused("auction.awards", 9):
        bidding.administer(bidding.clear(bidding.told, awards=(altered, altered)))
    bidding.administer(bidding.clear(bidding.told))
    with world.refused("auction.cleared", 11):
        bidding.administer(bidding.clear(bidding.told))


def test_a_result_waits_until_no_bid_is_opened_any_more(bidding, world) -> None:
    for later in (0, 3_600):
        bidding.log.now += later
        with world.refused("auction.early", 11):
            bidding.administer(bidding.clear(bidding.told))
    bidding.log.now += HALF_HOUR
    bidding.administer(bidding.halt())
    with world.refused("market.halted", 11):
        bidding.administer(bidding.clear(bidding.told))
    bidding.administer(bidding.resume())
    with world.refused("auction.open", 11, bidding.told.op_id):
        bidding.administer(bidding.close())
    bidding.administer(bidding.clear(bidding.told))
    bidding.administer(bidding.close())


def test_a_bid_is_opened_while_cash_stands_still_and_awarded_when_it_moves(bidding, world) -> None:
    """DOMAIN 14, 21: nobody forfeits because the bank disagrees."""
    bid = committed(bidding, 10, 6_000, bidding.steel)
    sealed(bidding)
    bidding.administer(bidding.reconcile(1), "cash")
    bidding.say(bid)
    bidding.log.now += HALF_HOUR
    with world.refused("cash.halted", 11):
        bidding.administer(bidding.clear(bidding.told))
    bidding.administer(bidding.reconcile(0), "cash")
    bidding.administer(bidding.clear(bidding.told))


def test_a_day_with_an_auction_is_not_passed_over(market, world, marketwork) -> None:
    """Its bids would be locked for ever."""
    market.opened()
    lot = market.say(market.lot())
    told = market.auction(lot, day=marketwork.FIRST_DAY + 1)
    market.administer(told)
    market.administer(market.close())
    with world.refused("auction.open", 11, told.op_id):
        market.administer(market.day(day=marketwork.FIRST_DAY + 2))
    market.administer(market.day(day=marketwork.FIRST_DAY + 1))
    market.log.now += 3_600 + HALF_HOUR
    market.administer(market.clear(told))
    market.administer(market.close(marketwork.FIRST_DAY + 1))
    market.administer(market.day(day=marketwork.FIRST_DAY + 2))


def test_an_auction_is_over_before_its_day_is_cut_off(market, world, marketwork) -> None:
    market.opened()
    told = market.auction(market.say(market.lot(deadline="2025-01-01T00:00:00Z")))
    late = market.log.trading_day(0x10000 + 2023).cut_off
    times = {"commit_until": marketwork.format_instant(late - 60), "reveal_until": marketwork.format_instant(late)}
    with world.refused("auction.window", 11, times["reveal_until"]):
        market.administer(replace(told, **times))
    market.administer(replace(told, **times, day=told.day + 1))


def test_a_bid_is_sealed_in_time_and_opened_in_time(bidding, world) -> None:
    early, late = committed(bidding, 10, 6_000, bidding.steel), bidding.bid(bidding.told, 10, 6_000)
    with world.refused("auction.reveal", 11) as caught:
        bidding.say(early)
    assert bidding.told.commit_until in caught.value.expected
    sealed(bidding)
    with world.refused("auction.commit", 11) as caught:
        bidding.say(bidding.commit(late, bidding.steel))
    assert bidding.told.commit_until in caught.value.expected
    bidding.log.now += HALF_HOUR
    with world.refused("auction.reveal", 11):
        bidding.say(early)


def test_what_was_not_committed_is_not_opened(bidding, world) -> None:
    """Another bid, another holder's, an altered one, one opened twice."""
    bid = committed(bidding, 10, 6_000, bidding.steel)
    sealed(bidding)
    for other in (replace(bid, price_fen=6_001), replace(bid, tonnes=9), bidding.bid(bidding.told, 10, 6_000)):
        with world.refused("auction.commitment", 11):
            bidding.say(other)
    with world.refused("auction.commitment", 11):
        bidding.say(bid, bidding.tiles)
    bidding.say(bid)
    with world.refused("order.known", 11):
        bidding.say(bid)


def test_an_opened_bid_keeps_to_floor_lot_and_maximum(bidding, world, marketwork) -> None:
    other, low, large, costly, brief = (
        bidding.bid(bidding.told, 10, 6_000, asset="quota-2022"),
        bidding.bid(bidding.told, 10, 5_999),
        bidding.bid(bidding.told, 501, 6_000),
        bidding.bid(bidding.told, 10, 6_100),
        bidding.bid(bidding.told, 10, 6_000, deadline=bidding.told.reveal_until),
    )
    for bid, maximum in ((other, None), (low, None), (large, None), (costly, 60_999), (brief, None)):
        bidding.say(bidding.commit(bid, bidding.steel, maximum=maximum))
    sealed(bidding)
    for bid, rule, value in (
        (other, "auction.asset", "quota-2022"),
        (low, "auction.floor", "5999"),
        (large, "auction.lot", "501 t"),
        (costly, "auction.maximum", "61000 fen"),
        (brief, "order.expired", brief.deadline),
    ):
        with world.refused(rule, 11, value):
            bidding.say(bid)


def test_the_declared_maximum_is_locked_until_the_result(bidding, world) -> None:
    bid = bidding.bid(bidding.told, 10, 6_000)
    bidding.say(bidding.commit(bid, bidding.steel, maximum=90_000_000))
    with world.refused("order.cash", 11, "10000001 fen"):
        bidding.say(bidding.move(10_000_001, "cash", inward=False))
    with world.refused("order.cash", 11):
        bidding.say(bidding.commit(bidding.bid(bidding.told, 10, 6_000), bidding.steel, maximum=10_000_001))
    with world.refused("auction.repeated", 11):
        bidding.say(bidding.commit(bid, bidding.steel))
    sealed(bidding)
    bidding.log.now += HALF_HOUR
    bidding.administer(bidding.clear(bidding.told))
    bidding.say(bidding.move(100_000_000, "cash", inward=False))


def test_nobody_fills_an_auction_up(bidding, world, monkeypatch) -> None:
    """A result has to fit into one entry."""
    for _ in range(5):
        committed(bidding, 1, 6_000, bidding.steel)
    with world.refused("auction.full", 11, f"5 bids of {bidding.steel}, 5 in all"):
        committed(bidding, 1, 6_000, bidding.steel)
    committed(bidding, 1, 6_000, bidding.tiles)
    monkeypatch.setattr(type(bidding.log), "bids", lambda *_: (500, 0))
    with world.refused("auction.full", 11, "500 in all"):
        committed(bidding, 1, 6_000, bidding.food)


def test_who_may_not_bid(bidding, world) -> None:
    """Not the operator (DOMAIN 8), not who is suspended, not for what nobody announced."""
    bid = bidding.bid(bidding.told, 10, 6_000)
    with world.refused("order.park", 11):
        bidding.say(bidding.commit(bid, bidding.memory.PARK), bidding.memory.PARK)
    with world.refused("auction.unknown", 11, "ab" * 32):
        bidding.say(bidding.commit(replace(bid, auction="ab" * 32), bidding.steel))
    for member, value, rule in (
        ("auction", "00" * 32, "operation.form"),
        ("commitment", "5", "bytes32.format"),
        ("maximum_fen", 0, "body.integer"),
    ):
        with world.refused(rule, 9):
            bidding.say(replace(bidding.commit(bid, bidding.steel), **{member: value}))
    bidding.units.hold(bidding.units.signed(bidding.units.suspend()))
    with world.refused("account.suspended", 11):
        bidding.say(bidding.commit(bid, bidding.steel))


def test_a_seller_does_not_bid_for_its_own_lot(market, world) -> None:
    market.opened()
    lot = market.say(market.lot(100))
    told = market.auction(lot)
    market.administer(told)
    with world.refused("order.self", 11, market.steel):
        market.say(market.commit(market.bid(told, 10, 6_000), market.steel))
    market.say(market.commit(market.bid(told, 10, 6_000), market.tiles), market.tiles)


def test_what_an_auction_binds_is_not_taken_back(bidding, world) -> None:
    """Who saw the others' bids keeps to its own."""
    lot, park = bytes.fromhex(bidding.told.order), bidding.memory.PARK
    bid = committed(bidding, 10, 6_000, bidding.steel)
    sealed(bidding)
    opened = bidding.say(bid)
    for order, holder in ((lot, park), (opened, bidding.steel)):
        for word in (bidding.cancel(order), bidding.cancel_all()):
            with world.refused("auction.bound", 11, bidding.told.op_id):
                bidding.say(word, holder)
    bidding.log.now += HALF_HOUR
    bidding.administer(bidding.clear(bidding.told))
    bidding.say(bidding.cancel_all(), park)


@pytest.mark.parametrize(
    ("changed", "rule", "step"),
    [
        ({"op_id": "00" * 32}, "operation.form", 9),
        ({"asset": "ccer"}, "market.tradable", 9),
        ({"day": 2024_02_30}, "market.day", 9),
        ({"lot_tonnes": 0}, "body.integer", 9),
        ({"floor_fen": 2**32}, "body.integer", 9),
        ({"forfeit_bps": 10_001}, "body.integer", 9),
        ({"document_hash": "00" * 32}, "bytes32.format", 9),
        ({"order": "5"}, "bytes32.format", 9),
        ({"commit_until": "2024-04-30T16:00:00Z"}, "auction.window", 10),
        ({"reveal_until": "2024-04-30T17:00:00Z"}, "auction.window", 10),
        ({"reveal_until": "2024-04-30T17:30:01Z"}, "auction.window", 10),
        ({"order": "ab" * 32}, "order.unknown", 11),
        ({"day": 2099_05_06}, "day.far", 10),
        ({"seller": "88.608.9999/nobody"}, "account.unknown", 11),
        ({"seller": "88.608.5291/tiles"}, "auction.lot", 11),
        ({"asset": "quota-2022"}, "auction.lot", 11),
        ({"lot_tonnes": 499}, "auction.lot", 11),
        ({"floor_fen": 6_001}, "auction.lot", 11),
        ({"day": 2024_05_05}, "day.order", 11),
    ],
)
def test_an_announcement_is_of_the_lot_that_was_offered(market, world, changed, rule: str, step: int) -> None:
    market.opened()
    told = market.auction(market.say(market.lot()))
    with world.refused(rule, step):
        market.administer(replace(told, **changed))
    market.administer(told)
    with world.refused("operation.used", 11):
        market.administer(told)


def test_a_lot_is_one_auction_s_and_stands_longer_than_it(market, world, marketwork) -> None:
    market.opened()
    placed = market.say(market.lot())
    market.administer(market.auction(placed))
    with world.refused("auction.lot", 11, "of auction"):
        market.administer(market.auction(placed))
    listed = market.say(market.sell())
    with world.refused("auction.lot", 11, "listed sell"):
        market.administer(market.auction(listed))
    until = marketwork.format_instant(market.log.now + 3_600 + HALF_HOUR)
    brief = market.say(market.lot(deadline=until))
    with world.refused("auction.lot", 11, until):
        market.administer(market.auction(brief))
    gone = market.say(market.lot())
    market.say(market.cancel(gone))
    with world.refused("auction.lot", 11, "cancelled"):
        market.administer(market.auction(gone))


def test_a_lot_nobody_bids_for_comes_back(bidding) -> None:
    bidding.log.now += 3_600 + HALF_HOUR
    result = bidding.clear(bidding.told)
    assert (result.price_fen, result.awards, result.unsold) == (0, (), 500)
    bidding.administer(result)
    assert bidding.log.order(bytes.fromhex(bidding.told.order)).status == "ended"
    assert bidding.log.trading(bidding.memory.PARK, 0x10000 + 2023).sellable == 500
