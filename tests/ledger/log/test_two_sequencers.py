"""Two sequencers started by mistake: on one database they make one history, on copies one of them gets no signature."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from ledger.checkpoint import Checkpoint, Note
from ledger.db.base import Database
from ledger.db.log_models import CheckpointRow
from ledger.errors import HistoryDiverged, Retryable
from ledger.log import Log
from ledger.merkle import tree_root

from .conftest import Park, accepted
from .sequencing_world import witnessed

DEADLINE = 60.0
ENTRIES = 60


def together(*jobs: Callable[[], None]) -> None:
    """Run jobs in threads of their own; what one of them raises is raised here."""
    failures: list[BaseException] = []

    def guarded(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
        assert not thread.is_alive()
    if failures:
        raise failures[0]


def heads_of(database: Database) -> list[CheckpointRow]:
    with database.read() as session:
        return list(session.query(CheckpointRow).order_by(CheckpointRow.size))


def test_hammering_on_one_database_they_sign_one_head_for_each_size(park: Park, log: Log, tmp_path: Path) -> None:
    with witnessed(park, log, tmp_path) as world:
        done = threading.Event()
        shown: dict[int, set[bytes]] = {}
        asked = world.client.witness.add_checkpoint

        def watched(body: bytes) -> object:
            checkpoint = Checkpoint.parse(Note.parse(body.partition(b"\n\n")[2]).text)
            shown.setdefault(checkpoint.size, set()).add(checkpoint.root)
            return asked(body)

        world.client.witness.add_checkpoint = watched  # type: ignore[method-assign]  # every head that leaves is seen

        def write() -> None:
            try:
                for seq in range(1, ENTRIES + 1):
                    accepted(log.submit([park.reading(seq)]).outcomes[0])
                    time.sleep(0.01)  # else SQLite's lock would hardly ever be free for the others
            finally:
                done.set()

        def sequence() -> None:
            database = Database(str(park.database.engine.url.render_as_string(hide_password=False)))
            sequencer = world.sequencer(database=database)
            last = False
            while not last:
                last = done.is_set()
                try:
                    sequencer.step()
                except (Retryable, OperationalError):
                    last = False
            database.close()

        together(write, sequence, sequence)
        world.sequencer().step()
        heads = heads_of(park.database)
        leaves = [park.view().entry(index).leaf_hash for index in range(ENTRIES + 3)]  # type: ignore[union-attr]  # there
        assert heads[-1].size == ENTRIES + 3
        assert len(heads) > 2
        assert [head.root for head in heads] == [tree_root(leaves[: head.size]) for head in heads]
        assert all(len(roots) == 1 for roots in shown.values())
        assert set(shown) <= {head.size for head in heads}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_of_copies_of_one_database_one_lineage_gets_cosignatures(park: Park, log: Log, tmp_path: Path) -> None:
    with witnessed(park, log, tmp_path) as world:
        world.sequencer(world.witness_head).step()
        copy = tmp_path / "copy.sqlite3"
        with sqlite3.connect(tmp_path / "log.sqlite3") as source, sqlite3.connect(copy) as target:
            source.backup(target)
        source.close()
        target.close()
        databases = [park.database, Database(f"sqlite:///{copy}")]
        refused: list[int] = []
        told: list[str] = []
        barrier = threading.Barrier(2)

        def live(number: int) -> None:
            sequencer = world.sequencer(world.witness_head, database=databases[number])
            own = Log(databases[number], park.parameters, park.log_key, park.clock)
            sequencer.step()
            barrier.wait(DEADLINE)
            for seq in range(1, 12):
                own.submit([park.reading(seq, f"{number}.{seq:02d}")])
                try:
                    sequencer.step()
                except HistoryDiverged as error:
                    refused.append(number)
                    told.append(str(error))
                    return
                except Retryable:
                    continue

        together(lambda: live(0), lambda: live(1))
        assert len(refused) == 1
        assert "size" in told[0]
        loser, winner = databases[refused[0]], databases[1 - refused[0]]
        held = world.client.witness.state
        assert _cosigned(loser) == [3]
        assert heads_of(winner)[-1].root == held.root
        assert _cosigned(winner)[-1] == held.size
        databases[1].close()


def _cosigned(database: Database) -> list[int]:
    return [head.size for head in heads_of(database) if head.cosigned]
