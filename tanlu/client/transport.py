"""HTTP with patience: connection loss, 503 and 429 are tried again until a deadline, everything else is an answer.

Sending again is safe: a statement that the log has is answered with its first acceptance (docs/design.md §3, step 6),
and every other call reads only.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec

from tanlu.client.sign_in import SignedIn
from tanlu.errors import RefusedByService, ServiceUnavailable

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
LARGEST_ANSWER = 256 << 20
"""Bytes: a page of a mirror has 1,024 entries of at most 64 KiB."""
LONGEST_ANSWER = 600
"""Seconds from the first byte of an answer to its last."""
_OF_THE_WAY = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_PROBLEM_LIMIT = 1_000_000
_LATER = frozenset({httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.TOO_MANY_REQUESTS})


class Patience:
    """Pauses that double from 0.2 s to 5 s, with jitter, until `seconds` have passed; then ServiceUnavailable."""

    def __init__(self, url: str, seconds: float) -> None:
        self._url = url
        self._deadline = time.monotonic() + seconds
        self._pause = FIRST_PAUSE

    def wait(self, reason: str, at_least: float = 0.0) -> None:
        """Sleep before the next attempt, `at_least` so many seconds. Raises ServiceUnavailable at the deadline."""
        # Jitter keeps many clients of one restarted service from coming back in step.
        pause = max(at_least, self._pause * (0.5 + random.random() / 2))  # noqa: S311 - not a secret
        if time.monotonic() + pause > self._deadline:
            raise ServiceUnavailable(self._url, reason)
        time.sleep(pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


class Transport:
    """Requests to one service.

    `timeout` bounds one wait for the network, `patience` all attempts of one call together; both in seconds.
    """

    def __init__(self, base_url: str, *, timeout: float, patience: float, signed_in: SignedIn | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self.patience = patience
        self._signed_in = signed_in
        self._http = httpx.Client(base_url=self.base_url, timeout=timeout, headers={"Accept": "application/json"})

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        content: bytes | None = None,
        content_type: str | None = None,
        public: bool = False,
    ) -> httpx.Response:
        """The answer to a request, if it is a 2xx. ``public``: asked without signing in, which a key that was ended
        could not. Raises RefusedByService and ServiceUnavailable."""
        patience, renewed = self.begin(), False
        while True:
            headers = {"Content-Type": content_type} if content_type else {}
            try:
                if not public:
                    headers |= self._token(patience)
                response = self._whole(method, path, params, content, headers)
            except httpx.TransportError as error:
                patience.wait(_reason(error))
                continue
            if response.status_code in _LATER:
                patience.wait(str(response.status_code), retry_after(response))
                continue
            if response.status_code == httpx.codes.UNAUTHORIZED and self._signed_in is not None and not renewed:
                # Ended early: the service was moved, or somebody signed this session out.
                self._signed_in.forget()
                renewed = True
                continue
            return _success(response)

    def _whole(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None,
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> httpx.Response:
        """An answer with its body, which neither goes on for ever nor comes a byte at a time."""
        deadline, parts, size = time.monotonic() + LONGEST_ANSWER, list[bytes](), 0
        with self._http.stream(method, path, params=params, content=content, headers=headers) as response:
            for part in response.iter_bytes():
                parts.append(part)
                size += len(part)
                if size > LARGEST_ANSWER:
                    raise ServiceUnavailable(self.base_url, f"an answer of more than {LARGEST_ANSWER} bytes")
                if time.monotonic() > deadline:
                    raise ServiceUnavailable(self.base_url, f"an answer that is not whole after {LONGEST_ANSWER} s")
        # What was read is whole and decoded: these headers were about how it came.
        sent = [(name, value) for name, value in response.headers.multi_items() if name.lower() not in _OF_THE_WAY]
        return httpx.Response(response.status_code, headers=sent, content=b"".join(parts), request=response.request)

    def token(self) -> str:
        """The token in use, after signing in where that is needed. Raises ValueError without credentials."""
        header = self._token(self.begin())
        if not header:
            raise ValueError("no credentials: this client is not signed in")
        return header["Authorization"].partition(" ")[2]

    def _token(self, patience: Patience) -> dict[str, str]:
        if self._signed_in is None:
            return {}

        def post(path: str, body: bytes, media_type: str) -> httpx.Response:
            headers = {"Content-Type": media_type} if media_type else None
            while True:
                try:
                    response = self._http.post(path, content=body, headers=headers)
                except httpx.TransportError as error:
                    patience.wait(_reason(error))
                    continue
                if response.status_code not in _LATER:
                    return _success(response)
                patience.wait(str(response.status_code), retry_after(response))

        return self._signed_in.header(post)

    def begin(self) -> Patience:
        """The patience for one call."""
        return Patience(self.base_url, self.patience)

    @contextmanager
    def listen(self, path: str, params: Mapping[str, str], since: str | None) -> Iterator[Iterator[str]]:
        """One attempt at a GET whose answer comes line by line and has no end, after the event ``since``.

        Raises what :meth:`stream` does.
        """
        headers = {"Accept": "text/event-stream"} | ({} if since is None else {"Last-Event-ID": since})
        with self._lines("GET", path, headers, params=params) as lines:
            yield lines

    def sign_in_again(self) -> None:
        """The token in use is not good any more: the next request signs in."""
        if self._signed_in is not None:
            self._signed_in.forget()

    @contextmanager
    def stream(self, path: str, content: bytes, content_type: str) -> Iterator[Iterator[str]]:
        """One attempt at a POST whose answer comes line by line.

        Raises Interrupted when the connection is lost or the service says 503 or 429, before or within the answer, or
        does not know the token any more, and RefusedByService for any other status.
        """
        with self._lines("POST", path, {"Content-Type": content_type}, content=content) as lines:
            yield lines

    @contextmanager
    def _lines(self, method: str, path: str, headers: Mapping[str, str], **sent: Any) -> Iterator[Iterator[str]]:
        headers = {**headers, **self._token(self.begin())}
        try:
            with self._http.stream(method, path, headers=headers, **sent) as response:
                if response.status_code in _LATER:
                    raise Interrupted(str(response.status_code), retry_after(response))
                if response.status_code == httpx.codes.UNAUTHORIZED and self._signed_in is not None:
                    self._signed_in.forget()
                    raise Interrupted("401", 0.0)
                if not response.is_success:
                    body = response.read()
                    raise RefusedByService(response.status_code, _problem(response.status_code, body))
                yield response.iter_lines()
        except httpx.TransportError as error:
            raise Interrupted(_reason(error), 0.0) from error


class Interrupted(Exception):
    """An attempt that ended without a whole answer: the same bytes are sent again."""

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


def _success(response: httpx.Response) -> httpx.Response:
    if not response.is_success:
        problem = _problem(response.status_code, response.content)
        raise RefusedByService(response.status_code, problem, retry_after(response))
    return response


def retry_after(response: httpx.Response) -> float:
    """Seconds of a ``Retry-After`` header (RFC 9110 §10.2.3, the form with seconds); 0 without one."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _reason(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__


def _problem(status: int, body: bytes) -> dict[str, object]:
    try:
        problem = msgspec.json.decode(body[:_PROBLEM_LIMIT])
    except msgspec.MsgspecError:
        problem = None
    if isinstance(problem, dict):
        return problem
    return {"status": status, "title": "No problem document", "detail": body[:200].decode("utf-8", "replace")}
