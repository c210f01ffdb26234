"""Runs one process of the service in the foreground until SIGTERM, SIGINT or an error that must stop it."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from api.app import create_app
from api.runtime import Runtime
from api.settings import Role, SettingsRefused

_LOOK_SECONDS = 0.2


def run(runtime: Runtime, ready: Callable[[str | None], None]) -> None:
    """Serve until told to stop; ``ready`` gets the base URL (None without the role ``api``) once all parts run.

    Returns after an orderly stop. Raises the error that stopped the service, and SettingsRefused (``serve.address``)
    when the address cannot be served.
    """
    try:
        if Role.API in runtime.settings.roles:
            _serve(runtime, ready)
        else:
            _wait(runtime, ready)
    finally:
        runtime.close()
    if runtime.fatal is not None:
        raise runtime.fatal


def _wait(runtime: Runtime, ready: Callable[[str | None], None]) -> None:
    with _signals(lambda _number, _frame: runtime.stop.set()):
        runtime.start()
        ready(None)
        # A bare wait() would not let signal handlers run on every platform.
        while not runtime.stop.wait(_LOOK_SECONDS):
            pass


def _serve(runtime: Runtime, ready: Callable[[str | None], None]) -> None:
    settings = runtime.settings
    config = uvicorn.Config(
        create_app(runtime.service),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=settings.shutdown_grace_s,
    )

    def up(url: str) -> None:
        runtime.start()
        ready(url)

    server = _Server(config, up)

    def stop() -> None:
        server.should_exit = True

    runtime.on_fatal = stop
    try:
        server.run()
    except SystemExit as error:
        raise SettingsRefused(
            "serve.address",
            f"{settings.host}:{settings.port}",
            "a free address of this machine",
            f"The service cannot listen on {settings.host}:{settings.port}.",
            f"服务无法监听 {settings.host}:{settings.port}。",
        ) from error


class _Server(uvicorn.Server):
    """uvicorn that says where it listens, and ends with success when it is asked to stop."""

    def __init__(self, config: uvicorn.Config, up: Callable[[str], None]) -> None:
        super().__init__(config)
        self._up = up

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # sockets: unused
        await super().startup()
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._up(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again after a graceful end: a stopped service would look like a killed one.
        with _signals(self.handle_exit):
            yield


@contextmanager
def _signals(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def configure_logging(level: str) -> None:
    """Everything that is logged goes to standard error, one line each."""
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # One line per request of the witness client says nothing.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
