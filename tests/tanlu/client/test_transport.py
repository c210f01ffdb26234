"""An answer that goes on for ever, or comes a byte at a time, ends with an error and not with the client."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

import tanlu.client.transport
from tanlu.client.transport import Transport
from tanlu.errors import RefusedByService, ServiceUnavailable

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"


@pytest.fixture
def answering() -> Iterator[Callable[[bytes, bytes, float], str]]:
    """Starts a server that answers with some bytes and then repeats others, with a pause before each."""
    ended, threads = threading.Event(), list[threading.Thread]()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def start(head: bytes, again: bytes, pause: float) -> str:
        def serve() -> None:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                connection.recv(65_536)
                try:
                    connection.sendall(head)
                    while again and not ended.wait(pause):
                        connection.sendall(again)
                except OSError:
                    return

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    ended.set()
    listener.close()
    for thread in threads:
        thread.join(10)


@pytest.mark.parametrize(("again", "pause"), [(b"x" * 65_536, 0.0), (b"x", 0.01)], ids=["endless", "dripping"])
def test_it_ends_with_what_was_wrong(
    answering: Callable[[bytes, bytes, float], str], monkeypatch: pytest.MonkeyPatch, again: bytes, pause: float
) -> None:
    monkeypatch.setattr(tanlu.client.transport, "LARGEST_ANSWER", 1 << 20)
    monkeypatch.setattr(tanlu.client.transport, "LONGEST_ANSWER", 0.3)
    transport, began = Transport(answering(_HEAD, again, pause), timeout=5, patience=5), time.monotonic()
    with pytest.raises(ServiceUnavailable) as refused:
        transport.request("GET", "/v1/mirror/entries/0")
    transport.close()
    assert refused.value.rule == "service.unavailable"
    assert time.monotonic() - began < 5


def test_nobody_is_followed_elsewhere(answering: Callable[[bytes, bytes, float], str]) -> None:
    """A token for one service is not for another."""
    head = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    transport = Transport(answering(head, b"", 0.0), timeout=5, patience=5)
    with pytest.raises(RefusedByService) as refused:
        transport.request("GET", "/v1/mirror")
    transport.close()
    assert refused.value.status == 302
