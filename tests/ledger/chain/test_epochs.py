"""A new epoch: what it makes void is cited no more, what it keeps is, and old sizes are backfilled to its start."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.anchors import anchor_for
from ledger.chain import outbox
from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State

pytestmark = pytest.mark.chain


def anchor(world: Any, epoch: int, index: int) -> tuple[int, int] | None:
    with world.database.read() as session:
        found = anchor_for(session, epoch, index)
        return None if found is None else (found.epoch, found.size)


def test_sizes_above_the_good_root_are_cited_no_more_until_the_chain_forgets_the_epoch(world: Any) -> None:
    relayer = world.relayer()
    good, bad = world.grow(4), world.grow(4)
    world.settle(relayer)
    assert (anchor(world, 0, 3), anchor(world, 0, 4)) == ((0, 4), (0, 8))
    before = world.snapshot()
    world.open_epoch(good)
    relayer.step()
    assert (anchor(world, 1, 3), anchor(world, 1, 4)) == ((0, 4), None)
    world.revert(before)
    relayer.step()
    assert (anchor(world, 0, 3), anchor(world, 0, 4)) == ((0, 4), (0, 8))
    assert world.state_of(bad) is State.MINED


def test_anchors_of_the_new_epoch_go_on_and_those_before_its_start_are_backfilled(world: Any) -> None:
    relayer = world.relayer()
    skipped, good = world.grow(4, enqueue=False), world.grow(4)
    world.settle(relayer)
    world.open_epoch(good)
    later = world.grow(5)
    with world.database.write() as session:
        outbox.enqueue_anchor(session, world.deployment_id, skipped, now=1)
    world.settle(relayer)
    assert world.evidence_log().root_at(1, later.size) == later.root
    assert world.evidence_log().root_at(0, skipped.size) == skipped.root
    assert (anchor(world, 1, 0), anchor(world, 1, 8)) == ((0, 4), (1, 13))


def test_an_anchor_above_the_end_of_its_epoch_is_refused_when_that_is_final(world: Any) -> None:
    world.finality = Confirmations(0)
    relayer = world.relayer()
    good, late = world.grow(4), world.grow(4, enqueue=False)
    world.settle(relayer)
    world.open_epoch(good)
    with world.database.write() as session:
        outbox.enqueue_anchor(session, world.deployment_id, late, now=1)
    relayer.step()
    assert world.state_of(late) is State.REFUSED


def test_an_anchor_of_an_epoch_not_open_yet_waits(world: Any) -> None:
    world.finality = Confirmations(0)
    relayer = world.relayer()
    relayer.step()
    before = world.snapshot()
    good = world.grow(4)
    world.settle(relayer)
    world.open_epoch(good)
    later = world.grow(3)
    world.settle(relayer)
    world.revert(before)
    for _ in range(4):
        relayer.step()
    assert world.state_of(good) is State.FINAL
    assert world.state_of(later) in {State.PENDING, State.SENT}
    world.open_epoch(good)
    world.settle(relayer)
    assert world.state_of(later) is State.FINAL
