from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from quota import QuotaError
from quota.allocation import (
    AllocationInput,
    AllocationRules,
    BaseOutput,
    BaseYear,
    GrandfatheringInputs,
    IntensityInputs,
    Method,
    PowerInputs,
    UnitClass,
)
from tests.quota.examples import coal, inherited, works

YEAR = BaseYear(2023, Decimal(1))


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: BaseYear(2023, Decimal(-1)), "amount.negative"),
        (lambda: BaseYear(2023, 1.5), "amount.type"),
        (lambda: BaseYear(2023, Decimal("NaN")), "amount.not_finite"),
        (lambda: BaseYear(2023, Decimal("0.0000000001")), "allocation.digits"),
        (lambda: BaseYear(2023, Decimal(10**18)), "allocation.digits"),
        (lambda: BaseYear(True, Decimal(1)), "allocation.year"),
        (lambda: BaseYear(1999, Decimal(1)), "allocation.year"),
        (lambda: BaseOutput(2023, Decimal(1), Decimal(0)), "allocation.zero"),
        (lambda: GrandfatheringInputs((), Decimal(1)), "allocation.empty"),
        (lambda: GrandfatheringInputs((YEAR, YEAR), Decimal(1)), "allocation.twice"),
        (lambda: IntensityInputs(Decimal(1), "t CO2", (), Decimal(1)), "allocation.unit"),
        (lambda: works("steel", "1", "0"), "allocation.zero"),
        (lambda: works("Steel", "1", "1"), "allocation.name"),
        (lambda: PowerInputs(()), "allocation.empty"),
        (lambda: PowerInputs((coal("u"), coal("u"))), "allocation.twice"),
        (lambda: coal(load=None), "allocation.load_of_class"),
        (lambda: coal(unit_class=UnitClass.GAS), "allocation.load_of_class"),
        (lambda: coal(load=Decimal(60)), "allocation.load"),
        (lambda: coal(electricity=Decimal(-1)), "amount.negative"),
        (lambda: AllocationInput("a", Method.INTENSITY, PowerInputs((coal(),))), "allocation.inputs_of_method"),
        (lambda: inherited("a b", 1), "identifier.form"),
        (lambda: inherited("", 1), "identifier.form"),
        (lambda: inherited("a", 1, relief=Decimal(-1)), "amount.negative"),
        (lambda: inherited("a", 1, owed=-1), "amount.range"),
        (lambda: inherited("a", 1, owed=True), "amount.type"),
        (lambda: inherited("a", 1, cut=Decimal("0.49")), "allocation.cut"),
        (lambda: inherited("a", 1, cut=Decimal("1.01")), "allocation.cut"),
        (lambda: inherited("a", 1, score_adjustment=0.01), "amount.type"),
        (lambda: AllocationRules(2025, 2**64, 0), "amount.range"),
        (lambda: AllocationRules(2025, 100, 101), "allocation.reserve"),
        (lambda: AllocationRules(2025, 100, 0, pre_share=Decimal("1.1")), "allocation.share"),
        (lambda: AllocationRules(2025, 1, 0, sector_benchmarks=(("s", Decimal(0)),)), "allocation.zero"),
        (lambda: AllocationRules(2025, 1, 0, sector_benchmarks=(("s", Decimal(1)),) * 2), "allocation.twice"),
    ],
)
def test_what_no_allocation_can_be_computed_from_is_refused(make: Callable[[], object], rule: str) -> None:
    with pytest.raises(QuotaError) as refusal:
        make()
    assert refusal.value.rule == rule


def test_a_refusal_says_where() -> None:
    with pytest.raises(QuotaError) as refusal:
        coal("boiler-2", load=Decimal(60))
    assert refusal.value.at == "units.boiler-2.load"
    assert "0.60" in refusal.value.expected


def test_inputs_that_mean_the_same_are_equal() -> None:
    other = BaseYear(2022, Decimal(2))
    assert GrandfatheringInputs((YEAR, other), Decimal(1)) == GrandfatheringInputs((other, YEAR), Decimal(1))
    assert PowerInputs((coal("b"), coal("a"))) == PowerInputs((coal("a"), coal("b")))
