"""Terms of service and calibration (DOMAIN 39, 42)."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from attestation.bodies import CalibrateDevice, InstallDevice, RemoveDevice, ReplaceDevice
from attestation.instants import LATEST, format_instant
from attestation.terms import term_at, terms_of, unknown

METER, OTHER = "88.608.5288/M1", "88.608.5288/M2"


def at(day: int) -> str:
    return format_instant(day * 86_400)


def install(day: int, *, device: str = METER, **members) -> InstallDevice:
    return InstallDevice(device=device, at=at(day), unit="kWh", opening="10", multiplier="40", **members)


def replaced(day: int, by: str = METER) -> ReplaceDevice:
    return ReplaceDevice(device=METER, at=at(day), closing="99", by=by, opening="0", multiplier="60", unit="MWh")


def calibrated(day: int, until: int, accuracy: str = "0.5") -> CalibrateDevice:
    return CalibrateDevice(
        device=METER, at=at(day), accuracy_percent=accuracy, valid_until=at(until), certificate_hash="0" * 64
    )


def days(device: str, *events) -> list[tuple[int, int | None, Decimal]]:
    found = terms_of(device, list(enumerate(events)))
    return [(t.start // 86_400, None if t.end is None else t.end // 86_400, t.multiplier) for t in found]


def test_domain_42_a_device_without_events_has_no_term_written_down_and_counts_once() -> None:
    assert terms_of(METER, []) == []
    term = unknown(METER)
    assert (term.multiplier, term.holds(0, LATEST), [spell.uncalibrated for spell in term.spells()]) == (
        1,
        True,
        [None],
    )


def test_domain_42_a_replacement_ends_one_term_and_begins_the_next_at_that_instant() -> None:
    assert days(METER, install(1), replaced(5), RemoveDevice(device=METER, at=at(9), closing="7")) == [
        (1, 5, 40),
        (5, 9, 60),
    ]
    first, second = terms_of(METER, [(0, install(1)), (1, replaced(5))])
    assert (first.opening, first.closing, first.began, first.ended) == (10, 99, 0, 1)
    assert (second.opening, second.closing, second.unit, second.ended) == (0, None, "MWh", None)


def test_domain_42_another_device_takes_over_where_it_is_named() -> None:
    assert days(METER, install(1), replaced(5, by=OTHER)) == [(1, 5, 40)]
    assert days(OTHER, replaced(5, by=OTHER)) == [(5, None, 60)]


def test_a_term_holds_what_lies_in_it_to_the_second() -> None:
    (term,) = terms_of(METER, [(0, install(1)), (1, RemoveDevice(device=METER, at=at(2), closing="20"))])
    start, end = 86_400, 2 * 86_400
    assert term.holds(start, end)
    assert not term.holds(start - 1, end)
    assert not term.holds(start, end + 1)
    assert term_at([term], end) is None
    assert term_at([term], end - 1) is term


def spells(*events) -> list[tuple[int, Decimal | None]]:
    (term,) = terms_of(METER, list(enumerate(events)))
    return [(spell.start // 86_400, spell.uncalibrated) for spell in term.spells()]


def test_domain_39_after_the_calibration_ran_out_the_rated_accuracy_counts_until_the_next_one() -> None:
    begun = install(1, accuracy_percent="1.0", valid_until=at(10))
    assert spells(begun) == [(1, None), (10, Decimal("1.0"))]
    assert spells(begun, calibrated(15, 20)) == [
        (1, None),
        (10, Decimal("1.0")),
        (15, None),
        (20, Decimal("0.5")),
    ]


def test_domain_39_a_meter_whose_calibration_nobody_kept_is_kept_from_the_first_certificate_on() -> None:
    assert spells(install(1)) == [(1, None)]
    assert spells(install(1), calibrated(15, 20)) == [(1, None), (15, None), (20, Decimal("0.5"))]


def test_a_calibration_logged_late_counts_for_the_term_in_which_it_was_made() -> None:
    first, second = terms_of(METER, [(0, install(1)), (1, replaced(5)), (2, calibrated(3, 4))])
    assert [one.index for one in first.calibrations] == [0, 2]
    assert [one.index for one in second.calibrations] == [1]


@given(
    ends=st.lists(st.integers(2, 400), min_size=1, max_size=6),
    starts=st.lists(st.integers(2, 380), max_size=6),
    day=st.integers(1, 500),
)
def test_domain_39_every_instant_of_a_term_lies_in_exactly_one_spell(
    ends: list[int], starts: list[int], day: int
) -> None:
    events = [install(1, accuracy_percent="2", valid_until=at(ends[0]))]
    events += [calibrated(start, start + length) for start, length in zip(starts, ends[1:], strict=False)]
    (term,) = terms_of(METER, list(enumerate(events)))
    moment = day * 86_400
    holding = [spell for spell in term.spells() if spell.start <= moment < spell.end]
    assert len(holding) == 1
    covered = any(one.start <= moment < one.end for one in term.calibrations)
    assert (holding[0].uncalibrated is None) is covered
