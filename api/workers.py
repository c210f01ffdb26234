"""Background roles as supervised threads: the one loop that all of them run in.

A round that raises a retryable error is tried again after a pause that doubles up to ten seconds and is shortened by
chance, so that processes that lost the same chain or database do not come back at one moment. Any other error is
fatal: the process stops, loudly, since going on could sign or send what contradicts what was signed before.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import socket
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
_SHORTEST_SHARE = 0.5

Observer = Callable[[str, float, Exception | None], None]
"""Told after every round: the role, the seconds it took, and the error that ended it, if one did."""


@dataclass(slots=True)
class Pulse:
    """How a role fares: when it last finished a round (unix seconds), and the error that holds it up, if any.

    ``rounds`` counts those that were finished, ``failures`` those that were not, ``in_a_row`` the failures since the
    last finished one.
    """

    rounds: int = 0
    failures: int = 0
    in_a_row: int = 0
    last_round_at: int | None = None
    waiting_for: str | None = None

    def as_dict(self) -> Mapping[str, object]:
        """For the health document."""
        return {"rounds": self.rounds, "last_round_at": self.last_round_at, "waiting_for": self.waiting_for}


@dataclass(slots=True)
class Worker:
    """One role in a thread of its own.

    ``round`` does one round and says whether more is waiting; ``pause`` is the rest after a round with nothing left, in
    seconds; ``fail`` takes the error that must stop the process; ``end`` runs when the worker stops in good order;
    ``observe`` is told of every round.
    """

    name: str
    round: Callable[[], bool]
    pause: float
    stop: threading.Event
    fail: Callable[[Exception], None]
    end: Callable[[], None] = lambda: None
    pulse: Pulse = field(default_factory=Pulse)
    observe: Observer = lambda _role, _seconds, _error: None
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
        try:
            while not self.stop.is_set():
                try:
                    more = self._observed()
                except RETRYABLE as error:
                    self._wait_for(error)
                    continue
                self.pulse.rounds += 1
                self.pulse.in_a_row = 0
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

    def _observed(self) -> bool:
        begun = time.monotonic()
        try:
            more = self.round()
        except Exception as error:
            self.pulse.failures += 1
            self.pulse.in_a_row += 1
            self.observe(self.name, time.monotonic() - begun, error)
            raise
        self.observe(self.name, time.monotonic() - begun, None)
        return more

    def _wait_for(self, error: Exception) -> None:
        pause = back_off(self.pulse.in_a_row)
        text = str(error).splitlines()[0]
        # The same trouble is said once, not every round.
        level = logging.DEBUG if self.pulse.waiting_for == text else logging.WARNING
        _logger.log(level, "%s waits %.1f s: %s", self.name, pause, text)
        self.pulse.waiting_for = text
        self.stop.wait(pause)


def new_holder() -> str:
    """Whoever holds a lease (``ledger.chain.lease``): another name at every start of a process."""
    return f"{socket.gethostname()[:32]}-{os.getpid()}-{secrets.token_hex(4)}"


def back_off(failures: int) -> float:
    """Seconds to rest after so many failures in a row (1 or more): doubling, bounded, shortened by up to half."""
    longest: float = min(FIRST_PAUSE_SECONDS * 2 ** min(failures - 1, 16), LONGEST_PAUSE_SECONDS)
    return longest * random.uniform(_SHORTEST_SHARE, 1.0)  # noqa: S311 - spreads load, keeps no secret
