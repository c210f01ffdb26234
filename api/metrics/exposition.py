"""Where the figures are read: an address of its own, never the public one."""

from __future__ import annotations

from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server

from api.settings import SettingsRefused

_JOIN_SECONDS = 5.0


class Exposition:
    """``GET /metrics`` of one registry at ``host`` and ``port`` (0: a free one), from the constructor to ``close``.

    Raises SettingsRefused (``metrics.address``) if the address is not free.
    """

    def __init__(self, registry: CollectorRegistry, host: str, port: int) -> None:
        try:
            self._server: WSGIServer
            self._thread: Thread
            self._server, self._thread = start_http_server(port, host, registry)
        except OSError as error:
            raise SettingsRefused(
                "metrics.address",
                f"{host}:{port}",
                "a free address of this machine",
                f"Metrics cannot be served on {host}:{port}.",
                f"无法在 {host}:{port} 提供指标。",
            ) from error
        taken = self._server.server_address[1]
        self.url = f"http://[{host}]:{taken}/metrics" if ":" in host else f"http://{host}:{taken}/metrics"

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_JOIN_SECONDS)
