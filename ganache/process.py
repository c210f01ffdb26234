"""The engine's process: started so that it cannot outlive us, ended in bounded time, its last words kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ganache import launch

_TERMINATE_DEADLINE_SECONDS = 10.0
_LAST_WORDS_BYTES = 600


class EngineProcess:
    """A running engine whose output goes to a log file.

    Must be made in a thread that lives as long as the engine is wanted: the kernel's parent-death signal is bound to
    the thread that forked.

    Attributes:
        pid: the engine's own process id (the launcher becomes the engine by execve).
    """

    def __init__(self, command: list[str], *, folder: Path, log_path: Path) -> None:
        starter = [sys.executable, "-I", "-S", str(Path(launch.__file__)), str(os.getpid()), *command]
        self._log_path = log_path
        with log_path.open("ab") as log:
            self._log_start = log.tell()
            # A session of its own: Ctrl-C in a terminal must reach only the supervisor, which saves before it ends it.
            self._process = subprocess.Popen(  # noqa: S603  an absolute path named by the driver
                starter,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def ending(self) -> str | None:
        """How it ended (`exit 2`, `signal 9`); None while it runs."""
        status = self._process.poll()
        if status is None:
            return None
        return f"signal {-status}" if status < 0 else f"exit {status}"

    def last_words(self) -> str:
        """The end of what this run of the engine wrote."""
        with self._log_path.open("rb") as log:
            log.seek(self._log_start)
            words = log.read()[-_LAST_WORDS_BYTES:].decode("utf-8", "replace").strip()
        return words or "it said nothing"

    def end(self) -> None:
        """Ask it to end, insist after a deadline, and reap it."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_TERMINATE_DEADLINE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait(_TERMINATE_DEADLINE_SECONDS)
