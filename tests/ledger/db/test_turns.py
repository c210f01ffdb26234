"""Turns at the write lock: in order among threads, alternating among processes, and never in the way of a write."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.db.base import Database
from ledger.db.turns import DOOR_SUFFIX, TURN_SUFFIX, Turns

_LONG = 30.0

_GREEDY = """
import sys, time
from pathlib import Path
from ledger.db.turns import Turns
turns, taken = Turns(Path(sys.argv[1])), Path(sys.argv[2])
for number in range(1, 100_000):
    with turns.turn():
        taken.write_text(str(number), "ascii")
        if number == 1:
            print("begun", flush=True)
        time.sleep(float(sys.argv[3]))
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite3"


@contextmanager
def _other(store: Path, taken: Path, hold: float) -> Iterator[subprocess.Popen[str]]:
    """A process that takes turn after turn, each for so many seconds, and counts them in a file."""
    command = [sys.executable, "-c", _GREEDY, str(store), str(taken), str(hold)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "begun\n"
            yield process
        finally:
            process.kill()


def _count(taken: Path) -> int:
    """How many turns the other process began; asked again where it is writing just now."""
    until = time.monotonic() + _LONG
    while not (said := taken.read_text("ascii")) and time.monotonic() < until:
        time.sleep(0.001)
    return int(said)


def _free(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_threads_have_their_turns_in_the_order_of_their_arrival(store: Path) -> None:
    turns, order = Turns(store), []
    asked = threading.Semaphore(0)

    def ask(name: int) -> None:
        asked.release()
        with turns.turn():
            order.append(name)

    threads = [threading.Thread(target=ask, args=(name,)) for name in range(8)]
    with turns.turn():
        for place, thread in enumerate(threads):
            thread.start()
            assert asked.acquire(timeout=_LONG)
            until = time.monotonic() + _LONG
            while len(turns._line._waiting) <= place and time.monotonic() < until:
                time.sleep(0.001)
        assert order == []
    for thread in threads:
        thread.join(_LONG)
    assert order == list(range(8))


def test_a_process_that_takes_turn_after_turn_lets_another_in_after_at_most_two(store: Path, tmp_path: Path) -> None:
    turns, taken = Turns(store, patience=_LONG), tmp_path / "taken"
    passed = []
    with _other(store, taken, 0.02):
        for _ in range(10):
            before = _count(taken)
            with turns.turn():
                passed.append(_count(taken) - before)
    assert max(passed) <= 2


def test_the_turn_of_a_killed_process_is_free_at_once(store: Path, tmp_path: Path) -> None:
    turns = Turns(store, patience=_LONG)
    with _other(store, tmp_path / "taken", _LONG) as process:
        assert not _free(Path(f"{store}{TURN_SUFFIX}"))
        process.kill()
        process.wait(_LONG)
        begun = time.monotonic()
        with turns.turn():
            assert time.monotonic() - begun < _LONG / 2
            assert not _free(Path(f"{store}{TURN_SUFFIX}"))


def test_a_stopped_process_that_has_the_turn_holds_up_nobody_for_good(store: Path, tmp_path: Path) -> None:
    turns = Turns(store, patience=0.2)
    with _other(store, tmp_path / "taken", 0.02) as process:
        process.send_signal(signal.SIGSTOP)
        begun = time.monotonic()
        with turns.turn():
            assert time.monotonic() - begun < _LONG
        process.send_signal(signal.SIGCONT)
    # Whoever goes on without a turn keeps nobody else from one.
    assert _free(Path(f"{store}{DOOR_SUFFIX}"))


def test_where_the_files_cannot_be_had_a_write_goes_on_without_a_turn(tmp_path: Path) -> None:
    done = []
    with Turns(tmp_path / "missing" / "log.sqlite3").turn():
        done.append("written")
    assert done == ["written"]
    assert not (tmp_path / "missing").exists()


def test_a_turn_ends_with_its_block_however_that_ends(store: Path) -> None:
    turns = Turns(store)
    with pytest.raises(RuntimeError, match="refused"), turns.turn():
        raise RuntimeError("refused")
    assert _free(Path(f"{store}{TURN_SUFFIX}"))
    with turns.turn():
        assert not _free(Path(f"{store}{TURN_SUFFIX}"))
        assert _free(Path(f"{store}{DOOR_SUFFIX}"))


def test_closed_turns_begin_again(store: Path) -> None:
    turns = Turns(store)
    with turns.turn():
        pass
    files = len(os.listdir("/proc/self/fd"))
    turns.close()
    assert len(os.listdir("/proc/self/fd")) == files - 2
    with turns.turn():
        assert not _free(Path(f"{store}{TURN_SUFFIX}"))
    turns.close()


def test_a_database_writes_in_its_turn_and_reads_without(store: Path) -> None:
    database = Database(f"sqlite:///{store}")
    try:
        with database.write() as session:
            session.execute(text("CREATE TABLE kept (number INTEGER)"))
            assert not _free(Path(f"{store}{TURN_SUFFIX}"))
        with database.read() as session:
            assert session.execute(text("SELECT count(*) FROM kept")).scalar() == 0
            assert _free(Path(f"{store}{TURN_SUFFIX}"))
    finally:
        database.close()
