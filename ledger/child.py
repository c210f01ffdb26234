"""A process of this program beside this one, spoken to over its standard input and output.

A program of its own for each kind of work (``python -c "from … import main; main()"``): it loads what that work needs
and nothing else, and whatever happens to it happens to no thread of this process.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from io import BufferedReader, BufferedWriter
from typing import cast


class Child:
    """A process that runs ``main`` of a module.

    Parameters
    ----------
    module
        Dotted name; its ``main()`` reads requests from standard input and writes answers to standard output.
    """

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, a module of this program
            [sys.executable, "-c", f"from {module} import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.requests = cast("BufferedWriter", self._process.stdin)
        self.answers = cast("BufferedReader", self._process.stdout)

    @property
    def id(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def ended_with(self) -> int | None:
        """Its exit code, ``None`` while it runs."""
        return self._process.poll()

    def wait(self, seconds: float) -> int:
        """Its exit code, once it ended by itself. Raises ``subprocess.TimeoutExpired`` after so many seconds."""
        return self._process.wait(seconds)

    def end(self) -> None:
        """End it, whatever it does: it only reads and computes."""
        self._process.kill()
        for pipe in (self.requests, self.answers):
            with contextlib.suppress(OSError):  # what was not sent any more needs no answer
                pipe.close()
        self._process.wait()
