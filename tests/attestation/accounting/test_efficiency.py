"""DOMAIN 48: the carbon efficiency code, each boundary to the last digit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting.efficiency import EfficiencyCode, Grade, carbon_grade, efficiency_code, efficiency_level
from attestation.errors import SchemaRefused

figures = st.decimals(min_value=Decimal("0.01"), max_value=1_000_000, places=2)


def _code(emissions: str, activity: str = "1000", sector: str = "1", value_added: str = "1000") -> EfficiencyCode:
    return efficiency_code(
        Decimal(emissions),
        activity=Decimal(activity),
        activity_unit="t",
        sector_intensity=Decimal(sector),
        value_added=Decimal(value_added),
    )


def test_worked_by_hand_domain_48() -> None:
    """38,942 t over 120,000 t are 0.3245 tCO2/t; of a sector at 0.4500 that is K 0.7211, level 2; over CNY
    200,000,000 (20,000 × 1e4CNY) they are 1.9471 t, mid."""
    code = _code("38942", "120000", "0.4500", "20000")
    assert (str(code.intensity.value), str(code.k), code.level) == ("0.3245", "0.7211", 2)
    assert (str(code.value_intensity.value), code.grade) == ("1.9471", Grade.MID)


@pytest.mark.parametrize(
    ("k", "level"),
    [
        ("0", 1),
        ("0.6", 1),
        ("0.60", 1),
        ("0.600000000000000000000000000001", 2),
        ("0.8", 2),
        ("0.800000000000000000000000000001", 3),
        ("1.2", 3),
        ("1.200000000000000000000000000001", 4),
        ("2.0", 4),
        ("2.000000000000000000000000000001", 5),
        ("1000000", 5),
    ],
)
def test_each_limit_belongs_to_the_better_level_domain_48(k: str, level: int) -> None:
    assert efficiency_level(Decimal(k)) == level
    assert efficiency_level(Fraction(k)) == level


@pytest.mark.parametrize(
    ("intensity", "grade"),
    [
        ("0", Grade.LOW),
        ("0.6", Grade.LOW),
        ("0.600000000000000000000000000001", Grade.MID),
        ("2.0", Grade.MID),
        ("2.000000000000000000000000000001", Grade.HIGH),
    ],
)
def test_each_limit_belongs_to_the_better_grade_domain_48(intensity: str, grade: Grade) -> None:
    assert carbon_grade(Decimal(intensity)) is grade


@pytest.mark.parametrize(
    ("emissions", "k", "level"),
    [
        ("600.00", "0.6000", 1),
        ("600.01", "0.6000", 2),
        ("800.00", "0.8000", 2),
        ("800.01", "0.8000", 3),
        ("1200.00", "1.2000", 3),
        ("1200.01", "1.2000", 4),
        ("2000.00", "2.0000", 4),
        ("2000.01", "2.0000", 5),
    ],
)
def test_the_level_is_that_of_the_exact_quotient_not_of_the_printed_one(emissions: str, k: str, level: int) -> None:
    code = _code(emissions)
    assert (str(code.k), code.level) == (k, level)


def test_a_quotient_without_an_end_is_compared_exactly() -> None:
    """3 / (7 × 0.714285714) is 0.60000000024, and with 0.714285715 it is 0.59999999940: both print as 0.6000."""
    above = _code("3", "7", "0.714285714", "1000")
    assert above.level == 2
    assert _code("3", "7", "0.714285715", "1000").level == 1


def test_k_is_rounded_once() -> None:
    """K 0.34445 exactly is printed 0.3445, and 0.34444999... is printed 0.3444 though its 5 places are 0.34445."""
    assert str(_code("0.34445", "1").k) == "0.3445"
    assert str(_code("0.344449999", "1").k) == "0.3444"


@given(figures, figures, figures, figures)
def test_an_enterprise_twice_the_size_keeps_its_code(
    emissions: Decimal, activity: Decimal, sector: Decimal, value_added: Decimal
) -> None:
    one = efficiency_code(
        emissions, activity=activity, activity_unit="t", sector_intensity=sector, value_added=value_added
    )
    two = efficiency_code(
        2 * emissions, activity=2 * activity, activity_unit="t", sector_intensity=sector, value_added=2 * value_added
    )
    assert (one.k, one.level, one.grade) == (two.k, two.level, two.grade)


@given(figures, figures, figures)
def test_more_emissions_never_have_a_better_code(less: Decimal, more: Decimal, activity: Decimal) -> None:
    better, worse = (
        efficiency_code(e, activity=activity, activity_unit="t", sector_intensity=Decimal(1), value_added=activity)
        for e in sorted((less, more))
    )
    assert better.k <= worse.k
    assert better.level <= worse.level
    assert list(Grade).index(better.grade) <= list(Grade).index(worse.grade)


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        ("activity", "0", "intensity.output_zero"),
        ("value_added", "0.00", "intensity.value_added_zero"),
        ("sector", "0", "intensity.sector_zero"),
        ("sector", "-1", "intensity.sector_zero"),
        ("activity", "-1", "intensity.negative"),
        ("value_added", "-1", "intensity.negative"),
        ("emissions", "-1", "intensity.negative"),
    ],
)
def test_nothing_is_divided_by_zero_or_negative(member: str, value: str, rule: str) -> None:
    with pytest.raises(SchemaRefused) as refused:
        _code(**({"emissions": "1"} | {member: value}))
    assert refused.value.rule == rule


def test_a_negative_k_has_no_level() -> None:
    for refuse in (efficiency_level, carbon_grade):
        with pytest.raises(SchemaRefused) as refused:
            refuse(Decimal("-0.1"))
        assert refused.value.rule == "intensity.negative"
