"""The factor set that a report names, and what later versions may be dated to."""

from __future__ import annotations

import pytest

from attestation.accounting import Activity, CitedRange, LineKind, build_report, load_bundled
from attestation.accounting.factor_sets import FactorSet
from attestation.bodies import Verification
from attestation.bodies.policies import Corrects
from attestation.examination import examine
from attestation.statements import Policy, Report, parse_body
from attestation.verification import Verdict

STEEL = load_bundled("cets-steel", "03.01-v01-2024")
ELECTRICITY = next(iter(STEEL.electricity))


def version(name: str) -> FactorSet:
    return FactorSet.from_document({**STEEL.document(), "version": name})


def publish(world, park, name: str, since: str, corrects: str | None = None) -> None:
    corrected = None if corrects is None else Corrects(version=corrects, reason="a factor was mistyped")
    policy = Policy(
        policy="factor-set",
        id=STEEL.id,
        version=name,
        effective_from=since,
        document=dict(version(name).document()),
        corrects=corrected,
    )
    park.log.accept(park.sign("policy", policy, iss=world.PARK, stream="policies"))


def report(world, name: str) -> Report:
    """Of 2023-01-01 in UTC, which ends at 08:00 on 2 January in China."""
    built = build_report(
        year=2023,
        period_from="2023-01-01T00:00:00Z",
        period_to="2023-01-02T00:00:00Z",
        activities=[
            Activity(
                "grid",
                LineKind.ELECTRICITY,
                ELECTRICITY,
                evidence=(CitedRange(world.METER, world.STREAM, 1, 8, "12.00", "kWh"),),
            )
        ],
        factor_set=version(name),
        obligation_base="direct",
    )
    return parse_body("report", built.body)


def send(world, park, name: str):
    return park.log.accept(park.sign("report", report(world, name), iss=world.WORKS, stream="reports"))


@pytest.fixture
def metered(world, park):
    for seq in range(1, 9):
        park.log.accept(park.reading(seq))
    return park


def test_a_set_serves_periods_that_end_after_its_first_day_began(world, metered) -> None:
    publish(world, metered, "later", "2023-01-03")
    with world.refused("factor_set.not_effective", 12, "from 2023-01-03"):
        send(world, metered, "later")
    publish(world, metered, "in-time", "2023-01-02")
    send(world, metered, "in-time")


def test_nobody_chooses_an_earlier_version_with_a_better_factor(world, metered) -> None:
    publish(world, metered, "1", "2022-01-01")
    publish(world, metered, "3", "2023-01-03")
    publish(world, metered, "2", "2023-01-02")
    with world.refused("factor_set.superseded", 12, f"{STEEL.id} 1") as caught:
        send(world, metered, "1")
    assert caught.value.expected == f"{STEEL.id} 2, which serves on 2023-01-02"
    send(world, metered, "2")


def test_of_versions_of_one_day_the_last_published_serves(world, metered) -> None:
    publish(world, metered, "b", "2023-01-01")
    publish(world, metered, "a", "2023-01-01")
    with world.refused("factor_set.superseded", 12, f"{STEEL.id} b"):
        send(world, metered, "b")
    send(world, metered, "a")


def test_a_correction_serves_in_the_place_of_what_it_corrects_and_not_of_what_came_after(world, metered) -> None:
    publish(world, metered, "1", "2021-01-01")
    publish(world, metered, "2", "2022-01-01")
    publish(world, metered, "1a", "2023-11-01", corrects="1")
    with world.refused("factor_set.superseded", 12, f"{STEEL.id} 1a"):
        send(world, metered, "1a")
    send(world, metered, "2")


def test_a_corrected_set_is_not_used_again_and_its_correction_serves_its_periods(world, metered) -> None:
    publish(world, metered, "1", "2022-01-01")
    publish(world, metered, "2", "2023-11-15", corrects="1")
    with world.refused("factor_set.corrected", 12, f"{STEEL.id} 1") as caught:
        send(world, metered, "1")
    assert f"{STEEL.id} 2" in caught.value.expected
    send(world, metered, "2")


def test_a_report_before_the_correction_stays(world, metered) -> None:
    publish(world, metered, "1", "2022-01-01")
    entry = metered.sign("report", report(world, "1"), iss=world.WORKS, stream="reports")
    metered.log.accept(entry)
    publish(world, metered, "2", "2023-11-15", corrects="1")
    assert metered.log.accept(entry).duplicate_of is not None


def test_a_version_dated_into_a_verdict_that_used_an_earlier_one_is_refused(world, metered) -> None:
    publish(world, metered, "1", "2022-01-01")
    send(world, metered, "1")
    reported = metered.log.entries[-1].statement.statement_id.hex()
    verdict = Verification(
        report=reported,
        initial_report=reported,
        boundary="the works",
        guideline="steel 2024",
        conclusion="rejected",
        adjustments=(),
        nonconformities=(),
        uncovered="none",
    )
    entry = metered.sign("verification", verdict, iss=world.PARK, stream="verdicts")
    metered.log.entries.append(
        # Whether the verdict was a good one is judged elsewhere.
        world.Logged(
            len(metered.log.entries),
            examine(entry, world.ORIGIN),
            Verdict(metered.log.keys_of(world.PARK)[0]),
            metered.log.now,
        )
    )
    for corrects in (None, "1"):
        with world.refused("policy.decided", 11, "from 2023-11-15"):
            publish(world, metered, "2", "2023-11-15", corrects)
    publish(world, metered, "2", "2023-11-16", "1")
