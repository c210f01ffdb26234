"""Readings signed by hand: by an enterprise or one of its persons, for a meter of the enterprise (DOMAIN 43)."""

from __future__ import annotations

import pytest

from attestation.keys import Kind, Purpose

PERSON = "88.608.5288/person-1"


@pytest.fixture
def staffed(world, park):
    """The works has a person who signs statements."""
    park.enrol(PERSON, Kind.PERSON, Purpose.STATEMENT, parent=world.WORKS)
    return park


def test_an_enterprise_and_its_persons_sign_readings_with_and_without_a_meter(world, staffed) -> None:
    for iss in (world.WORKS, PERSON):
        staffed.log.accept(staffed.reading(1, iss=iss))
        verdict = staffed.log.accept(staffed.reading(2, iss=iss, meter=world.METER))
        assert verdict.period is not None


def test_manual_streams_have_gaps_and_overlaps_like_a_meter_s(world, park) -> None:
    park.log.accept(park.reading(1, iss=world.WORKS))
    assert park.log.accept(park.reading(4, iss=world.WORKS)).opens_gap == (2, 3)
    with world.refused("sequence.overlap_below", 11):
        park.log.accept(park.reading(5, iss=world.WORKS, start=world.quarter(3), end=world.quarter(5)))


def test_a_meter_s_own_reading_names_no_meter(world, park) -> None:
    with world.refused("reading.meter", 9, world.METER):
        park.log.accept(park.reading(1, meter=world.METER))
    park.log.accept(park.reading(1))


def test_the_named_meter_is_a_device_of_the_enterprise(world, staffed) -> None:
    other, meter = "88.608.5289/other", "88.608.5289/meter"
    staffed.enrol(other, Kind.ENTERPRISE, Purpose.STATEMENT, parent=world.PARK)
    staffed.enrol(meter, Kind.DEVICE, Purpose.DEVICE, parent=other)
    for iss in (world.WORKS, PERSON):
        for named in (meter, world.WORKS, PERSON, other, "88.608.1/nobody"):
            with world.refused("reading.device", 11, named) as caught:
                staffed.log.accept(staffed.reading(1, iss=iss, meter=named))
            assert world.WORKS in caught.value.expected
    staffed.log.accept(staffed.reading(1, iss=other, meter=meter))


def test_a_meter_is_named_by_an_identifier(world, park) -> None:
    with world.refused("identifier.form", 9, "meter"):
        park.log.accept(park.reading(1, iss=world.WORKS, meter="meter"))


@pytest.mark.parametrize(
    ("kind", "parent", "shown"), [(Kind.VERIFIER, False, "verifier"), (Kind.REGULATOR, False, "regulator")]
)
def test_who_only_looks_signs_no_readings(world, park, kind: Kind, parent: bool, shown: str) -> None:
    park.enrol("88.608.9/x", kind, Purpose.STATEMENT)
    with world.refused("purpose.kind", 8, shown):
        park.log.accept(park.reading(1, iss="88.608.9/x"))
    with world.refused("purpose.kind", 8, "park"):
        park.log.accept(park.reading(1, iss=world.PARK))


def test_a_key_without_the_purpose_statement_signs_no_readings(world, park) -> None:
    park.enrol("88.608.5290/a", Kind.ENTERPRISE, Purpose.ASSET, parent=world.PARK)
    with world.refused("purpose.key", 8, "asset"):
        park.log.accept(park.reading(1, iss="88.608.5290/a"))


def test_nobody_closes_a_stream_by_hand(world, park) -> None:
    close = park.log.accept(park.reading(1)) and park.close(2, count=1)
    assert park.log.accept(close).period is not None
    body = park.log.entries[-1].statement.body
    with world.refused("purpose.key", 8, "statement"):
        park.log.accept(park.sign("close", body, iss=world.WORKS))
