"""The desk where applications wait, on both engines: one spelling, one order, nothing for longer than it is allowed."""

from __future__ import annotations

import pytest

from attestation.errors import AttestationError
from attestation.keys import Algorithm, PrivateKey
from ledger.applications import DAY, Applications, Terms
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.errors import ApplicationsFull
from tests.applying import application, encoded

ORIGIN = "tanlu.test/log/" + "00" * 32
NOW = 1_700_000_000


def desk(database: Database, **terms: int) -> Applications:
    registrar = PrivateKey(Algorithm.ED25519, bytes(31) + b"\x01")
    return Applications(
        database, LogParameters(ORIGIN, bytes(32), "88.608.1/PARK", registrar.public, None), Terms(**terms)
    )


def sent(number: int, **changed: object) -> bytes:
    return encoded(application(ORIGIN, identifier=f"88.608.7000/works-{number}", **changed))


def test_pages_are_in_the_order_of_arrival_and_leave_nothing_out(database: Database) -> None:
    kept = desk(database)
    names = {kept.receive(sent(number), NOW + number // 3).application for number in range(8)}
    found, after = [], (-1, "")
    while page := kept.page(after, 3, NOW + 10):
        found += [(view.received_at, view.application) for view in page]
        after = found[-1]
    assert found == sorted(found)
    assert {name for _, name in found} == names


def test_the_same_application_is_one_and_a_changed_one_another(database: Database) -> None:
    kept = desk(database)
    first = kept.receive(sent(1), NOW)
    assert kept.receive(sent(1), NOW + 5) == type(first)(first.application, NOW, repeated=True)
    assert kept.receive(sent(1, licence_hash="0b" * 32), NOW).application != first.application


def test_nothing_is_kept_or_shown_for_longer_than_it_is_allowed(database: Database) -> None:
    kept = desk(database, days=2)
    name = kept.receive(sent(1), NOW).application
    assert kept.find(name, NOW + 2 * DAY) is not None
    assert kept.find(name, NOW + 2 * DAY + 1) is None
    assert kept.page((-1, ""), 10, NOW + 2 * DAY + 1) == []
    assert not kept.erase(name, NOW + 2 * DAY + 1)


def test_a_full_desk_takes_again_what_it_has_and_new_ones_after_an_erasure(database: Database) -> None:
    kept = desk(database, most=1)
    name = kept.receive(sent(1), NOW).application
    with pytest.raises(ApplicationsFull, match="1 applications"):
        kept.receive(sent(2), NOW)
    assert kept.receive(sent(1), NOW).repeated
    assert kept.erase(name, NOW)
    assert not kept.receive(sent(2), NOW).repeated


def test_what_is_refused_is_not_kept(database: Database) -> None:
    kept = desk(database)
    with pytest.raises(AttestationError):
        kept.receive(sent(1, credit_code="911100006000373410"), NOW)
    assert kept.page((-1, ""), 10, NOW) == []
