"""Background roles as supervised threads.

A round that raises a retryable error is tried again after a pause that doubles up to ten seconds. Any other error is
fatal: the process stops, loudly, since going on could sign or send what contradicts what was signed before.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from ledger.chain.errors import RequestRefused
from ledger.errors import Retryable

_logger = logging.getLogger(__name__)

RETRYABLE = (Retryable, RequestRefused, OperationalError, NoConnection)
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0


@dataclass(slots=True)
class Pulse:
    """How a role fares: when it last finished a round (unix seconds), and the error that holds it up, if any."""

    rounds: int = 0
    last_round_at: int | None = None
    waiting_for: str | None = None

    def as_dict(self) -> Mapping[str, object]:
        """For the health document."""
        return {"rounds": self.rounds, "last_round_at": self.last_round_at, "waiting_for": self.waiting_for}


@dataclass(slots=True)
class Worker:
    """One role in a thread of its own.

    ``round`` does one round and says whether more is waiting; ``pause`` is the rest after a round with nothing left, in
    seconds; ``fail`` takes the error that must stop the process; ``end`` runs when the worker stops in good order.
    """

    name: str
    round: Callable[[], bool]
    pause: float
    stop: threading.Event
    fail: Callable[[Exception], None]
    end: Callable[[], None] = lambda: None
    pulse: Pulse = field(default_factory=Pulse)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def join(self, timeout: float) -> bool:
        """Wait for the thread's end after ``stop`` was set; whether it came within ``timeout`` seconds."""
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        try:
            while not self.stop.is_set():
                try:
                    more = self.round()
                except RETRYABLE as error:
                    self._wait_for(error, pause)
                    self.stop.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                    continue
                pause = FIRST_PAUSE_SECONDS
                self.pulse.rounds += 1
                self.pulse.last_round_at = int(time.time())
                self.pulse.waiting_for = None
                if not more:
                    self.stop.wait(self.pause)
            self.end()
        except RETRYABLE as error:
            # Only `end` is left to raise this: what it would have given back expires by itself.
            _logger.warning("%s ended without tidying up: %s", self.name, error)
        except Exception as error:
            self.pulse.waiting_for = str(error)
            self.fail(error)

    def _wait_for(self, error: Exception, pause: float) -> None:
        text = str(error).splitlines()[0]
        # The same trouble is said once, not every round.
        level = logging.DEBUG if self.pulse.waiting_for == text else logging.WARNING
        _logger.log(level, "%s waits %.1f s: %s", self.name, pause, text)
        self.pulse.waiting_for = text
