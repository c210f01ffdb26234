from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import LifeEventRefused, OpeningBalance, check_opening, check_split, unearned

BOTH = (("person:1", "park"), ("person:2", "regulator"))


def opening(**changes: object) -> OpeningBalance:
    members: dict[str, object] = {
        "account": "a", "asset": "quota-2024", "tonnes": 7, "document_hash": "0" * 64, "approvals": BOTH, **changes,
    }  # fmt: skip
    return OpeningBalance(**members)  # type: ignore[arg-type]  # members by name


def test_an_opening_balance_comes_once_and_before_the_first_trade_domain_24() -> None:
    check_opening(opening(), entered={("a", "quota-2023"), ("b", "quota-2024")}, traded=False)
    with pytest.raises(LifeEventRefused) as refusal:
        check_opening(opening(), entered={("a", "quota-2024")}, traded=False)
    assert refusal.value.rule == "life_event.opening_again"
    with pytest.raises(LifeEventRefused) as refusal:
        check_opening(opening(), entered=(), traded=True)
    assert refusal.value.rule == "life_event.traded"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"document_hash": ""}, "life_event.document_hash"),
        ({"approvals": (BOTH[0], BOTH[0])}, "life_event.approvals"),
        ({"approvals": (BOTH[0], ("person:1", "regulator"))}, "life_event.approvals"),
        ({"approvals": (BOTH[0], ("person:2", "park"))}, "life_event.approvals"),
    ],
)
def test_two_persons_of_two_bodies_and_a_document_stand_behind_it_domain_23_and_24(
    changes: dict[str, object], rule: str
) -> None:
    with pytest.raises(LifeEventRefused) as refusal:
        opening(**changes)
    assert refusal.value.rule == rule


def test_a_split_has_exact_sums_domain_24() -> None:
    check_split({"quota": 10, "ccer": 0}, {"x": {"quota": 4}, "y": {"quota": 6, "ccer": 0}})
    for plan in ({"x": {"quota": 9}}, {"x": {"quota": 11}}, {"x": {"quota": 10, "cash": 1}}, {}):
        with pytest.raises(LifeEventRefused) as refusal:
            check_split({"quota": 10}, plan)
        assert refusal.value.rule == "life_event.sum"


def test_who_leaves_gives_back_what_was_not_earned_domain_24() -> None:
    assert unearned(365, days_run=100, days_of_year=365) == 265
    assert unearned(100, days_run=365, days_of_year=365) == 0
    assert unearned(100, days_run=0, days_of_year=366) == 100
    with pytest.raises(LifeEventRefused) as refusal:
        unearned(100, days_run=366, days_of_year=365)
    assert refusal.value.rule == "life_event.days"


@given(st.integers(0, 2**64 - 1), st.integers(0, 365))
def test_what_is_given_back_is_never_more_than_the_share_of_the_days_left(allocated: int, days: int) -> None:
    back = unearned(allocated, days_run=days, days_of_year=365)
    assert back * 365 <= allocated * (365 - days) < (back + 1) * 365
