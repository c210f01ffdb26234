from __future__ import annotations

from dataclasses import replace

import pytest

from quota import MarketRefused
from quota.market import (
    AuctionClosed,
    Cancelled,
    CancelledAll,
    Close,
    Closed,
    EndReason,
    Event,
    Halted,
    Mode,
    Opened,
    Placed,
    Reference,
    Replay,
    Resumed,
    replay,
)
from tests.quota.market.examples import BUY, FAR, SELL, accepting, bid, bid_order, lot, opened, order, order_id
from tests.quota.market.story import AUCTION, B_OFFER, DAY, LOT, NEXT_DAY, SEALED


def rule_of(*events: Event) -> str:
    with pytest.raises(MarketRefused) as refusal:
        replay(events)
    return refusal.value.rule


class TestStory:
    def test_step_5_all_bids_pay_60_50_and_c_receives_140_domain_14(self) -> None:
        session = replay(AUCTION)
        assert [(fill.buy, fill.tonnes, fill.price_fen, fill.cause) for fill in session.fills] == [
            (order_id(15), 233, 6_050, 20),
            (order_id(16), 127, 6_050, 20),
            (order_id(17), 140, 6_050, 20),
        ]
        assert sum(fill.value_fen for fill in session.fills) == 3_025_000
        assert session.resting == ()
        # No listed trade: the reference stands.
        assert session.close == Close(6_000, 0, 0, 0, stands=True)

    def test_step_6_the_day_closes_at_62_30_domain_15(self) -> None:
        session = replay(DAY)
        assert session.close == Close(6_230, 1_175, 7_320_000, 4, stands=False)
        assert [(fill.tonnes, fill.price_fen) for fill in session.fills] == [(700, 6_250), (475, 6_200)]
        assert (session.entries, session.closed, session.reference) == ((30, 37), True, 6_000)

    def test_step_6_a_bid_at_66_01_is_refused_domain_13(self) -> None:
        assert rule_of(*DAY[:3], Placed(order(33, BUY, 10, 6_601, "A"))) == "market.band"

    def test_step_8_the_next_day_trades_at_62_30_and_both_days_make_1235_t(self) -> None:
        days = [replay(DAY), replay(NEXT_DAY)]
        assert days[1].close.price_fen == 6_230
        assert sum(day.close.volume for day in days) == 1_235
        assert sum(day.close.value_fen for day in days) == 7_693_800


class TestReplay:
    def test_the_same_events_give_the_same_bytes(self) -> None:
        assert replay(DAY).record == replay(list(DAY)).record
        assert replay(DAY) == replay(DAY)

    def test_what_a_close_would_say_is_what_it_says(self) -> None:
        before, after = replay(DAY[:-1]), replay(DAY)
        assert (before.root, before.close, before.closed) == (after.root, after.close, False)

    def test_another_event_another_root(self) -> None:
        roots = {replay(DAY[:length]).root for length in range(1, len(DAY))}
        assert len(roots) == len(DAY) - 1
        assert replay([*DAY[:-1], Halted(39)]).root != replay(DAY).root

    def test_what_stands_at_the_close_ends_with_the_day_domain_15(self) -> None:
        session = replay([opened(), Placed(B_OFFER), Closed(90)])
        assert [(end.order_id, end.remaining, end.reason) for end in session.ends] == [
            (B_OFFER.order_id, 700, EndReason.DAY)
        ]
        assert session.resting == ()
        assert session.book_hash == replay([opened(), Placed(B_OFFER)]).book_hash

    def test_an_order_that_is_cancelled_is_not_accepted_any_more(self) -> None:
        taking = Placed(accepting(40, B_OFFER, account="A"))
        assert rule_of(opened(), Placed(B_OFFER), Cancelled(35, B_OFFER.order_id), taking) == "market.accepts"
        assert rule_of(opened(), Placed(B_OFFER), CancelledAll(35, "B"), taking) == "market.accepts"
        assert len(replay([opened(), Placed(B_OFFER), CancelledAll(35, "A"), taking]).fills) == 1

    def test_ends_by_an_entry_say_why(self) -> None:
        session = replay([opened(), Placed(B_OFFER), Cancelled(35, B_OFFER.order_id, EndReason.KEY)])
        assert [end.reason for end in session.ends] == ["key"]

    def test_one_entry_may_end_several_orders_and_nothing_else(self) -> None:
        first, second = order(1, SELL, 5, 6_000, "A"), order(2, SELL, 5, 6_000, "A")
        both = [opened(), Placed(first), Placed(second), Cancelled(5, first.order_id), Cancelled(5, second.order_id)]
        assert len(replay(both).ends) == 2
        assert rule_of(*both, Placed(order(5, BUY, 1, 6_000))) == "market.index"
        assert rule_of(*both, Halted(5)) == "market.index"

    def test_an_order_whose_deadline_came_is_not_met(self) -> None:
        late = order(1, SELL, 5, 6_000, "B", deadline=500)
        assert rule_of(opened(), Placed(late, at=400), Placed(accepting(2, late), at=500)) == "market.accepts"
        assert len(replay([opened(), Placed(late, at=400), Placed(accepting(2, late), at=499)]).fills) == 1

    def test_time_does_not_go_back(self) -> None:
        # Claimed for 400, when the log was at 500 already: its deadline is over for whatever comes after it.
        late = order(3, SELL, 5, 6_000, "B", deadline=450)
        events = [opened(), Halted(1, at=500), Resumed(2, at=400), Placed(late, at=400)]
        assert rule_of(*events, Placed(accepting(4, late), at=400)) == "market.accepts"

    def test_a_group_is_one_party_of_a_close_domain_15(self) -> None:
        offers = [order(index, SELL, 5, 6_000, name, group="g") for index, name in ((1, "B"), (2, "D"))]
        taken = [accepting(index + 2, offers[index - 1], account="A") for index in (1, 2)]
        assert replay([opened(), *map(Placed, offers), *map(Placed, taken)]).close.groups == 2

    def test_a_halted_day_takes_no_order_and_lets_orders_go(self) -> None:
        halted = [opened(), Placed(B_OFFER), Halted(35)]
        assert replay(halted).halted
        assert rule_of(*halted, Placed(order(36, BUY, 1, 6_000))) == "market.halted"
        assert replay([*halted, Cancelled(36, B_OFFER.order_id)]).resting == ()
        assert len(replay([*halted, Resumed(36), Placed(accepting(37, B_OFFER, account="A"))]).fills) == 1

    def test_the_mode_decides_how_listed_orders_meet_domain_12(self) -> None:
        orders = [Placed(order(1, SELL, 5, 6_000)), Placed(order(2, BUY, 5, 6_100))]
        assert replay([opened(), *orders]).fills == ()
        assert [fill.price_fen for fill in replay([opened(mode=Mode.LICENSED), *orders]).fills] == [6_000]

    def test_minimum_volume_and_groups_of_the_opening_hold_for_the_close_domain_15(self) -> None:
        assert replay([opened(30, minimum_volume=1_176), *DAY[1:]]).close.stands
        assert replay([opened(30, minimum_groups=5), *DAY[1:]]).close.stands

    @pytest.mark.parametrize(
        ("events", "rule"),
        [
            ([], "market.session"),
            ([Placed(B_OFFER)], "market.session"),
            ([opened(), opened(1)], "market.session"),
            ([opened(), Resumed(1)], "market.session"),
            ([opened(), Halted(1), Halted(2)], "market.session"),
            ([opened(), Closed(1), Closed(2)], "market.session"),
            ([opened(), Closed(1), Placed(B_OFFER)], "market.session"),
            ([opened(31), Placed(B_OFFER)], "market.index"),
            ([opened(5), Halted(4)], "market.index"),
            ([opened(5), Closed(5)], "market.index"),
            (
                [opened(), Placed(B_OFFER), Cancelled(32, B_OFFER.order_id), Placed(replace(B_OFFER, index=40))],
                "market.known",
            ),
            ([opened(), Cancelled(1, order_id(1))], "market.unknown"),
            ([opened(), AuctionClosed(1, order_id(1), 6_050, ())], "market.unknown"),
            ([opened(day=20251131)], "market.day"),
        ],
    )
    def test_what_is_no_session_is_refused(self, events: list[Event], rule: str) -> None:
        assert rule_of(*events) == rule

    def test_a_session_goes_on_event_by_event(self) -> None:
        first = DAY[0]
        assert isinstance(first, Opened)
        running = Replay(first)
        for place, event in enumerate(DAY[1:], 2):
            running.apply(event)
            assert running.session() == replay(DAY[:place])


class TestAuction:
    def test_bids_and_lot_may_be_brought_from_before_the_day_domain_14(self) -> None:
        brought = tuple(sorted((LOT, *(one.order for one in SEALED if one.order)), key=lambda one: one.index))
        clearing = AuctionClosed(40, LOT.order_id, 6_050, SEALED, brought=brought)
        session = replay([opened(18), clearing])
        assert [(fill.buy, fill.tonnes) for fill in session.fills] == [
            (fill.buy, fill.tonnes) for fill in replay(AUCTION).fills
        ]
        assert rule_of(*AUCTION[:5], clearing) == "market.known"
        assert rule_of(opened(18), replace(clearing, brought=(B_OFFER,))) == "market.bid"

    def test_the_book_of_the_day_goes_on_beside_an_auction(self) -> None:
        resting = order(19, SELL, 5, 6_000, "B", deadline=FAR)
        brought = (lot(11, 500, 6_050), bid_order(15, 5, 6_050, "A"))
        clearing = AuctionClosed(40, order_id(11), 6_050, (bid(brought[1], 12),), brought=brought)
        for mode in Mode:
            session = replay([opened(18, mode=mode), Placed(resting), clearing])
            assert session.resting == ((resting, 5),)
            assert [(end.remaining, end.reason) for end in session.ends] == [(0, "filled"), (495, "unsold")]

    def test_a_bid_is_an_open_order_as_it_was_placed(self) -> None:
        other = bid(replace(SEALED[0].order, tonnes=234), 12)  # type: ignore[type-var]  # it is revealed
        clearing = AuctionClosed(20, LOT.order_id, 6_050, (other,))
        assert rule_of(*AUCTION[:5], clearing) == "market.bid"
        assert rule_of(*AUCTION[:2], replace(clearing, bids=SEALED[:1])) == "market.bid"

    def test_nothing_is_sold_below_the_floor_and_the_lot_returns(self) -> None:
        session = replay([*AUCTION[:5], AuctionClosed(20, LOT.order_id, 7_000, SEALED)])
        assert session.fills == ()
        assert [end.reason for end in session.ends] == ["outbid", "outbid", "outbid", "unsold"]

    def test_a_lot_in_large_parts_is_none(self) -> None:
        large = lot(11, 500, 6_050, minimum_fill=100)
        assert rule_of(opened(), Placed(large), AuctionClosed(20, large.order_id, 6_050, ())) == "market.lot"


def test_a_reference_is_part_of_the_root() -> None:
    assert replay([opened()]).root != replay([opened(reference=Reference(6_001))]).root
