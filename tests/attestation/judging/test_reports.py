from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from attestation.accounting import Activity, CitedRange, LineKind, build_report, load_bundled
from attestation.errors import RecomputationRefused, TimeRefused
from attestation.instants import parse_instant
from attestation.judging.report_case import check_year
from attestation.keys import Kind, Purpose
from attestation.statements import Policy, Report, parse_body

STEEL = load_bundled("cets-steel", "03.01-v01-2024")
ELECTRICITY = next(iter(STEEL.electricity))
DAY = ("2023-01-01T00:00:00Z", "2023-01-02T00:00:00Z")


def policy() -> Policy:
    return Policy(
        policy="factor-set",
        id=STEEL.id,
        version=STEEL.version,
        effective_from="2023-01-01",
        document=STEEL.document(),
    )


@pytest.fixture
def plant(world, park):
    """The park with the factor set published and eight readings of 1.50 kWh logged."""
    park.log.accept(park.sign("policy", policy(), iss=world.PARK, stream="policies"))
    for seq in range(1, 9):
        park.log.accept(park.reading(seq))
    return park


def report(world, *, period=DAY, evidence=None, supersedes=None, base="direct", **changed) -> Report:
    cited = CitedRange(world.METER, world.STREAM, 1, 8, "12.00", "kWh")
    activities = [
        Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal("10.00"), "t"),
        Activity("grid", LineKind.ELECTRICITY, ELECTRICITY, evidence=evidence or (cited,)),
    ]
    built = build_report(
        year=2023,
        period_from=period[0],
        period_to=period[1],
        activities=activities,
        factor_set=STEEL,
        obligation_base=base,
        supersedes=supersedes,
    )
    return parse_body("report", built.body | changed)


def send(world, park, body: Report, **options):
    return park.log.accept(park.sign("report", body, iss=world.WORKS, stream="reports", **options))


def amended(body: Report, line: int, **members) -> Report:
    lines = list(body.lines)
    lines[line] = msgspec.structs.replace(lines[line], **members)
    return msgspec.structs.replace(body, lines=tuple(lines))


def cite(world, park, *ranges: tuple[int, int, str], issuer=None, stream=None, unit="kWh") -> tuple[CitedRange, ...]:
    return tuple(
        CitedRange(issuer or world.METER, stream or world.STREAM, first, last, quantity, unit)
        for first, last, quantity in ranges
    )


def test_a_report_that_follows_from_its_evidence_is_accepted(world, plant) -> None:
    body = report(world)
    verdict = send(world, plant, body)
    assert verdict.key.identifier == world.WORKS
    assert body.lines[1].quantity == "0.012"
    assert body.totals.obligation_base == "direct"


def test_a_cited_sum_off_by_the_last_digit_names_line_claimed_and_recomputed(world, plant) -> None:
    body = report(world)
    citation = msgspec.structs.replace(body.lines[1].evidence[0], quantity="12.01")
    with world.refused("citation.sum", 12, "12.01") as caught:
        send(world, plant, amended(body, 1, evidence=(citation,)))
    error = caught.value
    assert isinstance(error, RecomputationRefused)
    assert (error.line, error.value, error.expected) == ("grid", "12.01", "12.00")
    assert "line grid" in error.message
    assert error.as_dict()["line"] == "grid"


@pytest.mark.parametrize(
    ("line", "member", "claimed", "rule"),
    [
        (0, "emissions", "off", "line.emissions"),
        (1, "emissions", "off", "line.emissions"),
        (1, "quantity", "0.013", "line.quantity.evidence"),
    ],
)
def test_a_line_off_by_the_last_digit_names_line_claimed_and_recomputed(
    world, plant, line: int, member: str, claimed: str, rule: str
) -> None:
    body = report(world)
    honest = getattr(body.lines[line], member)
    if claimed == "off":
        claimed = str(Decimal(honest) + Decimal("0.01"))
    with world.refused(rule, 12, claimed) as caught:
        send(world, plant, amended(body, line, **{member: claimed}))
    assert (caught.value.line, caught.value.expected) == (body.lines[line].id, honest)


@pytest.mark.parametrize("total", ["scope1", "scope2", "obligation_tonnes", "obligation_base"])
def test_a_total_off_by_the_last_digit_is_refused(world, plant, total: str) -> None:
    body = report(world)
    honest = getattr(body.totals, total)
    wrong = {
        "scope1": lambda: str(Decimal(honest) + Decimal("0.01")),
        "scope2": lambda: str(Decimal(honest) + Decimal("0.01")),
        "obligation_tonnes": lambda: honest + 1,
        "obligation_base": lambda: "direct+energy",
    }[total]()
    totals = msgspec.structs.replace(body.totals, **{total: wrong})
    with world.refused(f"totals.{total}", 12, str(wrong)) as caught:
        send(world, plant, msgspec.structs.replace(body, totals=totals))
    assert caught.value.expected == str(honest)
    assert caught.value.line == f"totals.{total}"


def test_domain_2_the_obligation_follows_the_years_policy(world, plant) -> None:
    base = Policy(
        policy="obligation-base",
        id="b",
        version="1",
        effective_from="2023-01-01",
        document={"year": 2023, "base": "direct+energy"},
    )
    plant.log.accept(plant.sign("policy", base, iss=world.PARK, stream="policies"))
    with world.refused("totals.obligation_base", 12, "direct"):
        send(world, plant, report(world))
    send(world, plant, report(world, base="direct+energy"))


def test_an_unknown_factor_set_version_is_refused(world, plant, park) -> None:
    body = report(world, factor_set={"id": STEEL.id, "version": "03.01-v02"})
    with world.refused("factor_set.unknown", 12, "03.01-v02"):
        send(world, plant, body)


@pytest.mark.parametrize("ranges", [[(1, 9, "13.50")], [(9, 9, "1.50")], [(3, 10_000_002, "9.00")]])
def test_citing_what_is_not_logged_is_refused(world, plant, ranges) -> None:
    with world.refused("citation.readings", 12, f"{ranges[0][0]}-{ranges[0][1]}") as caught:
        send(world, plant, report(world, evidence=cite(world, plant, *ranges)))
    assert caught.value.line == "grid"


def test_citing_across_a_gap_a_close_or_mixed_units_is_refused(world, plant) -> None:
    plant.log.accept(plant.reading(10))
    with world.refused("citation.readings", 12, "8-10"):
        send(world, plant, report(world, evidence=cite(world, plant, (8, 10, "3.00"))))
    plant.log.accept(plant.close(11, count=9, end=10))
    with world.refused("citation.readings", 12, "10-11"):
        send(world, plant, report(world, evidence=cite(world, plant, (10, 11, "1.50"))))
    for seq, unit in ((1, "kWh"), (2, "MWh")):
        plant.log.accept(plant.reading(seq, unit=unit, stream="mixed"))
    with world.refused("citation.readings", 12, "mixed 1-2"):
        send(world, plant, report(world, evidence=cite(world, plant, (1, 2, "3.00"), stream="mixed")))


def test_citing_in_another_unit_is_refused(world, plant) -> None:
    with world.refused("citation.unit", 12, "MWh"):
        send(world, plant, report(world, evidence=cite(world, plant, (1, 8, "12.00"), unit="MWh")))


def test_citing_a_meter_of_somebody_else_is_refused(world, plant) -> None:
    other, meter = "88.608.6000/other", "88.608.6000/meter"
    plant.enrol(other, Kind.ENTERPRISE, Purpose.STATEMENT, parent=world.PARK)
    plant.enrol(meter, Kind.DEVICE, Purpose.DEVICE, parent=other)
    plant.log.accept(plant.reading(1, iss=meter))
    for issuer in (meter, other, world.PARK, "88.608.1/nobody"):
        with world.refused("citation.issuer", 12, issuer):
            send(world, plant, report(world, evidence=cite(world, plant, (1, 1, "1.50"), issuer=issuer)))


def test_cited_readings_lie_in_the_reports_period(world, plant) -> None:
    period = (world.quarter(1), world.quarter(8))
    with world.refused("citation.period", 12, "1-8"):
        send(world, plant, report(world, period=period))
    period = (world.quarter(0), world.quarter(7))
    with world.refused("citation.period", 12, "1-8"):
        send(world, plant, report(world, period=period))
    send(world, plant, report(world, period=(world.quarter(0), world.quarter(8))))


def test_domain_35_no_reading_is_counted_twice(world, plant) -> None:
    body = report(world, evidence=cite(world, plant, (1, 5, "7.50"), (6, 8, "4.50")))
    twice = cite(world, plant, (1, 5, "7.50"), (5, 8, "6.00"))
    with world.refused("evidence.counted_twice", 9):
        send(world, plant, report_with(world, body, twice))
    send(world, plant, body)


def report_with(world, body: Report, ranges) -> Report:
    document = msgspec.to_builtins(body)
    document["lines"][1]["evidence"] = [msgspec.to_builtins(r) for r in ranges]
    return parse_body("report", document)


def test_one_report_stands_per_enterprise_and_year(world, plant) -> None:
    send(world, plant, report(world))
    first = plant.log.entries[-1].statement.statement_id.hex()
    with world.refused("report.case", 11, f"{world.WORKS} 2023") as caught:
        send(world, plant, report(world))
    assert first in caught.value.expected
    half = (world.quarter(0), world.quarter(48))
    with world.refused("report.case", 11):
        send(world, plant, report(world, period=half))
    with world.refused("report.case", 11):
        plant.log.accept(plant.sign("report", report(world), iss=world.WORKS, stream="another"))
    with world.refused("supersedes.period", 11):
        send(world, plant, report(world, period=half, supersedes=first))
    with world.refused("supersedes.unknown", 11, "0" * 64):
        send(world, plant, report(world, supersedes="0" * 64))
    send(world, plant, report(world, supersedes=first))
    with world.refused("supersedes.unknown", 11, first):
        send(world, plant, report(world, supersedes=first))
    second = plant.log.entries[-1].statement.statement_id.hex()
    # A revision supersedes what stands, whichever stream it is in.
    revision = report(world, supersedes=second)
    plant.log.accept(plant.sign("report", revision, iss=world.WORKS, stream="another"))


def of(year: int, start: str, end: str) -> Report:
    coal = Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal("1.00"), "t")
    built = build_report(
        year=year, period_from=start, period_to=end, activities=[coal], factor_set=STEEL, obligation_base="direct"
    )
    return parse_body("report", built.body)


@pytest.mark.parametrize("stream", ["reports", "another"])
def test_reports_of_two_years_do_not_share_an_instant_in_whichever_stream(world, plant, stream: str) -> None:
    send(world, plant, report(world))
    start = "2022-12-31T00:00:00Z"
    with world.refused("report.overlap", 11):
        overlapping = of(2022, start, world.quarter(1))
        plant.log.accept(plant.sign("report", overlapping, iss=world.WORKS, stream=stream))
    plant.log.accept(plant.sign("report", of(2022, start, DAY[0]), iss=world.WORKS, stream=stream))


@pytest.mark.parametrize(
    ("start", "end", "lies"),
    [
        ("2022-12-31T16:00:00Z", "2023-01-31T16:00:00Z", True),  # the year of UTC+8
        ("2022-12-31T10:00:00Z", "2023-01-31T00:00:00Z", True),  # of UTC+14, the first in which it begins
        ("2022-12-31T09:59:59Z", "2023-01-31T00:00:00Z", False),
        ("2022-01-01T00:00:00Z", "2022-02-01T00:00:00Z", False),
    ],
)
def test_a_report_is_of_the_year_in_which_its_period_lies_domain_2(world, plant, start: str, end: str, lies) -> None:
    if lies:
        send(world, plant, of(2023, start, end))
        return
    with world.refused("report.year", 10) as caught:
        send(world, plant, of(2023, start, end))
    assert start in str(caught.value)
    assert caught.value.message_zh


def test_a_year_ends_where_it_ends_last_domain_2() -> None:
    begin = parse_instant("2022-06-01T00:00:00Z")
    check_year(2022, (begin, parse_instant("2023-01-01T12:00:00Z")))
    with pytest.raises(TimeRefused) as refusal:
        check_year(2022, (begin, parse_instant("2023-01-01T12:00:01Z")))
    assert refusal.value.rule == "report.year"


def test_a_report_supersedes_nothing_where_nothing_stands(world, plant) -> None:
    with world.refused("supersedes.unknown", 11, "ab" * 32):
        send(world, plant, report(world, supersedes="ab" * 32))


@pytest.mark.parametrize(
    ("changed", "rule", "step"),
    [
        ({"year": 23}, "body.integer", 9),
        ({"year": 2201}, "body.integer", 9),
        ({"supersedes": "AB" * 32}, "statement_id.format", 9),
        ({"lines": []}, "report.lines.empty", 9),
        ({"factor_set": {"id": "", "version": "1"}}, "body.name", 9),
        ({"period": {"from": "2023", "to": DAY[1]}}, "instant.format", 9),
        ({"period": {"from": DAY[1], "to": DAY[0]}}, "time.period_order", 10),
        ({"period": {"from": DAY[0], "to": "2033-01-01T00:00:00Z"}}, "time.period_future", 10),
    ],
)
def test_other_reports_are_refused(world, plant, changed, rule: str, step: int) -> None:
    with world.refused(rule, step):
        send(world, plant, parse_body("report", msgspec.to_builtins(report(world)) | changed))


def test_line_names_are_printable(world, plant) -> None:
    with world.refused("body.name", 9):
        send(world, plant, amended(report(world), 0, id="coal\n"))


def test_a_report_from_the_future_is_refused(world, plant) -> None:
    with world.refused("time.iat_future", 10):
        send(world, plant, report(world), iat=plant.log.now + 301)


def test_a_park_reports_its_own_facilities(world, plant) -> None:
    meter = "88.608.100/meter"
    plant.enrol(meter, Kind.DEVICE, Purpose.DEVICE, parent=world.PARK)
    plant.log.accept(plant.reading(1, iss=meter))
    body = report(world, evidence=cite(world, plant, (1, 1, "1.50"), issuer=meter))
    plant.log.accept(plant.sign("report", body, iss=world.PARK, stream="reports"))
