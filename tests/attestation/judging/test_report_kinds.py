"""Lines of other kinds than combustion and purchased energy, as the log judges them (DOMAIN 32 to 41)."""

from __future__ import annotations

import json
from decimal import Decimal

import msgspec
import pytest
from jsonschema import Draft202012Validator

from attestation.accounting import (
    Activity,
    CemsRules,
    CitedRange,
    LineKind,
    Material,
    Produced,
    Weighed,
    build_report,
    load_bundled,
)
from attestation.bodies import Analysis, CemsBlock, Certificate
from attestation.errors import RecomputationRefused
from attestation.json_schema import json_schemas
from attestation.statements import Policy, Report, parse_body

PARK = load_bundled("tanlu-park", "2024")
DAY = ("2023-01-01T00:00:00Z", "2023-01-02T00:00:00Z")
NOON = "2023-01-01T12:00:00Z"


def block(start: str, end: str, hours: str, status: str = "measured") -> CemsBlock:
    return CemsBlock(start=start, end=end, hours=hours, flow="100000", concentration="150", status=status)


STACK = (block(DAY[0], NOON, "12"), block(NOON, DAY[1], "3", "substituted"))
COAL = Activity(
    "coal",
    LineKind.COMBUSTION_MEASURED,
    "bituminous",
    weighings=(Weighed("a", Decimal(10)),),
    laboratory=(Analysis(batch="a", carbon="0.6"),),
)
FURNACE = Activity("furnace", LineKind.MASS_BALANCE, flows=(Material("coke", "in", "coke", Decimal(5), "t"),))
CEMS = Activity("stack", LineKind.CEMS, blocks=STACK)
REMOVAL = Activity("ccus", LineKind.REMOVAL, quantity=Decimal("1.5"), unit="t")
WOOD = Activity("wood", LineKind.BIOGENIC, "wood", Decimal(2), "t")
LIME = Activity("kiln", LineKind.PROCESS, "limestone", Decimal(3), "t")
SF6 = Activity("switchgear", LineKind.GAS, "SF6", Decimal("0.5"), "kg")


@pytest.fixture
def plant(world, park):
    """The park with its factor set published and eight readings of 1.50 kWh logged."""
    policy = Policy(
        policy="factor-set", id=PARK.id, version=PARK.version, effective_from="2023-01-01", document=PARK.document()
    )
    park.log.accept(park.sign("policy", policy, iss=world.PARK, stream="policies"))
    for seq in range(1, 9):
        park.log.accept(park.reading(seq))
    return park


def power(world, **members) -> Activity:
    cited = CitedRange(world.METER, world.STREAM, 1, 8, "12.00", "kWh")
    return Activity("grid", LineKind.ELECTRICITY, "ets_constant/2022", evidence=(cited,), **members)


def report(*activities: Activity, cems: CemsRules | None = None, **members) -> Report:
    built = build_report(
        year=2023,
        period_from=DAY[0],
        period_to=DAY[1],
        activities=activities,
        factor_set=PARK,
        obligation_base="direct",
        cems=cems or CemsRules(),
        **members,
    )
    return parse_body("report", built.body)


def send(world, plant, body: Report):
    return plant.log.accept(plant.sign("report", body, iss=world.WORKS, stream="reports"))


def amended(body: Report, **members) -> Report:
    line = msgspec.structs.replace(body.lines[0], **members)
    return msgspec.structs.replace(body, lines=(line, *body.lines[1:]))


def test_a_report_with_a_line_of_every_kind_is_accepted_from_its_evidence(world, plant) -> None:
    grid = power(world, own=Decimal("0.002"), certificates=(Certificate(serial="GEC-1", mwh="0.005"),))
    body = report(
        COAL, FURNACE, CEMS, REMOVAL, WOOD, LIME, SF6, grid, output=[Produced("tiles", "t", Decimal(4))]
    )  # fmt: skip
    send(world, plant, body)
    schema = json_schemas()["report"]
    Draft202012Validator({**schema, **schema["$defs"]["Report"]}).validate(json.loads(msgspec.json.encode(body)))
    assert (body.totals.removals, body.totals.scope2, body.totals.scope2_market) == ("1.50", "0.01", "0.00")


@pytest.mark.parametrize(
    ("activity", "members", "rule"),
    [
        (COAL, {"laboratory": (Analysis(batch="b", carbon="0.6"),)}, "line.batches"),
        (CEMS, {"blocks": STACK[:1]}, "line.blocks"),
        (REMOVAL, {"quantity": "-1.50"}, "line.removal.negative"),
        (FURNACE, {"quantity": "5.00", "unit": "t"}, "line.members"),
        (LIME, {"id": "kiln\n"}, "body.name"),
        (LIME, {"kind": "magic"}, "line.kind"),
    ],
)
def test_a_malformed_line_is_refused_at_step_9(world, plant, activity: Activity, members, rule: str) -> None:
    with world.refused(rule, 9) as caught:
        send(world, plant, amended(report(activity), **members))
    assert caught.value.message_zh


def test_names_of_flows_batches_and_products_are_printable(world, plant) -> None:
    bell = "a\a"
    spoilt = [
        report(Activity("f", LineKind.MASS_BALANCE, flows=(Material(bell, "in", "coke", Decimal(5), "t"),))),
        report(
            Activity(
                "c",
                LineKind.COMBUSTION_MEASURED,
                "bituminous",
                weighings=(Weighed(bell, Decimal(1)),),
                laboratory=(Analysis(batch=bell, carbon="0.6"),),
            )
        ),
        report(LIME, output=[Produced(bell, "t", Decimal(4))]),
    ]
    for body in spoilt:
        with world.refused("body.name", 9):
            send(world, plant, body)


def test_below_the_years_completeness_a_stack_is_refused_by_the_policy_that_says_so_domain_34(world, plant) -> None:
    lenient = CemsRules(Decimal("0.5"))
    half = Activity("stack", LineKind.CEMS, blocks=(STACK[0], block(NOON, DAY[1], "12", "substituted")))
    body = report(half, cems=lenient)
    with world.refused("line.cems.completeness", 12) as caught:
        send(world, plant, body)
    assert isinstance(caught.value, RecomputationRefused)
    assert caught.value.line == "stack"
    rules = Policy(
        policy="rules",
        id="rules",
        version="1",
        effective_from="2023-01-01",
        document={"year": 2023, "cems_completeness": "0.5"},
    )
    plant.log.accept(plant.sign("policy", rules, iss=world.PARK, stream="policies"))
    send(world, plant, body)


def test_a_certificate_counts_once_in_a_report_and_in_one_spelling_domain_40(world, plant) -> None:
    one = Certificate(serial="GEC-1", mwh="0.005")
    office = Activity("office", LineKind.ELECTRICITY, "ets_constant/2022", Decimal("1.000"), "MWh", certificates=(one,))
    body = report(office, power(world))
    for serial, rule in (("GEC-1", "line.certificates.repeated"), ("GEC1", "line.certificates.repeated"),
                         ("gec-2", "line.certificates.serial")):  # fmt: skip
        again = msgspec.structs.replace(body.lines[1], certificates=(Certificate(serial=serial, mwh="0.001"),))
        with world.refused(rule, 9, serial):
            send(world, plant, msgspec.structs.replace(body, lines=(body.lines[0], again)))
    send(world, plant, body)
    assert plant.log.certificate("GEC1") == (world.WORKS, 2023)


@pytest.mark.parametrize("total", ["scope2_market", "removals", "biogenic"])
def test_a_total_that_stands_apart_off_by_the_last_digit_is_refused(world, plant, total: str) -> None:
    body = report(REMOVAL, WOOD, power(world, certificates=(Certificate(serial="GEC-1", mwh="0.005"),)))
    wrong = str(Decimal(getattr(body.totals, total)) + Decimal("0.01"))
    totals = msgspec.structs.replace(body.totals, **{total: wrong})
    with world.refused(f"totals.{total}", 12, wrong):
        send(world, plant, msgspec.structs.replace(body, totals=totals))
