"""Notes every request for something that is not public in the log of reads, with how it was answered."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.guard import Asked
from api.access.table import ROUTES, Need
from api.logs import REQUEST_ID

_READS = frozenset({Need.OWN, Need.HOLDER, Need.OVERSEER, Need.PARK})


class Noting:
    """ASGI middleware. Who is not signed in reads nothing, and is in the access lines of the service's log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, then note it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def see(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, see)
        finally:
            asked = scope.get("state", {}).get("asked")
            if asked is not None and asked.caller is not None and ROUTES.get(asked.operation) in _READS:
                asked.access.reads.note(_row(asked, status))


def _row(asked: Asked, status: int) -> dict[str, Any]:
    caller = asked.caller
    assert caller is not None  # noqa: S101 - told to mypy: asked for by the caller of this
    return {
        "at": int(asked.access.clock()),
        "identifier": caller.identifier,
        "thumbprint": caller.thumbprint,
        "role": caller.role.value,
        "route": asked.operation,
        "object": asked.object[:400],
        "owner": asked.owner,
        "owner_body": asked.owner_body,
        "status": status,
        "request_id": REQUEST_ID.get() or "",
    }
