from __future__ import annotations

import hashlib
from typing import Any

import pytest

from quota import MarketRefused
from quota.market import Book, End, EndReason, Fill, Mode, Order, OrderKind, Reference, Side
from tests.quota.market.examples import ASSET, BUY, SELL, accepting, bid_order, lot, order, order_id


def central(*orders: Order) -> Book:
    """A central book in which these orders stand."""
    book = Book(Mode.LICENSED, Reference(6_000), asset=ASSET)
    for one in orders:
        assert book.place(one) == ([], [])
    return book


def agreement(*orders: Order, reference: Reference | None = None) -> Book:
    book = Book(Mode.AGREEMENT, reference or Reference(6_000), asset=ASSET)
    for one in orders:
        assert book.place(one) == ([], [])
    return book


def brief(fills: list[Fill]) -> list[tuple[int, int]]:
    return [(fill.tonnes, fill.price_fen) for fill in fills]


def rule_of(book: Book, act: Any) -> str:
    before, number = book.resting(), book.next_number
    with pytest.raises(MarketRefused) as refusal:
        act()
    assert (book.resting(), book.next_number) == (before, number), "a refusal leaves the book as it was"
    return refusal.value.rule


class TestCentral:
    def test_best_price_first_then_first_come_at_the_resting_price_domain_12(self) -> None:
        book = central(order(1, SELL, 5, 6_100), order(2, SELL, 5, 6_000), order(3, SELL, 5, 6_000))
        fills, ends = book.place(order(4, BUY, 12, 6_200))
        assert [(fill.sell, fill.tonnes, fill.price_fen) for fill in fills] == [
            (order_id(2), 5, 6_000),
            (order_id(3), 5, 6_000),
            (order_id(1), 2, 6_100),
        ]
        assert [(end.order_id, end.remaining, end.reason) for end in ends] == [
            (order_id(2), 0, "filled"),
            (order_id(3), 0, "filled"),
            (order_id(4), 0, "filled"),
        ]
        assert [(one.index, left) for one, left in book.resting()] == [(1, 3)]

    def test_the_rest_waits_and_is_met_at_its_own_price(self) -> None:
        book = central(order(1, BUY, 10, 6_000), order(2, BUY, 10, 6_100))
        fills, _ = book.place(order(3, SELL, 25, 5_900))
        assert brief(fills) == [(10, 6_100), (10, 6_000)]
        assert book.resting() == [(order(3, SELL, 25, 5_900), 5)]
        fills, _ = book.place(order(4, BUY, 5, 6_500))
        assert brief(fills) == [(5, 5_900)]

    def test_a_fill_says_what_either_order_had_before_and_by_which_entry(self) -> None:
        book = central(order(1, SELL, 10, 6_000))
        book.place(order(5, BUY, 4, 6_000))
        fills, _ = book.place(order(9, BUY, 7, 6_000))
        assert fills == [
            Fill(1, 9, order_id(9), order_id(1), 6, 6_000, 0, 4, OrderKind.LISTED, counted=True),
        ]

    def test_an_order_never_meets_its_own_account_and_never_crosses_it(self) -> None:
        book = central(order(1, SELL, 5, 6_000, "A"), order(2, SELL, 5, 6_000, "B"))
        fills, ends = book.place(order(3, BUY, 8, 6_000, "A"))
        assert [fill.sell for fill in fills] == [order_id(2)]
        assert ends[-1] == End(order_id(3), 3, EndReason.SELF)
        assert [one.index for one, _ in book.resting()] == [1]

    def test_an_own_order_at_a_price_that_is_not_met_is_none_in_the_way(self) -> None:
        book = central(order(1, SELL, 5, 6_100, "A"))
        assert book.place(order(2, BUY, 8, 6_000, "A")) == ([], [])

    def test_a_resting_minimum_is_passed_over_and_not_crossed(self) -> None:
        book = central(order(1, SELL, 100, 6_000, minimum_fill=50), order(2, SELL, 10, 6_050))
        fills, ends = book.place(order(3, BUY, 30, 6_050))
        assert brief(fills) == [(10, 6_050)]
        assert (ends[-1].remaining, ends[-1].reason) == (20, EndReason.MINIMUM)
        fills, _ = book.place(order(4, BUY, 50, 6_050))
        assert brief(fills) == [(50, 6_000)]

    def test_a_minimum_of_ones_own_passes_over_what_is_too_small(self) -> None:
        book = central(order(1, SELL, 10, 6_000), order(2, SELL, 60, 6_050))
        fills, ends = book.place(order(3, BUY, 60, 6_050, minimum_fill=20))
        assert brief(fills) == [(60, 6_050)]
        assert ends[-1].reason is EndReason.FILLED
        assert [(one.index, left) for one, left in book.resting()] == [(1, 10)]

    def test_the_rest_of_an_order_may_be_less_than_its_minimum(self) -> None:
        book = central(order(1, SELL, 100, 6_000, minimum_fill=50))
        assert brief(book.place(order(2, BUY, 60, 6_000))[0]) == [(60, 6_000)]
        assert brief(book.place(order(3, BUY, 40, 6_000))[0]) == [(40, 6_000)]

    def test_a_named_counterparty_is_kept_to(self) -> None:
        book = central(order(1, SELL, 5, 6_000, "B", counterparty="C"), order(2, SELL, 5, 6_000, "D"))
        fills, ends = book.place(order(3, BUY, 8, 6_000, "A"))
        assert [fill.sell for fill in fills] == [order_id(2)]
        assert (ends[-1].remaining, ends[-1].reason) == (3, EndReason.COUNTERPARTY)
        fills, _ = book.place(order(4, BUY, 5, 6_000, "C"))
        assert [fill.sell for fill in fills] == [order_id(1)]

    def test_trades_within_a_group_happen_and_do_not_count_domain_15(self) -> None:
        book = central(order(1, SELL, 5, 6_000, group="g"), order(2, SELL, 5, 6_000))
        fills, _ = book.place(order(3, BUY, 10, 6_000, group="g"))
        assert [fill.counted for fill in fills] == [False, True]

    def test_nobody_accepts_in_a_central_book(self) -> None:
        offer = order(1, SELL, 5, 6_000)
        book = central(offer)
        assert rule_of(book, lambda: book.place(accepting(2, offer))) == "market.accepts"

    def test_what_stands_is_told_by_level(self) -> None:
        book = central(order(1, SELL, 5, 6_100), order(2, SELL, 7, 6_000), order(3, SELL, 1, 6_000))
        assert list(book.levels(SELL)) == [(6_000, 8, 2), (6_100, 5, 1)]
        assert list(book.levels(BUY)) == []


class TestAgreement:
    def test_posted_offers_do_not_meet_by_themselves_domain_12(self) -> None:
        book = agreement(order(1, SELL, 700, 6_250, "B"), order(2, BUY, 700, 6_500, "A"))
        assert [left for _, left in book.resting()] == [700, 700]

    def test_an_acceptance_is_filled_whole_at_once_and_never_waits_domain_12(self) -> None:
        offer = order(1, SELL, 700, 6_250, "B")
        book = agreement(offer)
        fills, ends = book.place(accepting(2, offer, 300, "A"))
        assert fills == [Fill(0, 2, order_id(2), order_id(1), 300, 6_250, 0, 0, OrderKind.LISTED, counted=True)]
        assert [(end.order_id, end.reason) for end in ends] == [(order_id(2), "filled")]
        fills, ends = book.place(accepting(3, offer, 400, "A"))
        assert (fills[0].buy_filled, fills[0].sell_filled) == (0, 300)
        assert [end.order_id for end in ends] == [order_id(1), order_id(3)]
        assert len(book) == 0

    def test_of_two_who_want_the_same_offer_the_second_is_refused(self) -> None:
        offer = order(1, SELL, 700, 6_250, "B")
        book = agreement(offer)
        book.place(accepting(2, offer, account="A"))
        assert rule_of(book, lambda: book.place(accepting(3, offer, account="C"))) == "market.accepts"

    @pytest.mark.parametrize("mode", list(Mode))
    @pytest.mark.parametrize("kind", [OrderKind.BLOCK, OrderKind.BILATERAL])
    def test_block_and_bilateral_orders_are_accepted_in_either_mode_and_do_not_count(
        self, mode: Mode, kind: OrderKind
    ) -> None:
        offer = order(1, SELL, 2_000, 7_000, "B", kind=kind, counterparty="A")
        book = Book(mode, Reference(6_000), asset=ASSET)
        book.place(offer)
        assert book.place(order(2, BUY, 2_000, 7_000, "A", kind=kind, counterparty="B")) == ([], [])
        fills, _ = book.place(accepting(3, offer, 1_500, "A"))
        assert [(fill.tonnes, fill.kind, fill.counted) for fill in fills] == [(1_500, kind, False)]


class TestEveryBook:
    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"asset": ASSET + 1}, "market.asset"),
            ({"order_id": order_id(1)}, "market.known"),
            ({"index": 1}, "market.index"),
            ({"price_fen": 6_601}, "market.band"),
            ({"kind": OrderKind.BLOCK, "tonnes": 999}, "market.block"),
            ({"accepts": order_id(7)}, "market.accepts"),
            ({"accepts": order_id(1), "price_fen": 6_001}, "market.accepts"),
            ({"accepts": order_id(1), "account": "B"}, "market.self"),
            ({"accepts": order_id(1), "account": "A"}, "market.counterparty"),
        ],
    )
    def test_what_is_refused_leaves_the_book_as_it_was(self, changes: dict[str, Any], rule: str) -> None:
        book = agreement(order(1, SELL, 700, 6_000, "B"))
        members = {"index": 2, "side": BUY, "tonnes": 10, "price_fen": 6_000} | changes
        one = order(
            members.pop("index"), members.pop("side"), members.pop("tonnes"), members.pop("price_fen"), **members
        )
        if "order_id" not in changes and "index" in changes:
            one = order(1, BUY, 10, 6_000, order_id=order_id(2))
        assert rule_of(book, lambda: book.place(one)) == rule

    def test_a_cancelled_order_is_gone_and_free(self) -> None:
        book = central(order(1, SELL, 10, 6_000))
        book.place(order(2, BUY, 4, 6_000))
        end = book.cancel(order_id(1))
        assert (end.remaining, end.reason) == (6, EndReason.CANCELLED)
        assert order_id(1) not in book
        assert rule_of(book, lambda: book.cancel(order_id(1))) == "market.unknown"
        assert rule_of(book, lambda: book.remaining(order_id(1))) == "market.unknown"
        assert book.place(order(3, BUY, 4, 6_000)) == ([], [])

    def test_all_orders_of_an_account_end_first_come_first(self) -> None:
        book = central(order(1, SELL, 1, 6_100, "A"), order(2, SELL, 1, 6_100, "B"), order(3, BUY, 1, 6_000, "A"))
        ends = book.cancel_all("A", EndReason.SUSPENDED)
        assert [(end.order_id, end.reason) for end in ends] == [
            (order_id(1), EndReason.SUSPENDED),
            (order_id(3), EndReason.SUSPENDED),
        ]
        assert book.cancel_all("A") == book.cancel_all("nobody") == []

    def test_orders_end_with_the_day_domain_15(self) -> None:
        book = central(order(2, SELL, 1, 6_100), order(5, BUY, 1, 6_000))
        assert [(end.order_id, end.reason) for end in book.end_of_day()] == [
            (order_id(2), EndReason.DAY),
            (order_id(5), EndReason.DAY),
        ]
        assert book.resting() == []

    def test_a_deadline_is_the_first_second_that_is_too_late(self) -> None:
        book = central(order(1, SELL, 1, 6_100, deadline=200), order(2, SELL, 1, 6_100, deadline=100))
        assert book.expire(99) == []
        assert [(end.order_id, end.reason) for end in book.expire(200)] == [
            (order_id(2), EndReason.DEADLINE),
            (order_id(1), EndReason.DEADLINE),
        ]

    def test_the_hash_is_that_of_the_documented_text(self) -> None:
        book = central(order(1, SELL, 10, 6_000), order(2, SELL, 5, 6_100))
        book.place(order(7, BUY, 4, 6_000))
        text = (
            f'{{"asset":{ASSET},"orders":['
            f'{{"index":1,"order":"{order_id(1).hex()}","remaining":"6"}},'
            f'{{"index":2,"order":"{order_id(2).hex()}","remaining":"5"}}]}}'
        )
        assert book.hash() == hashlib.sha256(text.encode()).digest()

    def test_a_book_is_rebuilt_from_its_open_orders(self) -> None:
        book = central(order(1, SELL, 10, 6_000), order(2, SELL, 5, 6_000), order(3, BUY, 5, 5_900, deadline=100))
        book.place(order(7, BUY, 4, 6_000))
        again = Book.of(
            reversed(book.resting()), Mode.LICENSED, Reference(6_000), asset=ASSET, next_number=book.next_number
        )
        assert again.hash() == book.hash()
        taking = order(9, BUY, 8, 6_000)
        assert again.place(taking) == book.place(taking)
        assert again.expire(100) == book.expire(100)
        assert again.resting() == book.resting()

    @pytest.mark.parametrize(
        ("resting", "rule"),
        [
            ([(order(1, SELL, 5, 6_000), 0)], "market.remaining"),
            ([(order(1, SELL, 5, 6_000), 6)], "market.remaining"),
            ([(order(1, SELL, 5, 6_000), 5), (order(2, BUY, 5, 6_000), 5)], "market.crossed"),
            ([(order(1, SELL, 5, 6_000), 5), (order(1, SELL, 5, 6_000), 5)], "market.known"),
            ([(order(1, SELL, 5, 6_000), 5), (order(1, SELL, 5, 6_000, order_id=order_id(2)), 5)], "market.index"),
            ([(order(1, SELL, 5, 6_000, asset=9), 5)], "market.asset"),
        ],
    )
    def test_what_no_book_can_be_is_not_rebuilt(self, resting: list[tuple[Order, int]], rule: str) -> None:
        with pytest.raises(MarketRefused) as refusal:
            Book.of(resting, Mode.LICENSED, asset=ASSET)
        assert refusal.value.rule == rule


class TestAuction:
    LOT, A, E, C = (
        lot(1, 500, 6_050),
        bid_order(2, 233, 6_180, "A"),
        bid_order(3, 127, 6_100, "E"),
        bid_order(4, 200, 6_050, "C"),
    )
    AWARDS = ((order_id(2), 233), (order_id(3), 127), (order_id(4), 140))
    BIDS = (order_id(2), order_id(3), order_id(4))

    def book(self) -> Book:
        return agreement(self.LOT, self.A, self.E, self.C)

    def test_lots_and_bids_wait_for_the_clearing_and_do_not_count_domain_14_15(self) -> None:
        book = self.book()
        fills, ends = book.award(9, order_id(1), 6_050, self.AWARDS, self.BIDS)
        assert [(fill.buy, fill.tonnes, fill.price_fen, fill.sell_filled, fill.counted) for fill in fills] == [
            (order_id(2), 233, 6_050, 0, False),
            (order_id(3), 127, 6_050, 233, False),
            (order_id(4), 140, 6_050, 360, False),
        ]
        assert sum(fill.value_fen for fill in fills) == 3_025_000
        assert {fill.cause for fill in fills} == {9}
        assert [(end.order_id, end.remaining, end.reason) for end in ends] == [
            (order_id(2), 0, "filled"),
            (order_id(3), 0, "filled"),
            (order_id(4), 60, "outbid"),
            (order_id(1), 0, "filled"),
        ]
        assert len(book) == 0

    def test_what_no_bid_took_returns_domain_14(self) -> None:
        _, ends = self.book().award(9, order_id(1), 6_050, self.AWARDS[:1], self.BIDS)
        assert [(end.remaining, end.reason) for end in ends] == [
            (0, "filled"),
            (127, "outbid"),
            (200, "outbid"),
            (267, "unsold"),
        ]

    @pytest.mark.parametrize(
        ("price", "awards", "rule"),
        [
            (6_049, AWARDS, "market.award"),
            (6_051, AWARDS, "market.award"),
            (6_050, (*AWARDS[:2], (order_id(4), 141)), "market.award"),
            (6_050, ((order_id(2), 234),), "market.award"),
            (6_050, ((order_id(2), 0),), "market.award"),
            (6_050, ((order_id(2), 1), (order_id(2), 1)), "market.award"),
            (6_050, ((order_id(1), 1),), "market.award"),
            (6_050, ((order_id(8), 1),), "market.unknown"),
        ],
    )
    def test_an_award_beyond_what_was_signed_is_refused(
        self, price: int, awards: tuple[tuple[bytes, int], ...], rule: str
    ) -> None:
        book = self.book()
        assert rule_of(book, lambda: book.award(9, order_id(1), price, awards, self.BIDS)) == rule

    @pytest.mark.parametrize(
        ("bidder", "rule"),
        [({"account": "park"}, "market.self"), ({"account": "A", "counterparty": "B"}, "market.counterparty")],
    )
    def test_only_whom_a_bid_allows_is_its_seller(self, bidder: dict[str, str], rule: str) -> None:
        book = agreement(self.LOT, bid_order(2, 10, 6_050, **bidder))
        award = ((order_id(2), 10),)
        assert rule_of(book, lambda: book.award(9, order_id(1), 6_050, award, [order_id(2)])) == rule

    def test_a_lot_is_an_auctions_sell_order(self) -> None:
        book = agreement(self.A, order(5, Side.SELL, 10, 6_000))
        for name in (order_id(2), order_id(5)):
            assert rule_of(book, lambda name=name: book.award(9, name, 6_050, (), ())) == "market.award"
