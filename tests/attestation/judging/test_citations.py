"""What a report cites is worth what its meters say: terms, multipliers, calibration, hours (DOMAIN 35, 39, 42)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.accounting import Activity, CitedRange, LineKind, build_report, load_bundled
from attestation.bodies import CalibrateDevice, InstallDevice, ReplaceDevice
from attestation.keys import Kind, Purpose
from attestation.statements import Policy, parse_body

STEEL = load_bundled("cets-steel", "03.01-v01-2024")
ELECTRICITY = next(iter(STEEL.electricity))
OTHER = "88.608.5288/meter-2"
COUNT = 12


@pytest.fixture
def plant(world, park):
    """Twelve quarters of 1.50 kWh of the works' meter, a second meter without readings, the factors published."""
    park.enrol(OTHER, Kind.DEVICE, Purpose.DEVICE, parent=world.WORKS)
    body = Policy(
        policy="factor-set",
        id=STEEL.id,
        version=STEEL.version,
        effective_from="2023-01-01",
        document=STEEL.document(),
    )
    park.log.accept(park.sign("policy", body, iss=world.PARK, stream="policies"))
    for seq in range(1, COUNT + 1):
        park.log.accept(park.reading(seq))
    return park


def device(world, park, body) -> None:
    park.log.accept(park.sign("device", body, iss=world.WORKS, stream="devices"))


def install(world, *, at: int = 0, multiplier: str = "40", until: int | None = None, unit: str = "kWh"):
    kept = {} if until is None else {"accuracy_percent": "2", "valid_until": world.quarter(until)}
    return InstallDevice(
        device=world.METER, at=world.quarter(at), unit=unit, opening="0", multiplier=multiplier, **kept
    )


def replaced(world, at: int, multiplier: str = "60"):
    return ReplaceDevice(
        device=world.METER,
        at=world.quarter(at),
        closing="9",
        by=world.METER,
        opening="0",
        multiplier=multiplier,
        unit="kWh",
    )


def cite(world, first: int, last: int, *, issuer: str | None = None, stream: str | None = None, **members):
    quantity = str(Decimal("1.50") * (last - first + 1))
    return CitedRange(issuer or world.METER, stream or world.STREAM, first, last, quantity, "kWh", **members)


def send(world, park, *lines: tuple[CitedRange, ...]):
    built = build_report(
        year=2023,
        period_from=world.quarter(0),
        period_to=world.quarter(96),
        activities=[
            Activity(f"grid-{number}", LineKind.ELECTRICITY, ELECTRICITY, evidence=cited)
            for number, cited in enumerate(lines)
        ],
        factor_set=STEEL,
        obligation_base="direct",
    )
    return park.log.accept(park.sign("report", parse_body("report", built.body), iss=world.WORKS, stream="reports"))


def by_hand(world, park, seq: int, place: int, meter: str | None) -> None:
    """Reading ``seq`` of the works' own stream, about quarter ``place``."""
    park.log.accept(
        park.reading(
            seq,
            iss=world.WORKS,
            stream="by-hand",
            start=world.quarter(place),
            end=world.quarter(place + 1),
            meter=meter,
        )
    )


def test_domain_42_a_citation_on_each_side_of_a_replacement_carries_its_own_multiplier(world, plant) -> None:
    device(world, plant, install(world))
    device(world, plant, replaced(world, 8))
    send(world, plant, (cite(world, 1, 8, multiplier="40"), cite(world, 9, 12, multiplier="60.0")))


def test_domain_42_a_citation_over_a_replacement_is_refused(world, plant) -> None:
    device(world, plant, install(world))
    device(world, plant, replaced(world, 8, multiplier="40"))
    with world.refused("citation.device_term", 12, f"{world.METER} {world.STREAM} 1-12") as caught:
        send(world, plant, (cite(world, 1, 12, multiplier="40"),))
    assert world.quarter(8) in caught.value.expected
    assert caught.value.line == "grid-0"


def test_domain_42_readings_from_before_the_installation_are_refused(world, plant) -> None:
    device(world, plant, install(world, at=4))
    with world.refused("citation.device_term", 12):
        send(world, plant, (cite(world, 4, 12, multiplier="40"),))
    send(world, plant, (cite(world, 5, 12, multiplier="40"),))


@pytest.mark.parametrize("given", [None, "39.9", "1"])
def test_domain_42_the_terms_multiplier_and_no_other(world, plant, given: str | None) -> None:
    device(world, plant, install(world))
    with world.refused("citation.multiplier", 12, given or "none") as caught:
        send(world, plant, (cite(world, 1, 12, multiplier=given),))
    assert caught.value.expected == "40"


def test_domain_42_a_device_without_events_counts_once(world, plant) -> None:
    with world.refused("citation.multiplier", 12, "40"):
        send(world, plant, (cite(world, 1, 12, multiplier="40"),))
    send(world, plant, (cite(world, 1, 12, multiplier="1.0"),))


def test_readings_measure_what_the_register_counts(world, plant) -> None:
    device(world, plant, install(world, unit="GJ", multiplier="1"))
    with world.refused("citation.device_unit", 12, "kWh"):
        send(world, plant, (cite(world, 1, 12),))


def test_domain_39_readings_past_the_calibration_carry_the_rated_accuracy(world, plant) -> None:
    device(world, plant, install(world, multiplier="1", until=8))
    with world.refused("citation.uncalibrated", 12) as caught:
        send(world, plant, (cite(world, 1, 8), cite(world, 9, 12)))
    assert caught.value.expected.startswith("2 ")
    send(world, plant, (cite(world, 1, 8), cite(world, 9, 12, accuracy_percent="2.0")))


def test_domain_39_only_the_uncovered_period_is_changed(world, plant) -> None:
    """Neither may covered readings be made larger, nor a range over the boundary be cited as one."""
    device(world, plant, install(world, multiplier="1", until=8))
    with world.refused("citation.uncalibrated", 12, "2"):
        send(world, plant, (cite(world, 1, 8, accuracy_percent="2"),))
    for accuracy in (None, "2"):
        with world.refused("citation.uncalibrated", 12, "1-12") as caught:
            send(world, plant, (cite(world, 1, 12, accuracy_percent=accuracy),))
        assert world.quarter(8) in caught.value.expected


def test_domain_39_a_new_certificate_ends_the_uncovered_period(world, plant) -> None:
    device(world, plant, install(world, multiplier="1", until=4))
    certificate = CalibrateDevice(
        device=world.METER,
        at=world.quarter(8),
        accuracy_percent="0.5",
        valid_until=world.quarter(400),
        certificate_hash="0" * 64,
    )
    device(world, plant, certificate)
    send(world, plant, (cite(world, 1, 4), cite(world, 5, 8, accuracy_percent="2"), cite(world, 9, 12)))


def test_domain_43_a_range_by_hand_names_one_meter(world, plant) -> None:
    for seq, meter in enumerate((world.METER, world.METER, OTHER, None), start=1):
        by_hand(world, plant, seq, 20 + seq, meter)
    hand = {"issuer": world.WORKS, "stream": "by-hand"}
    with world.refused("citation.meters", 12, f"{world.METER}, {OTHER}"):
        send(world, plant, (cite(world, 1, 3, **hand),))
    with world.refused("citation.meters", 12, "no meter"):
        send(world, plant, (cite(world, 3, 4, **hand),))
    send(world, plant, (cite(world, 1, 2, **hand), cite(world, 3, 3, **hand), cite(world, 4, 4, **hand)))


def test_domain_42_readings_by_hand_are_worth_what_their_meter_says(world, plant) -> None:
    device(world, plant, install(world))
    by_hand(world, plant, 1, 20, world.METER)
    hand = {"issuer": world.WORKS, "stream": "by-hand"}
    with world.refused("citation.multiplier", 12):
        send(world, plant, (cite(world, 1, 1, **hand),))
    send(world, plant, (cite(world, 1, 1, multiplier="40", **hand),))


def test_what_no_meter_measured_has_no_multiplier(world, plant) -> None:
    by_hand(world, plant, 1, 20, None)
    hand = {"issuer": world.WORKS, "stream": "by-hand"}
    with world.refused("citation.multiplier", 12, "40"):
        send(world, plant, (cite(world, 1, 1, multiplier="40", **hand),))
    with world.refused("citation.uncalibrated", 12, "2"):
        send(world, plant, (cite(world, 1, 1, accuracy_percent="2", **hand),))


def test_domain_35_an_hour_of_a_meter_counts_once_whoever_read_it(world, plant) -> None:
    by_hand(world, plant, 1, 11, world.METER)
    by_hand(world, plant, 2, 12, world.METER)
    hand = {"issuer": world.WORKS, "stream": "by-hand"}
    with world.refused("citation.hours_twice", 12, world.METER) as caught:
        send(world, plant, (cite(world, 1, 12),), (cite(world, 1, 2, **hand),))
    assert (caught.value.line, world.quarter(11) in caught.value.value) == ("grid-1", True)
    send(world, plant, (cite(world, 1, 12),), (cite(world, 2, 2, **hand),))


def test_domain_35_two_streams_of_one_meter_do_not_count_an_hour_twice(world, plant) -> None:
    for seq in range(1, 5):
        plant.log.accept(plant.reading(seq, stream="copy"))
    with world.refused("citation.hours_twice", 12, f"{world.METER} from {world.quarter(0)} to {world.quarter(4)}"):
        send(world, plant, (cite(world, 1, 12), cite(world, 1, 4, stream="copy")))


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_domain_42_a_citation_is_accepted_exactly_where_one_term_holds_it(world, data: st.DataObject) -> None:
    """Installed and replaced anywhere, any range: the multiplier of the term that holds all of it is the one that
    passes, and none passes where no term does."""
    plant = _plant(world)
    begun = data.draw(st.integers(0, COUNT - 1))
    changed = data.draw(st.integers(begun + 1, COUNT + 2))
    first = data.draw(st.integers(1, COUNT))
    last = data.draw(st.integers(first, COUNT))
    device(world, plant, install(world, at=begun))
    device(world, plant, replaced(world, changed))
    held = {"40": begun < first and last <= changed, "60": changed < first}
    for multiplier, good in held.items():
        error = world.refusal_of(send, world, plant, (cite(world, first, last, multiplier=multiplier),))
        assert (error is None) is good, (begun, changed, first, last, multiplier, error)
        if error is not None:
            assert error.rule == ("citation.multiplier" if any(held.values()) else "citation.device_term")
            continue
        plant.log.entries.pop()


def _plant(world):
    park = world.Park.with_meter()
    body = Policy(
        policy="factor-set",
        id=STEEL.id,
        version=STEEL.version,
        effective_from="2023-01-01",
        document=STEEL.document(),
    )
    park.log.accept(park.sign("policy", body, iss=world.PARK, stream="policies"))
    for seq in range(1, COUNT + 1):
        park.log.accept(park.reading(seq))
    return park
