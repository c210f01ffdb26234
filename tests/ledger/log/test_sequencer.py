"""The sequencer: one head after another, each extending the last, whatever is interrupted between two steps."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import checkpoint
from ledger.chain import outbox
from ledger.chain.intents import AnchorIntent, Kind
from ledger.chain.outbox_waiting import pending
from ledger.chain.rpc import BlockRef
from ledger.checkpoint import Checkpoint, Note
from ledger.db.base import Database
from ledger.db.checkpoints import CheckpointRepository
from ledger.errors import HistoryDiverged, WitnessConflict, WitnessRefused, WitnessUnavailable
from ledger.held_heads import HeldHead
from ledger.log import Log
from ledger.merkle import leaf_hash, tree_root, verify_consistency, verify_inclusion
from ledger.sequencer import Sequencer
from ledger.view import EntryState

from .conftest import DEPLOYMENT, ORIGIN, Park
from .sequencing_world import DOMAIN, World, unavailable, witnessed


@pytest.fixture
def world(park: Park, log: Log, tmp_path: Path) -> Iterator[World]:
    with witnessed(park, log, tmp_path) as made:
        yield made


def _readings(park: Park, first: int, last: int) -> list[bytes]:
    return [park.reading(seq) for seq in range(first, last + 1)]


def _note(world: World, size: int | None = None) -> Note:
    text = world.park.view().checkpoint(size)
    assert text is not None
    return Note.parse(text.encode())


def test_a_head_is_the_tree_over_exactly_the_accepted_entries(world: World) -> None:
    entries = _readings(world.park, 1, 10)
    world.log.submit(entries)
    world.sequencer().step()
    view = world.park.view()
    head = Checkpoint.parse(_note(world).text)
    stored = [view.entry(index) for index in range(13)]
    leaves = [leaf_hash(entry.entry) for entry in stored if entry is not None]
    assert (head.origin, head.size, head.root, head.epoch) == (ORIGIN, 13, tree_root(leaves), 0)
    verify_inclusion(leaf_hash(entries[4]), 7, 13, view.inclusion(7, 13), head.root)


def test_a_shown_head_has_the_operators_and_the_witness_signatures(world: World) -> None:
    world.sequencer().step()
    note = _note(world)
    notary, chain = world.witness_keys
    checkpoint.verify_signatures(note, [world.operator.log.verifier], 1)
    checkpoint.verify_signatures(note, [notary.verifier], 1)
    assert world.operator.cosigner is not None
    cosigners = [world.operator.cosigner.verifier.material, chain.verifier.material]
    assert len(checkpoint.verify_cosigners(note, cosigners, 2, DOMAIN)) == 2


def test_each_head_extends_the_one_before(world: World) -> None:
    sequencer = world.sequencer()
    heads = []
    for first in (1, 6, 11):
        world.log.submit(_readings(world.park, first, first + 4))
        sequencer.step()
        heads.append(Checkpoint.parse(_note(world).text))
    for old, new in itertools.pairwise(heads):
        proof = world.park.view().consistency(old.size, new.size)
        verify_consistency(old.size, new.size, old.root, new.root, proof)


def test_nothing_new_makes_no_new_head(world: World) -> None:
    sequencer = world.sequencer()
    sequencer.step()
    first = _note(world)
    asked = world.client.asked
    sequencer.step()
    assert _note(world) == first
    assert world.client.asked == asked


def test_an_entry_is_integrated_only_once_the_witness_cosigned(world: World) -> None:
    world.client.before = [unavailable()]
    sequencer = world.sequencer()
    with pytest.raises(WitnessUnavailable):
        sequencer.step()
    seen = world.park.view().entry(0)
    assert seen is not None
    assert seen.state is EntryState.ACCEPTED
    assert world.park.view().checkpoint() is None
    sequencer.step()
    seen = world.park.view().entry(0)
    assert seen is not None
    assert seen.state is EntryState.INTEGRATED


def test_a_lost_answer_of_the_witness_is_asked_for_again(world: World) -> None:
    world.client.after = [unavailable()]
    sequencer = world.sequencer()
    with pytest.raises(WitnessUnavailable):
        sequencer.step()
    world.log.submit(_readings(world.park, 1, 3))
    sequencer.step()
    assert Checkpoint.parse(_note(world).text).size == 6


def test_a_new_process_goes_on_where_the_old_one_stopped(world: World) -> None:
    world.sequencer().step()
    world.log.submit(_readings(world.park, 1, 4))
    world.sequencer().step()
    assert Checkpoint.parse(_note(world).text).size == 7


@pytest.mark.parametrize("stage", ["_sign", "_cosign", "_ask_to_anchor"])
def test_a_crash_between_two_effects_is_taken_up(world: World, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: Sequencer) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Sequencer, stage, crash)
    with pytest.raises(KeyboardInterrupt):
        world.sequencer().step()
    monkeypatch.undo()
    world.sequencer().step()
    assert Checkpoint.parse(_note(world).text).size == 3
    with world.park.database.read() as session:
        assert [row.position for row in pending(session, Kind.ANCHOR, limit=9)] == [3]


def test_two_sequencers_started_by_mistake_make_one_history(world: World) -> None:
    one, two = world.sequencer(), world.sequencer()
    for first in (1, 4, 7):
        world.log.submit(_readings(world.park, first, first + 2))
        (one if first % 2 else two).step()
        (two if first % 2 else one).step()
    with world.park.database.read() as session:
        sizes = [CheckpointRepository(session).get(0, size) is not None for size in (6, 9, 12)]
    assert sizes == [True, True, True]
    assert Checkpoint.parse(_note(world).text).size == 12


def test_one_anchor_waits_at_a_time_and_the_newest_head_is_next(world: World) -> None:
    sequencer = world.sequencer()
    for first in (1, 2, 3):
        world.log.submit([world.park.reading(first)])
        sequencer.step()
    assert _positions(world) == [4]
    head = Checkpoint.parse(_note(world, 4).text)
    with world.park.database.write() as session:
        intent = AnchorIntent(0, 4, head.root)
        outbox.mark_mined(session, intent.operation_id(DEPLOYMENT), BlockRef(1, bytes(32)), now=1)
    sequencer.step()
    assert _positions(world) == [6]


def _positions(world: World) -> list[int]:
    with world.park.database.read() as session:
        return [row.position for row in pending(session, Kind.ANCHOR, limit=9)]


def test_a_head_that_this_log_does_not_extend_stops_the_start(world: World) -> None:
    world.log.submit(_readings(world.park, 1, 5))
    world.sequencer().step()
    sequencer = world.sequencer()
    with pytest.raises(HistoryDiverged, match=r"sequencer\.start"):
        sequencer.check_extends(HeldHead("chain", 9, None))
    with pytest.raises(HistoryDiverged, match="chain: size 8"):
        sequencer.check_extends(HeldHead("chain", 8, bytes(32)))
    sequencer.check_extends(HeldHead("chain", 8, Checkpoint.parse(_note(world).text).root))
    sequencer.check_extends(HeldHead("chain", 0, None))


@pytest.mark.parametrize("written_since", [1, 9])
def test_a_database_restored_from_before_the_last_head_gets_no_cosignature(
    world: World, written_since: int, tmp_path: Path
) -> None:
    if not world.park.database.is_sqlite:
        return  # the copy is made with SQLite's own backup
    world.sequencer().step()
    copy = tmp_path / "backup.sqlite3"
    with sqlite3.connect(tmp_path / "log.sqlite3") as source, sqlite3.connect(copy) as target:
        source.backup(target)
    world.log.submit(_readings(world.park, 1, 5))
    world.sequencer().step()
    held = world.client.witness.state.size
    world.park.database = Database(f"sqlite:///{copy}")
    world.park.log().submit([world.park.reading(seq, "9.99") for seq in range(1, written_since + 1)])
    with pytest.raises((HistoryDiverged, WitnessRefused)):
        world.sequencer().step()
    assert world.client.witness.state.size == held == 8
    assert Checkpoint.parse(_note(world).text).size == 3


def test_nothing_is_signed_before_every_holder_of_a_head_was_asked(world: World) -> None:
    world.log.submit(_readings(world.park, 1, 5))
    answers: list[HeldHead | Exception] = [unavailable(), HeldHead("contract", 9, bytes(32))]

    def ask() -> HeldHead | None:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    sequencer = world.sequencer(ask)
    with pytest.raises(WitnessUnavailable):
        sequencer.step()
    with pytest.raises(HistoryDiverged, match="contract: size 9"):
        sequencer.step()
    with world.park.database.read() as session:
        assert CheckpointRepository(session).latest(0) is None


def test_an_entry_altered_in_the_store_after_the_head_cannot_be_proved(world: World) -> None:
    entries = _readings(world.park, 1, 3)
    world.log.submit(entries)
    world.sequencer().step()
    head = Checkpoint.parse(_note(world).text)
    altered = entries[1][:-1] + (b"A" if entries[1][-1:] != b"A" else b"B")
    proof = world.park.view().inclusion(4, 6)
    verify_inclusion(leaf_hash(entries[1]), 4, 6, proof, head.root)
    with pytest.raises(Exception, match="inclusion"):
        verify_inclusion(leaf_hash(altered), 4, 6, proof, head.root)


def test_a_slow_sequencer_takes_no_cosignature_from_a_head_that_another_finished(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, fast = world.sequencer(), world.sequencer()
    sign = checkpoint.sign

    def overtaken(*args: Any, **kwargs: Any) -> Note:
        monkeypatch.setattr(checkpoint, "sign", sign)
        fast.step()
        return sign(*args, **kwargs)

    def crash(_: Sequencer) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "sign", overtaken)
    monkeypatch.setattr(slow, "_cosign", crash.__get__(slow))
    with pytest.raises(KeyboardInterrupt):
        slow.step()
    world.log.submit([world.park.reading(1)])
    world.sequencer().step()
    # Size 3 waits for its anchor: without cosignatures it would wait for ever, and every later head behind it.
    assert _positions(world) == [3]
    notary, _ = world.witness_keys
    checkpoint.verify_signatures(_note(world, 3), [notary.verifier], 1)


def test_a_witness_that_another_sequencer_keeps_moving_is_asked_again_later(world: World) -> None:
    sequencer = world.sequencer()
    sequencer.step()
    world.log.submit([world.park.reading(1)])
    world.client.before = [WitnessConflict("moved", size=size, rule="witness.size") for size in (3, 2)]
    with pytest.raises(WitnessUnavailable, match=r"witness\.moved"):
        sequencer.step()
    sequencer.step()
    assert Checkpoint.parse(_note(world).text).size == 4
