"""One statement over HTTP: what is stored, what is answered, and every refusal with its status (docs/api.md)."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.app import create_app
from attestation.envelope import leaf_hash
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from ledger import promises

JOSE = {"content-type": "application/jose"}
PATH = "/v1/statements"


async def test_a_new_statement_is_201_and_the_same_again_200_with_the_first_acceptance(http: Any, park: Any) -> None:
    entry = park.reading(1)
    first = await http.post(PATH, content=entry, headers=JOSE)
    park.now += 50
    again = await http.post(PATH, content=entry, headers=JOSE)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["status"] == "accepted"
    assert again.json()["status"] == "repeated"
    assert first.json()["index"] == again.json()["index"] == 3
    assert first.json()["accepted_at"] == again.json()["accepted_at"]
    assert first.headers["location"] == "/v1/entries/3"
    assert park.view.size() == 4


async def test_the_promise_is_the_logs_word_over_the_very_bytes_that_were_sent(http: Any, park: Any) -> None:
    entry = park.reading(1)
    for _ in range(2):
        answer = (await http.post(PATH, content=entry, headers=JOSE)).json()
        promise = promises.verify(answer["promise"], park.log_key.public, park.origin)
        assert (promise.first_index, promise.count, promise.leaves_root) == (3, 1, leaf_hash(entry))
        assert answer["leaf_hash"] == leaf_hash(entry).hex()


async def test_the_signed_bytes_are_the_logged_bytes_even_with_a_files_last_line_end(http: Any, park: Any) -> None:
    entry = park.reading(1)
    answer = await http.post(PATH, content=entry + b"\r\n", headers={"content-type": "text/plain; charset=us-ascii"})
    assert answer.status_code == 201
    assert park.view.entry(3).entry == entry


async def test_a_gap_is_answered_and_reported_as_open_until_it_is_filled(http: Any, park: Any) -> None:
    await http.post(PATH, content=park.reading(1), headers=JOSE)
    answer = (await http.post(PATH, content=park.reading(5), headers=JOSE)).json()
    assert answer["opens_gap"] == [2, 4]
    place = {"issuer": park.meter_id, "stream": park.stream}
    assert (await http.get("/v1/streams", params=place)).json()["gaps"] == [[2, 4]]
    await http.post(PATH, content=park.reading(3), headers=JOSE)
    stream = (await http.get("/v1/streams", params=place)).json()
    assert (stream["gaps"], stream["missing"], stream["last_seq"]) == ([[2, 2], [4, 4]], 2, 5)


async def test_equivocation_is_409_and_both_statements_are_kept(http: Any, park: Any, problem: Any) -> None:
    await http.post(PATH, content=park.reading(1, "3.17"), headers=JOSE)
    other = park.reading(1, "3.18")
    body = problem(await http.post(PATH, content=other, headers=JOSE), 409, "sequence.equivocation")
    assert (body["step"], body["existing_index"]) == (6, 3)
    entry = (await http.get("/v1/entries/3")).json()
    assert entry["equivocations"] == 1
    assert park.view.size() == 4


async def test_refusals_have_the_status_of_their_family(http: Any, park: Any, problem: Any) -> None:
    stranger = PrivateKey.generate(Algorithm.ED25519)
    good = park.reading(1)
    head, payload, signature = good.split(b".")
    flipped = (b"B" if signature[:1] == b"A" else b"A") + signature[1:]
    cases = [
        (b"not a statement", 400, "entry.parts"),
        (b"\x00" * 40, 400, "entry.parts"),
        (b"", 400, "http.empty"),
        (good + b"=", 400, "base64url.padding"),
        (park.reading(1, key=stranger), 403, "key.unknown"),
        (b".".join((head, payload, flipped)), 403, "signature.invalid"),
        (park.reading(1, "-3.17"), 422, None),
        (park.reading(1, "999999999999999999"), 422, None),
    ]
    for content, status, rule in cases:
        answer = await http.post(PATH, content=content, headers=JOSE)
        body = problem(answer, status, rule or answer.json()["rule"])
        assert body["value"] is not None
        assert body["expected"]
    assert park.view.size() == 3


async def test_65_536_bytes_are_refused_with_413(http: Any, park: Any, problem: Any) -> None:
    answer = await http.post(PATH, content=b"a" * 65_536, headers=JOSE)
    body = problem(answer, 413, "entry.size")
    assert body["step"] == 1
    assert "65535" in body["expected"]
    assert park.view.size() == 3


async def test_a_body_without_end_is_refused_while_it_is_read(http: Any, problem: Any) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 8_192
            yield b"a" * 8_192

    problem(await http.post(PATH, content=endless(), headers=JOSE), 413, "entry.size")
    assert sent < 10 * 8_192


async def test_a_truncated_body_stores_nothing(park: Any) -> None:
    entry = park.reading(1)
    app = create_app(park.service())
    received = [
        {"type": "http.request", "body": entry[:100], "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return received.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": PATH, "raw_path": PATH.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"content-type", b"application/jose"), (b"authorization", b"Bearer " + park.sign_in().encode())],
        "server": ("test", 80), "client": ("test", 1),
    }  # fmt: skip
    await app(scope, receive, send)  # type: ignore[arg-type]  # plain dictionaries are what a server sends
    assert sent[0]["status"] == 400
    assert b"http.truncated" in sent[1]["body"]
    assert park.view.size() == 3


@pytest.mark.parametrize("media_type", ["application/json", "application/x-ndjson", "", "multipart/form-data"])
async def test_another_media_type_is_415(http: Any, park: Any, problem: Any, media_type: str) -> None:
    answer = await http.post(PATH, content=park.reading(1), headers={"content-type": media_type})
    problem(answer, 415, "http.media_type")
    assert park.view.size() == 3


async def test_no_mutation_of_a_good_statement_leads_to_a_5xx(http: Any, park: Any) -> None:
    chance = random.Random(20_260_101)
    good = park.reading(1)
    for _ in range(300):
        broken = bytearray(good)
        for _ in range(chance.randint(1, 3)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        if bytes(broken) == good:
            continue
        answer = await http.post(PATH, content=bytes(broken), headers=JOSE)
        assert 400 <= answer.status_code < 500, (answer.status_code, bytes(broken))
    assert park.view.size() == 3
    assert not park.failures


async def test_a_key_statement_enrols_and_answers_what_resolves_now(http: Any, park: Any, problem: Any) -> None:
    second = PrivateKey.generate(Algorithm.ED25519)
    entry = park.key("88.608.5288/A_METER_2", Kind.DEVICE, second, Purpose.DEVICE, parent=park.enterprise_id)
    answer = await http.post("/v1/identifiers", content=entry, headers=JOSE)
    assert answer.status_code == 201
    body = answer.json()
    assert body["identifier"]["parent"] == park.enterprise_id
    assert body["identifier"]["keys"][0]["jwk"] == second.public.to_jwk()
    resolved = await http.get("/v1/identifiers/88.608.5288/A_METER_2")
    assert resolved.json() == body["identifier"]
    assert (await http.post("/v1/identifiers", content=entry, headers=JOSE)).status_code == 200
    refused = await http.post("/v1/identifiers", content=park.reading(1), headers=JOSE)
    problem(refused, 422, "identifiers.statement_type")
    assert park.view.size() == 4
