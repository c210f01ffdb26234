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


def test_a_stopped_process_costs_the_first_write_its_patience_and_the_next_ones_little(
    store: Path, tmp_path: Path
) -> None:
    turns = Turns(store, patience=2.0)
    with _other(store, tmp_path / "taken", _LONG) as process:
        process.send_signal(signal.SIGSTOP)
        with turns.turn():
            pass
        begun = time.monotonic()
        for _ in range(5):
            with turns.turn():
                pass
        assert time.monotonic() - begun < 2.0
        process.kill()
        process.wait(_LONG)
        with turns.turn():
            assert not _free(Path(f"{store}{TURN_SUFFIX}")), "whoever is served again waits as before"
    assert turns._hasty_until == 0.0


def test_files_that_somebody_removed_are_made_again_by_all(store: Path) -> None:
    first, second = Turns(store), Turns(store, patience=0.05)
    with first.turn():
        pass
    for suffix in (DOOR_SUFFIX, TURN_SUFFIX):
        Path(f"{store}{suffix}").unlink()
    with second.turn():
        pass
    with first.turn():
        assert not _free(Path(f"{store}{TURN_SUFFIX}"))
    first.close()
    second.close()


def test_a_fork_in_the_middle_of_a_turn_takes_turns_of_its_own(store: Path) -> None:
    turns = Turns(store, patience=_LONG)
    reading, writing = os.pipe()
    with turns.turn():
        child = os.fork()
        if child == 0:
            with turns.turn():
                os.write(writing, b"has it")
            os._exit(0)
        os.set_blocking(reading, False)
        time.sleep(0.1)
        with pytest.raises(BlockingIOError):
            os.read(reading, 10)
    os.set_blocking(reading, True)
    assert os.read(reading, 10) == b"has it"
    assert os.waitpid(child, 0)[1] == 0
    os.close(reading)
    os.close(writing)


def test_who_is_interrupted_in_the_line_leaves_it(store: Path) -> None:
    """Else it would be handed over to nobody, and each later write of the process would wait out its patience."""
    turns = Turns(store, patience=_LONG)

    def interrupted(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    def hold() -> None:
        with turns.turn():
            has.set()
            assert done.wait(_LONG)

    has, done = threading.Event(), threading.Event()
    holder = threading.Thread(target=hold)
    before = signal.signal(signal.SIGALRM, interrupted)
    try:
        holder.start()
        assert has.wait(_LONG)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt), turns.turn():
            raise AssertionError("had it")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        done.set()
        holder.join(_LONG)
    begun = time.monotonic()
    with turns.turn():
        assert time.monotonic() - begun < _LONG / 2


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
