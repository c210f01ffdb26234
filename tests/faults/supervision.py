"""The operator: runs every process of a deployment, restarts whatever ends, and kills on request.

One thread starts and watches all of them, as a service manager would. Every end is on record with what caused it: a
kill that was asked for, or the process itself.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from ganache import launch
from tests.faults.installation import APART, Installation, Role

RESTART_SECONDS = 0.5
STOP_SECONDS = 40.0
READY_SECONDS = 90.0
_LOOK_SECONDS = 0.02
_WORDS_BYTES = 1500


@dataclass(frozen=True)
class Ending:
    """One process's end. ``cause``: `kill`, `engine` (the engine under the supervisor was killed), `stop`, `itself`."""

    role: Role
    cause: str
    status: int
    was_ready: bool
    lived: float
    words: str


@dataclass
class _Running:
    process: subprocess.Popen[bytes]
    out_from: int
    err_from: int
    since: float = field(default_factory=time.monotonic)
    cause: str = "itself"
    ready: bool = False
    ended_at: float = 0.0


class Operator:
    """Runs `roles` of an installation; their output goes to files in `folder`."""

    def __init__(self, installation: Installation, folder: Path, roles: Sequence[Role] = APART) -> None:
        self.installation = installation
        self.endings: list[Ending] = []
        self.ready_after: dict[Role, list[float]] = {role: [] for role in Role}
        self._folder = folder
        self._roles = list(roles)
        self._running: dict[Role, _Running] = {}
        self._due: dict[Role, float] = dict.fromkeys(self._roles, 0.0)
        self._before_restart: dict[Role, Callable[[], None]] = {}
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._live, name="operator", daemon=True)

    def __enter__(self) -> Operator:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        try:
            for role in self._roles:
                self.wait_ready(role)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def wait_ready(self, role: Role) -> None:
        """Wait until a process has said that it is ready; it may be restarted meanwhile."""
        limit = time.monotonic() + READY_SECONDS
        while not self.is_ready(role):
            if self._failure is not None:
                raise RuntimeError("the operator's thread ended") from self._failure
            if time.monotonic() > limit:
                raise TimeoutError(f"{role} is not ready within {READY_SECONDS:g} s:\n{self.words(role)}")
            time.sleep(_LOOK_SECONDS)

    def is_ready(self, role: Role) -> bool:
        """Whether a process runs and has said that it is ready."""
        with self._lock:
            running = self._running.get(role)
            return running is not None and running.ready and running.process.poll() is None

    def is_running(self, role: Role) -> bool:
        """Whether a process runs, ready or not."""
        with self._lock:
            running = self._running.get(role)
            return running is not None and running.cause == "itself" and running.process.poll() is None

    def pid(self, role: Role) -> int | None:
        """Process id of a running process."""
        with self._lock:
            return self._running[role].process.pid if self.is_running(role) else None

    def kill(self, role: Role, *, down: float, before_restart: Callable[[], None] | None = None) -> bool:
        """SIGKILL the process; it is started again `down` seconds later, after `before_restart` was called. False if
        there was nothing to kill."""
        return self._kill(role, "kill", down, lambda pid: [pid], before_restart)

    def kill_engine(self, *, down: float) -> bool:
        """SIGKILL the chain engine itself, below its supervisor, which is to notice and end."""
        return self._kill(Role.CHAIN, "engine", down, engine_of, None)

    def output(self, role: Role) -> str:
        """Everything that a process wrote to standard error, over all its starts."""
        return (self._folder / f"{role}.err").read_text("utf-8", "replace")

    def words(self, role: Role) -> str:
        """The end of what a process wrote to standard error."""
        path = self._folder / f"{role}.err"
        return path.read_bytes()[-_WORDS_BYTES:].decode("utf-8", "replace") if path.exists() else ""

    def stop(self) -> None:
        """End all processes in good order. Safe to call twice."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS * (len(self._roles) + 1))

    def _kill(
        self,
        role: Role,
        cause: str,
        down: float,
        victims: Callable[[int], list[int]],
        before_restart: Callable[[], None] | None,
    ) -> bool:
        with self._lock:
            running = self._running.get(role)
            if running is None or running.cause != "itself" or running.process.poll() is not None:
                return False
            pids = victims(running.process.pid)
            if not pids:
                return False
            running.cause = cause
            self._due[role] = time.monotonic() + down
            if before_restart is not None:
                self._before_restart[role] = before_restart
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
        return True

    # -- the thread ------------------------------------------------------------------------------------------------

    def _live(self) -> None:
        try:
            while not self._stop.wait(_LOOK_SECONDS):
                with self._lock:
                    for role in self._roles:
                        self._look(role)
        except BaseException as error:
            self._failure = error
            raise
        finally:
            self._end_all()

    def _look(self, role: Role) -> None:
        running = self._running.get(role)
        if running is None:
            if time.monotonic() >= self._due[role]:
                self._before_restart.pop(role, _nothing)()
                self._running[role] = self._spawn(role)
            return
        status = running.process.poll()
        if status is not None:
            self._record(role, running, status)
            del self._running[role]
            if running.cause == "itself":
                self._due[role] = time.monotonic() + RESTART_SECONDS
        elif not running.ready and self._says_ready(role, running):
            running.ready = True
            self.ready_after[role].append(time.monotonic() - running.since)

    def _spawn(self, role: Role) -> _Running:
        out, err = self._folder / f"{role}.out", self._folder / f"{role}.err"
        with out.open("ab") as stdout, err.open("ab") as stderr:
            # The launcher becomes the command: same process id, and it cannot outlive this test.
            starter = [sys.executable, "-I", "-S", str(Path(launch.__file__)), str(os.getpid())]
            process = subprocess.Popen(
                [*starter, *self.installation.command(role)],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )
            return _Running(process, stdout.tell(), stderr.tell())

    def _says_ready(self, role: Role, running: _Running) -> bool:
        with (self._folder / f"{role}.out").open("rb") as file:
            file.seek(running.out_from)
            lines = file.read().splitlines(keepends=True)
        return any(line.endswith(b"\n") and json.loads(line).get("ready") for line in lines)

    def _record(self, role: Role, running: _Running, status: int) -> None:
        # Errors go to standard output as JSON, events to standard error.
        words = self._since(f"{role}.err", running.err_from) + self._since(f"{role}.out", running.out_from)
        lived = time.monotonic() - running.since
        self.endings.append(Ending(role, running.cause, status, running.ready, lived, words))

    def _since(self, name: str, start: int) -> str:
        with (self._folder / name).open("rb") as file:
            file.seek(start)
            return file.read()[-_WORDS_BYTES:].decode("utf-8", "replace")

    def _end_all(self) -> None:
        with self._lock:
            for role in reversed(self._roles):
                running = self._running.pop(role, None)
                if running is None:
                    continue
                if running.process.poll() is None:
                    running.cause = "stop"
                    running.process.terminate()
                try:
                    status = running.process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    running.process.kill()
                    status = running.process.wait(STOP_SECONDS)
                self._record(role, running, status)


def _nothing() -> None:
    return None


def engine_of(supervisor: int) -> list[int]:
    """Process ids of the engines that a supervisor has started; empty while there is none."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        # pid (name) state parent …: the name may hold spaces and brackets.
        name, _, rest = text.partition("(")[2].rpartition(")")
        if name == "anvil" and int(rest.split()[1]) == supervisor:
            found.append(int(stat.parent.name))
    return found
