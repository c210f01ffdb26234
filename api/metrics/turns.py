"""How long calls wait for their turn at the database, and how long a turn takes."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from api.metrics.instruments import Metrics


class Turn:
    """One call from its wish to its end; ``way`` is ``read`` or ``write``. :meth:`begin` ends the waiting."""

    def __init__(self, metrics: Metrics, way: str) -> None:
        self._metrics = metrics
        self._way = way
        self._wanted = time.perf_counter()
        self._begun: float | None = None

    def __enter__(self) -> Self:
        self._metrics.queue.labels(self._way).inc()
        return self

    def begin(self) -> None:
        """The turn has come. Called in the thread that takes it."""
        self._begun = time.perf_counter()
        self._metrics.queue.labels(self._way).dec()
        self._metrics.wait_seconds.labels(self._way).observe(self._begun - self._wanted)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._begun is None:
            self._metrics.queue.labels(self._way).dec()
        else:
            self._metrics.call_seconds.labels(self._way).observe(time.perf_counter() - self._begun)
