"""DOMAIN 36 and 39: readings times multiplier, changed by the rated accuracy of an uncalibrated meter, rounded once."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting import Activity, CitedRange, LineKind, Material, build_report, load_bundled
from attestation.accounting.evidence import activity_from_citations, activity_steps, check_citations, citations_of
from attestation.bodies import CemsBlock, Citation, Report
from attestation.errors import RecomputationRefused, SchemaRefused

PARK = load_bundled("tanlu-park", "2024")
KWH = st.decimals(min_value=0, max_value=10**9, places=2)


def _cited(quantity: object, unit: str = "kWh", seq: int = 1, **members: str) -> Citation:
    return CitedRange("a/m", "power", seq, seq, f"{quantity}", unit, **members).citation()


def test_multiplier_and_accuracy_worked_by_hand_domain_39() -> None:
    """120.5 kWh × 40 × 1.005 = 4,844.1 kWh, and 300 × 40 = 12,000: 16,844.1 kWh are 16.844 MWh."""
    cited = [_cited("120.5", multiplier="40", accuracy_percent="0.5"), _cited("300", seq=2, multiplier="40")]
    steps = activity_steps("AD", cited, "MWh", 3)
    assert [(step.expression, str(step.value.normalize())) for step in steps] == [
        ("120.5 × 40 × 1.005", "4844.1"),
        ("4844.1000 ÷ 1000", "4.8441"),
        ("300 × 40", "1.2E+4"),
        ("12000 ÷ 1000", "12"),
        ("4.8441 + 12", "16.8441"),
        ("16.8441 rounded half-up to 3 places", "16.844"),
    ]


def test_what_lowers_emissions_or_is_an_output_is_taken_lower_domain_39() -> None:
    cited = [_cited("1000", accuracy_percent="2")]
    assert activity_from_citations(cited, "MWh", 3) == Decimal("1.020")
    assert activity_from_citations(cited, "MWh", 3, lowers=True) == Decimal("0.980")


@given(
    KWH, st.decimals(min_value="0.01", max_value=1000, places=2), st.decimals(min_value="0.1", max_value=5, places=1)
)
def test_the_activity_is_rounded_once_whatever_the_meter_domain_36(
    kwh: Decimal, multiplier: Decimal, percent: Decimal
) -> None:
    cited = _cited(f"{kwh:f}", multiplier=f"{multiplier:f}", accuracy_percent=f"{percent:f}")
    exact = Fraction(kwh) * Fraction(multiplier) * (1 + Fraction(percent) / 100) / 1000
    assert abs(Fraction(activity_from_citations([cited], "MWh", 3)) - exact) <= Fraction(1, 2000)


@given(KWH)
def test_the_unit_of_a_reading_does_not_change_the_activity_domain_37(kwh: Decimal) -> None:
    in_mwh = _cited(f"{kwh.scaleb(-3):f}", "MWh")
    assert activity_from_citations([_cited(f"{kwh:f}")], "MWh", 3) == activity_from_citations([in_mwh], "MWh", 3)


def test_sums_beyond_fifty_digits_are_refused_and_not_rounded_in_silence() -> None:
    long = _cited("999999999999999999.999999999", multiplier="9999999.999999999", accuracy_percent="0.000000001")
    with pytest.raises(SchemaRefused) as refusal:
        activity_from_citations([long], "MWh", 3)
    assert refusal.value.rule == "evidence.digits"


def _report(*evidence: CitedRange, **members: object) -> Report:
    power = Activity("power", LineKind.ELECTRICITY, "ets_constant/2021", evidence=evidence, **members)  # type: ignore[arg-type]  # members of the test's own
    built = build_report(
        year=2023,
        period_from="2023-01-01T00:00:00Z",
        period_to="2024-01-01T00:00:00Z",
        activities=[power],
        factor_set=PARK,
        obligation_base="direct",
    )
    return msgspec.convert(built.body, Report)


GRID = CitedRange("a/m", "power", 1, 9, "9000", "kWh", multiplier="100")
ROOF = CitedRange("a/pv", "power", 1, 9, "1000", "kWh", accuracy_percent="2", part="own")


def test_grid_and_roof_are_cited_apart_and_the_roofs_accuracy_is_taken_off() -> None:
    """900 MWh used; own 1 MWh less 2 %: 899.020 MWh × 0.5810 = 522.33."""
    line = _report(GRID, ROOF).lines[0]
    assert (line.quantity, line.own, line.emissions) == ("900.000", "0.980", "522.33")


def test_own_power_that_its_evidence_does_not_give_is_refused() -> None:
    with pytest.raises(RecomputationRefused) as refusal:
        _report(GRID, ROOF, own=Decimal("0.981"))
    assert (refusal.value.rule, refusal.value.value, refusal.value.expected) == (
        "line.quantity.evidence", "0.981", "0.980",
    )  # fmt: skip
    assert "of own" in refusal.value.message


def test_a_flows_evidence_gives_the_flow_and_an_output_flow_is_taken_lower_domain_39() -> None:
    scale = CitedRange("a/scale", "belt", 1, 5, "500000", "kg", accuracy_percent="1", part="coke")
    made = CitedRange("a/scale-2", "belt", 1, 5, "900", "t", accuracy_percent="1", part="steel")
    built = build_report(
        year=2023,
        period_from="2023-01-01T00:00:00Z",
        period_to="2024-01-01T00:00:00Z",
        activities=[
            Activity(
                "furnace",
                LineKind.MASS_BALANCE,
                flows=(Material("coke", "in", "coke"), Material("steel", "out", "steel")),
                evidence=(scale, made),
            )
        ],
        factor_set=PARK,
        obligation_base="direct",
    )
    (line,) = msgspec.convert(built.body, Report).lines
    assert [flow.quantity for flow in line.flows or ()] == ["505.00", "891.00"]
    assert line.emissions == "1504.21"  # (505 × 0.83 − 891 × 0.01) × 44 ÷ 12 = 1,504.21333…
    assert [where for where, _ in citations_of(msgspec.convert(built.body, Report))] == ["line furnace"] * 2


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"part": "roof"}, "evidence.part"),
        ({"part": "own"}, "evidence.part"),
        ({"multiplier": "0"}, "evidence.multiplier"),
        ({"multiplier": "10000001"}, "evidence.multiplier"),
        ({"multiplier": "-1"}, "decimal.grammar"),
        ({"accuracy_percent": "0"}, "evidence.accuracy"),
        ({"accuracy_percent": "100"}, "evidence.accuracy"),
        ({"unit": "GJ"}, "evidence.unit"),
    ],
)
def test_a_citation_that_measures_nothing_of_its_line_is_refused(changed: dict[str, str], rule: str) -> None:
    report = _report(GRID)
    cited = msgspec.structs.replace(report.lines[0].evidence[0], **changed)
    line = msgspec.structs.replace(report.lines[0], evidence=(cited,))
    with pytest.raises(SchemaRefused) as refusal:
        check_citations(msgspec.structs.replace(report, lines=(line,)))
    assert (refusal.value.step, refusal.value.rule) == (9, rule)
    assert "line power" in refusal.value.message


@pytest.mark.parametrize(("kilograms", "accepted"), [("480000", True), ("480010", False)])
def test_a_stacks_own_reading_of_the_mass_must_be_what_its_blocks_give_domain_34(
    kilograms: str, accepted: bool
) -> None:
    analyser = CitedRange("a/cems", "co2", 1, 24, kilograms, "kg")
    day = ("2023-01-01T00:00:00Z", "2023-01-02T00:00:00Z")
    block = CemsBlock(start=day[0], end=day[1], hours="24", flow="100000", concentration="200", status="measured")
    stack = Activity("stack", LineKind.CEMS, blocks=(block,), evidence=(analyser,))
    whole = {"year": 2023, "period_from": day[0], "period_to": day[1]}
    if accepted:
        built = build_report(**whole, activities=[stack], factor_set=PARK, obligation_base="direct")
        assert str(built.recomputed.totals.scope1) == "480.00"
        return
    with pytest.raises(RecomputationRefused) as refusal:
        build_report(**whole, activities=[stack], factor_set=PARK, obligation_base="direct")
    assert (refusal.value.rule, refusal.value.value, refusal.value.expected) == (
        "line.quantity.evidence", "480.00", "480.01",
    )  # fmt: skip
