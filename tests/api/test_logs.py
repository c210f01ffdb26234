"""What is written about requests: one JSON line each, the request's id everywhere, nothing that is secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api import logs
from api.app import create_app

SECRET = "hunter2-token-AbCdEf"


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure("debug", "json")
    stream = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)


def _access(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["logger"] == "tanlu.access"]


async def test_a_request_is_one_line_with_what_an_operator_asks_for(http: Any, lines: Any, park: Any) -> None:
    answer = await http.get("/v1/entries/1")
    (line,) = _access(lines())
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/entries/{index}", 200)
    assert line["bytes_out"] == len(answer.content)
    assert line["duration_ms"] >= 0
    assert line["level"] == "info"
    assert line["time"].endswith("Z")


@pytest.mark.parametrize("given", ["abcdefgh", "req-2026.11_21", "A" * 64])
async def test_a_well_formed_id_is_kept(http: Any, lines: Any, given: str) -> None:
    answer = await http.get("/v1/entries/999", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == given
    assert answer.json()["request_id"] == given
    assert _access(lines())[0]["request_id"] == given


@pytest.mark.parametrize("given", ["short", "A" * 65, "with space", 'quote"quote', "-leading-dash", "línea-nueva", ""])
async def test_any_other_is_replaced_and_written_nowhere(http: Any, lines: Any, given: str) -> None:
    answer = await http.get("/v1/schemas", headers={"x-request-id": given.encode()})
    made = answer.headers["x-request-id"]
    assert len(made) == 16
    assert int(made, 16) >= 0
    assert _access(lines())[0]["request_id"] == made
    assert not given or given not in json.dumps(lines(), ensure_ascii=False)


async def test_every_line_of_a_request_has_its_id_also_in_worker_threads(
    park: Any, connect: Any, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger, entry = logging.getLogger("ledger.anything"), park.view.entry

    def told(index: int) -> Any:
        logger.warning("in a thread")
        return entry(index)

    monkeypatch.setattr(type(park.view), "entry", lambda _, index: told(index))
    async with connect(create_app(park.service())) as http:
        ids = [(await http.get("/v1/entries/0")).headers["x-request-id"] for _ in range(2)]
    written = lines()
    assert [line["request_id"] for line in written if line["logger"] == "ledger.anything"] == ids
    assert {line["thread"] for line in written if line["logger"] == "ledger.anything"} != {"MainThread"}
    logger.warning("outside")
    assert "request_id" not in lines()[-1]


async def test_a_fault_is_logged_once_with_its_trace_and_its_request(
    park: Any, connect: Any, lines: Any, monkeypatch: pytest.MonkeyPatch, problem: Any
) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(type(park.view), "entry", broken)
    async with connect(create_app(park.service())) as http:
        answer = await http.get("/v1/entries/0")
    body = problem(answer, 500, "internal.error")
    assert "mistake" not in answer.text
    traced = [line for line in lines() if "exception" in line]
    assert len(traced) == 1
    assert traced[0]["request_id"] == body["request_id"] == answer.headers["x-request-id"]
    assert "RuntimeError: a mistake" in traced[0]["exception"]
    assert _access(lines())[0]["status"] == 500


async def test_no_token_no_entry_no_query_and_no_path_is_written(http: Any, lines: Any, park: Any) -> None:
    entry = park.reading(1)
    headers = {"authorization": f"Bearer {SECRET}", "cookie": SECRET, "content-type": "application/jose"}
    bulk = headers | {"content-type": "application/x-ndjson"}
    await http.post("/v1/statements", content=entry, headers=headers)
    await http.post("/v1/statements", content=park.reading(2)[:-4] + b"AAAA", headers=headers)
    await http.post("/v1/statements", content=b"\xff" + SECRET.encode(), headers=headers)
    await http.post("/v1/statements/bulk", content=b'"' + park.reading(3) + b'"\nno json\n', headers=bulk)
    await http.get(f"/v1/entries?issuer={SECRET}&stream={SECRET}&seq=1", headers=headers)
    await http.get(f"/v1/identifiers/{SECRET}", headers=headers)
    await http.get(f"/{SECRET}", headers=headers)
    written = json.dumps(lines(), ensure_ascii=False)
    assert len(_access(lines())) == 7
    for secret in (SECRET, entry.decode(), entry.split(b".")[1].decode(), entry.split(b".")[2].decode()):
        assert secret not in written


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    record = logging.LogRecord("tanlu.access", logging.INFO, "", 0, "request", (), None)
    record.fields = {"route": "/v1/trust", "status": 200}
    record.request_id = "abc"
    line = logs.TextLines().format(record)
    assert line.endswith("INFO tanlu.access: request route=/v1/trust status=200 request_id=abc")
