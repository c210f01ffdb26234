from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import AllocationRefused
from quota.allocation import NATIONAL_BENCHMARKS, PowerInputs, UnitClass, national_benchmarks
from quota.allocation.benchmark import load_factor, power_benchmark, power_unit
from tests.quota.calculator import assert_recomputes
from tests.quota.examples import coal


def test_the_worked_example_to_the_tonne_domain_28() -> None:
    steps = power_benchmark(PowerInputs((coal(),)))
    values = {step.symbol: step.value for step in steps}
    assert values["Ff"] == Fraction("1.061364")
    # 3,000,000 * 0.7910 * 1.061364 + 1,000,000 * 0.1033
    assert steps[-1].value == Fraction("2621916.772")
    assert_recomputes(steps)


@pytest.mark.parametrize(
    ("load", "factor"),
    [
        ("0.65", "1"),
        ("1", "1"),
        ("0.64995", "1"),  # 0.6500 at four places
        ("0.6499", "1.045710"),
        ("0.60004999", "1.061364"),  # 0.6000 at four places
        ("0.60005", "1.061332"),  # 0.6001
        ("0", "1.268986"),
    ],
)
def test_the_load_is_rounded_first_domain_28(load: str, factor: str) -> None:
    assert load_factor(Decimal(load))[-1].value == Fraction(factor)


@given(st.integers(0, 6_499))
def test_the_power_is_right_to_the_last_place(load: int) -> None:
    found = load_factor(Decimal(load).scaleb(-4))[-1].value
    with localcontext() as context:
        context.prec = 60
        exact = (Decimal("1.015").ln() * (16 - 20 * Decimal(load).scaleb(-4))).exp()
        wanted = Fraction(math.floor(exact * 10**6 + Decimal("0.5")), 10**6)
    assert found == wanted


def test_the_factor_does_not_depend_on_the_callers_decimal_context() -> None:
    with localcontext() as context:
        context.prec = 3
        assert load_factor(Decimal("0.6"))[-1].value == Fraction("1.061364")


def test_gas_gets_what_it_emitted_where_that_is_more_domain_28() -> None:
    gas = {"unit_class": UnitClass.GAS, "load": None, "heat": Decimal(0), "electricity": Decimal(1_000)}
    more = coal("g1", power_benchmark=Decimal("0.3288"), emissions=Decimal(400), **gas)
    less = coal("g2", power_benchmark=Decimal("0.3288"), emissions=Decimal(300), **gas)
    assert power_unit(more)[-1].value == 400
    assert power_unit(less)[-1].value == Fraction("328.8")


def test_an_enterprise_gets_at_least_four_fifths_of_its_emissions_domain_28() -> None:
    units = (coal("u1", emissions=Decimal(3_000_000)), coal("u2", emissions=Decimal(4_000_000)))
    steps = power_benchmark(PowerInputs(units))
    # 2 * 2,621,916.772 = 5,243,833.544 is below 0.80 * 7,000,000.
    assert steps[-1].value == 5_600_000


def test_other_coal_has_no_correction_for_load_domain_28() -> None:
    steps = power_unit(coal(unit_class=UnitClass.COAL_UNCONVENTIONAL, load=None))
    assert steps[-1].value == 3_000_000 * Fraction("0.7910") + 1_000_000 * Fraction("0.1033")


def test_national_benchmarks_are_those_of_plans_that_count_gross_generation() -> None:
    assert sorted(NATIONAL_BENCHMARKS) == [2023, 2024]
    assert national_benchmarks(2024, UnitClass.COAL_LARGE) == (Decimal("0.7910"), Decimal("0.1033"))
    with pytest.raises(AllocationRefused) as refusal:
        national_benchmarks(2022, UnitClass.GAS)
    assert (refusal.value.rule, refusal.value.expected) == ("allocation.no_benchmark", "2023, 2024")
