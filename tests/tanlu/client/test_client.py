"""The client against a real service: every answer is checked before it is returned."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

import coincurve
import pytest

from attestation.encoding import b64url_encode
from attestation.keys import Algorithm, PrivateKey
from ledger import promises
from ledger.db.base import Database
from ledger.merkle import leaf_hash
from tanlu.client import BulkChunk, Client
from tanlu.client.promises import statement_id
from tanlu.errors import InputRefused, PromiseBroken, RefusedByService, ServiceUnavailable

from ..conftest import ENTERPRISE, METER, ORIGIN, PARK, Server, World, make_service


def test_a_statement_is_durable_and_its_promise_checked(client: Client, world: World) -> None:
    entry = world.reading(1)
    accepted = client.submit(entry)
    assert (accepted.index, accepted.repeated, accepted.state) == (3, False, "accepted")
    assert accepted.leaf_hash == leaf_hash(entry).hex()
    assert accepted.checked == ("statement_id", "leaf_hash", "promise")
    promise = promises.verify(accepted.promise, world.log_key.public, ORIGIN)
    assert (promise.first_index, promise.count) == (3, 1)
    logged = client.entry(accepted.index)
    assert logged.entry.encode() == entry
    assert client.entry_at(METER, "electricity", 1) == logged


def test_a_statement_sent_again_is_answered_with_its_first_acceptance(client: Client, world: World) -> None:
    entry = world.reading(1)
    first, second = client.submit(entry), client.submit(entry)
    assert second.repeated
    assert (second.index, second.leaf_hash) == (first.index, first.leaf_hash)
    assert second.checked[-1] == "promise"


def test_what_is_not_there_is_none_and_an_empty_stream_stands_at_zero(client: Client) -> None:
    assert client.entry_at(METER, "electricity", 1) is None
    assert client.stream(METER, "electricity").last_seq == 0
    assert client.identifier("88.608.9/NOBODY") is None


def test_a_gap_is_reported_and_closes_when_it_is_filled(client: Client, world: World) -> None:
    client.submit(world.reading(1))
    assert client.submit(world.reading(4)).opens_gap == (2, 3)
    assert client.stream(METER, "electricity").gaps == ((2, 3),)
    chunks: list[BulkChunk] = []
    client.submit_bulk([world.reading(2), world.reading(3), world.reading(7)], on_chunk=chunks.append)
    assert [result.opens_gap for result in chunks[0].results] == [None, None, (5, 6)]
    assert client.stream(METER, "electricity").gaps == ((5, 6),)


def test_an_identifier_resolves_with_its_keys(client: Client, world: World) -> None:
    found = client.identifier(METER)
    assert found is not None
    assert (found["kind"], found["parent"]) == ("device", ENTERPRISE)
    assert [key["thumbprint"] for key in found["keys"]] == [world.meter.public.kid_name]


def test_a_refusal_carries_the_problem_document(client: Client, world: World) -> None:
    stranger = PrivateKey.generate(Algorithm.ED25519)
    meter, world.meter = world.meter, stranger
    entry = world.reading(1)
    world.meter = meter
    with pytest.raises(RefusedByService) as caught:
        client.submit(entry)
    assert (caught.value.status, caught.value.rule) == (403, "key.unknown")
    assert caught.value.problem["step"] == 4
    assert caught.value.message_zh


def test_equivocation_names_the_first_statement(client: Client, world: World) -> None:
    first = world.reading(1)
    client.submit(first)
    with pytest.raises(RefusedByService) as caught:
        client.submit(world.reading(1, "3.18"))
    assert (caught.value.status, caught.value.problem["step"]) == (409, 6)
    assert caught.value.problem["existing_statement_id"] == statement_id(first)


def test_bulk_answers_every_line_in_order_and_checks_every_promise(client: Client, world: World) -> None:
    entries = [world.reading(seq) for seq in range(1, 251)]
    chunks: list[BulkChunk] = []
    result = client.submit_bulk(entries, on_chunk=chunks.append, request_lines=120)
    assert (result.accepted, result.repeated, result.refused) == (250, 0, ())
    lines = [line for chunk in chunks for line in chunk.results]
    assert [line.line for line in lines] == list(range(1, 251))
    assert [line.leaf_hash for line in lines] == [leaf_hash(entry).hex() for entry in entries]
    covered = 0
    for chunk in chunks:
        assert chunk.promise is not None
        covered += promises.verify(chunk.promise, world.log_key.public, ORIGIN).count
    assert covered == 250


def test_one_bad_line_among_good_ones_is_named_and_the_others_count(client: Client, world: World) -> None:
    entries = [world.reading(1), b"e30.e30.e30", world.reading(2), world.reading(1)]
    result = client.submit_bulk(entries)
    assert (result.accepted, result.repeated) == (2, 1)
    (refused,) = result.refused
    assert refused.line == 2
    assert refused.problem is not None
    assert refused.problem["step"] == 1


def test_a_whole_chunk_of_repeated_lines_has_a_promise_for_each(client: Client, world: World) -> None:
    entries = [world.reading(seq) for seq in range(1, 151)]
    client.submit_bulk(entries)
    chunks: list[BulkChunk] = []
    result = client.submit_bulk(entries, on_chunk=chunks.append)
    assert (result.accepted, result.repeated) == (0, 150)
    assert [chunk.promise for chunk in chunks] == [None]
    assert all(line.promise is not None for chunk in chunks for line in chunk.results)


class FreshNonces:
    """An ES256K signer whose every signature is another one, as many devices' are."""

    def __init__(self, key: PrivateKey) -> None:
        self.public = key.public
        self._secret = coincurve.PrivateKey(key.raw)

    def sign(self, message: bytes) -> bytes:
        nonce = (coincurve._libsecp256k1.ffi.NULL, coincurve._libsecp256k1.ffi.from_buffer(secrets.token_bytes(32)))
        return self._secret.sign_recoverable(message, custom_nonce=nonce)[:64]


def test_another_valid_signature_over_a_statement_is_answered_with_the_first_bytes(
    database: Database, free_port: int
) -> None:
    world = World(registrar=PrivateKey.generate(Algorithm.ES256K))
    server = Server(make_service(world, database), free_port)
    with Client(server.start(), trust=world.trust, credentials=world.administration) as client:
        root = world.root()
        first = client.enrol(root)
        signing_input = root.rpartition(b".")[0]
        again = signing_input + b"." + b64url_encode(FreshNonces(world.registrar).sign(signing_input)).encode()
        assert again != root
        second, result = client.submit(again), client.submit_bulk([again])
    server.stop()
    assert (second.repeated, second.index, second.leaf_hash) == (True, first.index, leaf_hash(root).hex())
    assert result.repeated == 1


def test_a_forged_signature_over_a_logged_statement_is_refused(client: Client, world: World) -> None:
    entry = world.reading(1)
    client.submit(entry)
    signing_input, _, signature = entry.rpartition(b".")
    forged = signing_input + b"." + (b"A" if signature[:1] != b"A" else b"B") + signature[1:]
    with pytest.raises(RefusedByService) as caught:
        client.submit(forged)
    assert caught.value.problem["step"] == 5


def test_what_is_no_compact_jws_is_not_sent(client: Client) -> None:
    for bad in (b"", b'a"b', b"a\nb", b"a" * 65_536, "签".encode()):
        with pytest.raises(InputRefused):
            client.submit_bulk([bad])


def test_a_promise_by_another_log_key_is_refused_and_kept_as_evidence(
    client: Client, world: World, tmp_path: Path
) -> None:
    other = World(registrar=world.registrar)
    folder = tmp_path / "kept"
    entry = world.reading(1)
    with Client(client.base_url, trust=other.trust, evidence=folder, credentials=world.administration) as suspicious:
        with pytest.raises(PromiseBroken) as caught:
            suspicious.submit(entry)
        with pytest.raises(PromiseBroken) as in_bulk:
            suspicious.submit_bulk([world.reading(2)])
    assert caught.value.rule == in_bulk.value.rule == "promise.signature"
    assert caught.value.evidence is not None
    assert caught.value.evidence.parent == folder
    assert entry.decode() in caught.value.evidence.read_text()
    assert in_bulk.value.evidence is not None
    assert in_bulk.value.evidence != caught.value.evidence


def test_without_a_trust_file_no_promise_is_called_checked(client: Client, world: World) -> None:
    with Client(client.base_url, trust=None, credentials=world.administration) as trusting:
        assert trusting.submit(world.reading(1)).checked == ("statement_id", "leaf_hash")


def test_a_service_that_is_not_there_is_named_when_patience_ends(free_port: int) -> None:
    with Client(f"http://127.0.0.1:{free_port}", trust=None, patience=0.5) as alone:
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable) as caught:
            alone.stream(PARK, "keys")
        assert time.monotonic() - began < 5
        with pytest.raises(ServiceUnavailable):
            alone.submit_bulk([b"e30.e30.e30"])
    assert str(free_port) in caught.value.message


def test_bulk_goes_on_after_the_service_was_away(world: World, database: Database, free_port: int) -> None:
    service = make_service(world, database)
    first = Server(service, free_port)
    url = first.start()
    entries = [world.reading(seq) for seq in range(1, 301)]
    second = Server(service, free_port)
    with Client(url, trust=world.trust, patience=30, credentials=world.administration) as client:
        for entry in world.enrolments():
            client.enrol(entry)
        away = False

        def interrupt(_: BulkChunk) -> None:
            nonlocal away
            if not away:
                away = True
                first.stop()
                second.start()

        result = client.submit_bulk(entries, on_chunk=interrupt, request_lines=100)
        assert away
        assert (result.accepted + result.repeated, result.refused) == (300, ())
        assert client.stream(METER, "electricity").count == 300
    second.stop()


def test_a_receipt_that_is_not_anchored_yet_is_a_conflict(client: Client) -> None:
    began = time.monotonic()
    with pytest.raises(RefusedByService) as caught:
        client.receipt(0, wait=0.3)
    assert caught.value.status == 409
    assert time.monotonic() - began >= 0.3


def test_the_trust_file_that_the_service_offers_is_its_own_word(client: Client, world: World) -> None:
    assert client.trust() == world.trust.format()
