"""The processes that put a kill round under load: started, waited for, ended. Nobody kills them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.installation import Installation

_ROOT = Path(__file__).parents[2]
_READY_SECONDS = 180.0
_STOP_SECONDS = 240.0


class ClientProcess:
    """One client: its own log is ``<name>.jsonl`` in ``folder``, what it prints ``<name>.out``.

    ``options`` are further words of its command line. Usable as a context, at whose end it runs no more.
    """

    def __init__(self, module: str, name: str, installation: Installation, folder: Path, *options: str) -> None:
        self.log = folder / f"{name}.jsonl"
        self._name = name
        self._output = folder / f"{name}.out"
        command = [sys.executable, "-m", module, "--home", str(installation.home), "--url", installation.url]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [*command, "--log", str(self.log), *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=_ROOT,
                start_new_session=True,
            )

    def __enter__(self) -> ClientProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(10.0)

    def wait_ready(self) -> None:
        """Wait until it says that its load begins. Raises RuntimeError with what it wrote."""
        limit = time.monotonic() + _READY_SECONDS
        while b'"ready"' not in self._output.read_bytes():
            if self._process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"the {self._name} does not run:\n{self._output.read_text()}")
            time.sleep(0.05)

    def ask_to_stop(self) -> None:
        """What it began it ends."""
        self._process.send_signal(signal.SIGTERM)

    def stopped(self) -> list[str]:
        """Wait until it has ended; what is wrong with how."""
        try:
            status = self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return [f"the {self._name} did not get its acknowledgements within {_STOP_SECONDS:g} s"]
        return [] if status == 0 else [f"the {self._name} ended with {status}: {self._output.read_text()[-1500:]}"]


def start_load(installation: Installation, folder: Path, *, seed: int, meters: int, pause: float) -> ClientProcess:
    """Meters and cases (`load`), which enrols the registrar too."""
    options = ("--seed", str(seed), "--meters", str(meters), "--pause", str(pause))
    return ClientProcess("tests.faults.load", "client", installation, folder, *options)


def start_trading(installation: Installation, folder: Path, *, seed: int, pause: float, day: float) -> ClientProcess:
    """The market (`trading_load`); its first days are open once it is ready."""
    options = ("--seed", str(seed), "--pause", str(pause), "--day", str(day))
    return ClientProcess("tests.faults.trading_load", "trading", installation, folder, *options)
