"""A report with a line of every kind: totals that never mix, shapes, adjustments, and a trace to repeat by hand."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest

from attestation.accounting import (
    Activity,
    BuiltReport,
    CitedRange,
    LineKind,
    Material,
    Produced,
    Weighed,
    adjusted_report,
    build_report,
    check_report,
    check_shape,
    load_bundled,
)
from attestation.accounting.total_steps import total_steps
from attestation.bodies import Analysis, CemsBlock, Certificate, Report, ReportLine
from attestation.errors import AttestationError, RecomputationRefused, SchemaRefused

PARK = load_bundled("tanlu-park", "2024")
METER = CitedRange("88.608.5288/METER_1", "power", 1, 35_040, "959640.31", "kWh", multiplier="2")
ROOF = CitedRange("88.608.5288/PV_1", "power", 1, 9, "102.0408", "MWh", accuracy_percent="2", part="own")
YEAR = ("2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z")


def _stack() -> tuple[CemsBlock, ...]:
    middle = "2023-12-01T00:00:00Z"
    members = {"flow": "1000", "concentration": "150"}
    return (
        CemsBlock(start=YEAR[0], end=middle, hours="8000", status="measured", **members),
        CemsBlock(start=middle, end=YEAR[1], hours="700", status="substituted", **members),
    )


ACTIVITIES = [
    Activity("gas", LineKind.COMBUSTION, "natural_gas", Decimal("123400"), "Nm3"),
    Activity(
        "coal",
        LineKind.COMBUSTION_MEASURED,
        "bituminous",
        weighings=(Weighed("jan", Decimal(120)), Weighed("feb", Decimal(80))),
        laboratory=(Analysis(batch="feb", carbon="0.55"), Analysis(batch="jan", carbon="0.6")),
    ),
    Activity("kiln", LineKind.PROCESS, "limestone", Decimal("1234.56"), "t"),
    Activity(
        "furnace",
        LineKind.MASS_BALANCE,
        flows=(
            Material("coke", "in", "coke", Decimal(500), "t"),
            Material("steel", "out", "steel", Decimal(900000), "kg"),
        ),
    ),
    Activity("stack", LineKind.CEMS, blocks=_stack()),
    Activity("switchgear", LineKind.GAS, "SF6", Decimal("3.25"), "kg"),
    Activity(
        "power",
        LineKind.ELECTRICITY,
        "ets_constant/2021",
        evidence=(METER, ROOF),
        certificates=(Certificate(serial="GEC-1", mwh="500"),),
    ),
    Activity("steam", LineKind.HEAT, "purchased", Decimal(1000), "GJ"),
    Activity("wood", LineKind.BIOGENIC, "wood", Decimal(1000), "t"),
    Activity("ccus", LineKind.REMOVAL, quantity=Decimal("120.5"), unit="t"),
]


@pytest.fixture(scope="module")
def built() -> BuiltReport:
    return build_report(
        year=2023,
        period_from=YEAR[0],
        period_to=YEAR[1],
        activities=ACTIVITIES,
        factor_set=PARK,
        obligation_base="direct+energy",
        output=[Produced("steel", "t", Decimal(900))],
        value_added=Decimal("1500.5"),
        plan="ab" * 32,
        compiled_by="88.608.5288/CONSULTANT",
        supersedes="cd" * 32,
        reason="a delivery was counted twice",
    )


@pytest.fixture
def report(built: BuiltReport) -> Report:
    return msgspec.convert(built.body, Report)


def _line(report: Report, name: str) -> ReportLine:
    return next(line for line in report.lines if line.id == name)


def _with(report: Report, name: str, **members: Any) -> Report:
    lines = [msgspec.structs.replace(line, **members) if line.id == name else line for line in report.lines]
    return msgspec.structs.replace(report, lines=tuple(lines))


def test_every_kind_is_there_and_what_is_built_is_accepted(report: Report, built: BuiltReport) -> None:
    assert {line.kind for line in report.lines} == {kind.value for kind in LineKind}
    assert check_report(report, PARK, "direct+energy") == built.recomputed
    assert msgspec.json.decode(msgspec.json.encode(report)) == built.body


def test_totals_are_kept_apart_and_removals_are_never_netted_domain_33_35_40(report: Report) -> None:
    emissions = {line.id: Decimal(line.emissions) for line in report.lines}
    assert {name: str(value) for name, value in emissions.items()} == {
        "gas": "267.16",
        "coal": "421.08",
        "kiln": "542.73",
        "furnace": "1488.67",
        "stack": "1305.00",
        "switchgear": "76.38",
        "power": "1057.00",
        "steam": "110.00",
        "wood": "1744.60",
        "ccus": "120.50",
    }
    direct = sum(emissions[name] for name in ("gas", "coal", "kiln", "furnace", "stack", "switchgear"))
    assert report.totals.scope1 == str(direct) == "4101.02"
    assert (report.totals.scope2, report.totals.scope2_market) == ("1167.00", "876.50")
    assert (report.totals.biogenic, report.totals.removals) == ("1744.60", "120.50")
    assert [(total.gas, total.emissions) for total in report.totals.by_gas or ()] == [
        ("CO2", "4024.64"), ("SF6", "76.38"),
    ]  # fmt: skip
    assert report.totals.obligation_tonnes == 5268


def test_biomass_and_removals_alone_owe_nothing_and_stand_in_no_scope() -> None:
    built = build_report(
        year=2023,
        period_from=YEAR[0],
        period_to=YEAR[1],
        activities=ACTIVITIES[-2:],
        factor_set=PARK,
        obligation_base="direct+energy",
    )
    assert built.body["totals"] == {
        "scope1": "0.00",
        "scope2": "0.00",
        "biogenic": "1744.60",
        "removals": "120.50",
        "obligation_base": "direct+energy",
        "obligation_tonnes": 0,
    }


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        ("scope2_market", "876.51", "totals.scope2_market"),
        ("scope2_market", None, "totals.scope2_market"),
        ("biogenic", None, "totals.biogenic"),
        ("removals", "0.00", "totals.removals"),
        ("by_gas", None, "totals.by_gas"),
        ("intensities", (), "totals.intensities"),
    ],
)
def test_a_total_that_stands_apart_is_stated_exactly(report: Report, member: str, value: object, rule: str) -> None:
    totals = msgspec.structs.replace(report.totals, **{member: value})
    with pytest.raises(RecomputationRefused) as refusal:
        check_report(msgspec.structs.replace(report, totals=totals), PARK, "direct+energy")
    assert (refusal.value.rule, refusal.value.line) == (rule, rule)


@pytest.mark.parametrize(
    ("name", "members", "rule"),
    [
        ("ccus", {"quantity": "-120.50"}, "line.removal.negative"),
        ("ccus", {"factor": "x"}, "line.factor"),
        ("gas", {"own": "1"}, "line.members"),
        ("gas", {"quantity": None}, "line.members"),
        ("steam", {"certificates": (Certificate(serial="A", mwh="1"),)}, "line.members"),
        ("furnace", {"quantity": "1.00", "unit": "t"}, "line.members"),
        ("furnace", {"flows": None}, "line.members"),
        ("furnace", {"factor": "coke"}, "line.factor"),
        ("coal", {"laboratory": None}, "line.members"),
        ("coal", {"laboratory": (Analysis(batch="jan", carbon="0.6"),)}, "line.batches"),
        ("stack", {"blocks": _stack()[:1]}, "line.blocks"),
        ("wood", {"kind": "combustion"}, "line.fuel.unknown"),
        ("gas", {"kind": "biogenic"}, "line.fuel.unknown"),
        ("switchgear", {"quantity": "0.0032501"}, "line.quantity.places"),
        ("kiln", {"factor": "coke"}, "line.factor.unknown"),
    ],
)
def test_a_line_that_its_kind_does_not_allow_is_refused(
    report: Report, name: str, members: dict[str, Any], rule: str
) -> None:
    with pytest.raises(AttestationError) as refusal:
        check_report(_with(report, name, **members), PARK, "direct+energy")
    assert refusal.value.rule == rule
    assert name in refusal.value.message
    assert name in refusal.value.message_zh


def test_a_negative_removal_is_refused_when_building_too() -> None:
    activity = Activity("ccus", LineKind.REMOVAL, quantity=Decimal(-1), unit="t")
    with pytest.raises(SchemaRefused) as refusal:
        build_report(
            year=2023,
            period_from=YEAR[0],
            period_to=YEAR[1],
            activities=[activity],
            factor_set=PARK,
            obligation_base="direct",
        )
    assert (refusal.value.rule, refusal.value.value) == ("line.removal.negative", "-1")


@pytest.mark.parametrize(("unit", "scale"), [("kg", 1000), ("t", 1)])
def test_a_batch_weighed_in_kilograms_or_tonnes_burns_the_same_domain_37_and_41(unit: str, scale: int) -> None:
    scale_reading = CitedRange("a/scale", "belt", 1, 9, str(120 * scale), unit, part="jan")
    coal = Activity(
        "coal",
        LineKind.COMBUSTION_MEASURED,
        "bituminous",
        weighings=(Weighed("jan"),),
        laboratory=(Analysis(batch="jan", carbon="0.6"),),
        evidence=(scale_reading,),
    )
    built = build_report(
        year=2023,
        period_from=YEAR[0],
        period_to=YEAR[1],
        activities=[coal],
        factor_set=PARK,
        obligation_base="direct",
    )
    assert str(built.recomputed.totals.scope1) == "261.36"  # 120 × 0.6 × 0.99 × 44 ÷ 12


class _Adjustment(msgspec.Struct, frozen=True):
    line: str
    replacement: ReportLine | None = None


def test_an_adjusted_report_replaces_drops_and_adds_lines_and_sums_again_domain_45(report: Report) -> None:
    half = msgspec.structs.replace(_line(report, "kiln"), quantity="617.28", emissions="271.37")
    found = msgspec.structs.replace(_line(report, "steam"), id="steam-2", quantity="10.00", emissions="1.10")
    adjusted = adjusted_report(
        report, [_Adjustment("kiln", half), _Adjustment("gas"), _Adjustment("steam-2", found)], PARK
    )
    kept = [line.id for line in report.lines if line.id != "gas"]
    assert [line.id for line in adjusted.lines] == [*kept, "steam-2"]
    assert Decimal(adjusted.totals.scope1) == Decimal("4101.02") - Decimal("271.36") - Decimal("267.16")
    assert adjusted.totals.scope2 == "1168.10"
    assert adjusted.totals.obligation_tonnes == 4731
    assert adjusted_report(report, [], PARK) == report


@pytest.mark.parametrize(
    ("adjustments", "rule"),
    [
        ([_Adjustment("nobody")], "adjustment.line"),
        ([_Adjustment("gas"), _Adjustment("gas")], "adjustment.repeated"),
    ],
)
def test_an_adjustment_of_nothing_or_twice_is_refused(
    report: Report, adjustments: list[_Adjustment], rule: str
) -> None:
    with pytest.raises(SchemaRefused) as refusal:
        adjusted_report(report, adjustments, PARK)
    assert refusal.value.rule == rule


def test_a_replacement_with_another_id_or_wrong_emissions_is_refused(report: Report) -> None:
    kiln = _line(report, "kiln")
    with pytest.raises(SchemaRefused, match=r"adjustment\.line"):
        adjusted_report(report, [_Adjustment("gas", kiln)], PARK)
    with pytest.raises(RecomputationRefused) as refusal:
        adjusted_report(report, [_Adjustment("kiln", msgspec.structs.replace(kiln, emissions="500.00"))], PARK)
    assert (refusal.value.rule, refusal.value.line, refusal.value.expected) == ("line.emissions", "kiln", "542.73")


_ROUNDED = re.compile(r"(?P<number>-?[0-9.]+) rounded half-up to (?P<places>[0-9]+) places")
_OPERATIONS = {
    "+": lambda a, b: a + b,
    "−": lambda a, b: a - b,
    "×": lambda a, b: a * b,
    "÷": lambda a, b: a / b,
}


def by_calculator(expression: str) -> Fraction:
    """The expression keyed in from left to right, by an arithmetic that the engine does not use."""
    matched = _ROUNDED.fullmatch(expression)
    if matched is not None:
        scale = 10 ** int(matched["places"])
        return Fraction((Fraction(matched["number"]) * scale * 2 + 1) // 2, scale)
    first, *rest = expression.split(" ")
    value = Fraction(first)
    for sign, number in zip(rest[::2], rest[1::2], strict=True):
        value = _OPERATIONS[sign](value, Fraction(number))
    return value


def test_every_step_of_the_trace_recomputes_and_leads_to_what_is_claimed(built: BuiltReport) -> None:
    trace: dict[str, Any] = built.recomputed.as_dict()
    steps = [step for line in trace["lines"] for step in line["steps"]] + trace["steps"]
    assert len(steps) > 50
    for step in steps:
        assert abs(by_calculator(step["expression"]) - Fraction(step["value"])) < Fraction(1, 10**30), step
    for line in trace["lines"]:
        finals = {step["value"] for step in line["steps"] if step["expression"].endswith("rounded half-up to 2 places")}
        assert line["emissions"] in finals
    ends = {step["symbol"]: step["value"] for step in trace["steps"]}
    totals = trace["totals"]
    assert ends["obligation"] == str(totals["obligation_tonnes"])
    for name in ("scope1", "scope2", "scope2_market", "biogenic", "removals", "energy_tce"):
        assert ends[name] == totals[name]


def test_every_number_of_a_step_is_a_term_or_the_value_of_a_step_before_it(built: BuiltReport) -> None:
    """So that a reader can follow each by hand; 44, 12 and powers of ten are the formulas' own."""
    constants = {"44", "12", "1000", "10000", "1000000"}
    for line in built.recomputed.lines:
        known = {Fraction(term.value) for term in line.terms} | {Fraction(constant) for constant in constants}
        for step in line.steps:
            numbers = re.findall(r"-?[0-9]+(?:\.[0-9]+)?", step.expression.split(" rounded")[0])
            assert {Fraction(number) for number in numbers} <= known, step
            known.add(Fraction(step.value))


def test_no_name_of_a_flow_or_batch_is_taken_for_a_figure_of_the_trace() -> None:
    """Flows called E and carbon, and a batch called oxidised: what the readings give is called in[E], FC[oxidised]."""
    sold, bought = (CitedRange("a/m", name, 1, 9, "1.0", "t", part=name) for name in ("carbon", "E"))
    weighed = CitedRange("a/m", "belt", 1, 9, "1.0", "t", part="oxidised")
    furnace = Activity(
        "furnace",
        LineKind.MASS_BALANCE,
        flows=(Material("E", "in", "coke"), Material("carbon", "out", "steel")),
        evidence=(sold, bought),
    )
    coal = Activity(
        "coal",
        LineKind.COMBUSTION_MEASURED,
        "bituminous",
        weighings=(Weighed("oxidised", Decimal(1)),),
        laboratory=(Analysis(batch="oxidised", carbon="0.5"),),
        evidence=(weighed,),
    )
    built = build_report(
        year=2023,
        period_from=YEAR[0],
        period_to=YEAR[1],
        activities=[furnace, coal],
        factor_set=PARK,
        obligation_base="direct",
    )
    for line in built.recomputed.lines:
        symbols = [step.symbol for step in line.steps]
        assert symbols.count("E") == 1
        assert all(symbols.count(symbol) <= 1 for symbol in ("carbon", "oxidised"))
    first = [step.symbol for step in built.recomputed.lines[0].steps[:2]]
    assert first == ["in[E]", "out[carbon]"]


def test_every_line_names_formula_standard_and_where_each_number_is_from(built: BuiltReport) -> None:
    formulas = {line.formula.id for line in built.recomputed.lines}
    assert len(formulas) == len(LineKind)
    for line in built.recomputed.lines:
        assert line.formula.source
        assert all(term.source and term.unit for term in line.terms)
        steps = {step.symbol for step in line.steps} - {"activity", "own", "AD", "R"}
        assert not steps & {term.symbol for term in line.terms}
    power = next(line for line in built.recomputed.lines if line.id == "power")
    assert [term.symbol for term in power.terms if term.factor] == ["EF"]
    assert "88.608.5288/METER_1#power:1-35040" in {term.source for term in power.terms}


def test_within_a_line_one_name_is_one_value(built: BuiltReport) -> None:
    """Terms and steps of each line, and the steps of the totals."""
    recomputed = built.recomputed
    for named in (
        *((*line.terms, *line.steps) for line in recomputed.lines),
        total_steps(recomputed.lines, recomputed.totals),
    ):
        values: dict[str, set[Decimal]] = {}
        for one in named:
            values.setdefault(one.symbol, set()).add(one.value)
        assert [name for name, found in values.items() if len(found) > 1] == []


def test_names_that_no_line_may_have_are_judged_by_shape_first(report: Report) -> None:
    check_shape(report)
    with pytest.raises(SchemaRefused, match="line ids that differ"):
        check_shape(msgspec.structs.replace(report, lines=(*report.lines, report.lines[0])))
