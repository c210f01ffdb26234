"""Opening the store: others in the way are waited for, and what stays in the way is named."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.store import open_log, open_store
from attestation.keys import Algorithm, PrivateKey
from ledger.context import LogParameters
from ledger.db import base
from ledger.db.base import Database
from ledger.db.migrate import current_revision, head_revision
from ledger.errors import HistoryDiverged, StoreUnavailable
from ledger.log import Log


@pytest.fixture(autouse=True)
def impatient_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's own waiting is cut short, so that what is seen is ours."""
    monkeypatch.setattr(base, "BUSY_TIMEOUT_MS", 20)


def test_a_store_that_another_process_holds_is_opened_when_it_lets_go(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite3"
    holder = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    held = 0.7
    started = time.monotonic()
    letting_go = threading.Timer(held, holder.rollback)
    letting_go.start()
    database = open_store(f"sqlite:///{file}", patience=30.0)
    waited = time.monotonic() - started
    assert current_revision(database) == head_revision()
    database.close()
    letting_go.join()
    holder.close()
    assert waited >= held


def test_a_store_that_stays_held_is_refused_by_name_and_left_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite3"
    with sqlite3.connect(file, isolation_level=None) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable, match=r"store\.unavailable.*database is locked"):
            open_store(f"sqlite:///{file}", patience=0.5)
        holder.execute("ROLLBACK")
        assert holder.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    holder.close()


def test_a_store_that_cannot_be_there_is_not_waited_for(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(StoreUnavailable, match="unable to open database file"):
        open_store(f"sqlite:///{tmp_path / 'nowhere' / 'store.sqlite3'}", patience=60.0)
    assert time.monotonic() - started < 60.0


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Database, Path]]:
    """A migrated store without a log, and its file."""
    file = tmp_path / "store.sqlite3"
    database = open_store(f"sqlite:///{file}")
    yield database, file
    database.close()


def a_log(database: Database, origin: str = "tanlu.test/log/" + "ab" * 32) -> Log:
    key = PrivateKey.generate(Algorithm.ED25519)
    return Log(database, LogParameters(origin, bytes.fromhex("ab" * 32), "88.608.1/PARK", key.public, None), key)


def states(file: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(file)) as other:
        return other.execute("SELECT origin FROM log_state").fetchall()


def test_a_log_whose_store_another_process_holds_is_opened_when_it_lets_go(opened: tuple[Database, Path]) -> None:
    database, file = opened
    log, held = a_log(database), 0.7
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        letting_go = threading.Timer(held, holder.rollback)
        letting_go.start()
        open_log(database, log, patience=30.0)
        waited = time.monotonic() - started
        letting_go.join()
    assert waited >= held
    assert len(states(file)) == 1


def test_a_log_whose_store_stays_held_is_refused_by_name_and_left_as_it_was(opened: tuple[Database, Path]) -> None:
    database, file = opened
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match=r"store\.unavailable.*database is locked"):
            open_log(database, a_log(database), patience=0.5)
        holder.execute("ROLLBACK")
    assert states(file) == []


def test_the_store_of_another_log_is_not_waited_for(opened: tuple[Database, Path]) -> None:
    database, file = opened
    open_log(database, a_log(database))
    before = states(file)
    with pytest.raises(HistoryDiverged, match=r"log\.origin"):
        open_log(database, a_log(database, "tanlu.test/log/" + "cd" * 32))
    assert states(file) == before
