"""The bundled sets against a second, independent copy of the numbers kept in this file."""

from __future__ import annotations

from decimal import Decimal

import pytest

from attestation.accounting import FactorSet, list_bundled, load_bundled
from attestation.errors import SchemaRefused

STEEL_FUELS = """
anthracite 25.024 GJ/t 0.02749 0.99
bituminous 23.736 GJ/t 0.02618 0.99
lignite 15.250 GJ/t 0.02797 0.99
washed_coking_coal 26.344 GJ/t 0.02541 0.99
other_washed_coal 12.545 GJ/t 0.02541 0.99
coke 28.435 GJ/t 0.02942 0.99
petroleum_coke 32.500 GJ/t 0.02750 0.99
crude_oil 41.816 GJ/t 0.02008 0.98
fuel_oil 41.816 GJ/t 0.02110 0.98
gasoline 43.070 GJ/t 0.01890 0.98
diesel 42.652 GJ/t 0.02020 0.98
kerosene 43.070 GJ/t 0.01960 0.98
lng 51.498 GJ/t 0.01720 0.98
lpg 50.179 GJ/t 0.01720 0.98
refinery_gas 45.998 GJ/t 0.01820 0.98
natural_gas 389.310 GJ/1e4Nm3 0.01532 0.99
blast_furnace_gas 33.000 GJ/1e4Nm3 0.07080 0.99
converter_gas 84.000 GJ/1e4Nm3 0.04960 0.99
coke_oven_gas 173.854 GJ/1e4Nm3 0.01210 0.99
"""
GRID = """
ets_constant/2020 0.6101
ets_constant/2021 0.5810
ets_constant/2022 0.5703
national_average/2021 0.5568
national_average/2022 0.5366
national_average/2023 0.5306
national_average_excluding_market_nonfossil/2023 0.6096
fossil_power/2023 0.8273
jiangxi/2023 0.5836
"""


def test_the_bundled_sets_are_listed_and_load() -> None:
    assert list_bundled() == [("cets-steel", "03.01-v01-2024"), ("ganzhou-etdz", "2024"), ("tanlu-park", "2024")]
    for set_id, version in list_bundled():
        factor_set = load_bundled(set_id, version)
        assert (factor_set.id, factor_set.version) == (set_id, version)


def test_steel_fuels_are_those_of_annex_a1_and_name_it_as_source(steel: FactorSet) -> None:
    printed = [row.split() for row in STEEL_FUELS.split("\n") if row]
    assert [
        [f.name, str(f.ncv), f.ncv_unit, str(f.carbon_content), str(f.oxidation)] for f in steel.fuels.values()
    ] == printed
    assert {f.source for f in steel.fuels.values()} == {"CETS-AG-03.01-V01-2024, Annex A.1"}


def test_the_two_grid_series_are_kept_apart_by_name(steel: FactorSet) -> None:
    printed = [row.split() for row in GRID.split("\n") if row]
    assert [[f.name, str(f.factor)] for f in steel.electricity.values()] == printed
    assert {f.unit for f in steel.electricity.values()} == {"tCO2/MWh"}
    assert "ETS reporting constant" in steel.electricity["ets_constant/2021"].source
    assert "average" in steel.electricity["national_average/2021"].source
    assert steel.electricity["ets_constant/2022"].factor != steel.electricity["national_average/2022"].factor


def test_heat_is_0_11_per_gj_domain_33(steel: FactorSet) -> None:
    assert [(f.factor, f.unit) for f in steel.heat.values()] == [(Decimal("0.11"), "tCO2/GJ")]


def test_ganzhou_uses_the_study_s_own_parameters_domain_38() -> None:
    study = load_bundled("ganzhou-etdz", "2024")
    gas, oil = study.fuels["natural_gas"], study.fuels["oil_products"]
    assert (gas.ncv, gas.ncv_unit, gas.carbon_content, gas.oxidation) == (
        Decimal("389.31"), "GJ/1e4Nm3", Decimal("1.53e-2"), Decimal("0.98"),
    )  # fmt: skip
    assert (oil.ncv, oil.ncv_unit, oil.carbon_content, oil.oxidation) == (
        Decimal("43.07"), "GJ/t", Decimal("1.96e-2"), Decimal("0.99"),
    )  # fmt: skip
    assert study.electricity["purchased"].factor == Decimal("0.581")
    assert "Southern Energy Construction 2024" in study.source


def test_every_bundled_set_fits_into_one_policy_statement() -> None:
    for set_id, version in list_bundled():
        # base64url adds a third; 4,096 bytes are left for the envelope and the signature
        assert len(load_bundled(set_id, version).canonical) * 4 // 3 + 4_096 < 65_535


@pytest.mark.parametrize(
    ("set_id", "version"), [("cets-steel", "2025"), ("", ""), ("../factors", "x"), ("x" * 10_000, "1")]
)
def test_an_unknown_bundled_set_is_refused_and_the_known_ones_named(set_id: str, version: str) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        load_bundled(set_id, version)
    assert refusal.value.rule == "factor_set.not_bundled"
    assert "cets-steel 03.01-v01-2024" in refusal.value.expected


def test_the_parks_set_has_the_steel_guidelines_fuels_and_energy_unchanged(steel: FactorSet) -> None:
    park = load_bundled("tanlu-park", "2024")
    assert (park.fuels, park.electricity, park.heat) == (steel.fuels, steel.electricity, steel.heat)


@pytest.mark.parametrize(
    ("name", "molecules", "molar_mass"),
    [
        ("limestone", 1, "100.0869"),
        ("dolomite", 2, "184.4008"),
        ("magnesite", 1, "84.3139"),
        ("soda_ash", 1, "105.9884"),
    ],
)
def test_process_factors_of_carbonates_are_their_stoichiometry(name: str, molecules: int, molar_mass: str) -> None:
    factor = load_bundled("tanlu-park", "2024").process[name]
    assert factor.factor == round(Decimal(44 * molecules) / Decimal(molar_mass), 6)
    assert factor.source.startswith("stoichiometry")


@pytest.mark.parametrize(
    ("name", "atoms", "molar_mass"),
    [("methanol", 1, "32.0419"), ("ethylene", 2, "28.0532"), ("urea", 1, "60.0553"), ("calcium_carbide", 2, "64.0994")],
)
def test_carbon_of_pure_products_is_their_stoichiometry(name: str, atoms: int, molar_mass: str) -> None:
    content = load_bundled("tanlu-park", "2024").carbon[name]
    assert content.factor == round(Decimal("12.011") * atoms / Decimal(molar_mass), 6)


def test_biomass_is_a_family_of_its_own_so_that_coal_is_never_biogenic() -> None:
    park = load_bundled("tanlu-park", "2024")
    assert list(park.biomass) == ["wood"]
    assert not set(park.biomass) & set(park.fuels)
