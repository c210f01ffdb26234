"""The market's audit finds what it is there to find: for each law, one set of facts that breaks it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import pytest

from tests.faults.audit import judge
from tests.faults.client_log import Acknowledgement, Client
from tests.faults.market_again import Close, Matched, Placed
from tests.faults.market_audit import MarketFacts, ShownFill, ShownOrder, judge_market
from tests.faults.market_chain import Balance, DayOver, MarketOnChain, Settled, Supply
from tests.faults.market_entries import account_of, asset_number
from tests.faults.test_audit import sound as sound_log

BUYER, SELLER, PARK = "88.608.1/B", "88.608.1/S", "88.608.1/PARK"
ASSET, DAY = "quota-2025", 20010102
NUMBER = asset_number(ASSET)
BUY, SELL, REST, OPEN = "b1" * 32, "51" * 32, "52" * 32, "53" * 32
LATE = f"OrderExpired(orderHash=0x{REST}, deadline=1)"
FILL = Matched((ASSET, DAY, 0), 7, BUY, SELL, BUYER, SELLER, 10, 6_000, 60, True)
UNDONE = Matched((ASSET, DAY, 1), 9, BUY, REST, BUYER, SELLER, 5, 6_000, 30, True)
EVENT = Settled("0a" * 32, BUY, SELL, account_of(BUYER), account_of(SELLER), NUMBER, DAY, 10, 6_000, 60, 60, True)


DEADLINE = "2026-01-01T00:00:10Z"
DEADLINE_AT = 1_767_225_610


def order(index: int, maker: str, tonnes: int, left: int, end: str) -> Placed:
    body = {"price_fen": 6_000, "fee_limit_bps": 10, "tonnes": tonnes, "deadline": DEADLINE}
    return Placed(index, f"statement {index}", maker, body, left, end)


def balance(registry: int, trading: int, free: int, cash: int) -> Balance:
    return Balance(Counter({(NUMBER, "registry"): registry, (NUMBER, "trading"): trading}), free, cash)


def sound() -> MarketFacts:
    """A day of two fills: one settled, one that came too late by an order's own end. A last order is open."""
    held = {BUYER: balance(0, 10, 0, 39_940), SELLER: balance(70, 20, 0, 59_940), PARK: balance(0, 0, 120, 0)}
    by_account = {account_of(name): deepcopy(one) for name, one in held.items()}
    return MarketFacts(
        client=Client(declined={"statement 99": "order.units"}, orders={BUY: "statement 7", REST: "statement 8"}),
        logged=frozenset({"statement 6", "statement 7", "statement 8"}),
        orders={
            SELL: order(6, SELLER, 10, 0, "filled"),
            BUY: order(7, BUYER, 20, 5, "day"),
            REST: replace(order(8, SELLER, 9, 4, ""), brief=True),
            OPEN: order(9, SELLER, 3, 3, ""),
        },
        fills=[FILL, UNDONE],
        closes={(ASSET, DAY): (Close(2, 15, 90_000, 6_000, 2), Close(2, 15, 90_000, 6_000, 2))},
        wrong=[],
        held=held,
        shown_orders={
            SELL: ShownOrder("filled", "filled", 0),
            BUY: ShownOrder("ended", "day", 5),
            REST: ShownOrder("refused", None, 4),
            OPEN: ShownOrder("open", None, 3),
        },
        shown_fills=[ShownFill(FILL, "settled", None, "0a" * 32), ShownFill(UNDONE, "undone", LATE, "0b" * 32)],
        accounts=deepcopy(held),
        chain=MarketOnChain(
            settled=(EVENT,),
            days=(DayOver(NUMBER, DAY, 10, 60_000, 6_000),),
            told=deepcopy(by_account),
            asked=by_account,
            carried=Counter({NUMBER: 100}),
            supplies={NUMBER: Supply(100, 0, 0, 30)},
            filled={BUY: 10, SELL: 10},
            total_cash=100_000,
            deposited=110_000,
            paid=10_000,
        ),
        replayed=1,
    )


def test_a_sound_market_passes() -> None:
    assert judge_market(sound()) == []


def test_a_round_that_trades_is_judged_by_both_audits() -> None:
    facts = sound_log()
    facts.market, facts.outbox = sound(), {"final": 4, "undone": 1}
    assert judge(facts) == []
    facts.outbox = {"final": 4, "undone": 2}
    assert judge(facts) == ["2 chain writes end undone, not final"]
    facts.market.chain.total_cash += 1
    assert any("fen came" in violation for violation in judge(facts))


def test_the_same_bytes_may_be_refused_and_taken_later() -> None:
    facts = sound()
    facts.client.acknowledgements.append(Acknowledgement("statement 99", 10, "", "accepted", None, 0.0))
    facts.logged |= {"statement 99"}
    assert judge_market(facts) == []


def forget_an_order(facts: MarketFacts) -> None:
    facts.client.orders["ff" * 32] = "statement 5"


def bring_it_otherwise(facts: MarketFacts) -> None:
    facts.client.orders[BUY] = "statement 8"


def bring_it_twice(facts: MarketFacts) -> None:
    facts.wrong = ["entry 9 brings order b1 of entry 7 again"]


def log_what_was_refused(facts: MarketFacts) -> None:
    facts.logged |= {"statement 99"}


def lose_an_open_order(facts: MarketFacts) -> None:
    facts.shown_orders = {name: one for name, one in facts.shown_orders.items() if name != OPEN}


def end_it_without_a_reason(facts: MarketFacts) -> None:
    facts.shown_orders = {**facts.shown_orders, OPEN: ShownOrder("ended", None, 3)}


def keep_it_open(facts: MarketFacts) -> None:
    facts.shown_orders = {**facts.shown_orders, BUY: ShownOrder("open", None, 5)}


def leave_other_tonnes(facts: MarketFacts) -> None:
    facts.shown_orders = {**facts.shown_orders, OPEN: ShownOrder("open", None, 9)}


def say_that_a_good_one_is_refused(facts: MarketFacts) -> None:
    facts.shown_orders = {**facts.shown_orders, OPEN: ShownOrder("refused", None, 3)}


def invent_an_order(facts: MarketFacts) -> None:
    facts.shown_orders = {**facts.shown_orders, "ee" * 32: ShownOrder("open", None, 1)}


def match_otherwise(facts: MarketFacts) -> None:
    facts.shown_fills = [replace(facts.shown_fills[0], fill=replace(FILL, price_fen=5_999)), facts.shown_fills[1]]


def lose_a_fill(facts: MarketFacts) -> None:
    facts.shown_fills = facts.shown_fills[:1]


def show_a_fill_twice(facts: MarketFacts) -> None:
    facts.shown_fills = [*facts.shown_fills, replace(facts.shown_fills[1], operation="0c" * 32)]


def close_otherwise(facts: MarketFacts) -> None:
    facts.closes = {(ASSET, DAY): (Close(2, 15, 90_000, 6_001, 2), Close(2, 15, 90_000, 6_000, 2))}


def settle_twice(facts: MarketFacts) -> None:
    facts.chain.settled = (EVENT, EVENT)


def settle_never(facts: MarketFacts) -> None:
    facts.chain.settled = ()


def settle_what_is_undone(facts: MarketFacts) -> None:
    facts.chain.settled = (EVENT, replace(EVENT, operation="0b" * 32, sell=REST, tonnes=5))


def settle_what_nobody_matched(facts: MarketFacts) -> None:
    facts.chain.settled = (EVENT, replace(EVENT, operation="0d" * 32))


def settle_other_tonnes(facts: MarketFacts) -> None:
    facts.chain.settled = (replace(EVENT, tonnes=9),)


def leave_it_matched(facts: MarketFacts) -> None:
    facts.shown_fills = [replace(facts.shown_fills[0], state="matched"), facts.shown_fills[1]]


def undo_without_a_reason(facts: MarketFacts) -> None:
    facts.shown_fills = [facts.shown_fills[0], replace(facts.shown_fills[1], reason=None)]


def undo_what_is_good_for_long(facts: MarketFacts) -> None:
    facts.orders[REST].brief = False


def settle_worse(facts: MarketFacts) -> None:
    facts.chain.settled = (replace(EVENT, price_fen=6_001),)


def take_too_high_a_fee(facts: MarketFacts) -> None:
    facts.chain.settled = (replace(EVENT, seller_fee_fen=61),)


def fill_beyond_the_order(facts: MarketFacts) -> None:
    facts.chain.settled = (replace(EVENT, tonnes=11),)


def fill_otherwise_by_the_contract(facts: MarketFacts) -> None:
    facts.chain.filled[SELL] = 9


def close_on_chain_twice(facts: MarketFacts) -> None:
    facts.chain.days *= 2


def close_on_chain_never(facts: MarketFacts) -> None:
    facts.chain.days = ()


def count_other_tonnes(facts: MarketFacts) -> None:
    facts.chain.days = (DayOver(NUMBER, DAY, 15, 90_000, 6_000),)


def close_on_chain_at_another_price(facts: MarketFacts) -> None:
    facts.chain.days = (DayOver(NUMBER, DAY, 10, 60_000, 5_999),)


def issue_a_unit(facts: MarketFacts) -> None:
    facts.chain.supplies[NUMBER] = Supply(101, 0, 0, 30)


def issue_what_did_not_come(facts: MarketFacts) -> None:
    facts.chain.carried[NUMBER] = 99


def keep_less_than_is_in_trading(facts: MarketFacts) -> None:
    facts.chain.supplies[NUMBER] = Supply(100, 1, 0, 29)


def lose_a_fen(facts: MarketFacts) -> None:
    facts.chain.total_cash -= 1


def make_a_fen(facts: MarketFacts) -> None:
    facts.chain.asked[account_of(BUYER)].trading += 1


def tell_otherwise(facts: MarketFacts) -> None:
    facts.chain.told[account_of(SELLER)].units[NUMBER, "trading"] += 1


def show_otherwise(facts: MarketFacts) -> None:
    facts.accounts[SELLER].free += 1  # type: ignore[index]


def move_from_one_to_the_other(facts: MarketFacts) -> None:
    facts.chain.asked[account_of(SELLER)].units[NUMBER, "registry"] -= 1
    facts.chain.asked[account_of(BUYER)].units[NUMBER, "registry"] += 1


def differ_by_replay(facts: MarketFacts) -> None:
    facts.replays = ["replay: rows: fills[0]"]


def replay_nothing(facts: MarketFacts) -> None:
    facts.replayed = 0


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (forget_an_order, "is not in the log"),
        (bring_it_otherwise, "was brought by statement statement 7, not by statement 8"),
        (bring_it_twice, "of entry 7 again"),
        (log_what_was_refused, "statement 99 was refused (order.units) and is in the log"),
        (lose_an_open_order, "of entry 9 is nowhere"),
        (end_it_without_a_reason, "of entry 9 is ShownOrder(status='ended', reason=None"),
        (keep_it_open, "of entry 7 is ShownOrder(status='open'"),
        (leave_other_tonnes, "of entry 9 is ShownOrder(status='open', reason=None, remaining=9)"),
        (say_that_a_good_one_is_refused, "of entry 9 is ShownOrder(status='refused'"),
        (invent_an_order, "which no entry brings"),
        (match_otherwise, "a fill that the entries do not give"),
        (lose_a_fill, "no fill that the entries give"),
        (show_a_fill_twice, "a fill that the entries do not give"),
        (close_otherwise, "the close of quota-2025, 20010102 says"),
        (settle_twice, "is settled 2 times on chain"),
        (settle_never, "is settled 0 times on chain"),
        (settle_what_is_undone, "is undone and settled"),
        (settle_what_nobody_matched, "which is no fill, 1 times"),
        (settle_other_tonnes, "is settled otherwise than matched"),
        (leave_it_matched, "ends matched"),
        (undo_without_a_reason, "is undone without a reason"),
        (undo_what_is_good_for_long, "of orders that are good for long is undone: OrderExpired"),
        (settle_worse, "at 6000 fen was settled at 6001 fen"),
        (take_too_high_a_fee, "paid a fee of 61 fen"),
        (fill_beyond_the_order, "of 10 t was settled for 11 t"),
        (fill_otherwise_by_the_contract, "the contract has 9 t of order"),
        (close_on_chain_twice, "is closed 2 times on chain"),
        (close_on_chain_never, "is closed 0 times on chain"),
        (count_other_tonnes, "closed on 15 t, its trades are 10 t"),
        (close_on_chain_at_another_price, "closed at 5999 fen"),
        (issue_a_unit, "101 t are issued, 100 t held"),
        (issue_what_did_not_come, "100 t are issued, 99 t came in"),
        (keep_less_than_is_in_trading, "the exchange keeps 29 t, 30 t are in trading"),
        (lose_a_fen, "in all 99999"),
        (make_a_fen, "accounts have 100001"),
        (tell_otherwise, "by the chain's events"),
        (show_otherwise, "by the service"),
        (move_from_one_to_the_other, "by the contract"),
        (differ_by_replay, "replay: rows: fills[0]"),
        (replay_nothing, "no session was replayed"),
    ],
)
def test_each_fault_of_the_market_is_a_violation(fault: Callable[[MarketFacts], None], told: str) -> None:
    facts = sound()
    fault(facts)
    violations = judge_market(facts)
    assert any(told in violation for violation in violations), violations


@pytest.mark.parametrize(("asked_at", "sound_then"), [(DEADLINE_AT, True), (DEADLINE_AT - 1, False)])
def test_an_open_order_is_over_from_its_deadline_on_and_says_so(asked_at: int, *, sound_then: bool) -> None:
    facts = replace(sound(), asked_at=float(asked_at))
    facts.shown_orders = {**facts.shown_orders, OPEN: ShownOrder("ended", "deadline", 3)}
    assert (judge_market(facts) == []) is sound_then


def test_an_order_that_is_over_without_a_reason_is_a_violation() -> None:
    facts = replace(sound(), asked_at=float(DEADLINE_AT))
    facts.shown_orders = {**facts.shown_orders, OPEN: ShownOrder("ended", None, 3)}
    assert judge_market(facts)


@pytest.mark.parametrize(
    ("tonnes", "first_state", "excused"), [(4, "undone", True), (4, "settled", False), (3, "undone", False)]
)
def test_a_rest_below_the_minimum_is_undone_only_after_a_fill_before_it_was(
    tonnes: int, first_state: str, *, excused: bool
) -> None:
    """Order REST of 9 t with a minimum of 5: 5 were matched, then what was left."""
    facts = sound()
    facts.orders[REST].brief = False
    first, rest = replace(UNDONE, tonnes=5), replace(UNDONE, place=(ASSET, DAY, 2), tonnes=tonnes)
    reason = f"FillTooSmall(orderHash=0x{REST}, tonnes={tonnes}, minimum=5)"
    facts.fills = [FILL, first, rest]
    facts.shown_fills = [
        facts.shown_fills[0],
        ShownFill(first, first_state, LATE, "0b" * 32),
        ShownFill(rest, "undone", reason, "0c" * 32),
    ]
    told = [one for one in judge_market(facts) if "good for long is undone: FillTooSmall" in one]
    assert (told == []) is excused
