"""Whatever is said about units is accepted or refused by a rule: nothing else ever happens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attestation.bodies import CancelUnits
from attestation.encoding import b64url_decode

PLAUSIBLE = (
    *(
        "0" * 64,
        "ab" * 32,
        "AB" * 32,
        "quota-2023",
        "quota-2200",
        "ccer",
        "cea",
        "88.608.5290/steel",
        "88.608.100/park",
    ),
    *("2023-01-01", "2200-12-31", "2024-05-01T00:00:00Z", "9999-12-31T23:59:59Z", "0x" + "00" * 64, "0x" + "ff" * 64),
    *("succession", "reserve-grant", "sale", "", " ", "é", "\u0000", "x" * 129),
    *(0, 1, -1, 1989, 1990, 2023, 2200, 2201, 10_000, 10_001, 2**16, 2**32, 2**53 - 1, 2**53, 2**64, 2**96),
    *(True, False, None, [], {}, [{}], 1.5),
)


@pytest.fixture
def said(units):
    """A good body of every action, on a log on which each would be accepted."""
    units.hold(units.signed(units.issue(5_000)))
    units.hold(units.signed(units.carry_in(1_000)))
    frozen, emergency = units.signed(units.freeze(20)), units.freeze(5, approvals=None)
    units.hold(frozen)
    units.hold(emergency)
    units.obliged(100)
    signed, intent = units.signed, units.intent
    return {
        "holding": [
            signed(units.issue()),
            signed(units.transfer(1)),
            signed(units.transfer(1, freeze=frozen.op_id, cause="enforcement")),
            signed(units.of_units(CancelUnits, 1)),
            signed(units.freeze(1)),
            units.freeze(1, approvals=None),
            units.confirm(emergency),
            units.lapse(emergency),
            signed(units.release(frozen, 1)),
            signed(units.suspend()),
            signed(units.carry_in(1, asset="quota-2024")),
            signed(units.offsets(1, 10)),
            units.collect(),
        ],
        "compliance": [signed(units.terms()), signed(units.price()), units.assess(), units.credit(), units.close()],
        "intent": [
            intent(units.surrender(1)),
            intent(units.carry_over(1)),
            intent(units.cancel_own(1)),
            intent(units.give_back(1)),
        ],
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_member_of_any_value_is_judged(world, units, said, unitwork, data: st.DataObject) -> None:
    type_ = data.draw(st.sampled_from(sorted(said)))
    body = data.draw(st.sampled_from(said[type_]))
    iss = unitwork.STEEL if type_ == "intent" else world.PARK
    entry = units.park.sign(type_, body, iss=iss, stream="fuzz", iat=units.log.now)
    payload = json.loads(b64url_decode(entry.split(b".")[1].decode()))
    place: Any = payload["body"]
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(place)))
        place[name] = data.draw(st.sampled_from(PLAUSIBLE))
    key = units.park.keys[iss]
    forged = world.forge(world.header_of(iss, key, type_), payload, key)
    size = units.log.next_index
    refusal = world.refusal_of(units.log.accept, forged)
    assert refusal is None or (refusal.value and refusal.expected and refusal.message_zh)
    assert units.log.next_index == size + (refusal is None)
    del units.log.entries[size:]
