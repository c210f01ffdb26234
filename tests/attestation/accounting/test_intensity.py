"""DOMAIN 36 and 40: intensities of 4 places, and nothing divided by zero."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting.intensity import per_output, per_value_added
from attestation.errors import SchemaRefused

amounts = st.decimals(min_value=0, max_value=10_000_000, places=2)
divisors = st.decimals(min_value=Decimal("0.01"), max_value=10_000_000, places=2)


def test_per_output_worked_by_hand_domain_36() -> None:
    """38,942 t over 12,000 t of tiles are 3.245166..., at 4 places 3.2452."""
    found = per_output(Decimal(38_942), "tCO2", Decimal(12_000), "t")
    assert (str(found.value), found.unit) == ("3.2452", "tCO2/t")


def test_per_value_added_worked_by_hand_domain_40() -> None:
    """117.94 tce over CNY 3,000,000 (300 × 1e4CNY) are 0.393133..., at 4 places 0.3931."""
    found = per_value_added(Decimal("117.94"), "tce", Decimal(300))
    assert (str(found.value), found.unit) == ("0.3931", "tce/1e4CNY")


def test_a_half_goes_up() -> None:
    assert str(per_output(Decimal("0.25"), "tCO2", Decimal(1000), "t").value) == "0.0003"


@given(amounts, divisors, st.integers(1, 1000))
def test_an_enterprise_twice_the_size_has_the_same_intensity(amount: Decimal, divisor: Decimal, times: int) -> None:
    one = per_output(amount, "tCO2", divisor, "t")
    assert per_output(amount * times, "tCO2", divisor * times, "t").unrounded == one.unrounded


@given(amounts, divisors)
def test_the_unit_of_output_divides_out(amount: Decimal, divisor: Decimal) -> None:
    tonnes = per_output(amount, "tCO2", divisor, "t").unrounded
    kilograms = per_output(amount, "tCO2", divisor * 1000, "kg").unrounded
    # Both are quotients of 50 digits, which may end apart.
    assert abs(kilograms * 1000 - tonnes) <= tonnes * Decimal("1e-25")


@given(amounts, amounts, divisors)
def test_intensities_of_one_output_add(one: Decimal, other: Decimal, divisor: Decimal) -> None:
    apart = sum(per_value_added(part, "tCO2", divisor).unrounded for part in (one, other))
    together = per_value_added(one + other, "tCO2", divisor).unrounded
    # Sums here are of 28 digits.
    assert abs(apart - together) <= together * Decimal("1e-25")


@pytest.mark.parametrize("zero", ["0", "0.00", "-0"])
def test_a_zero_divisor_is_refused_and_never_divided_by(zero: str) -> None:
    with pytest.raises(SchemaRefused) as refused:
        per_output(Decimal(1), "tCO2", Decimal(zero), "t")
    assert (refused.value.rule, refused.value.step) == ("intensity.output_zero", 9)
    with pytest.raises(SchemaRefused) as refused:
        per_value_added(Decimal(1), "tCO2", Decimal(zero))
    assert refused.value.rule == "intensity.value_added_zero"


@pytest.mark.parametrize(("amount", "divisor"), [("-1", "1"), ("1", "-1"), ("NaN", "1"), ("1", "Infinity")])
def test_negative_and_unbounded_figures_are_refused(amount: str, divisor: str) -> None:
    for divide in (
        lambda: per_output(Decimal(amount), "tCO2", Decimal(divisor), "t"),
        lambda: per_value_added(Decimal(amount), "tCO2", Decimal(divisor)),
    ):
        with pytest.raises(SchemaRefused) as refused:
            divide()
        assert refused.value.rule == "intensity.negative"


def test_the_trace_recomputes() -> None:
    trace = per_output(Decimal(38_942), "tCO2", Decimal(12_000), "t").as_dict()
    quotient = Decimal(str(trace["amount"])) / Decimal(str(trace["divisor"]))
    assert abs(quotient - Decimal(str(trace["unrounded"]))) < Decimal("1e-20")
    assert trace["value"] == "3.2452"
