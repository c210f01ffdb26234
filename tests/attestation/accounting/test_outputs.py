"""DOMAIN 39 and 40: outputs, value added, and what is divided by them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from attestation.accounting import (
    Activity,
    CitedRange,
    LineKind,
    Produced,
    build_report,
    check_report,
    check_shape,
    load_bundled,
)
from attestation.bodies import Report
from attestation.errors import RecomputationRefused, SchemaRefused

PARK = load_bundled("tanlu-park", "2024")
SCALE = CitedRange("a/scale", "belt", 1, 9, "100000", "kg", accuracy_percent="0.5")


def _body(**members: Any) -> dict[str, Any]:
    members = {"output": [Produced("tiles", "t", evidence=(SCALE,))], "value_added": Decimal("250")} | members
    built = build_report(
        year=2023,
        period_from="2023-01-01T00:00:00Z",
        period_to="2024-01-01T00:00:00Z",
        activities=[
            Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal(100), "t"),
            Activity("power", LineKind.ELECTRICITY, "ets_constant/2021", Decimal(1000), "MWh"),
        ],
        factor_set=PARK,
        obligation_base="direct",
        **members,
    )
    return built.body


def _report(body: dict[str, Any], **output: Any) -> Report:
    body["output"][0] |= output
    return msgspec.convert(body, Report)


def test_an_output_is_its_readings_less_the_uncalibrated_meters_accuracy_domain_39() -> None:
    """100,000 kg × 0.995 = 99.50 t."""
    body = _body()
    assert (body["output"][0]["quantity"], body["output"][0]["unit"]) == ("99.50", "t")
    with pytest.raises(RecomputationRefused) as refusal:
        check_report(_report(body, quantity="100.00"), PARK, "direct")
    assert (refusal.value.rule, refusal.value.value, refusal.value.expected) == ("output.evidence", "100.00", "99.50")


def test_energy_and_intensities_worked_by_hand_domain_40() -> None:
    """Coal 225.57 t, power 581.00 t: 806.57 t. Coal 100 t × 23.736 GJ ÷ 29.3076 = 80.99 tce, power 122.90 tce."""
    totals = _body()["totals"]
    assert totals["energy_tce"] == "203.89"
    assert [(one["per"], one["value"], one["unit"]) for one in totals["intensities"]] == [
        ("tiles", "8.1062", "tCO2/t"),
        ("value_added", "3.2263", "tCO2/1e4CNY"),
        ("tiles", "2.0491", "tce/t"),
        ("value_added", "0.8156", "tce/1e4CNY"),
    ]


def test_without_output_or_value_added_neither_energy_nor_intensity_is_stated() -> None:
    assert _body(output=[], value_added=None)["totals"].keys() == {
        "scope1", "scope2", "obligation_base", "obligation_tonnes",
    }  # fmt: skip


def test_an_output_of_zero_is_refused_and_never_divided_by_domain_40() -> None:
    with pytest.raises(SchemaRefused) as refusal:
        _body(output=[Produced("tiles", "t", Decimal(0))])
    assert (refusal.value.rule, refusal.value.value) == ("intensity.output_zero", "0.00 t")
    assert "产量为零" in refusal.value.message_zh
    with pytest.raises(SchemaRefused, match=r"intensity\.output_zero"):
        check_shape(_report(_body(), quantity="0", evidence=[]))
    with pytest.raises(SchemaRefused, match=r"intensity\.value_added_zero"):
        _body(value_added=Decimal(0))


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"product": "value_added"}, "output.repeated"),
        ({"quantity": "99.500"}, "output.places"),
        ({"unit": "pieces"}, "evidence.unit"),
        ({"unit": "pieces", "evidence": []}, "unit.unknown"),
        ({"unit": "GJ"}, "evidence.unit"),
    ],
)
def test_an_output_that_is_none_is_refused(changed: dict[str, Any], rule: str) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        check_shape(_report(_body(), **changed))
    assert refusal.value.rule == rule


@pytest.mark.parametrize(("stated", "value_added"), [("100000000.01", "250"), ("99.50", "1000000000.01")])
def test_what_makes_every_intensity_nothing_is_refused_domain_40(stated: str, value_added: str) -> None:
    body = _body() | {"value_added": value_added}
    with pytest.raises(SchemaRefused) as refusal:
        check_shape(_report(body, quantity=stated, evidence=[]))
    assert refusal.value.rule == "output.absurd"
    assert "at most" in refusal.value.expected
    largest = _body() | {"value_added": "1000000000"}
    check_shape(_report(largest, quantity="100000000.00", evidence=[]))


def test_a_product_twice_is_refused() -> None:
    with pytest.raises(SchemaRefused, match=r"output\.repeated"):
        _body(output=[Produced("tiles", "t", Decimal(1)), Produced("tiles", "t", Decimal(2))])


@pytest.mark.parametrize("stated", ["none", "203.88"])
def test_energy_other_than_recomputed_or_missing_is_refused(stated: str) -> None:
    report = msgspec.convert(_body(), Report)
    energy = None if stated == "none" else stated
    wrong = msgspec.structs.replace(report, totals=msgspec.structs.replace(report.totals, energy_tce=energy))
    with pytest.raises(RecomputationRefused) as refusal:
        check_report(wrong, PARK, "direct")
    assert (refusal.value.rule, refusal.value.value, refusal.value.expected) == ("totals.energy_tce", stated, "203.89")
