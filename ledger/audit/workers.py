"""The worker processes of an audit, as one thing that judges ranges in the order of the log.

They are started before what they need is known, since a process takes as long to start as it takes to find that out.
"""

from __future__ import annotations

import pickle
import queue
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, cast

from ledger.audit.ranges import RangeResult
from ledger.audit.worker import Setup, Task
from ledger.child import Child

_AHEAD: Final = 4
"""Ranges that are being judged for each worker: what is held in memory at once."""

Judged = Callable[[Setup, Sequence[Task]], Iterator[RangeResult]]


class WorkerEnded(RuntimeError):
    """A worker process ended before it was told to: nothing is known of the range that it had."""


@contextmanager
def judging(count: int) -> Iterator[Judged]:
    """Start so many processes, which end with the block. What is yielded judges tasks, and gives results in their
    order; it raises what judging raised there, and ``WorkerEnded``."""
    workers = [_Worker() for _ in range(count)]
    free: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
    threads = ThreadPoolExecutor(count, thread_name_prefix="audit")

    def ask(task: Task) -> RangeResult:
        worker = free.get()
        try:
            return worker.judge(task)
        finally:
            free.put(worker)

    def judged(setup: Setup, tasks: Sequence[Task]) -> Iterator[RangeResult]:
        for worker in workers:
            worker.set_up(setup)
            free.put(worker)
        waiting: deque[Future[RangeResult]] = deque()
        for task in tasks:
            waiting.append(threads.submit(ask, task))
            if len(waiting) >= count * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    try:
        yield judged
    finally:
        for worker in workers:
            worker.end()
        threads.shutdown(wait=True, cancel_futures=True)


class _Worker:
    def __init__(self) -> None:
        self._child = Child("ledger.audit.worker")

    def set_up(self, setup: Setup) -> None:
        self._send(setup)

    def judge(self, task: Task) -> RangeResult:
        self._send(task)
        try:
            answer = pickle.load(self._child.answers)  # noqa: S301 - written by a process that this one started
        except (EOFError, pickle.UnpicklingError, OSError, ValueError) as error:
            raise self._gone() from error
        if isinstance(answer, Exception):
            raise answer
        return cast("RangeResult", answer)

    def _send(self, value: object) -> None:
        try:
            pickle.dump(value, self._child.requests, pickle.HIGHEST_PROTOCOL)
            self._child.requests.flush()
        except (OSError, ValueError) as error:
            raise self._gone() from error

    def _gone(self) -> WorkerEnded:
        return WorkerEnded(f"an audit's worker process ended with {self._child.ended_with}: run the audit again")

    def end(self) -> None:
        """End it."""
        self._child.end()
