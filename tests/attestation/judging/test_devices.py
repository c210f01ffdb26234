"""``device`` statements: who may say what happened to a meter, and in which order (DOMAIN 42)."""

from __future__ import annotations

import pytest

from attestation.bodies import CalibrateDevice, InstallDevice, RemoveDevice, ReplaceDevice
from attestation.instants import format_instant, parse_instant
from attestation.keys import Kind, Purpose

OTHER, FOREIGN = "88.608.5288/meter-2", "88.608.9000/meter"


@pytest.fixture
def plant(world, park):
    """The park's works with a second meter, and another works with a meter of its own."""
    park.enrol(OTHER, Kind.DEVICE, Purpose.DEVICE, parent=world.WORKS)
    park.enrol("88.608.9000/works", Kind.ENTERPRISE, Purpose.STATEMENT)
    park.enrol(FOREIGN, Kind.DEVICE, Purpose.DEVICE, parent="88.608.9000/works")
    return park


def send(world, park, body, **options):
    options = {"iss": world.WORKS, "stream": "devices"} | options
    return park.log.accept(park.sign("device", body, **options))


def install(world, **members) -> InstallDevice:
    given = {"device": world.METER, "at": world.quarter(4), "unit": "kWh", "opening": "12.5", "multiplier": "40"}
    return InstallDevice(**given | members)


def replace(world, **members) -> ReplaceDevice:
    given = {
        "device": world.METER,
        "at": world.quarter(8),
        "closing": "99",
        "by": world.METER,
        "opening": "0",
        "multiplier": "60",
        "unit": "kWh",
    }
    return ReplaceDevice(**given | members)


def calibrate(world, **members) -> CalibrateDevice:
    given = {
        "device": world.METER,
        "at": world.quarter(6),
        "accuracy_percent": "0.5",
        "valid_until": world.quarter(400),
        "certificate_hash": "ab" * 32,
    }
    return CalibrateDevice(**given | members)


def remove(world, **members) -> RemoveDevice:
    return RemoveDevice(**{"device": world.METER, "at": world.quarter(9), "closing": "100"} | members)


def test_domain_42_a_meters_life_is_said_by_its_enterprise(world, plant) -> None:
    for body in (install(world), calibrate(world), replace(world), remove(world), install(world, at=world.quarter(9))):
        send(world, plant, body)
    assert [(term.end is None, str(term.multiplier)) for term in plant.log.device_terms(world.METER)] == [
        (False, "40"),
        (False, "60"),
        (True, "40"),
    ]


def test_domain_42_another_meter_of_the_same_enterprise_takes_over(world, plant) -> None:
    send(world, plant, install(world))
    send(world, plant, replace(world, by=OTHER))
    (old,), (new,) = plant.log.device_terms(world.METER), plant.log.device_terms(OTHER)
    assert (old.end, str(new.multiplier), new.end) == (new.start, "60", None)
    with world.refused("device.state", 11, world.METER):
        send(world, plant, remove(world))
    send(world, plant, remove(world, device=OTHER))


@pytest.mark.parametrize(
    ("members", "rule", "value"),
    [
        ({"multiplier": "0"}, "device.multiplier", "0"),
        ({"multiplier": "10000000.1"}, "device.multiplier", "10000000.1"),
        ({"opening": "-1"}, "decimal.grammar", "-1"),
        ({"unit": "kW"}, "unit.unknown", "kW"),
        ({"accuracy_percent": "100", "valid_until": "2024-01-01T00:00:00Z"}, "device.accuracy", "100"),
        ({"accuracy_percent": "0"}, "device.accuracy", "0"),
        ({"valid_until": "2024-01-01T00:00:00Z"}, "device.accuracy", "none"),
        ({"accuracy_percent": "1", "valid_until": "2023-01-01T01:00:00Z"}, "device.validity", "2023-01-01T01:00:00Z"),
        ({"at": "2023-01-01"}, "instant.format", "2023-01-01"),
        ({"device": "no identifier"}, "identifier.characters", "no identifier"),
    ],
)
def test_numbers_that_no_meter_has_are_refused(world, plant, members: dict[str, str], rule: str, value: str) -> None:
    with world.refused(rule, 9, value):
        send(world, plant, install(world, **members))


def test_a_certificate_is_named_by_its_hash(world, plant) -> None:
    send(world, plant, install(world))
    with world.refused("device.certificate", 9, "AB"):
        send(world, plant, calibrate(world, certificate_hash="AB" * 32))


def test_an_event_in_the_future_is_refused(world, plant) -> None:
    late = format_instant(plant.log.now + plant.log.skew + 1)
    with world.refused("time.at_future", 10):
        send(world, plant, install(world, at=late))
    send(world, plant, install(world, at=format_instant(plant.log.now + plant.log.skew)))


@pytest.mark.parametrize("device", [FOREIGN, "88.608.5288/nobody", "88.608.5288/works"])
def test_only_whose_meter_it_is_says_what_happens_to_it(world, plant, device: str) -> None:
    with world.refused("device.parent", 11, device):
        send(world, plant, install(world, device=device))


def test_a_meter_says_nothing_of_itself(world, plant) -> None:
    with world.refused("purpose.key", 8):
        send(world, plant, install(world), iss=world.METER)


def test_only_a_meter_of_the_same_enterprise_replaces(world, plant) -> None:
    send(world, plant, install(world))
    with world.refused("device.parent", 11, FOREIGN):
        send(world, plant, replace(world, by=FOREIGN))


def test_a_meter_in_service_is_not_installed_and_replaces_nothing(world, plant) -> None:
    send(world, plant, install(world))
    send(world, plant, install(world, device=OTHER))
    with world.refused("device.state", 11, world.METER):
        send(world, plant, install(world, at=world.quarter(5)))
    with world.refused("device.state", 11, OTHER):
        send(world, plant, replace(world, by=OTHER))


@pytest.mark.parametrize("event", [replace, calibrate, remove])
def test_what_was_never_installed_is_not_replaced_calibrated_or_removed(world, plant, event) -> None:
    with world.refused("device.state", 11, world.METER):
        send(world, plant, event(world))


def test_events_follow_each_other_in_time(world, plant) -> None:
    send(world, plant, install(world))
    with world.refused("device.order", 11, world.quarter(4)):
        send(world, plant, remove(world, at=world.quarter(4)))
    with world.refused("device.state", 11, world.quarter(3)):
        send(world, plant, calibrate(world, at=world.quarter(3)))
    send(world, plant, remove(world))
    with world.refused("device.order", 11, world.quarter(8)):
        send(world, plant, install(world, at=world.quarter(8)))


def test_a_replacement_measures_the_same_thing(world, plant) -> None:
    send(world, plant, install(world))
    with world.refused("device.unit", 11, "GJ"):
        send(world, plant, replace(world, unit="GJ"))
    send(world, plant, replace(world, unit="MWh"))


@pytest.mark.parametrize("ending", [remove, replace])
def test_a_meter_that_was_calibrated_had_not_gone_before(world, plant, ending) -> None:
    """DOMAIN 42: the certificate says that it was there; otherwise one of the two events is wrong."""
    send(world, plant, install(world))
    send(world, plant, calibrate(world, at=world.quarter(8)))
    with world.refused("device.order", 11, world.quarter(7)) as caught:
        send(world, plant, ending(world, at=world.quarter(7)))
    assert "its last calibration" in caught.value.expected
    send(world, plant, ending(world, at=world.quarter(8)))


def test_replacements_in_a_circle_are_one_life_after_the_other(world, plant) -> None:
    """A for B, B for A, A for itself: no instant in two terms of one meter, none of a meter that is not there."""
    send(world, plant, install(world))
    send(world, plant, replace(world, at=world.quarter(5), by=OTHER))
    with world.refused("device.state", 11, OTHER):
        send(world, plant, install(world, device=OTHER, at=world.quarter(5)))
    with world.refused("device.order", 11, world.quarter(5)):
        send(world, plant, replace(world, device=OTHER, at=world.quarter(5), by=world.METER))
    send(world, plant, replace(world, device=OTHER, at=world.quarter(6), by=world.METER))
    with world.refused("device.state", 11, OTHER):
        send(world, plant, replace(world, device=OTHER, at=world.quarter(7), by=world.METER))
    send(world, plant, replace(world, at=world.quarter(7)))
    first, second = plant.log.device_terms(world.METER), plant.log.device_terms(OTHER)
    bounds = [[(one.start, one.end) for one in terms] for terms in (first, second)]
    four, five, six, seven = (parse_instant(world.quarter(number)) for number in (4, 5, 6, 7))
    assert bounds == [[(four, five), (six, seven), (seven, None)], [(five, six)]]


def test_a_meter_with_all_the_digits_there_are_counts_them_exactly(world, plant) -> None:
    digits = "9" * 18 + "." + "9" * 9
    send(world, plant, install(world, opening=digits, multiplier="9999999.999999999"))
    (term,) = plant.log.device_terms(world.METER)
    assert (str(term.opening), str(term.multiplier)) == (digits, "9999999.999999999")
    for wrong in ("9" * 19, "1." + "1" * 10, "-1", "1e3", "٣"):
        with world.refused("decimal.grammar", 9):
            send(world, plant, remove(world, closing=wrong))
