from __future__ import annotations

import copy
import hashlib
import pickle

import coincurve
import pytest
from Crypto.Hash import SHA256
from Crypto.PublicKey import ECC
from Crypto.Signature import DSS
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from attestation.curves.p256 import ORDER as P256_ORDER
from attestation.encoding import b64url_decode, b64url_encode
from attestation.errors import SignatureRefused
from attestation.keys import SECP256K1_ORDER, Algorithm, PrivateKey, PublicKey, Purpose

algorithms = st.sampled_from(list(Algorithm))
# The order of P-256 is the smaller one.
scalars = st.integers(1, P256_ORDER - 1).map(lambda n: n.to_bytes(32))


@given(algorithms, scalars, st.binary(max_size=200))
def test_what_a_key_signs_its_public_key_accepts(algorithm: Algorithm, raw: bytes, message: bytes) -> None:
    key = PrivateKey(algorithm, raw)
    signature = key.sign(message)
    assert len(signature) == 64
    key.public.verify(message, signature)


@given(algorithms, scalars, st.binary(max_size=50), st.integers(0, 63), st.integers(1, 255))
def test_any_altered_signature_byte_is_refused(
    algorithm: Algorithm, raw: bytes, message: bytes, at: int, mask: int
) -> None:
    key = PrivateKey(algorithm, raw)
    signature = bytearray(key.sign(message))
    signature[at] ^= mask
    with pytest.raises(SignatureRefused):
        key.public.verify(message, bytes(signature))


def test_rfc_8032_first_vector() -> None:
    # RFC 8032 §7.1, TEST 1: the empty message.
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    key = PrivateKey(Algorithm.ED25519, seed)
    assert key.public.raw.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key.sign(b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b"
    )


def test_rfc_8037_thumbprint_of_its_example_key() -> None:
    # RFC 8037 appendix A.3.
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    key = PublicKey.from_jwk(jwk)
    assert key.kid_name == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert b64url_decode(key.kid_name) == key.thumbprint


@given(scalars)
def test_es256k_agrees_with_an_independent_library(raw: bytes) -> None:
    key = PrivateKey(Algorithm.ES256K, raw)
    signature = key.sign(b"message")
    other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), key.public.raw)
    numbers = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    other.verify(encode_dss_signature(*numbers), b"message", ec.ECDSA(hashes.SHA256()))
    assert numbers[1] <= SECP256K1_ORDER // 2


@given(scalars)
def test_es256_agrees_with_an_independent_library(raw: bytes) -> None:
    key = PrivateKey(Algorithm.ES256, raw)
    other = ECC.construct(curve="P-256", d=int.from_bytes(raw))
    assert other.public_key().export_key(format="SEC1", compress=True) == key.public.raw
    verifier = DSS.new(other.public_key(), "fips-186-3", encoding="binary")
    verifier.verify(SHA256.new(b"message"), key.sign(b"message"))
    signer = DSS.new(other, "deterministic-rfc6979", encoding="binary")
    assert signer.sign(SHA256.new(b"message")) == key.sign(b"message")


@given(scalars)
def test_ed25519_agrees_with_an_independent_library(raw: bytes) -> None:
    key = PrivateKey(Algorithm.ED25519, raw)
    Ed25519PublicKey.from_public_bytes(key.public.raw).verify(key.sign(b"message"), b"message")


@given(scalars)
def test_evm_address_is_that_of_eth_account(raw: bytes) -> None:
    key = PrivateKey(Algorithm.ES256K, raw)
    assert key.public.evm_address == bytes.fromhex(Account.from_key(raw).address[2:])


def test_only_an_es256k_key_has_an_evm_address_and_signs_digests(world) -> None:
    for algorithm in (Algorithm.ED25519, Algorithm.ES256):
        key = PrivateKey.generate(algorithm)
        assert key.public.evm_address is None
        with world.refused("key.algorithm", 4):
            key.sign_digest(bytes(32))


def test_the_registry_contract_takes_coordinates() -> None:
    for algorithm in Algorithm:
        key = PrivateKey(algorithm, (5).to_bytes(32)).public
        jwk = key.to_jwk()
        assert key.on_chain == b"".join(b64url_decode(jwk[name]) for name in ("x", "y") if name in jwk)


def test_public_keys_are_copied_and_sent_to_other_processes() -> None:
    for algorithm in Algorithm:
        key = PrivateKey.generate(algorithm)
        for other in (copy.deepcopy(key.public), pickle.loads(pickle.dumps(key.public))):  # our own bytes
            assert other == key.public
            other.verify(b"m", key.sign(b"m"))


@given(scalars)
def test_sign_digest_recovers_to_the_key(raw: bytes) -> None:
    key = PrivateKey(Algorithm.ES256K, raw)
    digest = hashlib.sha256(raw).digest()
    signature = key.sign_digest(digest)
    assert signature[64] in (27, 28)
    recoverable = signature[:64] + bytes((signature[64] - 27,))
    recovered = coincurve.PublicKey.from_signature_and_message(recoverable, digest, hasher=None)
    assert recovered.format() == key.public.raw


def test_digests_have_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        PrivateKey.generate(Algorithm.ES256K).sign_digest(bytes(31))


@given(algorithms, scalars)
def test_jwk_round_trip(algorithm: Algorithm, raw: bytes) -> None:
    public = PrivateKey(algorithm, raw).public
    assert PublicKey.from_jwk(public.to_jwk()) == public
    assert PublicKey.from_jwk(public.to_jwk()).kid_name == public.kid_name


def test_thumbprint_is_over_the_required_members_in_lexicographic_order() -> None:
    # RFC 7638 §3.2 and RFC 8812 §3.1.
    public = PrivateKey(Algorithm.ES256K, (7).to_bytes(32)).public
    jwk = public.to_jwk()
    text = f'{{"crv":"secp256k1","kty":"EC","x":"{jwk["x"]}","y":"{jwk["y"]}"}}'
    assert public.thumbprint == hashlib.sha256(text.encode()).digest()
    jwk = PrivateKey(Algorithm.ES256, (7).to_bytes(32)).public.to_jwk()
    text = f'{{"crv":"P-256","kty":"EC","x":"{jwk["x"]}","y":"{jwk["y"]}"}}'
    assert PublicKey.from_jwk(jwk).thumbprint == hashlib.sha256(text.encode()).digest()


def test_signatures_of_another_length_are_refused(world) -> None:
    for algorithm in Algorithm:
        key = PrivateKey.generate(algorithm)
        signature = key.sign(b"m")
        for wrong in (b"", signature[:63], signature + b"\x00", signature[:32]):
            with world.refused("signature.length", 5):
                key.public.verify(b"m", wrong)


def test_es256k_with_high_s_is_refused(world) -> None:
    key = PrivateKey.generate(Algorithm.ES256K)
    signature = key.sign(b"m")
    high = (SECP256K1_ORDER - int.from_bytes(signature[32:])).to_bytes(32)
    with world.refused("signature.high_s", 5):
        key.public.verify(b"m", signature[:32] + high)


@pytest.mark.parametrize("number", [0, SECP256K1_ORDER, SECP256K1_ORDER + 1, 2**256 - 1])
def test_es256k_with_r_out_of_range_is_refused(world, number: int) -> None:
    key = PrivateKey.generate(Algorithm.ES256K)
    with world.refused("signature.invalid", 5):
        key.public.verify(b"m", number.to_bytes(32) + key.sign(b"m")[32:])
    with world.refused("signature.invalid", 5):
        key.public.verify(b"m", key.sign(b"m")[:32] + bytes(32))


def test_another_keys_signature_is_refused(world) -> None:
    for algorithm in Algorithm:
        with world.refused("signature.invalid", 5):
            PrivateKey.generate(algorithm).public.verify(b"m", PrivateKey.generate(algorithm).sign(b"m"))


X = b64url_encode(bytes(31) + b"\x09")
ED25519 = PrivateKey(Algorithm.ED25519, (3).to_bytes(32)).public.to_jwk()
ES256K = PrivateKey(Algorithm.ES256K, (3).to_bytes(32)).public.to_jwk()
ES256 = PrivateKey(Algorithm.ES256, (3).to_bytes(32)).public.to_jwk()


@pytest.mark.parametrize(
    ("jwk", "rule"),
    [
        ({"kty": "OKP", "crv": "X25519", "x": X}, "key.curve"),
        ({"kty": "EC", "crv": "P-384", "x": X, "y": X}, "key.curve"),
        ({"kty": "EC", "crv": "Ed25519", "x": X}, "key.curve"),
        ({}, "key.curve"),
        (ED25519 | {"alg": "Ed25519"}, "key.members"),
        (ED25519 | {"d": X}, "key.members"),
        ({"kty": "OKP", "crv": "Ed25519"}, "key.members"),
        ({name: ES256K[name] for name in ("kty", "crv", "x")}, "key.members"),
        (ED25519 | {"x": b64url_encode(bytes(31))}, "key.length"),
        (ED25519 | {"x": b64url_encode(bytes(33))}, "key.length"),
        (ES256K | {"x": b64url_encode(bytes(31))}, "key.length"),
        (ES256K | {"y": ES256K["x"]}, "key.point"),
        (ES256 | {"y": ES256["x"]}, "key.point"),
        (ES256 | {"crv": "secp256k1"}, "key.point"),
        (ES256K | {"crv": "P-256"}, "key.point"),
        (ES256 | {"kid": X}, "key.members"),
        (ES256 | {"y": b64url_encode(bytes(33))}, "key.length"),
        (ES256K | {"x": b64url_encode(b"\xff" * 32)}, "key.point"),
    ],
)
def test_jwks_of_another_form_are_refused(world, jwk: dict[str, object], rule: str) -> None:
    with world.refused(rule, 9):
        PublicKey.from_jwk(jwk)


def test_raw_keys_of_another_length_are_refused(world) -> None:
    for algorithm, size in ((Algorithm.ED25519, 33), (Algorithm.ES256K, 32), (Algorithm.ES256, 65)):
        with world.refused("key.length", 9):
            PublicKey(algorithm, b"\x02" + bytes(size - 1))
        with world.refused("key.length", 9):
            PrivateKey(algorithm, bytes(size + 1))
    for algorithm, order in ((Algorithm.ES256K, SECP256K1_ORDER), (Algorithm.ES256, P256_ORDER)):
        for first in (b"\x00", b"\x04", b"\x06"):
            with world.refused("key.point", 9):
                PublicKey(algorithm, first + bytes(32))
        for number in (0, order, 2**256 - 1):
            with world.refused("key.scalar", 0):
                PrivateKey(algorithm, number.to_bytes(32))


def test_generated_keys_differ_and_hide_their_secret() -> None:
    for algorithm in Algorithm:
        one, two = PrivateKey.generate(algorithm), PrivateKey.generate(algorithm)
        assert one.raw != two.raw
        assert one.raw.hex() not in repr(one)
        assert b64url_encode(one.raw) not in repr(one)


@given(st.sets(st.sampled_from(list(Purpose)), min_size=1))
def test_purposes_round_trip_in_the_order_of_their_bits(chosen: set[Purpose]) -> None:
    purposes = Purpose(0)
    for purpose in chosen:
        purposes |= purpose
    assert Purpose.parse(purposes.names()) == purposes
    assert len(purposes.names()) == len(chosen)


def test_purpose_bits_are_those_of_the_registry_contract() -> None:
    assert {p.names()[0]: int(p) for p in Purpose} == {
        "device": 1,
        "statement": 2,
        "asset": 4,
        "administration": 8,
    }


@pytest.mark.parametrize(
    ("names", "rule"),
    [
        (["trade"], "purposes.unknown"),
        (["Device"], "purposes.unknown"),
        ([1], "purposes.unknown"),
        ([["device"]], "purposes.unknown"),
        ([], "purposes.order"),
        ("device", "purposes.order"),
        (["asset", "statement"], "purposes.order"),
        (["device", "device"], "purposes.order"),
    ],
)
def test_other_purposes_are_refused(world, names: object, rule: str) -> None:
    with world.refused(rule, 9):
        Purpose.parse(names)
