from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from attestation.encoding import b64url_decode, b64url_encode
from attestation.errors import Equivocation
from attestation.keys import SECP256K1_ORDER, Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Close, Policy, Reading, build
from attestation.verification import check_signature, examine, find_key, judge, verify

STRANGER = PrivateKey(Algorithm.ED25519, (99).to_bytes(32))


def test_a_signed_reading_passes_all_twelve_steps(world, park) -> None:
    verdict = park.log.accept(park.reading(1))
    assert verdict.key.identifier == world.METER
    assert verdict.key.activated_index == 2
    assert (verdict.duplicate_of, verdict.opens_gap) == (None, None)
    assert str(verdict.quantity) == "1.50"
    assert verdict.period == (1_672_531_200, 1_672_532_100)


def test_unsigned_statements_are_refused(world, park) -> None:
    signed = park.reading(1)
    with world.refused("entry.parts", 1):
        verify(signed.rpartition(b".")[0], park.log)
    with world.refused("entry.parts", 1):
        verify(signed.rpartition(b".")[0] + b".", park.log)
    key = park.keys[world.METER]
    header = world.header_of(world.METER, key) | {"alg": "none"}
    with world.refused("header.alg_none", 1, "none"):
        verify(world.forge(header, world.payload_of(), key), park.log)


def test_an_unenrolled_signer_is_refused(world, park) -> None:
    iss = "88.608.5288/meter-2"
    with world.refused("identifier.unknown", 3, iss):
        verify(park.reading(1, iss=iss, key=STRANGER), park.log)


def test_an_unenrolled_key_is_refused(world, park) -> None:
    with world.refused("key.unknown", 4, STRANGER.public.kid_name):
        verify(park.reading(1, key=STRANGER), park.log)


def test_the_key_of_another_identifier_is_refused(world, park) -> None:
    with world.refused("key.unknown", 4, park.keys[world.WORKS].public.kid_name):
        verify(park.reading(1, key=park.keys[world.WORKS]), park.log)


def test_alg_that_is_not_the_keys_is_refused(world, park) -> None:
    key = park.keys[world.METER]
    header = world.header_of(world.METER, key) | {"alg": "ES256K"}
    with world.refused("key.algorithm", 4, "ES256K"):
        verify(world.forge(header, world.payload_of(), key), park.log)


def test_a_signature_by_another_key_is_refused(world, park) -> None:
    header = world.header_of(world.METER, park.keys[world.METER])
    with world.refused("signature.invalid", 5):
        verify(world.forge(header, world.payload_of(), STRANGER), park.log)


@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s + b"\0", lambda s: s[:1], lambda s: s + s])
def test_a_signature_of_another_length_is_refused(world, park, change) -> None:
    signing_input, _, signature = park.reading(1).rpartition(b".")
    with world.refused("signature.length", 5):
        verify(signing_input + b"." + b64url_encode(change(b64url_decode(signature))).encode(), park.log)


def test_a_statement_for_another_log_or_deployment_is_refused(world, park) -> None:
    for origin in ("park.example/log/" + "5b" * 32, "other.example/log/" + "5a" * 32):
        with world.refused("envelope.log", 2, origin):
            verify(park.reading(1, log=origin), park.log)


def test_the_same_statement_again_is_answered_with_the_first(park) -> None:
    entry = park.reading(1)
    park.log.accept(entry)
    assert park.log.accept(entry).duplicate_of.index == 3
    assert len(park.log.entries) == 4


def test_the_same_message_signed_anew_is_answered_with_the_first(world) -> None:
    park = world.Park()
    park.enrol(world.PARK, Kind.PARK, Purpose.ADMINISTRATION)
    park.enrol(world.WORKS, Kind.ENTERPRISE, Purpose.STATEMENT, parent=world.PARK)
    park.enrol(world.METER, Kind.DEVICE, Purpose.DEVICE, parent=world.WORKS, algorithm=Algorithm.ES256K)
    entry = park.reading(1)
    park.log.accept(entry)
    signing_input = entry.rpartition(b".")[0]
    anew = signing_input + b"." + _another_signature(park.keys[world.METER], signing_input)
    assert anew != entry
    verdict = park.log.accept(anew)
    assert verdict.duplicate_of.index == 3
    assert verdict.duplicate_of.statement_id == examine(anew, world.ORIGIN).statement_id
    assert len(park.log.entries) == 4


def _another_signature(key: PrivateKey, message: bytes) -> bytes:
    """A second valid ES256K signature over the same bytes, by another nonce than RFC 6979's."""
    private = ec.derive_private_key(int.from_bytes(key.raw), ec.SECP256K1())
    r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
    s = min(s, SECP256K1_ORDER - s)
    return b64url_encode(r.to_bytes(32) + s.to_bytes(32)).encode()


def test_a_duplicate_is_answered_even_when_it_would_be_refused_by_now(world, park) -> None:
    entry = park.reading(1)
    park.log.accept(entry)
    park.log.revoked[park.keys[world.METER].public.kid_name] = 4
    park.log.now = 0
    assert park.log.accept(entry).duplicate_of.index == 3


def test_another_statement_at_the_same_place_is_equivocation(world, park) -> None:
    first = park.reading(1)
    park.log.accept(first)
    with world.refused("sequence.equivocation", 6) as caught:
        park.log.accept(park.reading(1, quantity="1.51"))
    error = caught.value
    assert isinstance(error, Equivocation)
    assert error.existing_index == 3
    assert error.existing_statement_id == examine(first, world.ORIGIN).statement_id
    assert error.as_dict()["existing_statement_id"] == error.existing_statement_id.hex()
    assert error.as_dict()["existing_index"] == 3


def test_equivocation_needs_a_good_signature(world, park) -> None:
    park.log.accept(park.reading(1))
    forged = world.forge(world.header_of(world.METER, park.keys[world.METER]), world.payload_of(iat=5), STRANGER)
    with world.refused("signature.invalid", 5):
        park.log.accept(forged)


def test_a_key_signs_only_after_the_entry_that_enrolled_it(world, park) -> None:
    for index in (1, 2):
        park.log.index_override = index
        with world.refused("key.not_active", 7, f"entry {index}"):
            verify(park.reading(1), park.log)
    park.log.index_override = 3
    verify(park.reading(1), park.log)


def test_a_revoked_key_signs_no_more(world, park) -> None:
    park.log.revoked[park.keys[world.METER].public.kid_name] = 4
    park.log.accept(park.reading(1))
    with world.refused("key.revoked", 7, "entry 4"):
        park.log.accept(park.reading(2))


def test_a_key_outside_its_purpose_is_refused(world, park) -> None:
    close = Close(start=world.quarter(0), end=world.quarter(1), last_seq=0, count=0)
    with world.refused("purpose.key", 8, "statement"):
        verify(park.sign("close", close, iss=world.WORKS), park.log)
    report = world.forge(
        world.header_of(world.METER, park.keys[world.METER], "report"),
        world.payload_of(type="report", body={}),
        park.keys[world.METER],
    )
    with world.refused("purpose.key", 8, "device"):
        verify(report, park.log)


def test_only_the_registrar_enrols_keys_and_publishes_policies(world, park) -> None:
    other = "88.608.5288/works-2"
    park.enrol(other, Kind.ENTERPRISE, Purpose.STATEMENT | Purpose.ADMINISTRATION, parent=world.PARK)
    body = park.key_body("88.608.5288/meter-2", Kind.DEVICE, Purpose.DEVICE, parent=other)
    with world.refused("purpose.registrar", 8, other):
        verify(park.sign("key", body, iss=other), park.log)
    policy = Policy(
        policy="obligation-base",
        id="b",
        version="1",
        effective_from="2023-01-01",
        document={"year": 2023, "base": "direct"},
    )
    with world.refused("purpose.registrar", 8, other):
        verify(park.sign("policy", policy, iss=other), park.log)


def test_the_registrar_enrols_with_an_administration_key_only(world, park) -> None:
    second = PrivateKey(Algorithm.ED25519, (77).to_bytes(32))
    park.add(world.PARK, second, Purpose.STATEMENT)
    body = park.key_body("88.608.5288/meter-2", Kind.DEVICE, Purpose.DEVICE, parent=world.WORKS)
    with world.refused("purpose.key", 8, "statement"):
        verify(park.sign_key(body, key=second), park.log)
    park.accept_key(body)


def test_verifiers_sign_no_reports(world, park) -> None:
    verifier = "88.608.7/verifier"
    park.enrol(verifier, Kind.VERIFIER, Purpose.STATEMENT)
    report = world.forge(
        world.header_of(verifier, park.keys[verifier], "report"),
        world.payload_of(verifier, type="report", body={}),
        park.keys[verifier],
    )
    with world.refused("purpose.kind", 8, "verifier"):
        verify(report, park.log)


def test_steps_are_judged_in_their_order(world, park) -> None:
    """One entry with a fault for every step, mended step by step: each time the next step refuses."""
    key = park.keys[world.METER]
    bad = {"from": world.quarter(1), "to": world.quarter(0), "quantity": "-1", "unit": "kWh"}
    good = {"from": world.quarter(0), "to": world.quarter(1), "quantity": "1", "unit": "kWh"}
    late = {"iat": park.log.now + 301}

    def entry(header=None, signer=key, iss=world.METER, **payload) -> bytes:
        head = world.header_of(iss, key) | (header or {})
        return world.forge(head, world.payload_of(iss, **payload), signer)

    unknown = "88.608.5288/nobody"
    with world.refused("header.alg", 1):
        verify(entry({"alg": "ES512"}, STRANGER, unknown, v=9, body=bad, **late), park.log)
    with world.refused("envelope.v", 2):
        verify(entry({}, STRANGER, unknown, v=9, body=bad, **late), park.log)
    with world.refused("identifier.unknown", 3):
        verify(entry({}, STRANGER, unknown, body=bad, **late), park.log)
    with world.refused("key.algorithm", 4):
        verify(entry({"alg": "ES256K"}, STRANGER, body=bad, **late), park.log)
    with world.refused("signature.invalid", 5):
        verify(entry({}, STRANGER, body=bad, **late), park.log)
    park.log.accept(park.reading(1))
    with world.refused("sequence.equivocation", 6):
        verify(entry(body=bad, **late), park.log)
    park.log.revoked[key.public.kid_name] = 4
    with world.refused("key.revoked", 7):
        verify(entry(seq=2, body=bad, **late), park.log)
    park.log.revoked.clear()
    with world.refused("quantity.negative", 9):
        verify(entry(seq=2, body=bad, **late), park.log)
    with world.refused("time.iat_future", 10):
        verify(entry(seq=2, body=good, **late), park.log)
    with world.refused("sequence.overlap_below", 11):
        verify(entry(seq=2, body=good), park.log)


def test_the_steps_can_be_taken_apart(world, park) -> None:
    statement = examine(park.reading(1), world.ORIGIN)
    record = find_key(statement, park.log)
    check_signature(statement, record.key)
    assert judge(statement, park.log) == judge(statement, park.log, record) == verify(park.reading(1), park.log)[1]


def test_judging_without_a_signature_check_still_asks_for_the_key(world, park) -> None:
    with world.refused("key.unknown", 4):
        judge(examine(park.reading(1, key=STRANGER), world.ORIGIN), park.log)


def test_es256k_statements_verify_and_high_s_is_refused(world, park) -> None:
    meter = "88.608.5288/meter-k"
    park.enrol(meter, Kind.DEVICE, Purpose.DEVICE, parent=world.WORKS, algorithm=Algorithm.ES256K)
    entry = park.reading(1, iss=meter)
    signing_input, _, encoded = entry.rpartition(b".")
    signature = b64url_decode(encoded)
    high = signature[:32] + (SECP256K1_ORDER - int.from_bytes(signature[32:])).to_bytes(32)
    with world.refused("signature.high_s", 5):
        verify(signing_input + b"." + b64url_encode(high).encode(), park.log)
    park.log.accept(entry)


def test_an_empty_log_knows_nobody_but_its_root(world) -> None:
    park = world.Park()
    with world.refused("identifier.unknown", 3):
        verify(park.sign("reading", Reading(start="", end="", quantity="", unit=""), iss=world.PARK), park.log)
    with world.refused("identifier.unknown", 3):
        verify(park.reading(1, key=STRANGER), park.log)
    body = park.key_body(world.PARK, Kind.PARK, Purpose.ADMINISTRATION)
    with world.refused("identifier.unknown", 3):
        verify(park.sign_key(body, key=STRANGER), park.log)
    park.accept_key(body)


def test_build_refuses_what_would_be_no_statement(world) -> None:
    body = Reading(start="", end="", quantity="", unit="")
    common = {"log": world.ORIGIN, "iss": world.METER, "key": STRANGER, "iat": 1}
    with world.refused("envelope.stream", 2):
        build("reading", stream="BIG", seq=1, body=body, **common)
    with world.refused("envelope.seq", 2):
        build("reading", stream="s", seq=0, body=body, **common)
    with world.refused("envelope.type", 2):
        build("notice", stream="s", seq=1, body=body, **common)
    with pytest.raises(TypeError, match="close statement"):
        build("close", stream="s", seq=1, body=body, **common)
