"""A database that is replaced under a running sequencer, and an epoch that two persons ended."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from ledger.chain import outbox
from ledger.chain.intents import AnchorIntent, Kind
from ledger.chain.outbox_waiting import pending
from ledger.checkpoint import Checkpoint, Note
from ledger.db.base import Database
from ledger.db.chain_models import ChainAnchorRow
from ledger.db.checkpoints import CheckpointRepository
from ledger.db.log_models import CheckpointRow, LogState
from ledger.errors import EpochBehind, HistoryDiverged, WitnessUnavailable
from ledger.log import Log
from ledger.sequencer import Sequencer

from .conftest import DEPLOYMENT, Park
from .sequencing_world import World, unavailable, witnessed


@pytest.fixture
def world(park: Park, log: Log, tmp_path: Path) -> Iterator[World]:
    with witnessed(park, log, tmp_path) as made:
        yield made


def submit(world: World, first: int, last: int, quantity: str = "3.17") -> None:
    world.park.log().submit([world.park.reading(seq, quantity) for seq in range(first, last + 1)])


def save(world: World, folder: Path) -> Path:
    copy = folder / "saved.sqlite3"
    with sqlite3.connect(folder / "log.sqlite3") as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    return copy


def restore(world: World, copy: Path, folder: Path) -> None:
    """As a person would: the file is put back while the process runs, its connections break."""
    world.park.database.engine.dispose()
    for name in ("log.sqlite3-wal", "log.sqlite3-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copyfile(copy, folder / "log.sqlite3")


def notes(database: Database) -> dict[int, str | None]:
    with database.read() as session:
        return {row.size: row.note for row in session.query(CheckpointRow)}


sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@sqlite_only
@pytest.mark.parametrize("written_since", [0, 1, 9])
@pytest.mark.parametrize("away", [False, True])
def test_a_database_restored_under_the_running_process_gets_no_further_signature(
    world: World, tmp_path: Path, written_since: int, away: bool
) -> None:
    sequencer = world.sequencer()
    sequencer.step()
    copy = save(world, tmp_path)
    submit(world, 1, 5)
    if away:
        # Nobody outside this process has seen the head of size 8.
        world.client.before = [unavailable()]
        with pytest.raises(WitnessUnavailable):
            sequencer.step()
    else:
        sequencer.step()
    signed = Checkpoint.parse(Note.parse((notes(world.park.database)[8] or "").encode()).text)
    restore(world, copy, tmp_path)
    submit(world, 1, written_since, "9.99")
    for _ in range(2):
        with pytest.raises(HistoryDiverged, match=rf"sequencer\.replaced.*size 3.*size 8, root {signed.root.hex()}"):
            sequencer.step()
    assert list(notes(world.park.database)) == [3]


@sqlite_only
def test_holders_are_asked_again_when_the_database_was_replaced(world: World, tmp_path: Path) -> None:
    asked: list[int] = []

    def ask() -> None:
        asked.append(1)

    sequencer = world.sequencer(ask)
    sequencer.step()
    sequencer.step()
    assert len(asked) == 1
    copy = save(world, tmp_path)
    submit(world, 1, 5)
    sequencer.step()
    restore(world, copy, tmp_path)
    with pytest.raises(HistoryDiverged):
        sequencer.step()
    assert len(asked) == 2


@sqlite_only
def test_entries_that_were_acknowledged_and_are_gone_stop_the_sequencer(world: World, tmp_path: Path) -> None:
    """A server that lags has the newest head, and not what was accepted since."""
    sequencer = world.sequencer()
    sequencer.step()
    copy = save(world, tmp_path)
    submit(world, 1, 2)
    sequencer.check_start()
    restore(world, copy, tmp_path)
    with pytest.raises(HistoryDiverged, match=r"a log of 3 accepted entries.*5 accepted entries"):
        sequencer.step()


def test_a_stored_head_with_another_root_than_the_tree_is_not_signed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sequencer = world.sequencer()
    monkeypatch.setattr(Sequencer, "_sign", lambda _: None)
    sequencer.step()
    monkeypatch.undo()
    with world.park.database.write() as session:
        session.execute(update(CheckpointRow).values(root=b"\x11" * 32))
    with pytest.raises(HistoryDiverged, match=r"sequencer\.root.*1111"):
        sequencer.step()
    assert notes(world.park.database) == {3: None}


def test_a_cosigned_head_is_asked_to_be_anchored_though_the_witness_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Sequencer, "_ask_to_anchor", lambda _: None)
        world.sequencer().step()
    submit(world, 1, 2)
    world.client.before = [unavailable()]
    with pytest.raises(WitnessUnavailable):
        world.sequencer().step()
    with world.park.database.read() as session:
        assert [row.position for row in pending(session, Kind.ANCHOR, limit=9)] == [3]


def enter(world: World, epoch: int) -> None:
    with world.park.database.write() as session:
        session.execute(update(LogState).values(epoch=epoch))


def test_a_new_epoch_is_shown_before_its_first_entry(world: World) -> None:
    sequencer = world.sequencer(world.witness_head)
    sequencer.step()
    state = world.client.witness.state
    enter(world, 1)
    with pytest.raises(WitnessUnavailable, match=r"witness\.epoch.*tanlu epoch adopt"):
        sequencer.step()
    world.client.witness.reset_epoch(1, state.size, state.root)
    sequencer.step()
    text = world.park.view().checkpoint()
    assert text is not None
    head = Checkpoint.parse(Note.parse(text.encode()).text)
    assert (head.epoch, head.size, head.root) == (1, 3, state.root)
    submit(world, 1, 2)
    sequencer.step()
    with world.park.database.read() as session:
        assert CheckpointRepository(session).latest(1, cosigned=True).size == 5  # type: ignore[union-attr]  # it is there


def test_a_log_whose_epoch_was_ended_on_chain_waits_until_it_is_carried_over(world: World) -> None:
    sequencer = world.sequencer()
    sequencer.step()
    root = world.client.witness.state.root
    with world.park.database.write() as session:
        session.add(
            ChainAnchorRow(
                epoch=1,
                size=3,
                root=root,
                origin="EpochOpened",
                tx_hash=bytes(32),
                block_number=9,
                block_hash=bytes(32),
            )
        )
        intent = AnchorIntent(1, 3, root)
        outbox.enqueue_anchor(session, DEPLOYMENT, intent, now=1)
    submit(world, 1, 2)
    with pytest.raises(EpochBehind, match=r"chain: epoch 1.*epoch 0"):
        sequencer.step()
    assert list(notes(world.park.database)) == [3]


def test_an_anchor_of_an_ended_epoch_holds_up_none_of_the_next(world: World) -> None:
    sequencer = world.sequencer()
    sequencer.step()
    state = world.client.witness.state
    world.client.witness.reset_epoch(1, state.size, state.root)
    enter(world, 1)
    sequencer.step()
    with world.park.database.read() as session:
        assert [row.payload[:11] for row in pending(session, Kind.ANCHOR, limit=9)] == [
            '{"epoch":0,',
            '{"epoch":1,',
        ]


def test_a_holder_in_a_later_epoch_is_waited_for(world: World) -> None:
    state = world.client.witness.state
    world.client.witness.reset_epoch(2, state.size, state.root)
    with pytest.raises(EpochBehind, match=r"witness: epoch 2"):
        world.sequencer(world.witness_head).step()
    assert notes(world.park.database) == {}
