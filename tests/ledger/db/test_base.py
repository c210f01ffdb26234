"""What every connection of a store has, and how few of them a busy process keeps warm."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text

from ledger.db.base import Database

_LONG = 30.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'log.sqlite3'}")
    yield made
    made.close()


def test_a_commit_is_flushed_and_pages_are_kept_within_bounds(database: Database) -> None:
    with database.read() as session:
        told = {name: session.execute(text(f"PRAGMA {name}")).scalar() for name in ("synchronous", "cache_size")}
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    full, kib = 2, 512
    assert told == {"synchronous": full, "cache_size": -kib}


def test_who_reads_one_after_the_other_shares_a_connection_however_many_read_at_once_before(
    database: Database,
) -> None:
    taken: set[int] = set()
    event.listen(database.engine, "checkout", lambda raw, *_rest: taken.add(id(raw)))
    meet = threading.Barrier(5)

    def read() -> None:
        with database.read() as session:
            session.execute(text("SELECT 1"))
            meet.wait(_LONG)

    threads = [threading.Thread(target=read) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_LONG)
    assert len(taken) == 5
    taken.clear()
    for _ in range(10):
        with database.read() as session:
            session.execute(text("SELECT 1"))
    assert len(taken) == 1
