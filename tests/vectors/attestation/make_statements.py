"""Makes `statements.json` beside this file: `python make_statements.py`.

Shares no code with the package: JSON, base64 and hashes are the standard library's, signatures come from PyNaCl,
coincurve and cryptography. Each vector is named by what was done to a good entry. The result is the same in every run.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import coincurve
import nacl.signing
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

LOG = "park.example/log/" + "5a" * 32
OTHER_LOG = "park.example/log/" + "5b" * 32
ISS = "88.608.5288/META_x"
NOW = 1_700_000_000
N = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
P256_N = 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


ED25519 = nacl.signing.SigningKey(hashlib.sha256(b"tanlu ed25519").digest())
ES256K = coincurve.PrivateKey(hashlib.sha256(b"tanlu es256k").digest())
ES256 = ec.derive_private_key(int.from_bytes(hashlib.sha256(b"tanlu es256").digest(), "big"), ec.SECP256R1())
ES256_NUMBERS = ES256.public_key().public_numbers()
POINT = ES256K.public_key.format(compressed=False)
JWKS = {
    "Ed25519": {"crv": "Ed25519", "kty": "OKP", "x": b64(bytes(ED25519.verify_key))},
    "ES256K": {"crv": "secp256k1", "kty": "EC", "x": b64(POINT[1:33]), "y": b64(POINT[33:])},
    "ES256": {
        "crv": "P-256",
        "kty": "EC",
        "x": b64(ES256_NUMBERS.x.to_bytes(32, "big")),
        "y": b64(ES256_NUMBERS.y.to_bytes(32, "big")),
    },
}
KIDS = {alg: f"{ISS}#{b64(hashlib.sha256(compact(jwk)).digest())}" for alg, jwk in JWKS.items()}
BODY = {"from": "2018-01-01T00:00:00+09:00", "to": "2018-01-01T00:15:00+09:00", "quantity": "3.17", "unit": "kWh"}
PAYLOAD = {
    "v": 1,
    "type": "reading",
    "log": LOG,
    "iss": ISS,
    "iat": NOW,
    "stream": "electricity",
    "seq": 1,
    "body": BODY,
}


def sign(alg: str, message: bytes) -> bytes:
    if alg == "Ed25519":
        return ED25519.sign(message).signature
    if alg == "ES256":
        signed = ES256.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        return b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(signed))
    return ES256K.sign_recoverable(message)[:64]


def entry(
    alg: str = "Ed25519",
    *,
    header: object = None,
    payload: object = None,
    signature: object = None,
    encoded: tuple[str | None, str | None, str | None] = (None, None, None),
) -> str:
    """A compact JWS; `header` and `payload` are objects or bytes, `encoded` replaces parts as they are written."""
    head = {"alg": alg, "kid": KIDS[alg], "typ": "tanlu-reading+jws"} if header is None else header
    body = PAYLOAD if payload is None else payload
    parts = [part if isinstance(part, bytes) else compact(part) for part in (head, body)]
    first, second = (given or b64(part) for given, part in zip(encoded[:2], parts, strict=True))
    made = sign(alg, f"{first}.{second}".encode())
    if callable(signature):
        made = signature(made)
    return f"{first}.{second}.{encoded[2] if encoded[2] is not None else b64(made)}"


def head(alg: str = "Ed25519", **changed: object) -> dict[str, object]:
    members = {"alg": alg, "kid": KIDS[alg], "typ": "tanlu-reading+jws"} | changed
    return {name: value for name, value in members.items() if value is not ...}


def text(old: str, new: str) -> bytes:
    whole = compact(PAYLOAD).decode()
    assert old in whole
    return whole.replace(old, new, 1).encode()


def statement_vectors() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []

    def good(name: str, alg: str, made: str) -> None:
        signing_input = made.rpartition(".")[0].encode()
        rows.append(
            {
                "name": name,
                "key": JWKS[alg],
                "entry": made,
                "statement_id": hashlib.sha256(signing_input).hexdigest(),
                "leaf_hash": hashlib.sha256(b"\0" + made.encode()).hexdigest(),
            }
        )

    def bad(name: str, step: int, rule: str, made: str, alg: str = "Ed25519") -> None:
        rows.append({"name": name, "key": JWKS[alg], "entry": made, "step": step, "rule": rule})

    good("good-ed25519", "Ed25519", entry())
    good("good-es256k", "ES256K", entry("ES256K"))
    good("good-es256", "ES256", entry("ES256"))
    good("good-es256-other-s", "ES256", entry("ES256", signature=_other_s))
    good("good-members-reordered", "Ed25519", entry(payload=dict(reversed(PAYLOAD.items()))))
    good("good-with-spaces", "Ed25519", entry(payload=json.dumps(PAYLOAD, indent=1).encode()))
    plain = entry()
    first, second, third = plain.split(".")
    bad("no-signature-part", 1, "entry.parts", f"{first}.{second}")
    bad("empty-signature", 1, "entry.parts", f"{first}.{second}.")
    bad("four-parts", 1, "entry.parts", plain + ".AA")
    bad("truncated-by-one", 1, "base64url.length", plain[:-1])
    bad("truncated-by-two", 5, "signature.length", plain[:-2])
    bad("padded", 1, "base64url.padding", plain + "==")
    bad("standard-base64-alphabet", 1, "base64url.alphabet", f"{first}.{second}.+{third[1:]}")
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    respelt = last[last.index(third[-1]) + 1]
    bad("signature-respelt", 1, "base64url.trailing_bits", f"{first}.{second}.{third[:-1]}{respelt}")
    bad("line-break", 1, "base64url.alphabet", plain + "\n")
    bad("alg-none", 1, "header.alg_none", entry(header=head() | {"alg": "none"}))
    bad("alg-unknown", 1, "header.alg", entry(header=head() | {"alg": "EdDSA"}))
    bad("crit", 1, "header.crit", entry(header=head(crit=["exp"])))
    bad("header-member-added", 1, "header.members", entry(header=head(jku="https://key.example")))
    bad("header-member-missing", 1, "header.members", entry(header=head(typ=...)))
    twice = f'{{"alg":"none","alg":"Ed25519","kid":"{KIDS["Ed25519"]}","typ":"tanlu-reading+jws"}}'
    bad("header-member-twice", 1, "json.duplicate_key", entry(header=twice.encode()))
    bad("typ-of-no-statement", 1, "header.typ", entry(header=head(typ="tanlu-promise+jws")))
    bad("kid-without-key", 1, "header.kid", entry(header=head(kid=ISS)))
    bad(
        "kid-with-control-character",
        1,
        "identifier.characters",
        entry(header=head(kid=KIDS["Ed25519"].replace("_x", "\0x"))),
    )
    bad("payload-not-json", 2, "json.syntax", entry(payload=b"reading"))
    bad("payload-bad-utf8", 2, "json.utf8", entry(payload=text("3.17", "3,17").replace(b",17", b"\xff17")))
    bad("member-twice", 2, "json.duplicate_key", entry(payload=text('"seq":1', '"seq":1,"seq":1')))
    bad("body-member-twice", 2, "json.duplicate_key", entry(payload=text('"unit":"kWh"', '"unit":"kWh","unit":"MWh"')))
    bad("float-for-decimal-string", 2, "json.float", entry(payload=text('"3.17"', "3.17")))
    bad("exponent-for-integer", 2, "json.float", entry(payload=text('"seq":1', '"seq":1e0')))
    bad("nan", 2, "json.nan", entry(payload=text('"3.17"', "NaN")))
    bad("null", 2, "json.null", entry(payload=text('"3.17"', "null")))
    bad("half-surrogate", 2, "json.surrogate", entry(payload=text("kWh", "\\ud800")))
    bad("integer-beyond-2-53", 2, "json.integer", entry(payload=text('"seq":1', f'"seq":{2**53}')))
    bad("nested-deeply", 2, "json.depth", entry(payload=text('"3.17"', "[" * 40 + "]" * 40)))
    bad("member-unknown", 2, "envelope.unknown_field", entry(payload=PAYLOAD | {"nbf": 1}))
    bad("member-missing", 2, "envelope.missing_field", entry(payload={k: v for k, v in PAYLOAD.items() if k != "iat"}))
    bad("version-2", 2, "envelope.v", entry(payload=PAYLOAD | {"v": 2}))
    bad("type-not-typ", 2, "envelope.type", entry(payload=PAYLOAD | {"type": "close"}))
    bad("other-deployment", 2, "envelope.log", entry(payload=PAYLOAD | {"log": OTHER_LOG}))
    bad("iss-not-kid", 2, "envelope.iss", entry(payload=PAYLOAD | {"iss": "88.608.5288/META_y"}))
    bad("seq-zero", 2, "envelope.seq", entry(payload=PAYLOAD | {"seq": 0}))
    bad("stream-uppercase", 2, "envelope.stream", entry(payload=PAYLOAD | {"stream": "Electricity"}))
    bad("alg-not-of-the-key", 4, "key.algorithm", entry(header=head() | {"alg": "ES256K"}))
    bad("es256-for-es256k", 4, "key.algorithm", entry(header=head("ES256K") | {"alg": "ES256"}), "ES256K")
    for alg in ("Ed25519", "ES256K", "ES256"):
        name = alg.lower()
        bad(f"{name}-signature-short", 5, "signature.length", entry(alg, signature=lambda s: s[:63]), alg)
        bad(f"{name}-signature-long", 5, "signature.length", entry(alg, signature=lambda s: s + b"\0"), alg)
        bad(
            f"{name}-signature-bit",
            5,
            "signature.invalid",
            entry(alg, signature=lambda s: bytes((s[0] ^ 1,)) + s[1:]),
            alg,
        )
        bad(f"{name}-payload-changed", 5, "signature.invalid", _swapped(alg), alg)
    bad("es256k-high-s", 5, "signature.high_s", entry("ES256K", signature=_high), "ES256K")
    bad("es256k-zero", 5, "signature.invalid", entry("ES256K", signature=lambda _: bytes(64)), "ES256K")
    bad("es256-zero", 5, "signature.invalid", entry("ES256", signature=lambda _: bytes(64)), "ES256")
    bad("es256-der", 5, "signature.length", entry("ES256", signature=_der), "ES256")
    return rows


def _other_s(signature: bytes) -> bytes:
    return signature[:32] + (P256_N - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")


def _der(signature: bytes) -> bytes:
    return encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))


def _high(signature: bytes) -> bytes:
    return signature[:32] + (N - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")


def _swapped(alg: str) -> str:
    """A good header and signature around a payload whose quantity is 0.01 higher."""
    first, _, third = entry(alg).split(".")
    return f"{first}.{b64(text('3.17', '3.18'))}.{third}"


def files() -> dict[str, str]:
    """The text of each file by its name."""
    content = {"log": LOG, "vectors": statement_vectors()}
    return {"statements.json": json.dumps(content, indent=1, ensure_ascii=False) + "\n"}


if __name__ == "__main__":
    for file_name, content in files().items():
        Path(__file__).with_name(file_name).write_text(content, encoding="utf-8")
