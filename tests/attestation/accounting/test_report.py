"""A report is recomputed and compared to the last digit; the refusal names line, claimed and recomputed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from attestation.accounting import Activity, CitedRange, FactorSet, LineKind, build_report, check_report, check_shape
from attestation.accounting.shape import MAX_LINES
from attestation.errors import AttestationError, RecomputationRefused, SchemaRefused
from attestation.statements import Report

Body = dict[str, Any]
Change = Callable[[Body], None]
METER = CitedRange("88.608.5288/METER_1", "power", 1, 35_040, "959640.31", "kWh")


@pytest.fixture
def body(steel: FactorSet) -> Body:
    """Gas 267.16, coal 2,255.71, electricity 557.55, heat 2,255.06 tCO2, each a vector of `lines.json`."""
    activities = [
        Activity("gas", LineKind.COMBUSTION, "natural_gas", Decimal("12.34"), "1e4Nm3"),
        Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal(1000), "t"),
        Activity("power", LineKind.ELECTRICITY, "ets_constant/2021", evidence=(METER,)),
        Activity("steam", LineKind.HEAT, "purchased", Decimal("20500.55"), "GJ"),
    ]
    return build_report(
        year=2021,
        period_from="2021-01-01T00:00:00+08:00",
        period_to="2022-01-01T00:00:00+08:00",
        activities=activities,
        factor_set=steel,
        obligation_base="direct+energy",
    ).body


def _check(body: Body, factor_set: FactorSet, base: str = "direct+energy") -> None:
    check_report(msgspec.convert(body, Report), factor_set, base)


def _at(path: str, value: object) -> Change:
    """Sets `lines.2.emissions` and the like."""

    def change(body: Body) -> None:
        target: Any = body
        *parents, last = path.split(".")
        for parent in parents:
            target = target[int(parent)] if isinstance(target, list) else target[parent]
        target[last] = value

    return change


def test_the_report_is_accepted_and_every_figure_is_the_hand_computed_one(body: Body, steel: FactorSet) -> None:
    recomputed = check_report(msgspec.convert(body, Report), steel, "direct+energy")
    assert [str(line.emissions) for line in recomputed.lines] == ["267.16", "2255.71", "557.55", "2255.06"]
    assert recomputed.totals.as_dict() == body["totals"] == {
        "scope1": "2522.87", "scope2": "2812.61", "obligation_base": "direct+energy", "obligation_tonnes": 5335,
    }  # fmt: skip
    assert recomputed.factor_set == ("cets-steel", "03.01-v01-2024")


def test_on_the_direct_base_scope_2_stays_reported_and_is_not_owed_domain_33(body: Body, steel: FactorSet) -> None:
    body["totals"] |= {"obligation_base": "direct", "obligation_tonnes": 2523}
    totals = check_report(msgspec.convert(body, Report), steel, "direct").totals
    assert (str(totals.scope2), totals.obligation_tonnes) == ("2812.61", 2523)


def test_fewer_written_places_are_the_same_quantity(body: Body, steel: FactorSet) -> None:
    body["lines"][2]["quantity"] = "959.64"
    _check(body, steel)


@pytest.mark.parametrize(
    ("change", "rule", "line", "claimed", "recomputed"),
    [
        (_at("lines.0.emissions", "267.17"), "line.emissions", "gas", "267.17", "267.16"),
        (_at("lines.1.emissions", "2255.70"), "line.emissions", "coal", "2255.70", "2255.71"),
        (_at("lines.3.emissions", "2255.07"), "line.emissions", "steam", "2255.07", "2255.06"),
        (_at("lines.1.quantity", "999.99"), "line.emissions", "coal", "2255.71", "2255.69"),
        (_at("lines.0.quantity", "123400"), "line.emissions", "gas", "267.16", "2671628.76"),
        (_at("lines.2.factor", "ets_constant/2022"), "line.emissions", "power", "557.55", "547.28"),
        (_at("totals.scope1", "2522.88"), "totals.scope1", "totals.scope1", "2522.88", "2522.87"),
        (_at("totals.scope2", "2812.60"), "totals.scope2", "totals.scope2", "2812.60", "2812.61"),
        (_at("totals.obligation_tonnes", 5336), "totals.obligation_tonnes", "totals.obligation_tonnes", "5336", "5335"),
        (
            _at("totals.obligation_base", "direct"),
            "totals.obligation_base", "totals.obligation_base", "direct", "direct+energy",
        ),
        (_at("lines.2.quantity", "959.641"), "line.quantity.evidence", "power", "959.641", "959.640"),
        (_at("lines.2.evidence.0.quantity", "959640.51"), "line.quantity.evidence", "power", "959.640", "959.641"),
        (_at("lines.0.unit", "t"), "line.unit", "gas", "t", "1e4Nm3"),
        (_at("lines.0.unit", "Nm3"), "line.unit", "gas", "Nm3", "1e4Nm3"),
        (_at("lines.1.unit", "1e4Nm3"), "line.unit", "coal", "1e4Nm3", "t"),
        (_at("lines.3.unit", "MWh"), "line.unit", "steam", "MWh", "GJ"),
        (_at("lines.3.kind", "electricity"), "line.factor.unknown", "steam", "purchased", None),
        (_at("lines.1.fuel", "uranium"), "line.fuel.unknown", "coal", "uranium", None),
        (_at("lines.2.factor", "ets_constant/2031"), "line.factor.unknown", "power", "ets_constant/2031", None),
        (
            _at("factor_set.version", "2025"),
            "report.factor_set", "factor_set", "cets-steel 2025", "cets-steel 03.01-v01-2024",
        ),
    ],
)  # fmt: skip
def test_a_wrong_figure_is_refused_naming_line_claimed_and_recomputed(
    body: Body, steel: FactorSet, change: Change, rule: str, line: str, claimed: str, recomputed: str | None
) -> None:
    change(body)
    with pytest.raises(RecomputationRefused) as refusal:
        _check(body, steel)
    error = refusal.value
    assert (error.step, error.rule, error.line, error.value) == (12, rule, line, claimed)
    assert line in error.message
    assert line in error.message_zh
    if recomputed is not None:
        assert error.expected == recomputed


@pytest.mark.parametrize(
    ("change", "rule", "named"),
    [
        (_at("lines", []), "report.lines.empty", "no lines"),
        (_at("lines.1.id", "gas"), "report.lines.duplicate", "gas"),
        (_at("lines.1.kind", "purchase"), "line.kind", "purchase"),
        (_at("lines.1.kind", "electricity"), "line.factor", "bituminous"),
        (_at("lines.1.factor", "purchased"), "line.factor", "purchased"),
        (_at("lines.1.fuel", ""), "line.factor", "fuel"),
        (_at("lines.2.fuel", "coke"), "line.factor", "coke"),
        (_at("lines.0.quantity", "-12.34"), "decimal.grammar", "-12.34"),
        (_at("lines.0.quantity", "12.340"), "line.quantity.places", "12.340"),
        (_at("lines.0.quantity", "12.345"), "line.quantity.places", "12.345"),
        (_at("lines.2.quantity", "959.64031"), "line.quantity.places", "959.64031"),
        (_at("lines.0.quantity", "9" * 18), "line.quantity.absurd", "9" * 18),
        (_at("lines.0.quantity", "9" * 19), "decimal.grammar", "9" * 19),
        (_at("lines.0.quantity", "1e2"), "decimal.grammar", "1e2"),
        (_at("lines.0.unit", "m3"), "line.unit.unknown", "m3"),
        (_at("lines.0.emissions", "267.160"), "emissions.places", "267.160"),
        (_at("lines.0.emissions", "267"), "emissions.places", "267"),
        (_at("lines.0.emissions", "-267.16"), "decimal.grammar", "-267.16"),
        (_at("totals.scope1", "2522.9"), "emissions.places", "2522.9"),
        (_at("totals.scope2", "NaN"), "decimal.grammar", "NaN"),
        (_at("totals.obligation_base", "scope1"), "obligation_base.unknown", "scope1"),
        (_at("totals.obligation_tonnes", -1), "totals.obligation_tonnes", "-1"),
        (_at("lines.2.evidence.0.first_seq", 0), "evidence.range", "0-35040"),
        (_at("lines.2.evidence.0.last_seq", 0), "evidence.range", "1-0"),
        (_at("lines.2.evidence.0.last_seq", 2**53 - 1), "evidence.many", "9007199254740991 readings"),
        (_at("lines.2.evidence.0.unit", "GJ"), "evidence.unit", "GJ"),
        (_at("lines.2.evidence.0.unit", "Wh"), "evidence.unit", "Wh"),
        (_at("lines.2.evidence.0.quantity", "-1"), "decimal.grammar", "-1"),
    ],
)
def test_a_malformed_report_is_refused_before_any_factor_is_looked_up(
    body: Body, steel: FactorSet, change: Change, rule: str, named: str
) -> None:
    change(body)
    with pytest.raises(SchemaRefused) as early:
        check_shape(msgspec.convert(body, Report))
    with pytest.raises(SchemaRefused) as late:
        _check(body, steel)
    for refusal in (early.value, late.value):
        assert (refusal.step, refusal.rule) == (9, rule)
        assert named in refusal.value


def test_a_reading_counted_twice_is_refused_domain_35(body: Body, steel: FactorSet) -> None:
    again = copy.deepcopy(body["lines"][2]) | {"id": "power-2"}
    again["evidence"][0] |= {"first_seq": 35_040, "last_seq": 40_000}
    body["lines"].append(again)
    with pytest.raises(SchemaRefused) as refusal:
        _check(body, steel)
    assert refusal.value.rule == "evidence.counted_twice"
    assert "line power-2" in refusal.value.message
    assert "35040-40000" in refusal.value.value


def test_neighbouring_ranges_and_another_stream_are_not_counted_twice(body: Body) -> None:
    first = body["lines"][2]["evidence"][0]
    body["lines"][2]["evidence"] = [
        first | {"stream": "other"},
        first | {"first_seq": 35_041, "last_seq": 35_041},
        first,
    ]
    check_shape(msgspec.convert(body, Report))


def test_a_range_inside_a_longer_one_is_found_past_a_third_between_them(body: Body) -> None:
    first = body["lines"][2]["evidence"][0]
    body["lines"][2]["evidence"] = [
        first,
        first | {"first_seq": 5, "last_seq": 6},
        first | {"first_seq": 9, "last_seq": 9},
    ]
    with pytest.raises(SchemaRefused, match="counts already"):
        check_shape(msgspec.convert(body, Report))


def test_more_lines_than_the_most_are_refused(body: Body, steel: FactorSet) -> None:
    line = body["lines"][1]
    body["lines"] = [line | {"id": f"coal-{n}"} for n in range(MAX_LINES)]
    check_shape(msgspec.convert(body, Report))
    body["lines"].append(line)
    with pytest.raises(SchemaRefused) as refusal:
        _check(body, steel)
    assert refusal.value.rule == "report.lines.many"


def test_an_unknown_base_of_the_policy_is_refused_too(body: Body, steel: FactorSet) -> None:
    with pytest.raises(SchemaRefused, match="obligation base"):
        _check(body, steel, "everything")


def test_each_digit_of_each_recomputed_figure_matters(body: Body, steel: FactorSet) -> None:
    """Every digit of every emission, scope total and metered quantity altered in turn: none passes."""
    figures = [(f"lines.{n}.emissions", line["emissions"]) for n, line in enumerate(body["lines"])]
    figures += [(f"totals.{name}", body["totals"][name]) for name in ("scope1", "scope2")]
    figures += [("lines.2.quantity", body["lines"][2]["quantity"])]
    tried = 0
    for path, text in figures:
        for position, digit in enumerate(text):
            if digit == ".":
                continue
            altered = copy.deepcopy(body)
            _at(path, text[:position] + str((int(digit) + 1) % 10) + text[position + 1 :])(altered)
            with pytest.raises(AttestationError):
                _check(altered, steel)
            tried += 1
    assert tried == sum(len(text) - 1 for _, text in figures)
