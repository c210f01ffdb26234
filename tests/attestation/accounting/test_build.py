"""What is built is accepted, by the structs of the statements and by the check."""

from __future__ import annotations

import json
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting import (
    Activity,
    BuiltReport,
    CitedRange,
    FactorSet,
    LineKind,
    build_report,
    check_report,
    load_bundled,
)
from attestation.errors import AttestationError, RecomputationRefused, SchemaRefused
from attestation.statements import Report

STEEL = load_bundled("cets-steel", "03.01-v01-2024")
METER = CitedRange("88.608.5288/METER_1", "power", 1, 35_040, "959640.31", "kWh")


def _build(
    *activities: Activity, factor_set: FactorSet = STEEL, base: str = "direct", supersedes: str | None = None
) -> BuiltReport:
    return build_report(
        year=2018,
        period_from="2018-01-01T00:00:00+09:00",
        period_to="2019-01-01T00:00:00+09:00",
        activities=activities,
        factor_set=factor_set,
        obligation_base=base,
        supersedes=supersedes,
    )


def test_the_steel_plants_report_cites_its_readings_and_states_959_640_mwh() -> None:
    built = _build(
        Activity("power", LineKind.ELECTRICITY, "ets_constant/2021", evidence=(METER,)), base="direct+energy"
    )
    assert built.body == {
        "year": 2018,
        "period": {"from": "2018-01-01T00:00:00+09:00", "to": "2019-01-01T00:00:00+09:00"},
        "factor_set": {"id": "cets-steel", "version": "03.01-v01-2024"},
        "lines": [
            {
                "id": "power", "kind": "electricity", "quantity": "959.640", "unit": "MWh",
                "factor": "ets_constant/2021", "emissions": "557.55",
                "evidence": [
                    {
                        "issuer": "88.608.5288/METER_1", "stream": "power", "first_seq": 1, "last_seq": 35_040,
                        "quantity": "959640.31", "unit": "kWh",
                    },
                ],
            },
        ],
        "totals": {"scope1": "0.00", "scope2": "557.55", "obligation_base": "direct+energy", "obligation_tonnes": 558},
    }  # fmt: skip


def test_readings_of_many_meters_are_summed_exactly_before_the_one_rounding_domain_36() -> None:
    """0.0004 + 0.0004 + 0.0002 MWh are 0.001 MWh; each rounded first would be nothing."""
    parts = [("0.4", "kWh"), ("0.0004", "MWh"), ("0.2", "kWh")]
    evidence = tuple(CitedRange("a/m", f"s{n}", 1, 1, text, unit) for n, (text, unit) in enumerate(parts))
    line = _build(Activity("p", LineKind.ELECTRICITY, "ets_constant/2021", evidence=evidence)).recomputed.lines[0]
    assert str(line.terms[0].value) == "0.001"


@pytest.mark.parametrize(
    ("kind", "name", "quantity", "unit", "stated"),
    [
        (LineKind.COMBUSTION, "natural_gas", "123456.789", "Nm3", "12.35 1e4Nm3"),
        (LineKind.COMBUSTION, "bituminous", "1005", "kg", "1.01 t"),
        (LineKind.ELECTRICITY, "ets_constant/2021", "0.5", "kWh", "0.001 MWh"),
        (LineKind.HEAT, "purchased", "4.999999999", "MJ", "0.00 GJ"),
    ],
)
def test_a_quantity_is_converted_and_rounded_once(
    kind: LineKind, name: str, quantity: str, unit: str, stated: str
) -> None:
    line = _build(Activity("x", kind, name, Decimal(quantity), unit)).recomputed.lines[0]
    assert f"{line.terms[0].value} {line.terms[0].unit}" == stated


_AMOUNT = st.decimals(min_value=0, max_value=10**6, places=4)
_ACTIVITIES = st.lists(
    st.one_of(
        st.tuples(st.just(LineKind.COMBUSTION), st.sampled_from(sorted(STEEL.fuels)), _AMOUNT),
        st.tuples(st.just(LineKind.ELECTRICITY), st.sampled_from(sorted(STEEL.electricity)), _AMOUNT),
        st.tuples(st.just(LineKind.HEAT), st.sampled_from(sorted(STEEL.heat)), _AMOUNT),
    ),
    min_size=1,
    max_size=12,
)


@given(_ACTIVITIES, st.sampled_from(["direct", "direct+energy"]), st.none() | st.just("ab" * 32))
def test_whatever_is_built_is_accepted_as_a_signed_body(
    drawn: list[tuple[LineKind, str, Decimal]], base: str, supersedes: str | None
) -> None:
    activities = []
    for n, (kind, name, amount) in enumerate(drawn):
        unit = {LineKind.ELECTRICITY: "kWh", LineKind.HEAT: "MJ"}.get(kind) or STEEL.fuels[name].quantity_unit
        activities.append(Activity(f"line-{n}", kind, name, amount, unit))
    built = _build(*activities, base=base, supersedes=supersedes)
    report = msgspec.json.decode(json.dumps(built.body), type=Report)
    assert check_report(report, STEEL, base) == built.recomputed
    # the members stand in the order in which a statement is written
    assert msgspec.json.encode(report) == json.dumps(built.body, separators=(",", ":")).encode()


def test_the_trace_of_a_report_is_plain_json_without_floats() -> None:
    trace = _build(Activity("p", LineKind.ELECTRICITY, "ets_constant/2021", evidence=(METER,))).recomputed.as_dict()
    text = json.dumps(trace)
    assert json.loads(text, parse_float=pytest.fail) == trace
    assert trace["totals"] == {
        "scope1": "0.00",
        "scope2": "557.55",
        "obligation_base": "direct",
        "obligation_tonnes": 0,
    }


POWER = "ets_constant/2021"


@pytest.mark.parametrize(
    ("activity", "rule"),
    [
        (Activity("x", LineKind.COMBUSTION, "natural_gas", Decimal(1), "t"), "unit.dimension"),
        (Activity("x", LineKind.COMBUSTION, "coke", Decimal(1), "Nm3"), "unit.dimension"),
        (Activity("x", LineKind.ELECTRICITY, POWER, Decimal(1), "GJ"), "unit.dimension"),
        (Activity("x", LineKind.HEAT, "purchased", Decimal(1), "kWh"), "unit.dimension"),
        (Activity("x", LineKind.COMBUSTION, "coke", Decimal(1), "tons"), "unit.unknown"),
        (Activity("x", LineKind.COMBUSTION, "coke", Decimal(-1), "t"), "line.quantity.negative"),
        (Activity("x", LineKind.COMBUSTION, "coke", Decimal("-0.001"), "t"), "line.quantity.negative"),
        (Activity("x", LineKind.COMBUSTION, "coke", Decimal("NaN"), "t"), "line.quantity.negative"),
        (Activity("x", LineKind.COMBUSTION, "coke", Decimal("1e9"), "t"), "line.quantity.absurd"),
        (Activity("x", LineKind.COMBUSTION, "coke"), "activity.quantity"),
        (Activity("x", LineKind.COMBUSTION, "coke", Decimal(1)), "activity.quantity"),
        (Activity("x", LineKind.COMBUSTION, "coke", None, "t"), "activity.quantity"),
        (Activity("x", LineKind.ELECTRICITY, POWER, None, "MWh", (METER,)), "activity.quantity"),
    ],
)
def test_an_activity_that_makes_no_line_is_refused(activity: Activity, rule: str) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        _build(activity)
    assert refusal.value.rule == rule


def test_unknown_fuels_and_factors_are_refused_naming_the_known_ones() -> None:
    with pytest.raises(RecomputationRefused) as refusal:
        _build(Activity("x", LineKind.COMBUSTION, "peat", Decimal(1), "t"))
    assert (refusal.value.rule, refusal.value.line) == ("line.fuel.unknown", "x")
    assert "anthracite" in refusal.value.expected
    with pytest.raises(RecomputationRefused) as refusal:
        _build(Activity("x", LineKind.HEAT, "waste", Decimal(1), "GJ"))
    assert (refusal.value.rule, refusal.value.expected) == ("line.factor.unknown", "one of purchased")


def test_a_quantity_beside_evidence_must_be_what_the_evidence_gives() -> None:
    def activity(kwh: str) -> Activity:
        return Activity("p", LineKind.ELECTRICITY, POWER, Decimal(kwh), "kWh", (METER,))

    assert str(_build(activity("959640.31")).recomputed.lines[0].terms[0].value) == "959.640"
    with pytest.raises(RecomputationRefused) as refusal:
        _build(activity("959640.50"))
    assert (refusal.value.rule, refusal.value.value, refusal.value.expected) == (
        "line.quantity.evidence", "959.641", "959.640",
    )  # fmt: skip


def test_no_activity_makes_no_report() -> None:
    with pytest.raises(AttestationError, match="no lines"):
        _build()
