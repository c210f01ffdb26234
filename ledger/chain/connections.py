"""Kept HTTP connections to one endpoint: a request takes one that is free, or opens another.

With the standard library's client, since a relayer sends some thirty requests a round: through ``requests`` each cost
half a millisecond of the processor, several times what the node takes to answer.
"""

from __future__ import annotations

import http.client
import select
import ssl
import time
import weakref
from base64 import b64encode
from urllib.parse import SplitResult, unquote, urlsplit

_JSON = "application/json"
_GOOD = range(200, 300)
_PART = 1 << 18
_TIMES = 6
"""So many times the timeout a whole answer may take: one that comes byte by byte would be waited for without end."""
_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


class Connections:
    """Connections to one address; threads may share them.

    Parameters
    ----------
    url
        ``http://`` or ``https://``, with ``user:password@`` where the endpoint asks for that. Judged when it is asked.
    timeout
        Seconds to wait for a connection, and for each part of an answer; for all of its body some times as long.
    """

    def __init__(self, url: str, timeout: float) -> None:
        self._url, self._timeout = url, timeout
        self._free: list[http.client.HTTPConnection] = []
        # What nobody closed is closed with the last who knew of it.
        weakref.finalize(self, _close_all, self._free)

    def post(self, body: bytes) -> bytes:
        """The body of the answer to a POST of some JSON.

        Nothing is sent a second time: of a request without an answer nobody knows what it did.

        Raises
        ------
        OSError, http.client.HTTPException, ValueError
            No connection, no answer, one that is no success, or an address that is none.
        """
        place = urlsplit(self._url)
        connection = self._kept() or self._opened(place)
        try:
            target = (place.path or "/") + (f"?{place.query}" if place.query else "")
            connection.request("POST", target, body, _headers(place))
            response = connection.getresponse()
            answer = _whole(response, time.monotonic() + _TIMES * self._timeout)
        except BaseException:
            # Whatever stopped it half-way: the rest of the answer would be read as that to the next request.
            connection.close()
            raise
        if connection.sock is not None:
            self._free.append(connection)
        if response.status not in _GOOD:
            raise ConnectionError(f"HTTP {response.status} {response.reason}")
        return answer

    def close(self) -> None:
        """Close those that nobody uses at the moment."""
        _close_all(self._free)

    def _kept(self) -> http.client.HTTPConnection | None:
        while self._free:
            try:
                connection = self._free.pop()
            except IndexError:  # another thread took the last
                return None
            if not _ended(connection):
                return connection
            connection.close()
        return None

    def _opened(self, place: SplitResult) -> http.client.HTTPConnection:
        if not place.hostname:
            raise ValueError(f"{self._url!r} names no host")
        if place.scheme == "http":
            return http.client.HTTPConnection(place.hostname, place.port, timeout=self._timeout)
        if place.scheme == "https":
            return http.client.HTTPSConnection(
                place.hostname, place.port, timeout=self._timeout, context=_trusted_authorities()
            )
        raise ValueError(f"{self._url!r} is no http:// or https:// address")


def _close_all(connections: list[http.client.HTTPConnection]) -> None:
    while connections:
        connections.pop().close()


def _whole(response: http.client.HTTPResponse, until: float) -> bytes:
    parts = []
    while response.length != 0 and (part := response.read1(_PART)):
        parts.append(part)
        if time.monotonic() >= until:
            raise TimeoutError(f"an answer that does not end, after {sum(map(len, parts))} bytes")
    if response.length:
        # The other side went away before the end.
        raise http.client.IncompleteRead(b"".join(parts), response.length)
    # The connection is ready for the next request then.
    response.close()
    return b"".join(parts)


def _ended(connection: http.client.HTTPConnection) -> bool:
    """Whether the other side closed a connection that waits: there is something to be read, though nothing was
    asked."""
    if connection.sock is None:
        return True
    poll = select.poll()
    poll.register(connection.sock, _READABLE)
    return bool(poll.poll(0))


def _headers(place: SplitResult) -> dict[str, str]:
    headers = {"Content-Type": _JSON, "Accept": _JSON}
    if place.username is not None:
        pair = f"{unquote(place.username)}:{unquote(place.password or '')}"
        headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode("ascii")
    return headers


def _trusted_authorities() -> ssl.SSLContext:
    # Only where it is needed: this client's list of authorities, which machines without one of their own have too.
    import httpx  # noqa: PLC0415 - takes as long to load as all the rest of this package

    return httpx.create_ssl_context(trust_env=False)
