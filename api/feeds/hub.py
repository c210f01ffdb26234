"""One reader of the market's events for all streams of a process.

A thread looks at the store while somebody follows, derives what is new once, and hands it to every stream that it is
for. A stream whose queue is full is cut off: it is told so, and goes on from the last event that it had with another
request; nobody waits for the slowest, and no queue grows.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, ParamSpec

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from api.feeds.limits import FeedLimits
from api.feeds.wire import Lines
from ledger.db.base import Database
from ledger.market.feed.events import FeedEvent
from ledger.market.feed.ids import FeedId
from ledger.market.feed.reading import Follower, here

_logger = logging.getLogger(__name__)

P = ParamSpec("P")
End = Literal["slow", "stopping"]
_UNREACHABLE = (OperationalError, NoConnection)
_JOIN_SECONDS = 10.0
_LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Scope:
    """What a stream follows: an ``asset`` as its book's readers see it, or an ``account``'s own things."""

    asset: int | None = None
    account: str | None = None

    def wants(self, event: FeedEvent) -> bool:
        """Whether the event is of this."""
        if event.accounts is None:
            return event.asset == self.asset
        return self.account is not None and self.account in event.accounts


@dataclass(slots=True, eq=False)
class Subscription:
    """A stream's queue. ``start``: the first event in it is the next one after this place; ``ended``: why no more
    comes. Used in the event loop that made it."""

    scope: Scope
    start: FeedId
    most: int
    loop: asyncio.AbstractEventLoop
    ended: End | None = None
    reached: FeedId = field(init=False)
    _waiting: deque[FeedEvent] = field(default_factory=deque)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.reached = self.start

    def offer(self, events: Collection[FeedEvent], reached: FeedId) -> None:
        """Take what is new; ``reached``: up to where nothing else is for this."""
        if self.ended is not None:
            return
        self.reached = reached
        if events:
            self._waiting.extend(events)
            if len(self._waiting) > self.most:
                self._waiting.clear()
                self.ended = "slow"
            self._news.set()

    def end(self, why: End) -> None:
        """Nothing comes any more, and what waits is not told either."""
        if self.ended is None:
            self._waiting.clear()
            self.ended = why
        self._news.set()

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits, and more may come."""
        return not self._waiting and self.ended is None

    async def next(self, seconds: float) -> FeedEvent | None:
        """The next event; None after so long without one, or where there will be none."""
        if self.is_empty:
            self._news.clear()
            # What came as the time ran out is not left for later: then `reached` would be past it.
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, seconds)):
                    await self._news.wait()
        return self._waiting.popleft() if self._waiting else None


class Hub:
    """Follows the store for this process's streams. ``looked``: how often the store was asked;
    ``lines``: writes events."""

    def __init__(self, database: Database, limits: FeedLimits | None = None) -> None:
        self.limits = limits or FeedLimits()
        self.looked = 0
        self.lines = Lines()
        self._database = database
        self._lock = threading.Lock()
        self._subscriptions: set[Subscription] = set()
        self._follower: Follower | None = None
        self._reached: FeedId | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    @property
    def streams(self) -> int:
        """How many follow."""
        return len(self._subscriptions)

    def subscribe(self, scope: Scope, loop: asyncio.AbstractEventLoop) -> Subscription:
        """Begin a queue. Blocking: the first one asks the store where it stands."""
        with self._lock:
            if self._follower is None or self._reached is None:
                with self._database.read() as store:
                    self._reached = here(store)
                self._follower = Follower(self._reached)
            made = Subscription(scope, self._reached, self.limits.queue, loop)
            self._subscriptions.add(made)
            if self._stop.is_set():
                made.ended = "stopping"
            elif self._thread is None:
                self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
                self._thread.start()
            return made

    def leave(self, subscription: Subscription) -> None:
        """A stream is over."""
        with self._lock:
            self._subscriptions.discard(subscription)

    def stop(self) -> None:
        """End every stream at once, and let none begin; any thread."""
        self._stop.set()
        with self._lock:
            for one in self._subscriptions:
                _call(one, one.end, "stopping")

    def close(self) -> None:
        """:meth:`stop`, and wait for the thread."""
        self.stop()
        thread = self._thread
        if thread is not None:
            thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        pause = self.limits.interval
        while not self._stop.wait(pause):
            try:
                more = self._look()
                pause = 0.0 if more else self.limits.interval
            except _UNREACHABLE as error:
                pause = min(max(pause, self.limits.interval) * 2, _LONGEST_PAUSE_SECONDS)
                _logger.warning("the feed waits %.1f s: %s", pause, type(error).__name__)
            except Exception:
                # Whoever follows begins anew from the last event that it had; nothing is guessed.
                _logger.exception("the feed begins anew")
                self._begin_anew()
                pause = _LONGEST_PAUSE_SECONDS
            with self._lock:
                if not self._subscriptions:
                    # Nobody follows: the store is left alone until somebody does.
                    self._thread = self._follower = self._reached = None
                    return

    def _look(self) -> bool:
        """Read on. Returns whether there is more."""
        follower = self._follower
        if follower is None:
            return False
        self.looked += 1
        with self._database.read() as store:
            until = here(store)
            if follower.reached.covers(until):
                return False
            events = follower.read(store, until)
        with self._lock:
            self._reached = follower.reached
            for one in self._subscriptions:
                _call(one, one.offer, [event for event in events if one.scope.wants(event)], follower.reached)
        return not follower.reached.covers(until)

    def _begin_anew(self) -> None:
        with self._lock:
            for one in self._subscriptions:
                _call(one, one.end, "slow")
            self._subscriptions.clear()


def _call(one: Subscription, call: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
    try:
        one.loop.call_soon_threadsafe(partial(call, *args, **kwargs))
    except RuntimeError:
        # Its loop is closed: nobody listens there any more.
        one.ended = one.ended or "stopping"
