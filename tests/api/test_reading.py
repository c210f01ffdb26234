"""What can be read, and the refusals of paths, methods and parameters."""

from __future__ import annotations

import json
from typing import Any

import pytest

from attestation.statements import CompromiseKey
from ledger.checkpoint import Checkpoint, Note
from ledger.merkle import leaf_hash, tree_root, verify_consistency

JOSE = {"content-type": "application/jose"}


async def test_an_entry_is_found_by_index_and_by_place_and_shows_its_state(http: Any, park: Any) -> None:
    await http.post("/v1/statements", content=park.reading(1), headers=JOSE)
    by_index = await http.get("/v1/entries/3")
    place = {"issuer": park.meter_id, "stream": park.stream, "seq": 1}
    assert by_index.json() == (await http.get("/v1/entries", params=place)).json()
    assert by_index.json()["entry"].encode() == park.reading(1)
    assert by_index.json()["state"] == "accepted"
    park.sequencer.step()
    assert (await http.get("/v1/entries/3")).json()["state"] == "integrated"


async def test_checkpoint_tiles_and_consistency_are_those_of_the_entries_sent(http: Any, park: Any) -> None:
    park.sequencer.step()
    entries = [park.reading(seq) for seq in range(1, 5)]
    for entry in entries:
        await http.post("/v1/statements", content=entry, headers=JOSE)
    park.sequencer.step()
    answer = await http.get("/v1/checkpoint")
    assert answer.headers["content-type"].startswith("text/plain")
    head = Checkpoint.parse(Note.parse(answer.content).text)
    assert (head.origin, head.size) == (park.origin, 7)
    tile = (await http.get("/v1/tile/0/000.p/7")).content
    leaves = [tile[at : at + 32] for at in range(0, len(tile), 32)]
    assert leaves[3:] == [leaf_hash(entry) for entry in entries]
    assert tree_root(leaves) == head.root
    old = Checkpoint.parse(Note.parse((await http.get("/v1/checkpoints/3")).content).text)
    proof = (await http.get("/v1/consistency", params={"old": 3, "new": 7})).json()["proof"]
    verify_consistency(3, 7, old.root, head.root, [bytes.fromhex(node) for node in proof])


async def test_a_receipt_is_409_with_retry_after_until_the_entry_is_anchored(
    http: Any, park: Any, problem: Any
) -> None:
    park.sequencer.step()
    answer = await http.get("/v1/entries/0/receipt")
    problem(answer, 409, answer.json()["rule"])
    assert int(answer.headers["retry-after"]) > 0


async def test_an_identifier_resolves_to_typed_indexed_values(http: Any, park: Any) -> None:
    """DOMAIN 51."""
    body = (await http.get(f"/v1/identifiers/{park.meter_id}")).json()
    values = {value["type"]: value for value in body["values"]}
    assert values["KIND"]["value"] == "device"
    assert values["PARENT"]["value"] == park.enterprise_id
    assert json.loads(values["KEY"]["value"])["jwk"] == park.meter.public.to_jwk()
    assert len({value["index"] for value in body["values"]}) == len(body["values"])


async def test_schemas_trust_health_and_openapi_are_served(http: Any, park: Any) -> None:
    names = (await http.get("/v1/schemas")).json()["schemas"]
    assert {"key", "reading", "close", "report", "policy"} <= set(names)
    for name in names:
        assert (await http.get(f"/v1/schemas/{name}")).json()["$schema"].endswith("2020-12/schema")
    assert (await http.get("/v1/trust")).json() == {}
    assert (await http.get("/v1/health")).json()["log"] == park.origin
    assert (await http.get("/v1/health/ready")).status_code == 200
    assert (await http.get("/v1/openapi.json")).json()["openapi"].startswith("3.")


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/v1/nothing", "http.route"),
        ("/", "http.route"),
        ("/v1/statements/", "http.route"),
        ("/v1/entries/99", "entries.index"),
        ("/v1/entries?issuer=88.608.1%2FPARK&stream=keys&seq=99", "entries.place"),
        ("/v1/streams?issuer=88.608.1%2FPARK&stream=nothing", "streams.unknown"),
        ("/v1/identifiers/88.608.1/NOBODY", "identifiers.unknown"),
        ("/v1/checkpoints/99", "checkpoints.none"),
        ("/v1/schemas/nothing", "schemas.unknown"),
    ],
)
async def test_what_is_not_there_is_404(http: Any, problem: Any, path: str, rule: str) -> None:
    problem(await http.get(path), 404, rule)


@pytest.mark.parametrize(
    "path", ["/v1/consistency?old=3&new=99", "/v1/consistency?old=9&new=3", "/v1/tile/0/099", "/v1/tile/0/000.p/200"]
)
async def test_what_the_tree_does_not_have_is_404(http: Any, park: Any, problem: Any, path: str) -> None:
    park.sequencer.step()
    answer = await http.get(path)
    problem(answer, 404, answer.json()["rule"])


@pytest.mark.parametrize("path", ["/v1/tile/0/0", "/v1/tile/0/000.p/256", "/v1/tile/x/000", "/v1/tile/0/x000/000"])
async def test_another_spelling_of_a_tile_path_is_400(http: Any, problem: Any, path: str) -> None:
    problem(await http.get(path), 400, "merkle.tile-path")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/statements"), ("DELETE", "/v1/entries/0"), ("POST", "/v1/checkpoint"), ("PUT", "/v1/identifiers")],
)
async def test_another_method_is_405_and_says_what_is_allowed(http: Any, problem: Any, method: str, path: str) -> None:
    answer = await http.request(method, path)
    problem(answer, 405, "http.method")
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/entries/{2**63}",
        f"/v1/entries/{10**400}",
        f"/v1/entries/{'9' * 5000}",
        "/v1/entries/-1",
        "/v1/entries/1.5",
        "/v1/entries/%00",
        "/v1/entries/0x10",
        f"/v1/checkpoints/{2**64}",
        f"/v1/consistency?old=0&new={10**30}",
        "/v1/consistency?old=0",
        "/v1/entries?issuer=88.608.1%2FPARK&stream=keys&seq=0",
        f"/v1/entries?issuer=88.608.1%2FPARK&stream=keys&seq={2**53}",
        "/v1/entries?issuer=88.608.1%2FPARK&stream=ke%00ys&seq=1",
        "/v1/entries?issuer=88.608.1%2FPARK&stream=keys%0A&seq=1",
    ],
)
async def test_numbers_out_of_bounds_and_nul_bytes_are_422(http: Any, problem: Any, path: str) -> None:
    body = problem(await http.get(path), 422, "request.parameter")
    assert body["parameter"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/identifiers/88.608.1/PARK%00",
        "/v1/identifiers/%00",
        "/v1/identifiers/" + "a" * 300,
        "/v1/identifiers/%ff%fe",
        "/v1/streams?issuer=%00",
    ],
)
async def test_what_is_no_identifier_is_400(http: Any, problem: Any, path: str) -> None:
    answer = await http.get(path)
    assert problem(answer, 400, answer.json()["rule"])["rule"].startswith("identifier.")


async def test_a_key_says_whose_it_is_and_from_where_to_where_it_signs(http: Any, park: Any, problem: Any) -> None:
    meter = park.meter.public.kid_name
    found = (await http.get(f"/v1/keys/{meter}")).json()
    assert (found["identifier"], found["jwk"]) == (park.meter_id, park.meter.public.to_jwk())
    assert (found["activated_index"], found["revoked_index"], found["compromised_since"]) == (2, None, None)
    body = CompromiseKey(thumbprint=meter, identifier=park.meter_id, invalid_since=3, reason="stolen")
    said = park.sign("key", park.registrar_id, park.registrar, "decisions", 1, body)
    assert (await http.post("/v1/statements", content=said, headers=JOSE)).status_code == 201
    found = (await http.get(f"/v1/keys/{meter}")).json()
    assert (found["revoked_index"], found["compromised_since"], found["recoveries"]) == (3, 3, [])
    doubtful = (await http.get(f"/v1/keys/{meter}/flagged")).json()
    touched = (await http.get("/v1/history/effects", params={"key": meter})).json()
    assert touched["compromised_since"] == 3
    assert [
        {name: one[name] for name in ("index", "type", "issuer", "stream", "seq", "why")} for one in touched["entries"]
    ] == (doubtful["entries"])
    problem(await http.get("/v1/history/effects", params={"key": "A" * 43}), 404, "keys.unknown")


async def test_an_unknown_key_is_404_and_another_text_is_no_thumbprint(http: Any, park: Any, problem: Any) -> None:
    problem(await http.get(f"/v1/keys/{'A' * 43}"), 404, "keys.unknown")
    problem(await http.get("/v1/keys/short"), 422, "request.parameter")
