"""A meter file against its meter's events (DOMAIN 42), by a real service: nothing is sent in another unit."""

from __future__ import annotations

import pytest

from attestation.bodies import InstallDevice, ReplaceDevice
from attestation.instants import parse_instant
from attestation.statements import Body
from tanlu.client import Client
from tanlu.errors import InputRefused
from tanlu.importing import Importer, Meter
from tanlu.measured_unit import OutsideTerms, check_unit
from tanlu.readings import MeterFile, MeterRow

from .conftest import ENTERPRISE, METER, ORIGIN, World

HOURS = [f"2020-01-01T{hour:02d}:00:00Z" for hour in range(9)]
STREAM = "electricity"


def rows(first: int, count: int) -> tuple[MeterRow, ...]:
    """Hours of the day from `first` on, as of lines 2, 3 …"""
    spans = [(HOURS[hour], HOURS[hour + 1]) for hour in range(first, first + count)]
    return tuple(
        MeterRow(line, start, end, parse_instant(start), parse_instant(end), "3.17")
        for line, (start, end) in enumerate(spans, 2)
    )


def say(client: Client, world: World, seq: int, body: Body) -> None:
    client.submit(world.sign("device", ENTERPRISE, world.enterprise, "devices", seq, body))


@pytest.fixture
def metered(client: Client, world: World) -> Client:
    """The meter measures in kWh from 02:00, in MWh from 05:00 on."""
    say(client, world, 1, InstallDevice(device=METER, at=HOURS[2], unit="kWh", opening="0", multiplier="1"))
    exchanged = ReplaceDevice(device=METER, by=METER, at=HOURS[5], closing="9", opening="0", multiplier="1", unit="MWh")
    say(client, world, 2, exchanged)
    return client


def importer(client: Client, world: World, found: tuple[MeterRow, ...], unit: str) -> Importer:
    return Importer(client, Meter(ORIGIN, METER, STREAM, world.meter), MeterFile(found, (), unit))


def test_domain_42_another_unit_than_the_meters_is_refused_with_device_units_and_term(
    metered: Client, world: World
) -> None:
    with pytest.raises(InputRefused) as caught:
        importer(metered, world, rows(2, 2), "MWh").plan()
    refusal = caught.value
    assert refusal.rule == "import.unit"
    assert refusal.value == f"{METER}: MWh, line 2, {HOURS[2]} to {HOURS[3]}"
    assert refusal.expected == f"kWh, as the device's events say of its term from {HOURS[2]} to {HOURS[5]}"
    for text in (refusal.message, refusal.message_zh):
        assert all(part in text for part in (METER, "kWh", "MWh", HOURS[2], HOURS[5]))
    assert "未发送任何数据" in refusal.message_zh
    assert metered.stream(METER, STREAM).count == 0


def test_a_term_that_goes_on_is_named_without_an_end(metered: Client) -> None:
    with pytest.raises(InputRefused) as caught:
        check_unit(metered, METER, rows(5, 3), "kWh")
    assert caught.value.expected == f"MWh, as the device's events say of its term from {HOURS[5]} on"
    assert f"自 {HOURS[5]} 起的计量单位为 MWh" in caught.value.message_zh


def test_rows_in_the_unit_of_their_term_pass_and_those_in_none_are_counted(metered: Client) -> None:
    assert check_unit(metered, METER, rows(2, 3), "kWh") is None
    assert check_unit(metered, METER, rows(5, 3), "MWh") is None
    early = rows(0, 4)
    assert check_unit(metered, METER, early, "kWh") == OutsideTerms(METER, 2, early[0], early[1])


def test_a_row_over_an_exchange_lies_in_no_term_whatever_its_unit(metered: Client) -> None:
    seam = MeterRow(2, HOURS[4], HOURS[6], parse_instant(HOURS[4]), parse_instant(HOURS[6]), "1")
    for unit in ("kWh", "MWh"):
        assert check_unit(metered, METER, [seam], unit) == OutsideTerms(METER, 1, seam, seam)
    with pytest.raises(InputRefused, match="line 2 is in GJ"):
        check_unit(metered, METER, [seam], "GJ")


def test_a_device_without_events_and_what_is_no_device_have_no_unit(client: Client) -> None:
    for issuer in (METER, ENTERPRISE):
        assert check_unit(client, issuer, rows(0, 3), "GJ") is None


def test_rows_that_are_in_the_log_already_are_not_judged_again(client: Client, world: World) -> None:
    found = rows(2, 2)
    for seq, row in enumerate(found, 1):
        client.submit(Meter(ORIGIN, METER, STREAM, world.meter).reading(seq, row, "kWh"))
    say(client, world, 1, InstallDevice(device=METER, at=HOURS[2], unit="MWh", opening="0", multiplier="1"))
    assert importer(client, world, found, "kWh").plan().resume == 2
    with pytest.raises(InputRefused, match="measures in MWh"):
        importer(client, world, rows(2, 3), "kWh").plan()


def test_readings_by_hand_are_compared_with_the_device_they_name(metered: Client, world: World) -> None:
    by_hand = Meter(ORIGIN, ENTERPRISE, "by-hand", world.enterprise, METER)
    with pytest.raises(InputRefused, match="measures in kWh"):
        Importer(metered, by_hand, MeterFile(rows(2, 1), (), "MWh")).plan()
