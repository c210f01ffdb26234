"""Published pairs: carbon content and the CO2 factor that follows from it, 2006 IPCC Guidelines, volume 2, chapter 1.

Table 1.3 prints a fuel's default carbon content in kg C/GJ, table 1.4 its default CO2 factor in kg CO2/TJ, which is
"carbon content × oxidation (1) × 44/12 × 1000", printed with three digits. Both columns are the guidelines' own, so the
formula (DOMAIN 32) has to lead from one to the other.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from attestation.accounting.combustion import burn
from attestation.accounting.factor_sets import FuelFactor

PUBLISHED = [
    # fuel, kg C/GJ (table 1.3), kg CO2/TJ (table 1.4)
    ("crude_oil", "20.0", 73_300),
    ("motor_gasoline", "18.9", 69_300),
    ("other_kerosene", "19.6", 71_900),
    ("gas_diesel_oil", "20.2", 74_100),
    ("residual_fuel_oil", "21.1", 77_400),
    ("liquefied_petroleum_gases", "17.2", 63_100),
    ("petroleum_coke", "26.6", 97_500),
    ("anthracite", "26.8", 98_300),
    ("coking_coal", "25.8", 94_600),
    ("lignite", "27.6", 101_000),
    ("natural_gas", "15.3", 56_100),
]


@pytest.mark.parametrize(("fuel", "carbon_kg_per_gj", "published"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_the_published_factor_follows_from_the_published_carbon_domain_32(
    fuel: str, carbon_kg_per_gj: str, published: int
) -> None:
    """10^6 t at 1 GJ/t are 1,000 TJ: their tonnes of CO2 are the kilograms of one TJ."""
    factor = FuelFactor(
        name=fuel,
        ncv=Decimal(1),
        ncv_unit="GJ/t",
        carbon_content=Decimal(carbon_kg_per_gj) / 1000,
        carbon_content_unit="tC/GJ",
        oxidation=Decimal(1),
        source="2006 IPCC Guidelines, volume 2, tables 1.3 and 1.4",
    )
    emissions = burn("line", Decimal(1_000_000), "t", factor).emissions
    places = -3 if emissions >= 100_000 else -2
    assert round(emissions, places) == published
