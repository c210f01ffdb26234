from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import AmountRefused, IdentifierRefused
from quota.allocation import AllocationRules, Reconciliation, pre_allocate, reconcile, reconcile_tables
from tests.quota.calculator import assert_recomputes

UNITS = st.integers(0, 2**64 - 1)


def test_seven_tenths_of_last_years_emissions_floored_domain_31() -> None:
    ahead = pre_allocate(AllocationRules(2025, 92_000, 2_000), {"b": 23_601, "a": 38_942})
    # 0.70 * 38,942 = 27,259.4; 0.70 * 23,601 = 16,520.7
    assert ahead.table() == (("a", 27_259), ("b", 16_520))
    assert ahead.free == 43_779
    for share in ahead.shares:
        assert_recomputes(share.trace)


def test_what_is_allocated_ahead_stays_within_cap_less_reserve() -> None:
    ahead = pre_allocate(AllocationRules(2025, 100, 10, pre_share=Decimal("0.5")), {"a": 300, "b": 150})
    assert ahead.table() == (("a", 60), ("b", 30))


@pytest.mark.parametrize(
    ("pre", "final", "held", "settled"),
    [
        (70, 100, 0, Reconciliation(30, 0, 0)),
        (70, 70, 70, Reconciliation(0, 0, 0)),
        (70, 50, 70, Reconciliation(0, 20, 0)),
        (70, 50, 20, Reconciliation(0, 20, 0)),
        (70, 50, 5, Reconciliation(0, 5, 15)),
        (70, 0, 0, Reconciliation(0, 0, 70)),
    ],
)
def test_too_little_is_added_and_too_much_taken_back_or_owed_domain_31(
    pre: int, final: int, held: int, settled: Reconciliation
) -> None:
    assert reconcile(pre, final, held) == settled


@given(UNITS, UNITS, UNITS)
def test_settled_is_final(pre: int, final: int, held: int) -> None:
    settled = reconcile(pre, final, held)
    assert pre + settled.additions - settled.returns - settled.owed == final
    assert settled.returns <= held
    assert 0 in (settled.additions, settled.returns + settled.owed)


def test_who_is_new_is_added_to_and_who_left_gives_back() -> None:
    settled = reconcile_tables({"left": 10, "stays": 7}, {"new": 5, "stays": 9}, {"left": 4})
    assert settled == (
        ("left", Reconciliation(0, 4, 6)),
        ("new", Reconciliation(5, 0, 0)),
        ("stays", Reconciliation(2, 0, 0)),
    )


def test_amounts_out_of_bounds_and_wrong_names_are_refused() -> None:
    rules = AllocationRules(2025, 100, 0)
    with pytest.raises(AmountRefused, match=r"amount|bounds"):
        pre_allocate(rules, {"a": -1})
    with pytest.raises(IdentifierRefused):
        pre_allocate(rules, {"a b": 1})
    with pytest.raises(AmountRefused) as refusal:
        reconcile(1, 2**64, 0)
    assert refusal.value.rule == "amount.range"
