"""The bulk route over a real socket: what a cut connection leaves behind, and a client that reads late."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from api.app import create_app
from api.deps import Limits

DEADLINE = 30.0


@pytest.fixture
def port(park: Any, request: pytest.FixtureRequest) -> Iterator[int]:
    limits = Limits(chunk_lines=request.param)
    config = uvicorn.Config(create_app(park.service(limits)), host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    _wait(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(DEADLINE)
    assert not thread.is_alive()


def _wait(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _line(entry: bytes) -> bytes:
    return b'"' + entry + b'"\n'


@pytest.mark.parametrize("port", [2], indirect=True)
def test_a_connection_cut_in_the_body_leaves_complete_chunks_and_nothing_else(park: Any, port: int) -> None:
    lines = [_line(park.reading(seq)) for seq in range(1, 6)]
    body = b"".join(lines)
    head = (
        f"POST /v1/statements/bulk HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-ndjson\r\n"
        f"Authorization: Bearer {park.sign_in()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as connection:
        connection.sendall(head.encode() + b"".join(lines[:4]) + lines[4][:50])
        _wait(lambda: park.view.size() == 7)
    answer = httpx.post(
        f"http://127.0.0.1:{port}/v1/statements/bulk",
        content=body,
        headers={"content-type": "application/x-ndjson", **park.bearer()},
        timeout=DEADLINE,
    )
    summary = json.loads(answer.text.splitlines()[-1])["summary"]
    assert (summary["repeated"], summary["accepted"]) == (4, 1)


@pytest.mark.parametrize("port", [1_000], indirect=True)
def test_a_client_that_reads_only_after_it_has_sent_everything_is_answered(park: Any, port: int) -> None:
    """An answer of megabytes beside a body of megabytes must not fill both directions of the connection."""
    lines = 20_000
    answer = httpx.post(
        f"http://127.0.0.1:{port}/v1/statements/bulk",
        content=b'"' + b"x" * 100 + b'"\n' + b"not json\n" * (lines - 1),
        headers={"content-type": "application/x-ndjson", **park.bearer()},
        timeout=DEADLINE,
    )
    assert answer.status_code == 200
    assert len(answer.content) > 4 * 1024 * 1024
    assert json.loads(answer.text.splitlines()[-1])["summary"]["refused"] == lines
