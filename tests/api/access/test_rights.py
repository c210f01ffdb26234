"""Who may read what somebody signed, by its type: what is held and owed is nobody's who verifies (DOMAIN 8, 22)."""

from __future__ import annotations

from typing import Any

import pytest

from api.access.rights import HOLDERS_TYPES
from tests.api.access.observed import ASSIGNED, OTHER, PERSON, REGULATOR, Populated


@pytest.fixture
def park(database: Any) -> Any:
    made: Any = Populated(database)
    made.populate()
    made.service()
    return made


def may_read(park: Any, who: str, type_: str) -> bool:
    caller = park.access.sessions.caller(park.sign_in(who, park.holders[who]))
    return bool(park.access.rights.may_read(caller, park.enterprise_id, type_))


def test_a_verifier_reads_reports_and_not_what_is_held_and_owed(park: Any) -> None:
    assert {"holding", "compliance", "intent", "order", "cash"} <= HOLDERS_TYPES
    assert may_read(park, ASSIGNED, "report")
    for type_ in sorted(HOLDERS_TYPES):
        assert not may_read(park, ASSIGNED, type_), type_
        for who in (park.enterprise_id, PERSON, REGULATOR, park.registrar_id):
            assert may_read(park, who, type_), (who, type_)
        for who in (OTHER, park.meter_id):
            assert not may_read(park, who, type_), (who, type_)


def test_what_the_market_is_everybody_who_is_signed_in_may_read(park: Any) -> None:
    """DOMAIN 12 to 15: terms, prices, days, biddings and closes bind all of them; orders are their makers'."""
    for who in (park.enterprise_id, OTHER, ASSIGNED, park.meter_id, REGULATOR):
        assert may_read(park, who, "market"), who
