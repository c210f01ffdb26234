"""Kept connections: used again, opened anew where the other side ended them, and nothing is sent twice."""

from __future__ import annotations

import contextlib
import gc
import http.client
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ledger.chain.connections import Connections


class Endpoint:
    """Says each request's body back; notes what came, and by which connection."""

    def __init__(self) -> None:
        endpoint = self
        self.asked: list[tuple[bytes, tuple[str, int], dict[str, str], str]] = []
        self.hangs_up = self.cuts_off = self.chunked = False
        self.pause: float | None = None
        self.meet: threading.Barrier | None = None

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                endpoint.asked.append((body, self.client_address, dict(self.headers), self.path))
                if endpoint.meet is not None:
                    endpoint.meet.wait(timeout=5)
                self.send_response(200)
                if endpoint.chunked:
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    ends = b"" if endpoint.cuts_off else b"0\r\n\r\n"
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(body), body) + ends)
                    self.close_connection = endpoint.cuts_off
                    return
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if endpoint.pause is not None:
                    with contextlib.suppress(OSError):
                        for place in range(len(body)):
                            self.wfile.write(body[place : place + 1])
                            time.sleep(endpoint.pause)
                    return
                self.wfile.write(body[: len(body) // 2] if endpoint.cuts_off else body)
                self.close_connection = endpoint.hangs_up or endpoint.cuts_off

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    @property
    def callers(self) -> list[tuple[str, int]]:
        return [caller for _, caller, _, _ in self.asked]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join(timeout=5)


@pytest.fixture
def line(endpoint: Endpoint) -> Iterator[Connections]:
    made = Connections(f"http://{endpoint.place}/rpc?key=1", 2)
    yield made
    made.close()


def test_one_connection_serves_request_after_request(endpoint: Endpoint, line: Connections) -> None:
    assert [line.post(b"%d" % number) for number in range(5)] == [b"%d" % number for number in range(5)]
    assert len(set(endpoint.callers)) == 1
    assert {path for _, _, _, path in endpoint.asked} == {"/rpc?key=1"}
    assert endpoint.asked[0][2]["Content-Type"] == "application/json"


def test_what_nobody_closed_is_closed_with_the_last_who_knew_of_it(endpoint: Endpoint) -> None:
    forgotten = Connections(f"http://{endpoint.place}/", 2)
    forgotten.post(b"1")
    (kept,) = forgotten._free
    assert kept.sock is not None
    del forgotten
    gc.collect()
    assert kept.sock is None


def test_requests_at_the_same_time_have_a_connection_each(endpoint: Endpoint, line: Connections) -> None:
    endpoint.meet = threading.Barrier(3)
    with ThreadPoolExecutor(3) as threads:
        assert set(threads.map(line.post, (b"a", b"b", b"c"))) == {b"a", b"b", b"c"}
    assert len(set(endpoint.callers)) == 3
    endpoint.meet = None
    line.post(b"d")
    assert endpoint.callers[-1] in endpoint.callers[:3]


def test_a_connection_that_was_ended_meanwhile_is_replaced_unnoticed(endpoint: Endpoint, line: Connections) -> None:
    for hangs_up in (True, True, False):
        endpoint.hangs_up = hangs_up
        assert line.post(b"again") == b"again"
    assert len(endpoint.asked) == len(set(endpoint.callers)) == 3


def test_half_an_answer_is_none_and_nothing_is_sent_twice(endpoint: Endpoint, line: Connections) -> None:
    endpoint.cuts_off = True
    with pytest.raises(http.client.IncompleteRead):
        line.post(b"transaction")
    assert len(endpoint.asked) == 1
    endpoint.cuts_off = False
    assert line.post(b"next") == b"next", "not the rest of the answer before"


def test_an_answer_in_chunks_is_whole_or_none(endpoint: Endpoint, line: Connections) -> None:
    endpoint.chunked = True
    assert [line.post(body) for body in (b"a" * 600_000, b"b")] == [b"a" * 600_000, b"b"]
    assert len(set(endpoint.callers)) == 1
    endpoint.cuts_off = True
    with pytest.raises(http.client.IncompleteRead):
        line.post(b"transaction")


def test_an_answer_that_comes_byte_by_byte_is_not_waited_for_without_end(endpoint: Endpoint) -> None:
    line = Connections(f"http://{endpoint.place}", 0.1)
    endpoint.pause = 0.02
    with pytest.raises(TimeoutError, match="does not end"):
        line.post(b"x" * 1_000)
    assert line.post(b"xyz") == b"xyz"
    line.close()


def test_who_may_ask_stands_in_the_address(endpoint: Endpoint) -> None:
    line = Connections(f"http://park:a%40b@{endpoint.place}", 2)
    line.post(b"x")
    line.close()
    assert endpoint.asked[0][2]["Authorization"] == "Basic cGFyazphQGI="
    assert endpoint.asked[0][3] == "/"


@pytest.mark.parametrize("url", ["", "localhost:8545", "ftp://127.0.0.1", "http://", "http://127.0.0.1:x"])
def test_what_is_no_address_is_refused_when_it_is_asked(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Connections(url, 1).post(b"x")


def test_nobody_there_is_an_error_of_the_system(endpoint: Endpoint) -> None:
    endpoint.server.server_close()
    with pytest.raises(OSError, match=r".+"):
        Connections(f"http://{endpoint.place}", 1).post(b"x")
