"""What a route needs of the process it runs in: the log, the view, the two ways off the event loop, the limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from api.access.access import Access
from api.feeds.limits import FeedLimits
from api.metrics.instruments import Metrics
from api.metrics.turns import Turn
from ledger.applications import Applications, Terms
from ledger.chain.contracts import Deployment
from ledger.errors import StoreUnavailable
from ledger.log import Log
from ledger.view import LogView

P = ParamSpec("P")
T = TypeVar("T")

# Threads of one interpreter take turns too: every reader more makes the one writer wait longer between two steps of a
# transaction, with the write lock held. What is quicker with more of them is only what waits for others.
_READERS = 6
_LONG = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a bulk request: lines, bytes, and the lines that become durable together."""

    max_lines: int = 100_000
    max_bytes: int = 64 * 1024 * 1024
    chunk_lines: int = 1_000


@dataclass(frozen=True, slots=True)
class Service:
    """One service as its routes see it.

    ``trust`` is the trust file's bytes, ``findings`` what health reports (blocking), ``fail`` takes an integrity error
    that must stop the process, ``deployment`` reads the address book, None where there is none (blocking). Blocking
    work goes through :meth:`read` and :meth:`write`.
    """

    origin: str
    log: Log
    view: LogView
    trust: bytes
    findings: Callable[[], Mapping[str, object]]
    fail: Callable[[Exception], None]
    access: Access
    limits: Limits = field(default_factory=Limits)
    metrics: Metrics = field(default_factory=Metrics)
    application_terms: Terms = field(default_factory=Terms)
    feed_limits: FeedLimits = field(default_factory=FeedLimits)
    deployment: Callable[[], Deployment | None] = lambda: None
    # One writer at a time: the store has one anyway, and waiting here costs no thread and keeps the order of arrival.
    _writer: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))
    _readers: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_READERS))
    _long: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_LONG))
    _prober: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))

    @property
    def applications(self) -> Applications:
        """Where applications wait."""
        return Applications(self.access.database, self.log.parameters, self.application_terms)

    async def read(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking read in a thread. Raises ``StoreUnavailable`` while the database cannot be reached."""
        return await self._turn("read", self._readers, partial(call, *args, **kwargs))

    async def read_long(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """:meth:`read` for what takes seconds: two at a time, so that short reads always find a thread."""
        async with self._long:
            return await self.read(call, *args, **kwargs)

    async def probe(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """:meth:`read` for what asks others, chain and witnesses, and may wait for them: one at a time, so that the
        threads of who only reads the store are never all taken."""
        async with self._prober:
            return await self.read(call, *args, **kwargs)

    async def write(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking write in a thread, after those that came before.

        A write that has begun ends: when the client goes away meanwhile, what became durable stays durable.
        """
        return await self._turn("write", self._writer, partial(call, *args, **kwargs))

    async def _turn(self, way: str, limiter: CapacityLimiter, call: Callable[[], T]) -> T:
        with Turn(self.metrics, way) as turn:
            return await to_thread.run_sync(partial(_guarded, turn, call), limiter=limiter)


def _guarded(turn: Turn, call: Callable[[], T]) -> T:
    turn.begin()
    try:
        return call()
    except (OperationalError, NoConnection) as error:
        # Locked, out of space, gone. A connection lost in the commit leaves open whether it was stored; sending the
        # same bytes again tells, and stores nothing twice.
        raise StoreUnavailable(
            "The database cannot be used now; send the same again.",
            rule="store.unavailable",
            value=type(getattr(error, "orig", error)).__name__,
            expected="a database that answers",
            message_zh="数据库暂时不可用，请重新发送相同内容。",
        ) from error


async def service_of(request: Request) -> Service:
    """The service that the application was made with. On the event loop: a plain function would be run in a thread of
    its own for each request, and wait there for its turn."""
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(service_of)]
