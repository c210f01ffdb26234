"""One Authorization header, one scheme, one token: asked of the function, and of the service over a real socket."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from typing import Any

import pytest
from starlette.datastructures import Headers

from api.access.bearer import bearer_token
from api.app import create_app
from api.problems import Refused
from ledger.serving import Server
from tests.api.conftest import BASE_URL

DEADLINE = 30.0
Ask = Callable[..., tuple[int, dict[str, Any]]]


def headers(*values: bytes) -> Headers:
    return Headers(raw=[(b"authorization", value) for value in values])


@pytest.mark.parametrize("value", [b"Bearer abc", b"bearer abc", b"BEARER abc", b"Bearer   abc", b"Bearer abc "])
def test_the_scheme_has_any_case_and_spaces_may_be_many(value: bytes) -> None:
    assert bearer_token(headers(value)) == "abc"


def test_without_the_header_there_is_no_token() -> None:
    assert bearer_token(Headers({"x-authorization": "Bearer abc"})) is None


@pytest.mark.parametrize(
    "value", [b"", b"Bearer", b"Bearer ", b"abc", b"Bearer\tabc", b"Basic abc", b" Bearer abc", b"Bearer\xa0abc"]
)
def test_what_is_not_bearer_is_refused(value: bytes) -> None:
    with pytest.raises(Refused) as caught:
        bearer_token(headers(value))
    assert (caught.value.status, caught.value.rule) == (401, "access.token_missing")


@pytest.mark.parametrize("value", [b"k" * 43, b"Bearer\t" + b"k" * 43, b"Bearer:" + b"k" * 43, b"\xa0" + b"k" * 43])
def test_a_token_in_the_place_of_the_scheme_is_not_repeated_to_whoever_reads_answers(value: bytes) -> None:
    with pytest.raises(Refused) as caught:
        bearer_token(headers(value))
    assert "kkk" not in caught.value.value


@pytest.mark.parametrize("values", [(b"Bearer abc", b"Bearer abc"), (b"Bearer abc", b""), (b"Basic x", b"Bearer abc")])
def test_two_headers_are_refused_even_if_they_agree(values: tuple[bytes, ...]) -> None:
    with pytest.raises(Refused) as caught:
        bearer_token(headers(*values))
    assert (caught.value.status, caught.value.rule) == (401, "access.token_repeated")
    assert caught.value.value == "2 Authorization headers"


@pytest.fixture
def ask(park: Any) -> Iterator[Ask]:
    """Sends the raw lines of a request's head to the service's own server."""
    ready, found = threading.Event(), []
    app = create_app(park.service())

    def up(url: str) -> None:
        park.access.proving.serve_at(url)
        found.append(int(url.rpartition(":")[2]))
        ready.set()

    server = Server(app, "127.0.0.1", 0, grace=5, refusal=lambda *_: ("application/json", b"{}"), up=up)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert ready.wait(DEADLINE)

    def send(*lines: bytes, request: bytes = b"GET /v1/sessions", host: bytes = b"Host: test") -> Any:
        with socket.create_connection(("127.0.0.1", found[0]), timeout=DEADLINE) as connection:
            connection.sendall(b"\r\n".join([request + b" HTTP/1.1", host, *lines, b"", b""]))
            answer = HTTPResponse(connection)
            answer.begin()
            return answer.status, json.loads(answer.read() or b"{}")

    yield send
    server.stop()
    thread.join(DEADLINE)
    assert not thread.is_alive()


def test_over_the_wire_one_header_in_any_spelling_signs_in(park: Any, ask: Ask) -> None:
    token = park.sign_in().encode()
    for line in (b"authorization: bearer ", b"AUTHORIZATION:BEARER ", b"Authorization:   Bearer   "):
        status, who = ask(line + token + b"  ")
        assert (status, who["identifier"]) == (200, park.registrar_id)


def test_over_the_wire_no_other_spelling_does(park: Any, ask: Ask) -> None:
    good = b"Authorization: Bearer " + park.sign_in().encode()
    token = good.rpartition(b" ")[2]
    cases = {
        (good, good): "access.token_repeated",
        (good, b"authorization: Bearer " + b"a" * 43): "access.token_repeated",
        (b"authorization: Basic eDp5", good): "access.token_repeated",
        (good + b", Bearer " + token,): "access.token_unknown",
        (good[:-1],): "access.token_unknown",
        (good + b"=",): "access.token_unknown",
        (good.swapcase()[:15] + good[15:].swapcase(),): "access.token_unknown",
        (b"Authorization: Bearer\t" + token,): "access.token_missing",
        (b"Authorization: Bearer " + b"\xc3\xa9" * 21 + b"a",): "access.token_unknown",
        (b"Authorization: Bearer " + b"a" * 10_000,): "access.token_unknown",
        (b"X-Authorization: Bearer " + token,): "access.token_missing",
        (b"Cookie: token=" + token,): "access.token_missing",
        (b"Authorization: " + token,): "access.token_missing",
        (): "access.token_missing",
    }
    for lines, rule in cases.items():
        status, problem = ask(*lines)
        assert (status, problem.get("rule")) == (401, rule), lines
        assert token.decode() not in json.dumps(problem)


def test_over_the_wire_a_head_that_is_too_long_or_broken_reaches_nobody(park: Any, ask: Ask) -> None:
    good = b"Authorization: Bearer " + park.sign_in().encode()
    for line in (
        b"Authorization: Bearer " + b"a" * 100_000,
        good + b"\x00",
        b"Authorization : Bearer " + good.rpartition(b" ")[2],
        b" " + good,
    ):
        status, _ = ask(line)
        assert status in {400, 401, 431}, line[:40]


@pytest.mark.parametrize(
    "host",
    [
        b"Host: evil.example",
        b"Host: user@test",
        b"Host: test:80",
        b"Host: ",
        b"Host: test\r\nX-Forwarded-Host: evil.example",
    ],
)
def test_what_a_sign_in_must_name_never_comes_from_the_request(ask: Ask, host: bytes) -> None:
    lines = (
        b"Content-Length: 0",
        b"Forwarded: host=evil.example",
        b"X-Forwarded-Proto: https",
        b"Origin: http://evil.example",
    )
    status, made = ask(*lines, request=b"POST /v1/sessions/challenge", host=host)
    assert status == 200
    assert (made["audience"], made["domain"]) == (BASE_URL, "test")
