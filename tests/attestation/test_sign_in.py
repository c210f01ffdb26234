from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.encoding import b64url_encode, compact_json
from attestation.errors import AttestationError
from attestation.jws import parse_compact, sign_compact
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.sign_in import SIGN_IN_TYP, build_sign_in, read_sign_in

WHO = "88.608.5288/A"
KEY = PrivateKey(Algorithm.ED25519, (9).to_bytes(32))
GOOD: dict[str, Any] = {
    "v": 1, "type": "sign-in", "log": "tanlu.test/log/" + "00" * 32, "aud": "https://tanlu.test",
    "iat": 1_700_000_000, "exp": 1_700_000_060, "nonce": "ab" * 32,
}  # fmt: skip


def signed(payload: object, typ: str = SIGN_IN_TYP) -> bytes:
    return sign_compact(WHO, typ, compact_json(payload), KEY)


@pytest.mark.parametrize("algorithm", Algorithm)
@given(
    log=st.text(st.characters(codec="utf-8"), max_size=40),
    audience=st.text(st.characters(codec="utf-8"), max_size=40),
    nonce=st.text(st.characters(codec="utf-8"), max_size=40),
    iat=st.integers(0, 2**53 - 1),
    exp=st.integers(0, 2**53 - 1),
)
def test_what_is_built_reads_back(
    algorithm: Algorithm, log: str, audience: str, nonce: str, iat: int, exp: int
) -> None:
    key = PrivateKey(algorithm, (5).to_bytes(32))
    found = read_sign_in(build_sign_in(WHO, key, log=log, audience=audience, nonce=nonce, iat=iat, exp=exp))
    assert (found.identifier, found.log, found.aud, found.nonce) == (WHO, log, audience, nonce)
    assert (found.iat, found.exp) == (iat, exp)
    key.public.verify(found.jws.signing_input, found.jws.signature)


@pytest.mark.parametrize("name", GOOD)
def test_every_member_is_needed(world, name: str) -> None:
    with world.refused("sign_in.form", 1):
        read_sign_in(signed({member: value for member, value in GOOD.items() if member != name}))


@pytest.mark.parametrize("name", ["iss", "sub", "nbf", "jti", "seq", "stream", "body", "Aud", ""])
def test_no_other_member_is_taken(world, name: str) -> None:
    with world.refused("sign_in.form", 1, name):
        read_sign_in(signed(GOOD | {name: "x"}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("v", value) for value in (0, 2, True, "1", [1])],
        *[("type", value) for value in ("reading", "sign-in ", "", 1, ["sign-in"])],
        *[(name, value) for name in ("log", "aud", "nonce") for value in (1, True, [GOOD["log"]], {"a": "b"})],
        *[(name, value) for name in ("iat", "exp") for value in (-1, "1700000000", True, [1], {})],
    ],
)
def test_a_member_of_another_kind_is_refused(world, name: str, value: object) -> None:
    with world.refused("sign_in.form", 1) as caught:
        read_sign_in(signed(GOOD | {name: value}))
    assert str(value)[:4] in caught.value.value


@pytest.mark.parametrize(
    ("rule", "payload"),
    [
        ("json.duplicate_key", b'{"aud":"https://other.test",' + compact_json(GOOD)[1:]),
        ("json.float", compact_json(GOOD).replace(b"1700000060", b"1700000060.5")),
        ("json.float", compact_json(GOOD).replace(b"1700000060", b"1e99")),
        ("json.integer", compact_json(GOOD).replace(b"1700000060", b"9" * 400)),
        ("json.null", compact_json(GOOD | {"nonce": None})),
        ("json.surrogate", compact_json(GOOD).replace(b"https://", b"\\ud800")),
        ("json.utf8", compact_json(GOOD).replace(b"https://", b"\xff")),
        ("json.object", b"[]"),
        ("json.syntax", compact_json(GOOD) + b"x"),
        ("json.depth", b"[" * 5_000),
    ],
)
def test_json_with_two_readings_is_refused(rule: str, payload: bytes) -> None:
    with pytest.raises(AttestationError) as caught:
        read_sign_in(sign_compact(WHO, SIGN_IN_TYP, payload, KEY))
    assert caught.value.rule == rule


@pytest.mark.parametrize("typ", ["JWT", "tanlu-sign-in", "Tanlu-sign-in+jws", "", "application/tanlu-sign-in+jws"])
def test_another_typ_is_refused(typ: str) -> None:
    header = {"alg": "Ed25519", "kid": f"{WHO}#{KEY.public.kid_name}", "typ": typ}
    body = f"{b64url_encode(compact_json(header))}.{b64url_encode(compact_json(GOOD))}".encode()
    with pytest.raises(AttestationError) as caught:
        read_sign_in(body + b"." + b64url_encode(KEY.sign(body)).encode())
    assert caught.value.rule == "header.typ"


@pytest.mark.parametrize("typ", ["reading", "key", "report", "close", "policy", "possession", "promise", "sign-out"])
def test_a_jws_of_another_type_is_no_sign_in_even_with_its_payload(world, typ: str) -> None:
    with world.refused("sign_in.form", 1, f"tanlu-{typ}+jws"):
        read_sign_in(signed(GOOD, f"tanlu-{typ}+jws"))


def test_a_statement_is_no_sign_in(park, world) -> None:
    report_key = park.sign_key(park.key_body("88.608.7/B", Kind.ENTERPRISE, Purpose.STATEMENT))
    for entry in (park.reading(1), report_key):
        with world.refused("sign_in.form", 1):
            read_sign_in(entry)


@pytest.mark.parametrize("changed", [{}, {"type": "reading"}])
def test_a_sign_in_is_no_statement(park, world, changed: dict[str, object]) -> None:
    key = park.keys[world.METER]
    payload = compact_json(GOOD | {"log": world.ORIGIN} | changed)
    before = len(park.log.entries)
    with pytest.raises(AttestationError) as caught:
        park.log.accept(sign_compact(world.METER, SIGN_IN_TYP, payload, key))
    assert caught.value.step <= 2
    assert len(park.log.entries) == before


def test_a_statement_with_the_typ_of_a_sign_in_is_neither(park, world) -> None:
    reading = parse_compact(park.reading(1))
    entry = sign_compact(world.METER, SIGN_IN_TYP, reading.payload, park.keys[world.METER])
    with world.refused("sign_in.form", 1):
        read_sign_in(entry)
    with pytest.raises(AttestationError) as caught:
        park.log.accept(entry)
    assert caught.value.step <= 2
