"""Request bodies that come too slowly, or not before the service ends.

Only time spent waiting for the client counts: while the service itself is busy with what it has, nobody is slow.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATIENCE_SECONDS: Final = 20.0
BYTES_PER_SECOND: Final = 500


class BodyEnded(ClientDisconnect):
    """The service reads no more of a body, though the client is still there and will read an answer."""


class BodyTooSlow(BodyEnded):
    """The body came at less than the least rate."""


class ServiceStopping(BodyEnded):
    """The service is about to end and waits for no more."""


class BodyPatience:
    """ASGI middleware: waiting for a body raises ``BodyTooSlow`` after ``patience`` seconds and one more for each
    ``rate`` bytes that came, and ``ServiceStopping`` after :meth:`stop`.
    """

    def __init__(self, app: ASGIApp, *, patience: float = PATIENCE_SECONDS, rate: float = BYTES_PER_SECOND) -> None:
        self._app = app
        self._patience = patience
        self._rate = rate
        self._stopping = False
        self._waits: set[asyncio.Timeout] = set()

    def stop(self) -> None:
        """Wait for no body any more. Called in the event loop's thread."""
        self._stopping = True
        now = asyncio.get_running_loop().time()
        for wait in self._waits:
            wait.reschedule(now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a ``receive`` that waits with patience."""
        if scope["type"] == "http":
            receive = _Body(self, receive).receive
        await self._app(scope, receive, send)

    async def wait(self, receive: Receive, waited: float, received: int) -> Message:
        """One message of a body of which ``received`` bytes came while ``waited`` seconds were spent."""
        if self._stopping and received:
            raise ServiceStopping
        # What has arrived before is still taken when there is no time left: it needs no waiting.
        left = 0.0 if self._stopping else max(0.0, self._patience + received / self._rate - waited)
        try:
            async with asyncio.timeout(left) as limit:
                self._waits.add(limit)
                try:
                    return await receive()
                finally:
                    self._waits.discard(limit)
        except TimeoutError:
            if self._stopping:
                raise ServiceStopping from None
            raise BodyTooSlow from None


class _Body:
    """One request's body while it comes."""

    def __init__(self, patience: BodyPatience, receive: Receive) -> None:
        self._patience = patience
        self._receive = receive
        self._waited = 0.0
        self._received = 0
        self._ended = False

    async def receive(self) -> Message:
        """The next message; after the body's end whatever comes, without a limit."""
        if self._ended:
            return await self._receive()
        clock = asyncio.get_running_loop().time
        begun = clock()
        message = await self._patience.wait(self._receive, self._waited, self._received)
        self._waited += clock() - begun
        self._received += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        return message
