"""DOMAIN 33 and 40: own photovoltaic power lowers purchased power, green certificates the market-based figure only."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting import LineKind, RecomputedLine, load_bundled
from attestation.accounting.energy import purchased_electricity, purchased_heat
from attestation.accounting.evidence import activity_from_sums
from attestation.bodies import Certificate
from attestation.errors import AttestationError, SchemaRefused

PARK = load_bundled("tanlu-park", "2024")
GRID = PARK.electricity["ets_constant/2021"]
MWH = st.decimals(min_value=0, max_value=1_000_000, places=3)


def _line(used: Decimal, own: Decimal | None = None, green: dict[str, str] | None = None) -> RecomputedLine:
    certificates = [Certificate(serial=serial, mwh=mwh) for serial, mwh in (green or {}).items()]
    stated = None if own is None else f"{own:f}"
    return purchased_electricity("power", used, "MWh", GRID, own=stated, certificates=certificates)


def test_own_power_and_certificates_worked_by_hand_domain_40() -> None:
    """1,000 MWh used, 150 own: 850 bought, × 0.5810 = 493.85; 500 certified: 350 × 0.5810 = 203.35 market-based."""
    line = _line(Decimal("1000.000"), Decimal("150.000"), {"GEC-1": "300", "GEC-2": "200.000"})
    assert (str(line.emissions), str(line.market)) == ("493.85", "203.35")
    assert line.formula.id == "electricity.own"
    assert line.energy is not None
    assert str(line.energy.tce) == "104.47"  # 850,000 kWh × 0.1229 kgce ÷ 1000 = 104.465


@given(MWH, MWH)
def test_own_power_counts_as_if_it_had_never_been_bought_domain_40(bought: Decimal, own: Decimal) -> None:
    assert _line(bought + own, own).emissions == _line(bought).emissions


@given(MWH, st.decimals(min_value="0.001", max_value=1000, places=3))
def test_certificates_never_lower_the_location_based_figure_domain_40(rest: Decimal, green: Decimal) -> None:
    line, bare = _line(rest + green, None, {"A": f"{green:f}"}), _line(rest + green)
    assert (line.emissions, line.unrounded, bare.market) == (bare.emissions, bare.unrounded, None)
    assert line.market == _line(rest).emissions


def test_more_own_power_than_was_used_is_refused_so_that_none_is_bought_below_zero() -> None:
    assert str(_line(Decimal(10), Decimal(10)).emissions) == "0.00"
    with pytest.raises(SchemaRefused) as refusal:
        _line(Decimal("10.000"), Decimal("10.001"))
    assert (refusal.value.rule, refusal.value.value) == ("line.own", "10.001")
    assert "10.000 MWh" in refusal.value.expected


@pytest.mark.parametrize(
    ("green", "rule"),
    [
        ([("A", "1"), ("A", "2")], "line.certificates.repeated"),
        ([("A", "0")], "line.certificates"),
        ([("A", "0.0001")], "line.certificates"),
        ([("A", "5"), ("B", "4.001")], "line.certificates"),
        ([("A", "-1")], "decimal.grammar"),
    ],
)
def test_certificates_twice_or_beyond_what_was_bought_are_refused_domain_40(
    green: list[tuple[str, str]], rule: str
) -> None:
    certificates = [Certificate(serial=serial, mwh=mwh) for serial, mwh in green]
    with pytest.raises(AttestationError) as refusal:
        purchased_electricity("power", Decimal(10), "MWh", GRID, own="1", certificates=certificates)
    assert refusal.value.rule == rule
    assert "power" in refusal.value.message


def test_heat_in_standard_coal_is_that_of_gbt_2589() -> None:
    line = purchased_heat("steam", Decimal("1000.00"), "GJ", PARK.heat["purchased"])
    assert line.energy is not None
    assert (str(line.emissions), str(line.energy.tce)) == ("110.00", "34.12")


@given(st.decimals(min_value=0, max_value=1_000_000, places=2), st.integers(0, 50))
def test_heat_scales_and_adds_up_domain_33(gigajoules: Decimal, times: int) -> None:
    factor = PARK.heat["purchased"]
    once, often = (purchased_heat("x", heat, "GJ", factor).unrounded for heat in (gigajoules, gigajoules * times))
    assert often == once * times
    more = purchased_heat("x", gigajoules + 1, "GJ", factor).unrounded
    assert more == once + factor.factor


@given(st.decimals(min_value=0, max_value=10**9, places=3))
def test_the_unit_of_a_heat_meter_does_not_change_the_activity_domain_37(megajoules: Decimal) -> None:
    in_gj = activity_from_sums([(megajoules.scaleb(-3), "GJ")], "GJ", LineKind.HEAT)
    assert activity_from_sums([(megajoules, "MJ")], "GJ", LineKind.HEAT) == in_gj
