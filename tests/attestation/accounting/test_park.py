from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting import load_bundled
from attestation.accounting.park import CoalEquivalents, EnergyMix, MixFactors, park_energy_mix

STUDY = load_bundled("ganzhou-etdz", "2024")
FACTORS = MixFactors(STUDY.electricity["purchased"], STUDY.fuels["natural_gas"], STUDY.fuels["oil_products"])
COAL = CoalEquivalents(Decimal("0.1229"), Decimal("1.33"), Decimal("1.47"))


def _mix(
    energy: str | Decimal, electricity: str | Decimal, gas: str | Decimal, coal: CoalEquivalents = COAL
) -> EnergyMix:
    return park_energy_mix(
        Decimal(energy),
        electricity_share_percent=Decimal(electricity),
        gas_share_percent=Decimal(gas),
        coal=coal,
        factors=FACTORS,
    )


def test_a_park_on_electricity_alone_worked_by_hand() -> None:
    """1.229 × 10^4 tce at 0.1229 kgce/kWh are 100,000 MWh, times 0.581 t/MWh are 58,100 t."""
    mix = _mix("1.229", "100", "0")
    assert (mix.scope1, mix.scope2, mix.total_10kt) == (Decimal(0), Decimal("58100"), Decimal("5.81"))
    assert [line.terms[0].value for line in mix.lines] == [Decimal(100_000), 0, 0]


def test_a_park_on_gas_alone_worked_by_hand() -> None:
    """1.33 × 10^4 tce at 1.33 kgce/Nm3 are 1,000 × 10^4 Nm3; × 389.31 × 0.0153 × 0.98 × 44/12 are 21,403.4852 t."""
    mix = _mix("1.33", "0", "100")
    assert (mix.scope1, mix.scope2) == (Decimal("21403.49"), Decimal(0))
    assert mix.lines[1].terms[0].value == 1000


def test_a_park_on_oil_alone_worked_by_hand() -> None:
    """1.47 × 10^4 tce at 1.47 kgce/kg are 10,000 t; × 43.07 × 0.0196 × 0.99 × 44/12 are 30,643.4436 t."""
    mix = _mix("1.47", "0", "0")
    assert (mix.scope1, mix.scope2) == (Decimal("30643.44"), Decimal(0))
    assert mix.lines[2].terms[0].value == 10_000


@given(
    st.decimals(min_value=0, max_value=1000, places=2),
    st.decimals(min_value=0, max_value=60, places=2),
    st.decimals(min_value=0, max_value=40, places=2),
)
def test_the_roundings_never_reach_the_second_place_of_the_total(energy: Decimal, power: Decimal, gas: Decimal) -> None:
    mix = _mix(energy, power, gas)
    # half a rounding step of each activity times its factor, plus half a cent of a tonne a line
    bound = Decimal("0.0005") + (Decimal("21.41") + Decimal("3.07")) * Decimal("0.005") + Decimal("0.015")
    assert abs((mix.scope1 + mix.scope2) / 10_000 - mix.unrounded_10kt) <= bound / 10_000


@pytest.mark.parametrize(
    ("energy", "electricity", "gas"),
    [("-1", "30", "10"), ("1", "-1", "10"), ("1", "10", "-1"), ("1", "60", "40.01")],
)
def test_shares_and_energy_out_of_range_are_refused(energy: str, electricity: str, gas: str) -> None:
    with pytest.raises(ValueError, match="out of range"):
        _mix(energy, electricity, gas)


def test_a_coal_equivalent_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="coal equivalents"):
        _mix("1", "30", "10", CoalEquivalents(Decimal(0), Decimal(1), Decimal(1)))
