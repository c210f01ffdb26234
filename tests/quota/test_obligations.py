from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import AmountRefused, Base, Due, Obligation, ObligationRefused, offset_cap

FIRST = Obligation.first("a", 2025, 100, 1_000, base=Base.DIRECT_AND_ENERGY)


@pytest.mark.parametrize(
    ("tonnes", "bps", "cap"),
    [(38_942, 500, 1_947), (19, 500, 0), (20, 500, 1), (0, 500, 0), (100, 0, 0), (100, 10_000, 100)],
)
def test_the_cap_floors_a_share_of_the_obligation_domain_3(tonnes: int, bps: int, cap: int) -> None:
    assert offset_cap(tonnes, bps) == cap


@given(st.integers(0, 2**64 - 1), st.integers(0, 10_000))
def test_the_cap_is_within_one_tonne_of_its_share_domain_3(tonnes: int, bps: int) -> None:
    cap = offset_cap(tonnes, bps)
    assert cap * 10_000 <= tonnes * bps < (cap + 1) * 10_000


def test_a_share_above_one_and_amounts_beyond_the_contracts_are_refused() -> None:
    for tonnes, bps in ((1, 10_001), (2**64, 1), (2**96, 1), (-1, 1)):
        with pytest.raises(AmountRefused):
            offset_cap(tonnes, bps)
    with pytest.raises(AmountRefused):
        Obligation.first("a", 2025, 2**96, 0)


def test_a_difference_up_has_its_own_deadline_domain_2() -> None:
    more = FIRST.amended(130, revision=2, at=1_500, deadline=2_000)
    assert more.dues == (Due(100, 1_000), Due(130, 2_000))
    assert (more.due(999), more.due(1_000), more.due(1_999), more.due(2_000)) == (0, 100, 100, 130)
    assert more.base is Base.DIRECT_AND_ENERGY


def test_down_shrinks_what_was_due_and_up_again_is_due_later_domain_2() -> None:
    less = FIRST.amended(85, revision=2, at=1_500, deadline=0)
    assert less.dues == (Due(85, 1_000),)
    assert less.amended(95, revision=3, at=1_600, deadline=2_100).dues == (Due(85, 1_000), Due(95, 2_100))


def test_a_due_that_asks_for_nothing_more_is_none() -> None:
    more = FIRST.amended(130, revision=2, at=1_500, deadline=2_000)
    assert more.amended(100, revision=3, at=1_600, deadline=0).dues == (Due(100, 1_000),)


@pytest.mark.parametrize("revision", [0, 1, 3])
def test_versions_come_one_after_the_other(revision: int) -> None:
    with pytest.raises(ObligationRefused) as refusal:
        FIRST.amended(1, revision=revision, at=0, deadline=1)
    assert refusal.value.rule == "obligation.revision"


def test_a_deadline_that_is_over_is_refused() -> None:
    with pytest.raises(ObligationRefused) as refusal:
        FIRST.amended(101, revision=2, at=1_500, deadline=1_500)
    assert refusal.value.rule == "obligation.deadline"


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 99)), max_size=8))
def test_dues_grow_with_their_deadlines_up_to_the_obligation_domain_2(steps: list[tuple[int, int]]) -> None:
    now, at = FIRST, 950
    for tonnes, wait in steps:
        at += wait
        now = now.amended(tonnes, revision=now.revision + 1, at=at, deadline=at + 50)
        assert now.dues[-1].tonnes == now.tonnes == tonnes
        pairs = list(zip(now.dues, now.dues[1:], strict=False))
        assert all(one.deadline < other.deadline and one.tonnes < other.tonnes for one, other in pairs)
