"""What cannot go yet takes nobody's place, however few transactions may be on their way."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ledger.chain.outbox import State

from ..registry_life import Life, key

pytestmark = pytest.mark.chain


@pytest.fixture
def life(world: Any) -> Life:
    return Life(world.registry_domain)


def test_an_anchor_without_cosignatures_holds_up_no_key(world: Any) -> None:
    """With room for one transaction the anchor, which comes first, would have it in every round."""
    anchor = world.grow(3, cosigned=1)
    op = world.enrol(world.enterprise())
    relayer = world.relayer(settings={"max_in_flight": 1})
    for _ in range(4):
        relayer.step()
    assert (world.state_of(anchor), world.state(op)) == (State.PENDING, State.MINED)


def test_more_recoveries_that_wait_than_there_is_room_for_hold_up_nobody(world: Any, life: Life) -> None:
    for intent in (*life.everybody(), life.propose(key(2), key(8)), life.propose(key(2), key(9))):
        world.enrol(intent)
    waiting = [world.enrol(life.complete(key(seed))) for seed in (8, 9)]
    after = world.enrol(life.add(key(6), by=key(2)))
    relayer = world.relayer(clock=lambda: time.time() - 3_600, settings={"max_in_flight": 2})
    for _ in range(16):
        relayer.step()
    assert [world.state(op) for op in (*waiting, after)] == [State.PENDING, State.PENDING, State.MINED]
