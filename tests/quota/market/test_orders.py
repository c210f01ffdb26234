from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quota import MarketRefused
from quota.market import MAX_PRICE_FEN, MAX_TONNES, MAX_VALUE_FEN, OrderKind, Side
from quota.market.orders import counts
from tests.quota.market.examples import BUY, SELL, order


def test_tonnes_and_fen_are_whole_and_a_value_is_their_product_domain_15() -> None:
    one = order(1, BUY, 700, 6_250)
    assert one.tonnes * one.price_fen == 4_375_000
    assert (Side.BUY, Side.SELL) == (1, 2)
    assert [kind.name for kind in OrderKind] == ["LISTED", "BLOCK", "BILATERAL", "AUCTION"]


@pytest.mark.parametrize(
    ("member", "value", "shown"),
    [
        ("tonnes", 0, "0"),
        ("tonnes", -1, "-1"),
        ("tonnes", 1.0, "1.0"),
        ("tonnes", True, "True"),
        ("tonnes", MAX_TONNES + 1, str(2**63)),
        ("price_fen", 0, "0"),
        ("price_fen", 62.5, "62.5"),
        ("price_fen", MAX_PRICE_FEN + 1, str(2**32)),
        ("minimum_fill", 11, "11"),
        ("minimum_fill", -1, "-1"),
        ("index", -1, "-1"),
        ("asset", 0, "0"),
        ("asset", 2**32, str(2**32)),
        ("fee_limit_bps", 2**16, "65536"),
        ("deadline", None, "None"),
        ("side", 1, "1"),
        ("kind", 1, "1"),
        ("order_id", b"short", "b'short'"),
        ("accepts", "00" * 32, "00" * 32),
        ("account", None, "None"),
        ("account", "", '""'),
        ("group", "", '""'),
        ("counterparty", "x" * 256, "x" * 199 + "…"),
    ],
)
def test_a_member_that_breaks_the_form_is_refused_and_named(member: str, value: Any, shown: str) -> None:
    good = order(1, BUY, 10, 6_000)
    with pytest.raises(MarketRefused) as refusal:
        replace(good, **{member: value})
    assert (refusal.value.rule, refusal.value.at, refusal.value.value) == ("market.order", member, shown)
    assert refusal.value.message_zh


def test_an_order_comes_to_no_more_money_than_cash_can_be() -> None:
    most = MAX_VALUE_FEN // MAX_PRICE_FEN
    assert order(1, BUY, most, MAX_PRICE_FEN).tonnes == most
    with pytest.raises(MarketRefused) as refusal:
        order(1, BUY, most + 1, MAX_PRICE_FEN)
    assert refusal.value.rule == "market.value"


def test_the_rest_of_an_order_may_be_less_than_its_minimum() -> None:
    one = order(1, SELL, 100, 6_000, minimum_fill=30)
    assert (one.least(100), one.least(30), one.least(29)) == (30, 30, 29)


@pytest.mark.parametrize(
    ("kind", "groups", "counted"),
    [
        (OrderKind.LISTED, (None, None), True),
        (OrderKind.LISTED, ("g", None), True),
        (OrderKind.LISTED, ("g", "h"), True),
        (OrderKind.LISTED, ("g", "g"), False),
        (OrderKind.BLOCK, (None, None), False),
        (OrderKind.BILATERAL, (None, None), False),
        (OrderKind.AUCTION, (None, None), False),
    ],
)
def test_only_listed_trades_of_unrelated_parties_count_domain_15(
    kind: OrderKind, groups: tuple[str | None, str | None], counted: bool
) -> None:
    buy, sell = (order(n, BUY, 1, 1, kind=kind, group=group) for n, group in enumerate(groups))
    assert counts(buy, sell) is counted


def test_a_group_is_no_account_of_the_same_name_domain_15() -> None:
    assert order(1, BUY, 1, 1, "x").party != order(2, BUY, 1, 1, "y", group="x").party
    assert order(1, BUY, 1, 1, "x", group="g").party == order(2, BUY, 1, 1, "y", group="g").party
