"""A report's citations are summed while others may write; what is judged is the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from attestation.accounting import Activity, CitedRange, LineKind, build_report, load_bundled
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Policy, Report, parse_body
from ledger.citations import cited_ranges
from ledger.log import Accepted, Log, Refused

from .conftest import ENTERPRISE, METER, PARK, QUARTER, START, Park, accepted, instant, refused

FACTORS = ("cets-steel", "03.01-v01-2024")
READINGS = 40


@pytest.fixture
def log(park: Park) -> Log:
    made = park.log()
    policy = Policy(
        policy="factor-set",
        id=FACTORS[0],
        version=FACTORS[1],
        effective_from="2020-01-01",
        document=load_bundled(*FACTORS).document(),
    )
    entries = [
        *park.enrolments(),
        park.sign("policy", PARK, park.registrar, "policies", 1, policy),
        *(park.reading(seq) for seq in range(1, READINGS + 1)),
    ]
    for outcome in made.submit(entries).outcomes:
        accepted(outcome)
    return made


def report(park: Park, *ranges: tuple[str, int, int, str], seq: int = 1, key: PrivateKey | None = None) -> bytes:
    built = build_report(
        year=2023,
        period_from=instant(START),
        period_to=instant(START + (READINGS + 9) * QUARTER),
        activities=[
            Activity(
                id=f"power-{number}",
                kind=LineKind.ELECTRICITY,
                name="ets_constant/2022",
                evidence=(CitedRange(issuer, "electricity", first, last, quantity, "kWh"),),
            )
            for number, (issuer, first, last, quantity) in enumerate(ranges)
        ],
        factor_set=load_bundled(*FACTORS),
        obligation_base="direct",
    )
    body = parse_body("report", built.body)
    assert isinstance(body, Report)
    return park.sign("report", ENTERPRISE, key or park.enterprise, "reports", seq, body)


def total(count: int) -> str:
    return str(Decimal("3.17") * count)


def test_the_sum_is_made_before_the_lock_is_held(park: Park, log: Log) -> None:
    examination = log.examine([report(park, (METER, 1, READINGS, total(READINGS)))])
    assert {place: readings.count for place, readings in examination.sums.items()} == {
        (METER, "electricity", 1, READINGS): READINGS
    }
    read: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM entries" in statement and "ORDER BY entries.seq" in statement:
            read.append(statement)

    event.listen(park.database.engine, "before_cursor_execute", note)
    try:
        accepted(log.settle(examination).outcomes[0])
    finally:
        event.remove(park.database.engine, "before_cursor_execute", note)
    assert read == []


def test_a_range_that_became_whole_meanwhile_is_summed_under_the_lock(park: Park, log: Log) -> None:
    entry = report(park, (METER, 1, READINGS + 1, total(READINGS + 1)))
    examination = log.examine([entry])
    assert examination.sums == {}
    accepted(log.submit([park.reading(READINGS + 1)]).outcomes[0])
    accepted(log.settle(examination).outcomes[0])


def test_a_range_and_its_report_in_one_call(park: Park, log: Log) -> None:
    entry = report(park, (METER, 1, READINGS + 1, total(READINGS + 1)))
    for outcome in log.submit([park.reading(READINGS + 1), entry]).outcomes:
        accepted(outcome)


def test_a_wrong_sum_is_refused_from_either_side_of_the_lock(park: Park, log: Log) -> None:
    whole = log.submit([report(park, (METER, 1, READINGS, total(READINGS + 1)))]).outcomes[0]
    late = log.submit([park.reading(READINGS + 1), report(park, (METER, 1, READINGS + 1, total(READINGS)))]).outcomes[1]
    assert [refused(outcome).error.rule for outcome in (whole, late)] == ["citation.sum", "citation.sum"]


def test_nothing_is_summed_for_who_may_not_cite_it_or_did_not_sign(park: Park, log: Log) -> None:
    """Summing a year of readings is work: a forged report, or one about another's meter, does not get it."""
    stranger = PrivateKey.generate(Algorithm.ED25519)
    other, meter = "88.608.7/B", "88.608.7/B_METER"
    added = [
        park.key(other, Kind.ENTERPRISE, PrivateKey.generate(Algorithm.ED25519), Purpose.STATEMENT),
        park.key(meter, Kind.DEVICE, PrivateKey.generate(Algorithm.ED25519), Purpose.DEVICE, parent=other),
    ]
    for outcome in log.submit(added).outcomes:
        accepted(outcome)
    forged = report(park, (METER, 1, READINGS, total(READINGS)), key=stranger)
    foreign = report(park, (meter, 1, 2, "1"))
    examination = log.examine([forged, foreign])
    assert examination.sums == {}
    rules = [refused(outcome).error.rule for outcome in log.settle(examination).outcomes]
    assert rules == ["key.unknown", "citation.issuer"]


def test_what_is_no_report_cites_nothing(park: Park, log: Log) -> None:
    items = log.examine([park.reading(1), b"nonsense"]).items
    assert not isinstance(items[0], Refused | Accepted)
    assert cited_ranges(items[0].statement) == set()
