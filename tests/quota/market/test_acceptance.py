from __future__ import annotations

from typing import Any

import pytest

from quota import MarketRefused
from quota.market import OrderKind, check_acceptance
from tests.quota.market.examples import BUY, SELL, accepting, order, order_id

OFFER = order(1, SELL, 700, 6_250, "B", minimum_fill=100)


def refused(taker: Any, offer: Any = OFFER, remaining: int | None = None) -> tuple[str, str, str]:
    with pytest.raises(MarketRefused) as refusal:
        check_acceptance(taker, offer, offer.tonnes if remaining is None else remaining)
    assert refusal.value.message_zh
    return refusal.value.rule, refusal.value.value, refusal.value.expected


def test_a_named_counterparty_accepts_a_posted_offer_domain_12() -> None:
    check_acceptance(accepting(2, OFFER, account="A"), OFFER, 700)
    check_acceptance(accepting(2, OFFER, 100, account="A"), OFFER, 700)


def test_one_of_the_two_names_the_other_domain_12() -> None:
    for_a = order(1, SELL, 700, 6_250, "B", counterparty="A")
    check_acceptance(accepting(2, for_a, account="A", counterparty=None), for_a, 700)
    assert refused(accepting(2, OFFER, account="A", counterparty=None)) == ("market.counterparty", "nobody", "B")


def test_whoever_is_not_named_is_refused_domain_13() -> None:
    for_a = order(1, SELL, 700, 6_250, "B", counterparty="A")
    assert refused(accepting(2, for_a, account="C"), for_a) == ("market.counterparty", "C", "A")
    assert refused(accepting(2, OFFER, account="C", counterparty="D")) == ("market.counterparty", "B", "D")


def test_in_a_bilateral_trade_both_name_each_other() -> None:
    for_a = order(1, SELL, 700, 9_999, "B", kind=OrderKind.BILATERAL, counterparty="A")
    open_to_all = order(1, SELL, 700, 9_999, "B", kind=OrderKind.BILATERAL)
    check_acceptance(accepting(2, for_a, account="A"), for_a, 700)
    assert refused(accepting(2, for_a, account="A", counterparty=None), for_a)[0] == "market.counterparty"
    assert refused(accepting(2, open_to_all, account="A"), open_to_all) == ("market.counterparty", "nobody", "A")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"price_fen": 6_249}, ("market.accepts", "6249", "6250")),
        ({"price_fen": 6_251}, ("market.accepts", "6251", "6250")),
        ({"side": SELL}, ("market.accepts", "SELL", "BUY")),
        ({"kind": OrderKind.BLOCK}, ("market.accepts", "BLOCK", "LISTED")),
        ({"account": "B"}, ("market.self", "B", "another account")),
        ({"tonnes": 701}, ("market.accepts", "701", "at most 700 t")),
        ({"tonnes": 99}, ("market.minimum", "99", "100 t or more")),
    ],
)
def test_an_acceptance_takes_the_offer_as_it_is(changes: dict[str, Any], found: tuple[str, str, str]) -> None:
    assert refused(accepting(2, OFFER, **{"account": "A"} | changes)) == found


def test_of_the_rest_less_than_the_minimum_may_be_taken_but_only_whole() -> None:
    check_acceptance(accepting(2, OFFER, 60, account="A"), OFFER, 60)
    assert refused(accepting(2, OFFER, 59, account="A"), remaining=60)[0] == "market.minimum"
    assert refused(accepting(2, OFFER, 61, account="A"), remaining=60) == ("market.accepts", "61", "at most 60 t")


def test_a_buy_can_be_the_posted_one() -> None:
    wanted = order(1, BUY, 60, 6_230, "C")
    check_acceptance(accepting(2, wanted, account="D"), wanted, 60)
    assert accepting(2, wanted, account="D").side is SELL
    assert accepting(2, wanted, account="D").accepts == order_id(1)
