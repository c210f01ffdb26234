"""DOMAIN 48: a label is recomputed from the log's own figure of the case."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from attestation.accounting import Activity, LineKind, build_report, load_bundled
from attestation.accounting.efficiency import efficiency_code
from attestation.bodies import Activity as LabelActivity
from attestation.bodies import Label, Policy, Report, Sector
from attestation.decimals import format_decimal, parse_decimal
from attestation.diagnosis import parse_body
from attestation.keys import Kind, Purpose

STEEL = load_bundled("cets-steel", "03.01-v01-2024")
YEAR = 2023


@pytest.fixture
def plant(world, park):
    """The park with the factor set published."""
    policy = Policy(
        policy="factor-set", id=STEEL.id, version=STEEL.version, effective_from="2023-01-01", document=STEEL.document()
    )
    park.log.accept(park.sign("policy", policy, iss=world.PARK, stream="policies"))
    return park


def report(world, park, tonnes_of_coal: str = "400.00", supersedes: str | None = None, **changed: object) -> Report:
    """400 t of bituminous coal are 902.28... t, rounded to 902 t."""
    built = build_report(
        year=YEAR,
        period_from="2023-01-01T00:00:00+08:00",
        period_to="2023-10-01T00:00:00+08:00",
        activities=[Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal(tonnes_of_coal), "t")],
        factor_set=STEEL,
        obligation_base="direct",
        supersedes=supersedes,
    )
    body = parse_body("report", built.body | changed)
    park.log.accept(park.sign("report", body, iss=world.WORKS, stream="reports"))
    return body


def last_id(park) -> str:
    return park.log.entries[-1].statement.statement_id.hex()


def label(world, park, **changed: object) -> Label:
    """The honest label of the works' standing report, with members changed; figures follow from what is changed."""
    standing = park.log.standing_report(world.WORKS, YEAR)
    members: dict[str, object] = {
        "enterprise": world.WORKS,
        "year": YEAR,
        "basis": "reported",
        "report": None if standing is None else standing.statement_id.hex(),
        "obligation_base": "direct",
        "tonnes": 0 if standing is None else standing.body.totals.obligation_tonnes,
        "activity": LabelActivity(product="tiles", quantity="1000", unit="t"),
        "sector": Sector(name="ceramics", intensity="1.2", source="park bulletin 2023, table 4"),
        "value_added": "1500.5",
    }
    members |= {name: value for name, value in changed.items() if value is not ...}
    for name, value in changed.items():
        if value is ...:
            members.pop(name)
    figures = {"intensity", "k", "level", "value_intensity", "grade"} - set(changed)
    if figures:
        code = efficiency_code(
            Decimal(members["tonnes"]),
            activity=parse_decimal(members["activity"].quantity),
            activity_unit=members["activity"].unit,
            sector_intensity=parse_decimal(members["sector"].intensity),
            value_added=parse_decimal(members["value_added"]),
        )
        found = {
            "intensity": format_decimal(code.intensity.value),
            "k": format_decimal(code.k),
            "level": code.level,
            "value_intensity": format_decimal(code.value_intensity.value),
            "grade": code.grade.value,
        }
        members |= {name: found[name] for name in figures}
    return Label(**members)


def send(world, park, body: Label, **options):
    return park.log.accept(park.sign("label", body, iss=options.pop("iss", world.PARK), stream="labels", **options))


def test_a_label_that_follows_from_the_report_is_accepted_domain_48(world, plant) -> None:
    standing = report(world, plant)
    body = label(world, plant)
    verdict = send(world, plant, body)
    assert verdict.key.identifier == world.PARK
    assert standing.totals.obligation_tonnes == body.tonnes == 902
    # 902 / 1000 = 0.9020; / 1.2 = 0.751666...; 902 / 1500.5 = 0.601132...
    assert (body.intensity, body.k, body.level) == ("0.9020", "0.7517", 2)
    assert (body.value_intensity, body.grade) == ("0.6011", "mid")


@pytest.mark.parametrize(
    ("quantity", "level"),
    [
        # K = 902 / quantity / 1: at 0.6, 0.8, 1.2, 2.0 the quantities are 902 / K
        ("1503.333333334", 1),
        ("1503.333333333", 2),
        ("1127.5", 2),
        ("1127.499999999", 3),
        ("751.666666667", 3),
        ("751.666666666", 4),
        ("451", 4),
        ("450.999999999", 5),
    ],
)
def test_each_level_begins_behind_its_limit_domain_48(world, plant, quantity: str, level: int) -> None:
    report(world, plant)
    activity = LabelActivity(product="tiles", quantity=quantity, unit="t")
    sector = Sector(name="ceramics", intensity="1", source="park bulletin")
    assert label(world, plant, activity=activity, sector=sector).level == level
    send(world, plant, label(world, plant, activity=activity, sector=sector))


@pytest.mark.parametrize(
    ("member", "claimed"),
    [("intensity", "0.9021"), ("k", "0.7516"), ("level", 1), ("value_intensity", "0.6012"), ("grade", "low")],
)
def test_a_figure_off_by_the_last_digit_is_refused(world, plant, member: str, claimed: object) -> None:
    report(world, plant)
    with world.refused("label.figures", 12, str(claimed)) as caught:
        send(world, plant, label(world, plant, **{member: claimed}))
    assert f"body.{member}" in caught.value.message


@pytest.mark.parametrize("written", ["0.75170", "0.752", "00.7517"])
def test_k_is_written_with_four_decimals(world, plant, written: str) -> None:
    report(world, plant)
    with world.refused("label.places", 9, written):
        send(world, plant, label(world, plant, k=written))


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"activity": LabelActivity(product="tiles", quantity="0", unit="t")}, "intensity.output_zero"),
        ({"value_added": "0.00"}, "intensity.value_added_zero"),
        ({"sector": Sector(name="ceramics", intensity="0", source="bulletin")}, "intensity.sector_zero"),
        ({"value_added": "-1"}, "decimal.grammar"),
        ({"value_added": "1e3"}, "decimal.grammar"),
    ],
)
def test_nothing_is_divided_by_zero_domain_48(world, plant, changed: dict[str, object], rule: str) -> None:
    report(world, plant)
    honest = label(world, plant)
    with world.refused(rule, 9):
        send(world, plant, msgspec.structs.replace(honest, **changed))


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"tonnes": 901}, "label.tonnes"),
        ({"basis": "verified"}, "label.basis"),
        ({"basis": "registered"}, "label.basis"),
        ({"report": "ab" * 32}, "label.report"),
        ({"report": ...}, "label.report"),
        ({"obligation_base": "direct+energy"}, "label.base"),
        ({"year": 2022}, "label.case"),
    ],
)
def test_a_label_that_is_not_of_the_logs_figure_is_refused(world, plant, changed: dict[str, object], rule: str) -> None:
    report(world, plant)
    with world.refused(rule, 12):
        send(world, plant, label(world, plant, **changed))


def test_without_any_emissions_there_is_no_label(world, plant) -> None:
    with world.refused("label.case", 12, f"{world.WORKS} {YEAR}"):
        send(world, plant, label(world, plant, tonnes=902))


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"value_added": "1500.4"}, "body.value_added"),
        ({"activity": LabelActivity(product="tiles", quantity="1001", unit="t")}, "body.activity"),
        ({"activity": LabelActivity(product="bricks", quantity="1000", unit="t")}, "body.activity"),
        ({"activity": LabelActivity(product="tiles", quantity="1000", unit="kg")}, "body.activity"),
        ({"activity": LabelActivity(product="value added", quantity="1500", unit="1e4CNY")}, "body.activity.quantity"),
    ],
)
def test_what_the_report_states_cannot_be_stated_otherwise(world, plant, changed, where: str, monkeypatch) -> None:
    body = report(world, plant)
    stated = msgspec.convert(
        msgspec.to_builtins(body)
        | {"output": [{"product": "tiles", "quantity": "1000.0", "unit": "t"}], "value_added": "1500.50"},
        Report,
    )
    standing = plant.log.standing_report(world.WORKS, YEAR)
    record = msgspec.structs.replace(standing, body=stated)
    monkeypatch.setattr(type(plant.log), "standing_report", lambda *_: record)
    honest = label(world, plant)
    with world.refused("label.stated", 12) as caught:
        send(world, plant, label(world, plant, **changed))
    assert where in caught.value.message
    send(world, plant, honest)


def test_one_label_stands_and_the_next_says_which_it_replaces_and_why(world, plant) -> None:
    report(world, plant)
    send(world, plant, label(world, plant))
    first = last_id(plant)
    with world.refused("label.supersedes", 11) as caught:
        send(world, plant, label(world, plant))
    assert first in caught.value.expected
    with world.refused("label.supersedes", 11, "ab" * 32):
        send(world, plant, label(world, plant, supersedes="ab" * 32, reason="amended"))
    for unsaid in ({"supersedes": first}, {"reason": "no label is replaced"}):
        with world.refused("label.reason", 9):
            send(world, plant, label(world, plant, **unsaid))
    send(world, plant, label(world, plant, supersedes=first, reason="sector table corrected"))
    with world.refused("label.supersedes", 11, first):
        send(world, plant, label(world, plant, supersedes=first, reason="again"))


def test_the_first_label_replaces_none(world, plant) -> None:
    report(world, plant)
    with world.refused("label.supersedes", 11, "ab" * 32):
        send(world, plant, label(world, plant, supersedes="ab" * 32, reason="why not"))


def test_only_the_registrar_labels_and_only_enterprises(world, plant) -> None:
    report(world, plant)
    with world.refused("purpose.registrar", 8, world.WORKS):
        send(world, plant, label(world, plant), iss=world.WORKS)
    verifier = "88.608.700/verifier"
    plant.enrol(verifier, Kind.VERIFIER, Purpose.STATEMENT)
    for who in (verifier, world.METER, "88.608.404/nobody"):
        with world.refused("label.enterprise", 11, who):
            send(world, plant, label(world, plant, enterprise=who))


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"enterprise": "no identifier"}, "identifier.characters"),
        ({"year": 1900}, "body.integer"),
        ({"basis": "guessed"}, "body.choice"),
        ({"report": "AB"}, "statement_id.format"),
        ({"obligation_base": "all"}, "body.choice"),
        ({"activity": LabelActivity(product=" ", quantity="1", unit="t")}, "body.name"),
        ({"activity": LabelActivity(product="tiles", quantity="1", unit="piece")}, "body.choice"),
        ({"sector": Sector(name="", intensity="1", source="x")}, "body.name"),
        ({"sector": Sector(name="x", intensity="1", source="")}, "body.reason"),
        ({"level": 6}, "body.integer"),
        ({"grade": "great"}, "body.choice"),
        ({"supersedes": "x", "reason": "y"}, "statement_id.format"),
    ],
)
def test_a_malformed_label_is_refused_at_step_9(world, plant, changed: dict[str, object], rule: str) -> None:
    report(world, plant)
    honest = label(world, plant)
    with world.refused(rule, 9):
        send(world, plant, msgspec.structs.replace(honest, **changed))
