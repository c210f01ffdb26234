"""What is on its way out of an account is not given a second time, whatever takes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from attestation.assets import quota_of
from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State
from ledger.context import LedgerContext
from ledger.db.entries import EntryRepository
from tests.ledger.mirrored import memory

from ..chained_units import STEEL, TILES, YEAR, Chained
from .test_allocations_to_contract import grandfathered

pytestmark = pytest.mark.chain
QUOTA = quota_of(YEAR)


@pytest.fixture
def chained(make_world: Callable[..., Any], engine: Any) -> Chained:
    return Chained(make_world(engine, finality=Confirmations(1)))


def reserve(chained: Chained) -> tuple[int, int, int]:
    """What the log knows of the park's account: free, on its way out, left for one more."""
    with chained.world.database.read() as session:
        facts = LedgerContext(session, chained.parameters, EntryRepository(session).state(), chained.memory.now)
        known = facts.holding(memory.PARK, QUOTA)
        return known.registry, known.leaving, known.available


def test_what_an_allocation_takes_out_of_the_reserve_is_given_to_nobody_else(chained: Chained) -> None:
    """DOMAIN 30: an approved run sets nothing aside on chain, so that the door has to; its parts could else find the
    reserve spent, and wait for ever."""
    units = chained.units
    units.hold(units.signed(units.issue(2_000)))
    chained.settle()
    granted = {STEEL: 950, TILES: 855}
    units.allocate(units.allocation(grandfathered({STEEL: 1_000, TILES: 900}, 2_000, 0)))
    assert reserve(chained) == (2_000, 1_805, 195)
    with memory.refused("asset.balance", 11, "196 t"):
        chained.tables_only(
            units.signed(units.transfer(196, sender=memory.PARK, receiver=STEEL, cause="reserve-grant")), "holding"
        )
    units.hold(units.signed(units.transfer(195, sender=memory.PARK, receiver=STEEL, cause="reserve-grant")))
    chained.settle()
    assert reserve(chained) == (0, 0, 0)
    assert chained.holds(STEEL, QUOTA)[0] == granted[STEEL] + 195
    assert chained.holds(TILES, QUOTA)[0] == granted[TILES]
    assert not chained.world.counts()[State.REFUSED]
