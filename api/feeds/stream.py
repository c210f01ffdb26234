"""One stream: what came since the reader's last event, then what comes, until somebody ends it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.deps import Service
from api.feeds import wire
from api.feeds.hub import Hub, Subscription
from api.problems import Refused
from ledger.market.feed.events import FeedEvent
from ledger.market.feed.ids import FeedId
from ledger.market.feed.reading import Follower

MEDIA_TYPE = "text/event-stream"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who follows: ``body`` is whose view it is (None: who oversees), ``start`` where the stream begins. ``token`` is
    good until ``good_until`` (Unix seconds), if nothing ends it earlier: that is asked at each heartbeat."""

    token: str
    good_until: int
    body: str | None
    start: FeedId


class EventStream(StreamingResponse):
    """The answer. ``held`` is given back when it is over, however it ends."""

    media_type = MEDIA_TYPE

    def __init__(self, service: Service, hub: Hub, subscription: Subscription, reader: Reader, held: ExitStack) -> None:
        self._service = service
        self._hub = hub
        self._queue = subscription
        self._reader = reader
        self._held = held
        self._at = reader.start
        super().__init__(self._lines(), headers=_HEADERS, media_type=MEDIA_TYPE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._held.close()

    async def _lines(self) -> AsyncIterator[bytes]:
        yield wire.opening(self._at)
        async for missed in self._missed():
            yield missed
        heartbeat = self._hub.limits.heartbeat
        alive_until = look_again = time.monotonic() + heartbeat
        while (why := self._why_over()) is None:
            event = await self._queue.next(min(alive_until - time.monotonic(), self._good_for()))
            now = time.monotonic()
            if now >= look_again:
                # A key that was revoked, a session that was ended elsewhere.
                if not await self._signed_in():
                    why = "signed_out"
                    break
                look_again = now + heartbeat
            line = None if event is None else self._tell(event)
            if event is None and now >= alive_until and self._queue.is_empty:
                # What was for others is behind this reader as well.
                self._at = self._queue.reached if self._queue.reached.covers(self._at) else self._at
                line = wire.alive(self._at)
            if line is not None:
                yield line
                alive_until = time.monotonic() + heartbeat
        self._service.metrics.feed_ends.labels(why).inc()
        yield wire.ending(self._at, why)

    def _why_over(self) -> str | None:
        """Why the stream ends here, if it does."""
        if self._queue.ended is not None:
            return self._queue.ended
        return "signed_out" if self._good_for() <= 0 else None

    async def _missed(self) -> AsyncIterator[bytes]:
        """What came before the queue began, in pieces that are read as fast as they are sent."""
        begins, follower = self._queue.start, Follower(self._at)
        while not follower.reached.covers(begins):
            if self._why_over() is not None:
                return
            for event in await self._service.read_long(_read, self._service, follower, begins):
                line = self._tell(event) if self._queue.scope.wants(event) else None
                if line is not None:
                    yield line
        self._at = begins if begins.covers(self._at) else self._at

    def _tell(self, event: FeedEvent) -> bytes | None:
        # A snapshot may be newer than what the process has read: then the queue begins with what it holds.
        if event.told_before(self._at):
            return None
        self._at = event.id
        line = self._hub.lines.told(event, self._reader.body)
        if line is not None:
            self._service.metrics.feed_events.labels(event.kind).inc()
        return line

    def _good_for(self) -> float:
        return self._reader.good_until - self._service.access.clock()

    async def _signed_in(self) -> bool:
        try:
            await self._service.read(self._service.access.sessions.caller, self._reader.token)
        except Refused:
            return False
        return True


def _read(service: Service, follower: Follower, begins: FeedId) -> list[FeedEvent]:
    with service.access.database.read() as store:
        return follower.read(store, begins)
