from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.encoding import b64url_decode, b64url_encode
from attestation.errors import AttestationError
from attestation.jws import MAX_ENTRY_BYTES, parse_compact, sign_compact
from attestation.keys import Algorithm, PrivateKey

KEY = PrivateKey(Algorithm.ED25519, (11).to_bytes(32))
ISS = "88.608.5288/META_x"


@given(st.sampled_from(list(Algorithm)), st.binary(min_size=1, max_size=100))
def test_what_is_signed_is_read_back_and_verifies(algorithm: Algorithm, payload: bytes) -> None:
    key = PrivateKey(algorithm, (12).to_bytes(32))
    jws = parse_compact(sign_compact(ISS, "tanlu-reading+jws", payload, key))
    assert jws.payload == payload
    assert jws.header.kid == f"{ISS}#{key.public.kid_name}"
    assert (jws.header.kid_identifier, jws.header.type) == (ISS, "reading")
    key.public.verify(jws.signing_input, jws.signature)


def test_the_header_is_alg_kid_typ_in_this_order() -> None:
    entry = sign_compact(ISS, "tanlu-reading+jws", b"{}", KEY)
    kid = f"{ISS}#{KEY.public.kid_name}"
    expected = f'{{"alg":"Ed25519","kid":"{kid}","typ":"tanlu-reading+jws"}}'
    assert b64url_decode(entry.split(b".")[0]) == expected.encode()


@pytest.mark.parametrize(
    ("changed", "rule", "value"),
    [
        ({"alg": "none"}, "header.alg_none", "none"),
        ({"alg": "NONE"}, "header.alg_none", "NONE"),
        ({"alg": "HS256"}, "header.alg", "HS256"),
        ({"alg": "EdDSA"}, "header.alg", "EdDSA"),
        ({"alg": "ES384"}, "header.alg", "ES384"),
        ({"alg": 1}, "header.members", "1"),
        ({"alg": ...}, "header.members", "kid, typ"),
        ({"crit": ["exp"]}, "header.crit", "exp"),
        ({"crit": []}, "header.crit", "[]"),
        ({"jku": "x"}, "header.members", "jku"),
        ({"b64": False}, "header.members", "b64"),
        ({"typ": "JWT"}, "header.typ", "JWT"),
        ({"typ": "tanlu-Reading+jws"}, "header.typ", "Reading"),
        ({"typ": "tanlu-reading+jws\n"}, "header.typ", "reading"),
        ({"kid": ISS}, "header.kid", ISS),
        ({"kid": f"{ISS}#short"}, "header.kid", "short"),
        ({"kid": f"{ISS}#{'A' * 42}B"}, "header.kid", "AB"),
        ({"kid": f"{ISS}#{'A' * 44}"}, "header.kid", "A"),
        ({"kid": f"a#b#{'A' * 43}"}, "identifier.characters", "#"),
        ({"kid": f"a b#{'A' * 43}"}, "identifier.characters", "a b"),
        ({"kid": f"{'x' * 256}#{'A' * 43}"}, "identifier.length", "256"),
    ],
)
def test_other_headers_are_refused_each_by_its_rule(world, changed, rule: str, value: str) -> None:
    header = {k: v for k, v in (world.header_of(ISS, KEY) | changed).items() if v is not ...}
    with world.refused(rule, 1, value):
        parse_compact(world.forge(header, b"{}", KEY))


def test_a_header_with_a_repeated_member_is_refused(world) -> None:
    kid = f"{ISS}#{KEY.public.kid_name}"
    header = f'{{"alg":"none","alg":"Ed25519","kid":"{kid}","typ":"tanlu-reading+jws"}}'
    with world.refused("json.duplicate_key", 1, "alg"):
        parse_compact(world.forge(header, b"{}", KEY))


@pytest.mark.parametrize("header", [b"[]", b'"x"', b"1"])
def test_a_header_that_is_no_object_is_refused(world, header: bytes) -> None:
    with world.refused("json.object", 1):
        parse_compact(world.forge(header, b"{}", KEY))


def test_other_numbers_of_parts_are_refused(world) -> None:
    entry = sign_compact(ISS, "tanlu-reading+jws", b"{}", KEY)
    unsigned = entry.rpartition(b".")[0]
    for wrong in (unsigned, unsigned + b".", entry + b".", entry + b".x", b"." + entry, b"..", b"x"):
        with world.refused("entry.parts", 1):
            parse_compact(wrong)


def test_size_is_1_to_65535_bytes(world) -> None:
    with world.refused("entry.size", 1, "0 bytes"):
        parse_compact(b"")
    with world.refused("entry.size", 1, "65536 bytes"):
        parse_compact(b"x" * 65_536)
    with world.refused("entry.size", 1):
        sign_compact(ISS, "tanlu-reading+jws", b"x" * 50_000, KEY)
    overhead = len(sign_compact(ISS, "tanlu-reading+jws", b"xxx", KEY)) - 4
    room = (MAX_ENTRY_BYTES - overhead) // 4 * 3
    longest = sign_compact(ISS, "tanlu-reading+jws", b"x" * room, KEY)
    assert MAX_ENTRY_BYTES - 4 < len(longest) <= MAX_ENTRY_BYTES
    assert parse_compact(longest).payload == b"x" * room


@pytest.mark.parametrize("identifier", ["", "a#b", "a b", "a\n", "x" * 256])
def test_nothing_is_signed_that_could_not_be_read_back(identifier: str) -> None:
    with pytest.raises(AttestationError):
        sign_compact(identifier, "tanlu-reading+jws", b"{}", KEY)


@given(st.binary(max_size=120))
def test_any_bytes_are_parsed_or_refused_at_step_1(world, data: bytes) -> None:
    refusal = world.refusal_of(parse_compact, data)
    assert refusal is None or refusal.step == 1


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_parsed_entry_has_one_spelling(world, at: int, mask: int) -> None:
    entry = bytearray(sign_compact(ISS, "tanlu-reading+jws", b'{"a":1}', KEY))
    entry[at % len(entry)] ^= mask
    altered = bytes(entry)
    if world.refusal_of(parse_compact, altered) is None:
        jws = parse_compact(altered)
        rebuilt = jws.signing_input + b"." + b64url_encode(jws.signature).encode()
        assert rebuilt == altered
