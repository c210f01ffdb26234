"""The end in good order, over real sockets: what runs is finished, a body under way is told what was stored."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPResponse
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.deps import Limits
from ledger.serving import BodyPatience, Server

DEADLINE = 30.0


class _Running:
    def __init__(self, park: Any, chunk_lines: int, grace: int = 10) -> None:
        app = create_app(park.service(Limits(chunk_lines=chunk_lines)))
        ready = threading.Event()
        self.url = ""

        def up(url: str) -> None:
            self.url = url
            ready.set()

        self.server = Server(
            app,
            "127.0.0.1",
            0,
            grace=grace,
            refusal=lambda *_: ("text/plain", b""),
            up=up,
            stopping=app.patience.stop,
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        assert ready.wait(DEADLINE)
        self.headers = park.bearer()

    def send(self, path: str, kind: str, declared: int, body: bytes) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", int(self.url.rpartition(":")[2])), timeout=DEADLINE)
        head = f"POST {path} HTTP/1.1\r\nHost: t\r\nContent-Type: {kind}\r\nContent-Length: {declared}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        connection.sendall(head.encode() + b"\r\n" + body)
        return connection

    def end(self) -> None:
        self.server.stop()
        self.thread.join(DEADLINE)
        assert not self.thread.is_alive()


@pytest.fixture
def start(park: Any) -> Iterator[Callable[..., _Running]]:
    running: list[_Running] = []

    def begin(chunk_lines: int = 1_000) -> _Running:
        running.append(_Running(park, chunk_lines))
        return running[-1]

    yield begin
    for found in running:
        found.end()


def _answer(connection: socket.socket) -> tuple[HTTPResponse, dict[str, Any]]:
    answer = HTTPResponse(connection)
    answer.begin()
    return answer, json.loads(answer.read())


def _wait(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_bulk_request_ends_at_the_border_of_a_chunk_and_names_its_last_line(
    park: Any, start: Callable[..., _Running]
) -> None:
    running = start(chunk_lines=2)
    lines = [b'"' + park.reading(seq) + b'"\n' for seq in range(1, 8)]
    with running.send("/v1/statements/bulk", "application/x-ndjson", 10**6, b"".join(lines[:5])) as connection:
        _wait(lambda: park.view.size() == 3 + 4)
        running.end()
        answer, problem = _answer(connection)
    assert (answer.status, problem["rule"]) == (503, "service.stopping")
    assert answer.headers["retry-after"]
    assert problem["last_stored_line"] == 4
    assert problem["message_zh"]
    assert park.view.size() == 3 + 4
    again = start()
    body = b"".join(lines)
    headers = again.headers | {"content-type": "application/x-ndjson"}
    whole = httpx.post(f"{again.url}/v1/statements/bulk", content=body, headers=headers, timeout=DEADLINE)
    summary = json.loads(whole.text.splitlines()[-1])["summary"]
    assert (summary["repeated"], summary["accepted"]) == (4, 3)


def test_a_statement_whose_body_is_not_there_yet_is_answered_and_not_stored(
    park: Any, start: Callable[..., _Running]
) -> None:
    running, entry = start(), park.reading(1)
    with running.send("/v1/statements", "application/jose", len(entry), entry[:100]) as connection:
        time.sleep(0.3)
        running.end()
        answer, problem = _answer(connection)
    assert (answer.status, problem["rule"]) == (503, "service.stopping")
    assert park.view.size() == 3


def test_a_request_that_is_at_work_is_finished(
    park: Any, start: Callable[..., _Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Event(), threading.Event()
    submit = park.log.submit

    def slow(entries: Any) -> Any:
        begun.set()
        assert go.wait(DEADLINE)
        return submit(entries)

    running, entry = start(), park.reading(1)
    monkeypatch.setattr(park.log, "submit", slow)
    with running.send("/v1/statements", "application/jose", len(entry), entry) as connection:
        assert begun.wait(DEADLINE)
        running.server.stop()
        _wait(lambda: not _listens(running.url))
        go.set()
        answer, accepted = _answer(connection)
        assert connection.recv(1) == b"", "and the connection is closed"
    assert (answer.status, accepted["index"]) == (201, 3)


def _listens(url: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=1).close()
    except OSError:
        return False
    return True


def test_a_slow_bulk_body_is_408_with_its_last_line(
    park: Any, start: Callable[..., _Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.app.BodyPatience", partial(BodyPatience, patience=0.3, rate=1e9))
    running = start(chunk_lines=2)
    lines = [b'"' + park.reading(seq) + b'"\n' for seq in range(1, 4)]
    with running.send("/v1/statements/bulk", "application/x-ndjson", 10**6, b"".join(lines)) as connection:
        answer, problem = _answer(connection)
    assert (answer.status, problem["rule"], problem["last_stored_line"]) == (408, "http.slow_body", 2)
    assert park.view.size() == 3 + 2
