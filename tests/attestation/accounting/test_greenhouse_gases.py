"""DOMAIN 32 and 46: seven gases, and their potentials by edition."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting.greenhouse_gases import Edition, Gas, gas_of, in_co2_equivalent, potentials
from attestation.errors import SchemaRefused

PUBLISHED = {
    "CO2": ("1", "1"),
    "CH4": ("28", "27.9"),
    "N2O": ("265", "273"),
    "HFC-134a": ("1300", "1530"),
    "CF4": ("6630", "7380"),
    "C2F6": ("11100", "12400"),
    "SF6": ("23500", "25200"),
    "NF3": ("16100", "17400"),
}

masses = st.decimals(min_value=0, max_value=1_000_000, places=3)


def test_the_tables_are_the_published_ones_domain_46() -> None:
    for column, edition in enumerate(Edition):
        found = potentials(edition)
        assert {name: str(gas.value) for name, gas in found.items()} == {n: v[column] for n, v in PUBLISHED.items()}
        assert all(edition.value.upper() in gas.source for gas in found.values())


def test_the_table_covers_all_seven_gases_domain_46() -> None:
    assert {gas_of(name) for name in PUBLISHED} == set(Gas)
    assert len(Gas) == 7


@pytest.mark.parametrize(
    ("name", "gas"),
    [
        ("HFC-23", Gas.HFCS),
        ("HFC-134a", Gas.HFCS),
        ("HFC-227ea", Gas.HFCS),
        ("CF4", Gas.PFCS),
        ("C2F6", Gas.PFCS),
        ("c-C4F8", Gas.PFCS),
        ("PFC-116", Gas.PFCS),
    ],
)
def test_members_of_the_families_are_known_by_name(name: str, gas: Gas) -> None:
    assert gas_of(name) is gas


@pytest.mark.parametrize("name", ["HFCs", "PFCs", "co2", "HFC-", "CO", "CFC-11", "", "CF", "CH4 "])
def test_a_family_and_what_is_none_of_the_seven_is_refused(name: str) -> None:
    with pytest.raises(SchemaRefused) as refused:
        gas_of(name)
    assert refused.value.rule == "gas.unknown"


def test_worked_by_hand_domain_32() -> None:
    """2.5 t CH4 are 70 t by AR5 (28) and 69.75 t by AR6 (27.9); 1 kg SF6 is 23.5 t and 25.2 t."""
    assert in_co2_equivalent("CH4", Decimal("2.5"), Edition.AR5) == 70
    assert in_co2_equivalent("CH4", Decimal("2.5"), Edition.AR6) == Decimal("69.75")
    assert in_co2_equivalent("SF6", Decimal("0.001"), Edition.AR5) == Decimal("23.5")
    assert in_co2_equivalent("SF6", Decimal("0.001"), Edition.AR6) == Decimal("25.2")


@given(masses, masses, st.sampled_from(sorted(PUBLISHED)), st.sampled_from(list(Edition)))
def test_masses_add_and_scale(one: Decimal, other: Decimal, name: str, edition: Edition) -> None:
    apart = in_co2_equivalent(name, one, edition) + in_co2_equivalent(name, other, edition)
    assert in_co2_equivalent(name, one + other, edition) == apart
    assert in_co2_equivalent(name, 2 * one, edition) == 2 * in_co2_equivalent(name, one, edition)


@pytest.mark.parametrize(
    ("name", "mass", "rule"),
    [("HFC-23", "1", "gas.potential"), ("CH4", "-1", "gas.negative"), ("CH4", "NaN", "gas.negative")],
)
def test_what_has_no_equivalent_is_refused(name: str, mass: str, rule: str) -> None:
    with pytest.raises(SchemaRefused) as refused:
        in_co2_equivalent(name, Decimal(mass), Edition.AR5)
    assert refused.value.rule == rule
