"""Many statements in one request: durable in chunks, a result per line, bounds while reading (docs/api.md)."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.app import create_app
from api.bulk import MAX_LINE_BYTES, LineSplitter
from api.deps import Limits
from attestation.envelope import leaf_hash
from attestation.keys import Algorithm, PrivateKey
from ledger import promises
from ledger.merkle import tree_root

NDJSON = {"content-type": "application/x-ndjson"}
PATH = "/v1/statements/bulk"


def ndjson(entries: Sequence[bytes]) -> bytes:
    return b"".join(json.dumps(entry.decode()).encode() + b"\n" for entry in entries)


def answers(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


async def send_raw(app: Any, token: str, pieces: Sequence[bytes], *, ends: bool) -> tuple[int, dict[str, Any]]:
    """Pieces of a body, then its end or a lost connection; the status and the answer's last line."""
    received: list[dict[str, Any]] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    received.append({"type": "http.request", "body": b""} if ends else {"type": "http.disconnect"})
    sent: list[Any] = []

    async def receive() -> Any:
        if not received:
            await asyncio.Event().wait()
        return received.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": PATH, "raw_path": PATH.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"content-type", b"application/x-ndjson"), (b"authorization", b"Bearer " + token.encode())],
        "server": ("test", 80), "client": ("test", 1),
    }  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"].splitlines()[-1])


@given(
    st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=12),
    st.lists(st.integers(0, 400), max_size=12),
    st.booleans(),
)
def test_lines_do_not_depend_on_where_the_network_cuts(lines: list[bytes], cuts: list[int], closed: bool) -> None:
    data = b"\n".join(lines) + (b"\n" if closed else b"")
    whole = data.split(b"\n")
    expected = whole[:-1] if whole[-1] == b"" else whole
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    splitter = LineSplitter()
    found = [line for a, b in pairwise(places) for line in splitter.feed(data[a:b])]
    assert [*found, *splitter.end()] == expected


@given(st.integers(1, 70_000), st.booleans())
def test_an_overlong_line_is_dropped_and_its_neighbours_are_not(piece: int, closed: bool) -> None:
    data = b"first\n" + b"x" * (MAX_LINE_BYTES + 1) + b"\nlast" + (b"\n" if closed else b"")
    splitter = LineSplitter()
    found = [line for at in range(0, len(data), piece) for line in splitter.feed(data[at : at + piece])]
    assert [*found, *splitter.end()] == [b"first", None, b"last"]


async def test_every_line_is_answered_in_order_and_promised(park: Any, connect: Any) -> None:
    entries = [park.reading(seq) for seq in range(1, 8)]
    async with connect(create_app(park.service(Limits(chunk_lines=3)))) as http:
        found = answers(await http.post(PATH, content=ndjson(entries), headers=NDJSON))
    results = [item for item in found if "line" in item]
    assert [item["line"] for item in results] == [1, 2, 3, 4, 5, 6, 7]
    assert [item["index"] for item in results] == [3, 4, 5, 6, 7, 8, 9]
    assert [item["leaf_hash"] for item in results] == [leaf_hash(entry).hex() for entry in entries]
    promised = [item for item in found if "promise" in item]
    assert [(item["first_line"], item["last_line"]) for item in promised] == [(1, 3), (4, 6), (7, 7)]
    for item in promised:
        promise = promises.verify(item["promise"], park.log_key.public, park.origin)
        covered = entries[item["first_line"] - 1 : item["last_line"]]
        assert promise.leaves_root == tree_root([leaf_hash(entry) for entry in covered])
    assert found[-1] == {"summary": {"lines": 7, "accepted": 7, "repeated": 0, "refused": 0, "last_stored_line": 7}}


async def test_sent_again_everything_is_answered_with_its_first_index(http: Any, park: Any) -> None:
    body = ndjson([park.reading(seq) for seq in range(1, 6)])
    first = answers(await http.post(PATH, content=body, headers=NDJSON))
    again = answers(await http.post(PATH, content=body, headers=NDJSON))
    assert [item["index"] for item in again[:5]] == [item["index"] for item in first[:5]]
    assert {item["status"] for item in again[:5]} == {"repeated"}
    assert park.view.size() == 8
    # Each has its own promise, with the time of its first acceptance; there is no new entry to promise.
    assert [item for item in again if "promise" in item] == again[:5]
    for item in again[:5]:
        promise = promises.verify(item["promise"], park.log_key.public, park.origin)
        assert (promise.first_index, promise.count) == (item["index"], 1)
        assert promise.leaves_root.hex() == item["leaf_hash"]


async def test_one_bad_line_among_good_ones_is_refused_alone(http: Any, park: Any) -> None:
    stranger = PrivateKey.generate(Algorithm.ED25519)
    good = [park.reading(seq) for seq in (1, 2, 3)]
    bad = [
        (ndjson([park.reading(9, key=stranger)]), "key.unknown", 403),
        (b"not json\n", "entry.parts", 400),
        (b'{"an": "object"}\n', "entry.parts", 400),
        (b'"\xff\xfe"\n', "entry.parts", 400),
        (b"\n", "entry.parts", 400),
        (b'"a\\u0000b"\n', "entry.parts", 400),
        (b'"' + b"a" * 65_536 + b'"\n', "entry.size", 413),
        (b'"' + b"a" * 200_000 + b'"\n', "entry.size", 413),
        (ndjson([park.reading(1, "3.18")]), "sequence.equivocation", 409),
    ]
    body = ndjson(good[:1]) + b"".join(line for line, _, _ in bad) + ndjson(good[1:])
    found = answers(await http.post(PATH, content=body, headers=NDJSON))
    results = [item for item in found if "line" in item]
    assert [item["line"] for item in results] == list(range(1, 13))
    assert [item["status"] for item in results] == ["accepted", *["refused"] * 9, "accepted", "accepted"]
    for item, (_, rule, status) in zip(results[1:10], bad, strict=True):
        assert (item["problem"]["rule"], item["problem"]["status"]) == (rule, status), item
        assert item["problem"]["message_zh"]
    assert park.view.size() == 6


async def test_the_last_line_may_go_without_its_end(http: Any, park: Any) -> None:
    body = ndjson([park.reading(1), park.reading(2)]).rstrip(b"\n")
    found = answers(await http.post(PATH, content=body, headers=NDJSON))
    assert found[-1]["summary"]["accepted"] == 2


async def test_a_line_cut_off_in_the_middle_is_refused_and_the_rest_stands(http: Any, park: Any) -> None:
    body = ndjson([park.reading(1), park.reading(2)])[:-40]
    found = answers(await http.post(PATH, content=body, headers=NDJSON))
    assert [item["status"] for item in found if "line" in item] == ["accepted", "refused"]
    assert park.view.size() == 4


async def test_100_001_lines_are_413_and_the_last_stored_line_is_named(http: Any, park: Any, problem: Any) -> None:
    lines = [b"x\n"] * 100_001
    lines[0] = ndjson([park.reading(1)])
    lines[99_999] = ndjson([park.reading(2)])
    lines[100_000] = ndjson([park.reading(3)])
    body = problem(await http.post(PATH, content=b"".join(lines), headers=NDJSON), 413, "bulk.lines")
    assert body["last_stored_line"] == 100_000
    assert park.view.size() == 5


async def test_more_than_64_mib_are_413_before_a_byte_is_read(http: Any, park: Any, problem: Any) -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("the body was asked for")
        yield b""

    headers = {**NDJSON, "content-length": str(64 * 1024 * 1024 + 1)}
    body = problem(await http.post(PATH, content=never(), headers=headers), 413, "bulk.bytes")
    assert body["last_stored_line"] == 0


async def test_64_mib_are_counted_while_reading_where_no_length_is_declared(http: Any, park: Any, problem: Any) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield ndjson([park.reading(1)])
        for _ in range(70):
            yield b"x" * 1024 * 1024
        raise AssertionError("read on beyond the limit")

    body = problem(await http.post(PATH, content=endless(), headers=NDJSON), 413, "bulk.bytes")
    assert body["last_stored_line"] == 0
    assert park.view.size() == 3


async def test_a_lost_connection_leaves_what_was_in_complete_chunks(park: Any) -> None:
    app = create_app(park.service(Limits(chunk_lines=2)))
    pieces = [ndjson([park.reading(seq)]) for seq in range(1, 6)]
    status, body = await send_raw(app, park.sign_in(), pieces, ends=False)
    assert (status, body["rule"], body["last_stored_line"]) == (400, "bulk.truncated", 4)
    assert park.view.stream(park.meter_id, park.stream).last_seq == 4
    status, body = await send_raw(app, park.sign_in(), pieces, ends=True)
    assert status == 200
    assert (body["summary"]["repeated"], body["summary"]["accepted"]) == (4, 1)
    assert park.view.stream(park.meter_id, park.stream).count == 5


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", ""])
async def test_another_media_type_is_415(http: Any, park: Any, problem: Any, media_type: str) -> None:
    answer = await http.post(PATH, content=ndjson([park.reading(1)]), headers={"content-type": media_type})
    problem(answer, 415, "http.media_type")


async def test_a_database_that_cannot_be_written_is_503_and_says_what_is_stored(
    park: Any, connect: Any, problem: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.db.base.BUSY_TIMEOUT_MS", 50)
    park.database.close()
    blocker = sqlite3.connect(park.database.engine.url.database, isolation_level=None)

    async def body() -> AsyncIterator[bytes]:
        yield ndjson([park.reading(1), park.reading(2)])
        # The first chunk is written while the next is read.
        while park.view.size() < 5:
            await asyncio.sleep(0.01)
        blocker.execute("BEGIN IMMEDIATE")
        yield ndjson([park.reading(3), park.reading(4)])

    try:
        async with connect(create_app(park.service(Limits(chunk_lines=2)))) as http:
            answer = await http.post(PATH, content=body(), headers=NDJSON)
            found = problem(answer, 503, "store.unavailable")
            assert found["last_stored_line"] == 2
            assert int(answer.headers["retry-after"]) > 0
            one = await http.post("/v1/statements", content=park.reading(3), headers={"content-type": "text/plain"})
            problem(one, 503, "store.unavailable")
            blocker.execute("ROLLBACK")
            again = answers(
                await http.post(PATH, content=ndjson([park.reading(n) for n in (1, 2, 3, 4)]), headers=NDJSON)
            )
    finally:
        blocker.close()
    assert [item["status"] for item in again[:5] if "line" in item][:2] == ["repeated", "repeated"]
    assert again[-1]["summary"]["accepted"] == 2
    assert not park.failures


async def test_an_empty_body_is_answered_with_an_empty_summary(http: Any) -> None:
    found = answers(await http.post(PATH, content=b"", headers=NDJSON))
    assert found == [{"summary": {"lines": 0, "accepted": 0, "repeated": 0, "refused": 0, "last_stored_line": 0}}]


async def test_the_same_lines_in_two_requests_at_once_are_logged_once(park: Any, connect: Any) -> None:
    body = ndjson([park.reading(seq) for seq in range(1, 61)])
    async with connect(create_app(park.service(Limits(chunk_lines=7)))) as http:
        both = await asyncio.gather(*(http.post(PATH, content=body, headers=NDJSON) for _ in range(2)))
    found = [answers(answer) for answer in both]
    assert [items[-1]["summary"]["refused"] for items in found] == [0, 0]
    assert sum(items[-1]["summary"]["accepted"] for items in found) == 60
    indices = [{item["line"]: item["index"] for item in items if "line" in item} for items in found]
    assert indices[0] == indices[1], "one line, one entry, in whichever request it came first"
    assert park.view.stream(park.meter_id, park.stream).count == 60
