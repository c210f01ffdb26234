"""The processes of one installation, started as an operator starts them and stopped when the demo ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tanlu.errors import TanluError

READY_SECONDS = 60.0
_STOP_SECONDS = 30.0
_TAIL_BYTES = 2_000


class ProcessDied(TanluError):
    """A process of the demo ended, or was not ready in time; the end of its log is in the message."""


class Processes:
    """``tanlu node``, ``tanlu witness`` and ``tanlu serve`` over one home directory.

    Output of each goes to ``<logs>/<name>.log``. As a context manager it stops them in the reverse order.
    """

    def __init__(self, home: Path, logs: Path) -> None:
        self._home = home
        self._logs = logs
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, process in reversed(self._running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def start(self, name: str, *arguments: str, label: str | None = None) -> dict[str, Any]:
        """Start ``tanlu NAME`` and wait for the line by which it says that it is ready. Raises ProcessDied.

        ``label`` names the log where one command is started several times.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        label = label or name
        log = self._logs / f"{label}.log"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TANLU_")}
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - this program itself
                [sys.executable, "-m", "tanlu", "--json", name, "--home", str(self._home), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,  # Ctrl-C in the terminal stops the demo, which stops these in order
            )
        self._running.append((label, process))
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            answer = _ready(log)
            if answer is not None:
                return answer
            if process.poll() is not None:
                break
            time.sleep(0.05)
        raise ProcessDied(
            rule="demo.process",
            value=name,
            expected=f"ready within {READY_SECONDS:.0f} s",
            message=f"tanlu {name} did not get ready; the end of {log}:\n{_tail(log)}",
            message_zh=f"tanlu {name} 未能就绪，见 {log}",
        )

    def pids(self) -> dict[str, int]:
        """Process ids by label."""
        return {label: process.pid for label, process in self._running}

    def check(self) -> None:
        """Raise ProcessDied if one of them has ended."""
        for name, process in self._running:
            if process.poll() is not None:
                log = self._logs / f"{name}.log"
                raise ProcessDied(
                    rule="demo.process",
                    value=f"{name}: exit {process.returncode}",
                    expected="running",
                    message=f"tanlu {name} ended; the end of {log}:\n{_tail(log)}",
                    message_zh=f"tanlu {name} 已退出，见 {log}",
                )


def _ready(log: Path) -> dict[str, Any] | None:
    for line in log.read_bytes().split(b"\n"):
        if line.startswith(b"{"):
            try:
                answer = json.loads(line)
            except ValueError:
                continue  # a line still being written
            if isinstance(answer, dict) and answer.get("ready") is True:
                return answer
    return None


def _tail(log: Path) -> str:
    return log.read_bytes()[-_TAIL_BYTES:].decode("utf-8", "replace")
