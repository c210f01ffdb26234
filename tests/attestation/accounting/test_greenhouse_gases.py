"""DOMAIN 32 and 46: seven gases, and their potentials by edition."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from attestation.accounting.greenhouse_gases import Edition, Gas, gas_of, potential, potentials
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


@pytest.mark.parametrize(("name", "rule"), [("HFC-23", "gas.potential"), ("HFCs", "gas.unknown")])
def test_what_has_no_potential_is_refused(name: str, rule: str) -> None:
    with pytest.raises(SchemaRefused) as refused:
        potential(name, Edition.AR5)
    assert refused.value.rule == rule
