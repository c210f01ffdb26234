"""One connection: how long a client may take for a head, for reading an answer, for going away.

uvicorn bounds idle connections between two requests only. A client that sends a head byte by byte, sends nothing at
all, reads no answer, or sends a body that was refused long ago would hold its connection for ever.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

_LINGER_SECONDS: Final = 1.0
LINGERING: Final = 256
"""Connections beyond the allowed ones that are kept until their client has read why it is refused."""

Refusal = Callable[[int, str, str, str], tuple[str, bytes]]
"""Status, rule and a sentence in English and Chinese become a media type and a body."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a client may take, in seconds and bytes.

    ``head``: for a request's head, from its first byte (or the connection). ``idle``: between two requests. ``unread``:
    without reading what was sent to it. ``unwanted``: for the rest of a body that was answered already. ``closing``:
    after the service hung up. ``head_bytes``: of a request's head. ``connections``: at a time.
    """

    head: float = 10.0
    idle: int = 30
    unread: float = 60.0
    unwanted: float = 20.0
    closing: float = 5.0
    head_bytes: int = 16 * 1024
    connections: int = 2_000


class Serving(Protocol):
    """What a connection is told through its configuration."""

    allowance: Allowance
    refusal: Refusal
    count: Callable[[str], None]


class Connection(H11Protocol):
    """uvicorn's connection with an end to every wait. The server calls :meth:`check` every second."""

    def __init__(self, config: uvicorn.Config, *args: Any, **kwargs: Any) -> None:
        super().__init__(config, *args, **kwargs)
        self._serving: Serving = config  # type: ignore[assignment]  # ledger.serving.server makes it with these members
        self._waits_for: str | None = None
        self._since = 0.0
        self._last_request = False
        self._lingering = False

    def connection_made(self, transport: Any) -> None:
        """Take the connection, or hang up on one too many."""
        super().connection_made(transport)
        self._note(None)
        if len(self.connections) > self._serving.allowance.connections:
            self._refuse(503, "http.connections", "Too many connections; try again.", "连接数过多，请稍后重试。")

    def data_received(self, data: bytes) -> None:
        """Bytes of the client; nothing is read any more once the last answer was given."""
        if not self._lingering:
            super().data_received(data)

    def check(self, now: float) -> None:
        """End the connection if its client took too long. ``now``: the event loop's clock."""
        waits_for = self._what_it_waits_for()
        if waits_for != self._waits_for:
            self._note(waits_for, now)
        if waits_for is None or now - self._since <= getattr(self._serving.allowance, waits_for):
            return
        self._serving.count(waits_for)
        if waits_for == "head" and self.conn.trailing_data[0]:
            self._refuse(408, "http.slow_head", "The request's head took too long.", "请求头传输过慢。")
        elif waits_for == "head":
            self.transport.close()
        else:
            # An orderly end would wait for the very client that does not go on.
            self.transport.abort()

    def on_response_complete(self) -> None:
        """The answer is out: the next request may come, unless the service is about to end."""
        self._note(None)
        if not self._last_request:
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.conn.their_state is h11.SEND_BODY:
            self._hang_up()
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """The service is about to end: an idle connection is closed, a running request is the last one."""
        if self.cycle is None or self.cycle.response_complete:
            super().shutdown()
        else:
            self._last_request = True

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP; uvicorn calls this while it handles h11's error."""
        error = sys.exception()
        status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        self._serving.count("malformed")
        if status == 431:
            most = self._serving.allowance.head_bytes
            self._refuse(
                431, "http.head_size", f"A request's head has at most {most} bytes.", f"请求头最多 {most} 字节。"
            )
        else:
            self._refuse(
                status, "http.malformed", f"This is no HTTP request: {error or msg}.", "无法解析的 HTTP 请求。"
            )

    def _what_it_waits_for(self) -> str | None:
        if self.transport.is_closing():
            return "closing"
        if self._lingering:
            return None  # it ends by itself
        if self.flow.write_paused:
            return "unread"
        if self.cycle is not None and not self.cycle.response_complete:
            return None  # the application's turn, which minds the body itself
        if self.conn.their_state is h11.SEND_BODY:
            return "unwanted"
        return "head" if self.timeout_keep_alive_task is None else None

    def _note(self, waits_for: str | None, now: float | None = None) -> None:
        self._waits_for = waits_for
        self._since = self.loop.time() if now is None else now

    def _refuse(self, status: int, rule: str, text: str, text_zh: str) -> None:
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            kind, body = self._serving.refusal(status, rule, text, text_zh)
            headers = [("content-type", kind), ("content-length", str(len(body))), ("connection", "close")]
            if status == 503:
                headers.append(("retry-after", "2"))
            for event in (h11.Response(status_code=status, headers=headers), h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self._hang_up()

    def _hang_up(self) -> None:
        """Close so that the answer arrives: hanging up on a client that still sends would destroy it on its way."""
        crowded = len(self.connections) > self._serving.allowance.connections + LINGERING
        if crowded or self.transport.is_closing() or not self.transport.can_write_eof():
            self.transport.close()
            return
        self._lingering = True
        self.flow.resume_reading()
        self.transport.write_eof()
        self.loop.call_later(_LINGER_SECONDS, self.transport.abort)
