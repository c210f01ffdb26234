"""One example of every formula, worked by hand from published formulas and factors.

The guidelines' own worked examples could not be had (the national guidelines print formulas and tables, and no figures
of a plant), so that each example names formula, factors and their source, and shows its arithmetic for a pocket
calculator. Published pairs of figures are in `test_ipcc_default_factors`, a published park in `test_ganzhou`.
"""

from __future__ import annotations

from decimal import Decimal

from attestation.accounting.bundled import load_bundled
from attestation.accounting.cems import CemsRules
from attestation.accounting.factor_sets import FactorSet
from attestation.accounting.formulas import recompute_line
from attestation.accounting.lines import RecomputedLine
from attestation.bodies.report_lines import Analysis, CemsBlock, Flow, ReportLine, Weighing

STEEL = load_bundled("cets-steel", "03.01-v01-2024")
NDRC = "Guideline for iron and steel producers (trial, NDRC 2013), annex 2"
PLANT = FactorSet.from_document(
    {
        "id": "examples",
        "version": "1",
        "title": "Factors of the examples",
        "source": NDRC,
        "fuels": {},
        "electricity": {},
        "heat": {},
        "process": {
            "limestone": {"factor": "0.440", "unit": "tCO2/t", "source": NDRC},
            "dolomite": {"factor": "0.471", "unit": "tCO2/t", "source": NDRC},
            "electrode": {"factor": "3.663", "unit": "tCO2/t", "source": NDRC},
            "pig_iron": {"factor": "0.172", "unit": "tCO2/t", "source": NDRC},
        },
        "carbon": {
            "electrode": {"factor": "0.999", "unit": "tC/t", "source": "the carbon behind 3.663 tCO2/t"},
            "pig_iron": {"factor": "0.047", "unit": "tC/t", "source": "the carbon behind 0.172 tCO2/t"},
            "coal": {
                "factor": "0.670",
                "unit": "tC/t",
                "source": "2006 IPCC Guidelines, volume 3, table 4.3",
            },
            "steel": {"factor": "0.010", "unit": "tC/t", "source": "2006 IPCC Guidelines, volume 3, table 4.3"},
        },
        "gwp": {
            "SF6": {"value": "23500", "source": "IPCC AR5, WG1, table 8.A.1"},
            "CH4": {"value": "28", "source": "IPCC AR5, WG1, table 8.A.1"},
        },
    }
)


def _line(factors: FactorSet, kind: str, **members: object) -> RecomputedLine:
    return recompute_line(ReportLine(id="x", kind=kind, emissions="0.00", evidence=(), **members), factors, CemsRules())


def test_combustion_diesel_domain_32() -> None:
    """CETS-AG-03.01-V01-2024, annex A.1: 100 t × 42.652 GJ/t = 4265.2; × 0.02020 tC/GJ = 86.15704; × 0.98 = 84.4338992;
    × 44 = 3715.0915648; / 12 = 309.5909637 t."""
    diesel = STEEL.fuels["diesel"]
    assert (str(diesel.ncv), str(diesel.carbon_content), str(diesel.oxidation)) == ("42.652", "0.02020", "0.98")
    assert str(_line(STEEL, "combustion", fuel="diesel", quantity="100.00", unit="t").emissions) == "309.59"


def test_combustion_natural_gas_domain_37() -> None:
    """10,000 Nm3 are one 1e4Nm3: 389.310 GJ × 0.01532 = 5.9642292; × 0.99 = 5.904586908; × 44 / 12 = 21.650152 t."""
    assert str(_line(STEEL, "combustion", fuel="natural_gas", quantity="1.00", unit="1e4Nm3").emissions) == "21.65"


def test_measured_carbon_of_two_batches_domain_41() -> None:
    """1000 t × 0.55 + 500 t × 0.60 = 850 tC; × 0.99 = 841.5; × 44 / 12 = 3085.5 t."""
    line = _line(
        STEEL,
        "combustion-measured",
        fuel="anthracite",
        quantity="1500.00",
        unit="t",
        weighings=(Weighing(batch="b1", quantity="1000.00"), Weighing(batch="b2", quantity="500.00")),
        laboratory=(Analysis(batch="b1", carbon="0.55000"), Analysis(batch="b2", carbon="0.60000")),
    )
    assert str(line.emissions) == "3085.50"


def test_process_of_fluxes_and_electrodes_domain_35() -> None:
    """1250 t of limestone × 0.440 = 550 t; 200 t of dolomite × 0.471 = 94.2 t; 3 t of electrodes × 3.663 = 10.989 t."""
    for factor, quantity, tonnes in (
        ("limestone", "1250.00", "550.00"),
        ("dolomite", "200.00", "94.20"),
        ("electrode", "3.00", "10.99"),
    ):
        assert str(_line(PLANT, "process", factor=factor, quantity=quantity, unit="t").emissions) == tonnes


def test_the_published_process_factors_are_the_mass_balance_of_their_carbon_domain_34() -> None:
    """99.9 % × 44 / 12 = 3.663 and 4.7 % × 44 / 12 = 0.1723: two formulas, one published figure each."""
    for name, places in (("electrode", 3), ("pig_iron", 3)):
        flow = Flow(id="in", direction="in", quantity="1000.00", unit="t", factor=name)
        balance = _line(PLANT, "mass-balance", flows=(flow,))
        assert round(balance.emissions / 1000, places) == PLANT.process[name].factor


def test_mass_balance_of_an_electric_arc_furnace_domain_34() -> None:
    """100 × 0.047 + 3 × 0.999 + 20 × 0.67 − 1000 × 0.010 = 4.7 + 2.997 + 13.4 − 10 = 11.097 tC; × 44 / 12 = 40.689."""
    flows = tuple(
        Flow(id=name, direction=direction, quantity=quantity, unit="t", factor=name)
        for name, direction, quantity in (
            ("pig_iron", "in", "100.00"),
            ("electrode", "in", "3.00"),
            ("coal", "in", "20.00"),
            ("steel", "out", "1000.00"),
        )
    )
    assert str(_line(PLANT, "mass-balance", flows=flows).emissions) == "40.69"


def test_a_stack_with_two_blocks_domain_34() -> None:
    """100,000 Nm3/h × 200 g/Nm3 × 700 h = 14,000 t; 90,000 × 180 × 20 = 324 t; together 14,324 t."""
    blocks = tuple(
        CemsBlock(start=start, end=end, hours=hours, flow=flow, concentration=concentration, status="measured")
        for start, end, hours, flow, concentration in (
            ("2024-04-01T00:00:00Z", "2024-04-30T04:00:00Z", "700", "100000", "200"),
            ("2024-04-30T04:00:00Z", "2024-05-01T00:00:00Z", "20", "90000", "180"),
        )
    )
    assert str(_line(PLANT, "cems", quantity="14324.00", unit="t", blocks=blocks).emissions) == "14324.00"


def test_purchased_electricity_and_own_photovoltaic_power_domain_33_and_40() -> None:
    """10,000 MWh × 0.5810 (ETS constant of 2021) = 5,810 t; less 1,000 MWh of own: 9,000 × 0.5810 = 5,229 t."""
    power = {"factor": "ets_constant/2021", "quantity": "10000.000", "unit": "MWh"}
    assert str(_line(STEEL, "electricity", **power).emissions) == "5810.00"
    assert str(_line(STEEL, "electricity", own="1000.000", **power).emissions) == "5229.00"


def test_purchased_heat_domain_33() -> None:
    """5,000 GJ × 0.11 tCO2/GJ = 550 t."""
    name = next(iter(STEEL.heat))
    assert STEEL.heat[name].factor == Decimal("0.11")
    assert str(_line(STEEL, "heat", factor=name, quantity="5000.00", unit="GJ").emissions) == "550.00"


def test_other_gases_by_gwp_domain_32() -> None:
    """10 kg of SF6 × 23,500 = 235 t; 1.5 t of methane × 28 = 42 t."""
    assert str(_line(PLANT, "gas", factor="SF6", quantity="0.010", unit="t").emissions) == "235.00"
    assert str(_line(PLANT, "gas", factor="CH4", quantity="1.50", unit="t").emissions) == "42.00"
