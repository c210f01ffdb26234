"""uvicorn as both servers here need it: one address, connections under watch, an end in good order."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from ledger.serving.connection import Allowance, Connection, Refusal

_TICKS_PER_CHECK: Final = 10  # uvicorn's ticks are a tenth of a second


class _Config(uvicorn.Config):
    """uvicorn's configuration, with what ``ledger.serving.connection.Serving`` asks for."""

    allowance: Allowance
    refusal: Refusal
    count: Callable[[str], None]


class Server(uvicorn.Server):
    """Serves one application at one address until :meth:`stop`.

    Parameters
    ----------
    app, host, port
        What is served where; port 0 takes a free one.
    grace
        Seconds that running requests have after :meth:`stop`.
    refusal
        Makes the body of an answer to what is no request.
    up
        Gets the base URL once requests are served.
    stopping
        Called in the event loop when the end begins, before anything is waited for.
    count
        Told each time a client was hung up on: a member of ``Allowance``, or ``malformed``.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        port: int,
        *,
        grace: int,
        refusal: Refusal,
        up: Callable[[str], None] = lambda _url: None,
        stopping: Callable[[], None] = lambda: None,
        count: Callable[[str], None] = lambda _why: None,
        allowance: Allowance | None = None,
    ) -> None:
        allowance = allowance or Allowance()
        config = _Config(
            app,
            host=host,
            port=port,
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=allowance.idle,
            timeout_graceful_shutdown=grace,
            h11_max_incomplete_event_size=allowance.head_bytes,
        )
        config.allowance, config.refusal, config.count = allowance, refusal, count
        super().__init__(config)
        self._up = up
        self._stopping = stopping

    def stop(self) -> None:
        """Begin the end; safe in a signal handler and in any thread."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say where."""
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._up(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")

    async def on_tick(self, counter: int) -> bool:
        """uvicorn's own, and once a second a look at every connection."""
        if counter % _TICKS_PER_CHECK == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, Connection):
                    connection.check(now)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, let running requests end, hang up."""
        for server in self.servers:
            server.close()
        self._stopping()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: whoever runs the server minds signals (``stop_signals``), also before and after it listens."""
        yield
