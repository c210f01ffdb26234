"""The worker processes as one thing that checks signatures."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from attestation.errors import AttestationError
from attestation.keys import PublicKey
from ledger.child import Child
from ledger.verifying.worker import read_frame, write_frame

SMALL = 100
"""Fewer checks than this are not worth another process."""

_logger = logging.getLogger(__name__)
_encoder = msgspec.msgpack.Encoder()


class Check(msgspec.Struct, frozen=True):
    """A signature (64 bytes) over ``message`` by ``key``."""

    key: PublicKey
    message: bytes
    signature: bytes


Checker = Callable[[Sequence[Check]], Sequence[bool]]
"""Says for each check whether the signature is good."""


def check_here(checks: Sequence[Check]) -> list[bool]:
    """Check in this thread."""
    return [_good(check) for check in checks]


def _good(check: Check) -> bool:
    try:
        check.key.verify(check.message, check.signature)
    except AttestationError:
        return False
    return True


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class SignatureWorkers:
    """So many worker processes, started when they are first needed. May be called from many threads.

    A worker that dies is replaced, and what it had is checked in this process: what is answered never depends on one.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._free: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(count):
            self._free.put(None)
        self._threads = ThreadPoolExecutor(max(1, count), thread_name_prefix="check")
        self._lock = threading.Lock()
        self._all: set[_Worker] = set()
        self._closed = False

    def __call__(self, checks: Sequence[Check]) -> list[bool]:
        """See ``Checker``."""
        if len(checks) < SMALL or self._count == 0 or self._closed:
            return check_here(checks)
        share = max(SMALL, -(-len(checks) // self._count))
        parts = [checks[start : start + share] for start in range(0, len(checks), share)]
        return [good for part in self._threads.map(self._part, parts) for good in part]

    def close(self) -> None:
        """End the workers."""
        self._closed = True
        self._threads.shutdown(wait=True)
        with self._lock:
            for worker in self._all:
                worker.end()
            self._all.clear()

    def _part(self, checks: Sequence[Check]) -> list[bool]:
        worker = self._free.get()
        try:
            if worker is None:
                worker = self._start()
            found = worker.check(checks)
        except OSError as error:
            _logger.warning("a signature worker is gone (%s); its checks are done here", error)
            if worker is not None:
                with self._lock:
                    self._all.discard(worker)
                worker.end()
                worker = None
            found = check_here(checks)
        finally:
            self._free.put(worker)
        return found

    def _start(self) -> _Worker:
        worker = _Worker()
        with self._lock:
            self._all.add(worker)
        return worker


class _Worker:
    def __init__(self) -> None:
        self._child = Child("ledger.verifying.worker")

    def check(self, checks: Sequence[Check]) -> list[bool]:
        """Raises OSError when the process is gone."""
        items = [(check.key.algorithm.value, check.key.raw, check.message, check.signature) for check in checks]
        write_frame(self._child.requests, _encoder.encode(items))
        answer = read_frame(self._child.answers)
        if answer is None or len(answer) != len(checks):
            raise BrokenPipeError("no whole answer")
        return [good == 1 for good in answer]

    def end(self) -> None:
        """End it."""
        self._child.end()
