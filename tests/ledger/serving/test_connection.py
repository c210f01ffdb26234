"""Clients that send slowly, send nonsense, send nothing or read nothing: each is hung up on, and told why."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPResponse, IncompleteRead

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ledger.serving import Allowance, BodyPatience, BodyTooSlow, Server, ServiceStopping
from ledger.serving import server as module

DEADLINE = 20.0
QUICK = Allowance(head=0.3, unread=0.5, unwanted=0.5, closing=0.5)


async def _echo(request: Request) -> Response:
    try:
        return PlainTextResponse(str(len(await request.body())))
    except BodyTooSlow:
        return PlainTextResponse("slow", 408)
    except ServiceStopping:
        return PlainTextResponse("stopping", 503)


async def _unread(_: Request) -> Response:
    return PlainTextResponse("not wanted", 413)


async def _long(_: Request) -> Response:
    return PlainTextResponse("x" * 32 * 1024 * 1024)


class _Running:
    def __init__(self, allowance: Allowance, patience: float, rate: float) -> None:
        app = Starlette(
            routes=[
                Route("/echo", _echo, methods=["POST"]),
                Route("/unread", _unread, methods=["POST"]),
                Route("/long", _long),
            ]
        )
        self.patience = BodyPatience(app, patience=patience, rate=rate)
        self.reasons: list[str] = []
        ready = threading.Event()
        self.url = ""

        def up(url: str) -> None:
            self.url = url
            ready.set()

        self.server = Server(
            self.patience,
            "127.0.0.1",
            0,
            grace=5,
            refusal=lambda status, rule, text, _: ("text/plain", f"{status} {rule}: {text}".encode()),
            up=up,
            stopping=self.patience.stop,
            count=self.reasons.append,
            allowance=allowance,
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        assert ready.wait(DEADLINE)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", int(self.url.rpartition(":")[2])), timeout=DEADLINE)


Start = Callable[..., _Running]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    monkeypatch.setattr(module, "_TICKS_PER_CHECK", 1)
    running: list[_Running] = []

    def begin(allowance: Allowance = QUICK, *, patience: float = 5.0, rate: float = 1e9) -> _Running:
        running.append(_Running(allowance, patience, rate))
        return running[-1]

    yield begin
    for found in running:
        found.server.stop()
        found.thread.join(DEADLINE)
        assert not found.thread.is_alive()


def _all(connection: socket.socket) -> bytes:
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def _answer(connection: socket.socket) -> tuple[int, str]:
    """Status and body of the next answer."""
    answer = HTTPResponse(connection)
    answer.begin()
    return answer.status, answer.read().decode()


def _send_until_hung_up(connection: socket.socket, piece: bytes) -> bool:
    """Go on sending for at most ten seconds; whether the other side hung up."""
    for _ in range(500):
        try:
            connection.sendall(piece)
        except OSError:
            return True
        time.sleep(0.02)
    return False


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


def test_a_client_that_says_nothing_is_hung_up_on(start: Start) -> None:
    running = start()
    with running.connect() as silent, _within(5):
        assert _all(silent) == b""
    assert running.reasons == ["head"]


def test_a_head_that_drips_is_answered_408_however_often_a_byte_comes(start: Start) -> None:
    running = start()
    with running.connect() as slow, _within(5):
        slow.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\n")
        assert _send_until_hung_up(slow, b"X-A: b\r\n")
        status, text = _answer(slow)
    assert status == 408
    assert "http.slow_head" in text
    assert running.reasons == ["head"]


def test_a_second_request_has_no_more_time_for_its_head(start: Start) -> None:
    running = start()
    with running.connect() as client, _within(5):
        client.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab")
        assert _answer(client) == (200, "2")
        client.sendall(b"POST /ec")
        assert _answer(client)[0] == 408


@pytest.mark.parametrize(
    ("request_bytes", "status", "rule"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, b"http.malformed"),
        (b"GET /echo HTTP/99\r\n\r\n", 400, b"http.malformed"),
        (b"GET /echo HTTP/1.1\r\n\r\n", 400, b"http.malformed"),  # no Host
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501, b"http.malformed"),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, b"http.malformed"),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, b"http.malformed"),
        (b"GET /echo HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000, 431, b"http.head_size"),
    ],
)
def test_what_is_no_request_is_named_and_hung_up_on(
    start: Start, request_bytes: bytes, status: int, rule: bytes
) -> None:
    running = start()
    with running.connect() as client, _within(5):
        client.sendall(request_bytes)
        answer = _all(client)
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer
    assert rule in answer
    assert running.reasons == ["malformed"]


def test_a_body_that_drips_ends_in_408_and_a_steady_one_does_not(start: Start) -> None:
    running = start(patience=0.5, rate=1_000)
    with running.connect() as slow, _within(5):
        slow.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + b"a" * 100)
        assert _answer(slow) == (408, "slow")
    with running.connect() as steady, _within(5):
        steady.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n")
        for _ in range(10):  # a second in all, twice the patience
            steady.sendall(b"a" * 300)
            time.sleep(0.1)
        assert _answer(steady) == (200, "3000")


def test_the_rest_of_a_refused_body_is_not_read_for_ever(start: Start) -> None:
    running = start()
    with running.connect() as client, _within(10):
        client.sendall(b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
        assert _answer(client) == (413, "not wanted")
        assert _send_until_hung_up(client, b"a")
    assert running.reasons == ["unwanted"]


def test_an_answer_that_nobody_reads_is_given_up(start: Start) -> None:
    running = start()
    with running.connect() as deaf:
        deaf.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        with _within(10):
            while "unread" not in running.reasons:
                time.sleep(0.05)
        with pytest.raises((ConnectionResetError, IncompleteRead)):
            _answer(deaf)


def test_one_connection_too_many_is_answered_503_and_the_others_go_on(start: Start) -> None:
    running = start(replace(QUICK, head=5.0, connections=2))
    with running.connect() as first, running.connect() as second:
        first.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
        second.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
        with running.connect() as third, _within(5):
            answer = _all(third)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 2" in answer.lower()
        first.sendall(b"a")
        second.sendall(b"a")
        assert _answer(first) == _answer(second) == (200, "1")
    assert httpx.post(f"{running.url}/echo", content=b"abc").text == "3"


def test_one_too_many_that_is_already_sending_reads_why_it_is_refused(start: Start) -> None:
    running = start(replace(QUICK, head=5.0, connections=1))
    with running.connect() as first:
        first.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
        for _ in range(30):
            with running.connect() as another, _within(5):
                another.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n" + b"a" * 9_000)
                assert _all(another).startswith(b"HTTP/1.1 503 ")
        first.sendall(b"a")
        assert _answer(first) == (200, "1")


def test_a_client_in_the_middle_of_its_body_reads_that_the_service_stops(start: Start) -> None:
    running = start()
    with running.connect() as client, _within(4):
        client.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + b"a" * 1_000)
        time.sleep(0.2)
        running.server.stop()
        assert _send_until_hung_up(client, b"a" * 10)
        running.thread.join(DEADLINE)
        assert _answer(client) == (503, "stopping")


def test_websockets_are_not_spoken(start: Start) -> None:
    running = start()
    upgrade = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    headers = upgrade | {"sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    assert httpx.get(f"{running.url}/long", headers=headers).status_code == 200
