"""Around every request: its id, its line in the log, its place in the figures, and an end to waiting for its body."""

from __future__ import annotations

import logging
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.logs import ACCESS, REQUEST_ID, request_id
from api.metrics.instruments import Metrics

_logger = logging.getLogger(__name__)

HEADER = b"x-request-id"
PREFIX = "/v1"
"""Every path stands below it."""
UNMATCHED = "-"
"""The route of a path that nothing is at; paths themselves are never a label and never logged."""


class Observing:
    """ASGI middleware, the outermost. ``scope["state"]["role"]``, if a route set it, is the caller's role."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and say how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = _Seen(scope, receive, send)
        token = REQUEST_ID.set(seen.id)
        try:
            await self._app(scope, seen.receive, seen.send)
        except Exception as error:
            _logger.error("a request failed", exc_info=error)
            if not seen.status:
                raise
        finally:
            self._tell(scope, seen)
            REQUEST_ID.reset(token)

    def _tell(self, scope: Scope, seen: _Seen) -> None:
        seconds = time.perf_counter() - seen.begun
        route = _template(scope)
        self._metrics.request(scope["method"], route, seen.status, seconds)
        fields: dict[str, object] = {
            "method": scope["method"][:16],
            "route": route,
            "status": seen.status,
            "duration_ms": round(seconds * 1000, 1),
            "bytes_in": seen.bytes_in,
            "bytes_out": seen.bytes_out,
        }
        role = scope.get("state", {}).get("role")
        if role is not None:
            fields["role"] = str(role)
        ACCESS.info("request", extra={"fields": fields})


class _Seen:
    """What passes by of one request."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun = time.perf_counter()
        self.status = 0
        self.bytes_in = self.bytes_out = 0
        given = next((value for name, value in scope["headers"] if name == HEADER), None)
        self.id = request_id(None if given is None else given.decode("latin-1"))
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        message = await self._receive()
        self.bytes_in += len(message.get("body", b""))
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (HEADER, self.id.encode("ascii"))]
        elif message["type"] == "http.response.body":
            self.bytes_out += len(message.get("body", b""))
        await self._send(message)


def _template(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", None)
    if path is None:
        # The framework serves the document without a route of ours.
        own = f"{PREFIX}/openapi.json"
        return own if scope["path"] == own else UNMATCHED
    return str(path) if path.startswith(PREFIX) else f"{PREFIX}{path}"
