"""SIGTERM and SIGINT: the first asks for an orderly end, the second ends the process at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

ENDED_BY_SIGNAL: Final = 128
"""Exit code of a process that a second signal ended: this and the signal's number, as a shell says it."""


@contextmanager
def stop_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Inside the block the first signal calls ``stop``, another one ends the process with code 128 + its number.

    That is safe at any moment: whatever was acknowledged is durable. Outside the main thread signals stay as they are.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            os._exit(ENDED_BY_SIGNAL + number)
        asked = True
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
