"""Turns at SQLite's write lock: whoever waits for it comes before whoever just had it, in one process and among all.

SQLite has no queue for its lock. Who finds it taken sleeps and asks again, up to a tenth of a second later
(https://www.sqlite.org/c3ref/busy_timeout.html), so that a process which writes without pause takes it again before
anybody wakes: beside a busy service sequencer and relayer waited for seconds, and with the day grew what was on its way
to the chain. So every writer of this program first asks for its turn:

* among the threads of a process in the order of their arrival;
* among processes by two locks on files beside the database. Who holds the *door* is the next one and waits there for
  the *turn*; who gave the turn back finds the door shut and waits behind.

The kernel gives both back when a process ends, however it ends. A turn is a courtesy and guards nothing: SQLite's own
lock still does, so that who is not served in time (a stopped process has the turn), and who cannot have the files,
asks for that without a turn, as does a program that knows of no turns. After the first who was not served the others
wait little, for a while: else a stopped process would cost each write the whole patience.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 10.0
"""How long a writer waits for its turn before it asks SQLite alone: longer than any transaction of the house."""

_SHORT = 0.02
"""Of it, after somebody was not served: what a writer waits then."""
_WHILE = 6
"""So many times the patience is that while."""

DOOR_SUFFIX, TURN_SUFFIX = "-door", "-turn"
"""Of the two files beside the database; both stay empty."""

_FIRST_LOOK, _LONGEST_LOOK = 0.000_2, 0.002
"""Seconds between two looks at a lock: at most so long it lies idle before the next one has it."""


class Turns:
    """The turns at one database file.

    Parameters
    ----------
    database
        The file; the locks are on files of the same name and a suffix.
    patience
        Seconds until a writer goes on without a turn.
    """

    def __init__(self, database: Path, patience: float = PATIENCE_SECONDS) -> None:
        self._database = database
        self._patience = patience
        self._hasty_until = time.monotonic()
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._line = _Line()
        self._door = _FileLock(Path(f"{self._database}{DOOR_SUFFIX}"))
        self._turn = _FileLock(Path(f"{self._database}{TURN_SUFFIX}"))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Have the turn, or patience is over; another's begins when the block ends."""
        if self._process != os.getpid():
            # A fork has its parent's files, whose locks the two share, and its line without those who stand there.
            self._door.close()
            self._turn.close()
            self._begin()
        line, now = self._line, time.monotonic()
        patience = self._patience * _SHORT if now < self._hasty_until else self._patience
        if not line.enter(patience):
            yield
            return
        try:
            has = self._among_processes(now + patience)
            try:
                yield
            finally:
                if has:
                    self._turn.give_back()
        finally:
            line.leave()

    def close(self) -> None:
        """Close the files, unless a thread still writes: then the end of the process does."""
        if self._line.enter(0.0):
            try:
                self._door.close()
                self._turn.close()
            finally:
                self._line.leave()

    def _among_processes(self, until: float) -> bool:
        try:
            has = False
            if self._door.take(until):
                try:
                    has = self._turn.take(until)
                finally:
                    self._door.give_back()
            if has:
                self._hasty_until = 0.0
            elif (now := time.monotonic()) >= self._hasty_until:
                self._hasty_until = now + _WHILE * self._patience
            return has
        except OSError:
            # A folder that cannot be written, or a file system without locks.
            return False


class _FileLock:
    """A lock on a file of its own; used by one thread of the process at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self, until: float) -> bool:
        """Whether it was to be had by then. Raises OSError where there can be no such lock."""
        pause = _FIRST_LOOK
        while True:
            try:
                fcntl.flock(self._opened(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    return False
            else:
                if self._is_there():
                    return True
                # Somebody removed the file: whoever came since locks another one of its name.
                self.close()
                continue
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_LOOK)

    def give_back(self) -> None:
        """Let the next one have it."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give it back for good; taken again, the file is opened again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _is_there(self) -> bool:
        return os.fstat(self._opened()).st_nlink > 0

    def _opened(self) -> int:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        return self._file


class _Line:
    """The threads of a process, one at a time, in the order of their arrival."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._busy = False
        self._waiting: deque[threading.Event] = deque()

    def enter(self, patience: float) -> bool:
        """Be the one; whether that came within so many seconds."""
        with self._guard:
            if not self._busy:
                self._busy = True
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        try:
            mine.wait(patience)
        except BaseException:
            # Interrupted: nobody is to be waited for who does not come.
            if self._served(mine):
                self.leave()
            raise
        return self._served(mine)

    def _served(self, mine: threading.Event) -> bool:
        """Whether it came to this one, be it as the time ran out; else it stands in the line no more."""
        with self._guard:
            if mine.is_set():
                return True
            self._waiting.remove(mine)
            return False

    def leave(self) -> None:
        """Hand over to whoever waits longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._busy = False
