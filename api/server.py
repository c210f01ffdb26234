"""Runs one process of the service in the foreground until SIGTERM, SIGINT or an error that must stop it.

The end in good order: nobody new is let in, idle connections are closed, background roles finish their round, running
requests have ``TANLU_SHUTDOWN_GRACE_S``, a body that still comes is answered with 503 and what was stored of it. A
second signal ends the process at once, which loses nothing that was acknowledged.
"""

from __future__ import annotations

import logging
import resource
from collections.abc import Callable

import msgspec

from api.app import create_app
from api.metrics import Exposition
from api.problems import MEDIA_TYPE, document
from api.runtime import Runtime
from api.settings import Role, SettingsRefused
from ledger.heap import settle_heap
from ledger.serving import LINGERING, Allowance, Server, stop_signals

_logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.2
_OTHER_FILES = 256 + LINGERING
"""Descriptors beside those of clients: database, chain, witnesses, temporary files, refused clients that still read."""

Ready = Callable[[str | None, str | None], None]
"""Gets the base URL (None without the role ``api``) and the URL of the metrics (None if they are off)."""


def run(runtime: Runtime, ready: Ready) -> None:
    """Serve until told to stop; ``ready`` is called once all parts run.

    Returns after an orderly stop. Raises the error that stopped the service, and SettingsRefused (``serve.address``,
    ``metrics.address``) when an address cannot be served.
    """
    exposition: Exposition | None = None
    try:
        with stop_signals(runtime.ask_to_stop):
            exposition = _metrics(runtime)
            url = None if exposition is None else exposition.url
            if Role.API in runtime.settings.roles:
                _serve(runtime, lambda base: ready(base, url))
            else:
                runtime.start()
                settle_heap()
                ready(None, url)
                # A bare wait() would not let signal handlers run on every platform.
                while not runtime.stop.wait(_LOOK_SECONDS):
                    pass
            runtime.close()
    finally:
        runtime.close()
        if exposition is not None:
            exposition.close()
    if runtime.fatal is not None:
        raise runtime.fatal


def _metrics(runtime: Runtime) -> Exposition | None:
    settings = runtime.settings
    if settings.metrics_port is None:
        return None
    return Exposition(runtime.metrics.registry, settings.metrics_host, settings.metrics_port)


def _serve(runtime: Runtime, ready: Callable[[str], None]) -> None:
    settings = runtime.settings
    app = create_app(runtime.service)

    def up(url: str) -> None:
        runtime.access.proving.serve_at(url)
        runtime.start()
        settle_heap()
        ready(url)

    def stopping() -> None:
        app.patience.stop()
        # Streams have no end of their own.
        app.state.hub.stop()
        # The roles finish their round while requests finish.
        runtime.stop.set()

    server = Server(
        app,
        settings.host,
        settings.port,
        grace=settings.shutdown_grace_s,
        refusal=_refusal,
        up=up,
        stopping=stopping,
        count=runtime.metrics.hung_up,
        allowance=Allowance(connections=_connections(settings.max_connections)),
    )
    runtime.on_stop = server.stop
    try:
        server.run()
        app.state.hub.close()
    except SystemExit as error:
        raise SettingsRefused(
            "serve.address",
            f"{settings.host}:{settings.port}",
            "a free address of this machine",
            f"The service cannot listen on {settings.host}:{settings.port}.",
            f"服务无法监听 {settings.host}:{settings.port}。",
        ) from error


def _connections(wanted: int) -> int:
    """As many connections as wanted, or as the system allows this process: beyond that nothing could be opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return wanted
    allowed = max(1, soft - _OTHER_FILES)
    _logger.warning("the system allows %d open files: at most %d connections instead of %d", soft, allowed, wanted)
    return allowed


def _refusal(status: int, rule: str, text: str, text_zh: str) -> tuple[str, bytes]:
    return MEDIA_TYPE, msgspec.json.encode(document(status, rule, (text, text_zh)))
