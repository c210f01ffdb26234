"""DOMAIN 46: the base year, and when it is recalculated."""

from __future__ import annotations

from decimal import Decimal

import pytest

from attestation.accounting.base_year import BaseYear, BaseYearChange, comparison, recalculated, recalculation
from attestation.errors import SchemaRefused

BASE = BaseYear(2020, Decimal("1000.00"), Decimal(5))


@pytest.mark.parametrize(
    ("differences", "total"),
    [
        ((), "1000.00"),
        (("49.99",), "1000.00"),
        (("50.00",), "1050.00"),
        (("-50.00",), "950.00"),
        # a purchase and a sale do not hide each other
        (("30.00", "-30.00"), "1000.00"),
        (("30.00", "-25.00"), "1005.00"),
    ],
)
def test_the_base_year_is_restated_from_the_threshold_on_domain_46(differences: tuple[str, ...], total: str) -> None:
    changes = [BaseYearChange("structure", Decimal(text)) for text in differences]
    assert str(recalculated(BASE, changes).total) == total


def _refused(rule: str, base: BaseYear, changes: list[BaseYearChange]) -> None:
    with pytest.raises(SchemaRefused) as refused:
        recalculation(base, changes)
    assert refused.value.rule == rule
    assert refused.value.message_zh
    assert "base_year." in refused.value.message


def test_growth_is_no_cause_and_a_base_year_has_a_threshold() -> None:
    _refused("inventory.cause", BASE, [BaseYearChange("growth", Decimal(100))])
    _refused("inventory.base", BASE, [BaseYearChange("error", Decimal(-1001))])
    for threshold in ("0", "-1", "100.01", "NaN"):
        _refused("inventory.threshold", BaseYear(2020, Decimal(1), Decimal(threshold)), [])


def test_the_decision_and_its_steps_are_kept_whichever_way_it_falls() -> None:
    """5 % of 1000 t are 50 t: 30 + 19.99 t do not reach them, 30 + 20 t do."""
    below = recalculation(
        BASE, [BaseYearChange("structure", Decimal("30")), BaseYearChange("error", Decimal("-19.99"))]
    )
    assert not below.restated
    assert below.after == BASE
    assert {step.symbol: str(step.value) for step in below.steps} == {"threshold": "50.00", "moved": "49.99"}
    at = recalculation(BASE, [BaseYearChange("structure", Decimal("30")), BaseYearChange("error", Decimal("-20"))])
    assert at.restated
    assert at.after == BaseYear(2020, Decimal("1010.00"), Decimal(5))
    assert at.steps[-2].expression == "1000.00 + 30 − 20"


@pytest.mark.parametrize(
    ("total", "base", "change", "percent"),
    [
        ("1100.00", "1000.00", "100.00", "10.00"),
        ("900.00", "1000.00", "-100.00", "-10.00"),
        ("1.00", "3.00", "-2.00", "-66.67"),
    ],
)
def test_a_year_beside_its_base_year_worked_by_hand(total: str, base: str, change: str, percent: str) -> None:
    steps = comparison(Decimal(total), BaseYear(2020, Decimal(base), Decimal(5)))
    assert (str(steps[0].value), str(steps[-1].value)) == (change, percent)


def test_nothing_is_a_percentage_of_nothing() -> None:
    (step,) = comparison(Decimal("5.00"), BaseYear(2020, Decimal("0.00"), Decimal(5)))
    assert (step.symbol, str(step.value)) == ("change", "5.00")
