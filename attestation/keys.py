"""Public and private keys: Ed25519 (RFC 8032, RFC 8037) and secp256k1 for ES256K (RFC 8812).

One acceptance rule per algorithm, frozen by vectors:

* Ed25519 by libsodium: canonical encodings only, no point of small order, S below the group order,
  cofactorless; a public key must also lie in the prime-order subgroup.
* ES256K: 64 bytes ``r || s`` big-endian with ``s`` at most half the group order.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from typing import Protocol

import coincurve
import nacl.bindings
import nacl.exceptions
import nacl.signing
from eth_utils.crypto import keccak

from attestation.encoding import b64url_decode, b64url_encode
from attestation.refusals import refuse

SECP256K1_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
SIGNATURE_BYTES = 64


class Algorithm(StrEnum):
    """The JWS ``alg`` values: ``Ed25519`` (RFC 9864 §2.2) and ``ES256K`` (RFC 8812 §3.2)."""

    ED25519 = "Ed25519"
    ES256K = "ES256K"


class Kind(StrEnum):
    """What an identifier names."""

    PARK = "park"
    ENTERPRISE = "enterprise"
    DEVICE = "device"
    VERIFIER = "verifier"
    REGULATOR = "regulator"
    PERSON = "person"


class Purpose(IntFlag):
    """What a key may sign; the bits are those of the registry contract's ``uint8 purposes``."""

    DEVICE = 1
    STATEMENT = 2
    ASSET = 4
    ADMINISTRATION = 8

    def names(self) -> tuple[str, ...]:
        """The names in the order of the bits, lowercase."""
        return tuple(_PURPOSE_NAMES[member] for member in Purpose if member in self)

    @classmethod
    def parse(cls, names: object) -> Purpose:
        """Purposes from their names, each once and in the order of the bits.

        Raises SchemaRefused (``purposes.unknown``, ``purposes.order``).
        """
        listed = list(names) if isinstance(names, list | tuple) else []
        result = cls(0)
        for name in listed:
            member = _PURPOSES_BY_NAME.get(name) if isinstance(name, str) else None
            if member is None:
                raise refuse("purposes.unknown", name)
            result |= member
        if not listed or list(result.names()) != listed:
            raise refuse("purposes.order", names)
        return result


_PURPOSE_NAMES = {member: str(member.name).lower() for member in Purpose}
_PURPOSES_BY_NAME = {name: member for member, name in _PURPOSE_NAMES.items()}

_JWK_MEMBERS = {
    Algorithm.ED25519: ("crv", "kty", "x"),
    Algorithm.ES256K: ("crv", "kty", "x", "y"),
}
_JWK_CURVES = {("OKP", "Ed25519"): Algorithm.ED25519, ("EC", "secp256k1"): Algorithm.ES256K}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: ``raw`` is the 32 bytes of Ed25519, or the 33 bytes of a compressed secp256k1 point.

    Raises SchemaRefused (``key.length``, ``key.point``) for bytes that are no usable key.
    """

    algorithm: Algorithm
    raw: bytes
    thumbprint: bytes = field(init=False, compare=False, repr=False)
    """SHA-256 JWK thumbprint (RFC 7638), 32 bytes."""
    kid_name: str = field(init=False, compare=False, repr=False)
    """The thumbprint in base64url: the part of ``kid`` after ``#``."""
    _point: coincurve.PublicKey | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        point = None
        if self.algorithm is Algorithm.ED25519:
            if len(self.raw) != 32:
                raise refuse("key.length", self.raw.hex(), "32 bytes")
            if not nacl.bindings.crypto_core_ed25519_is_valid_point(self.raw):
                raise refuse("key.point", self.raw.hex())
        else:
            if len(self.raw) != 33:
                raise refuse("key.length", self.raw.hex(), "33 bytes, compressed")
            try:
                point = coincurve.PublicKey(self.raw)
            except ValueError:
                raise refuse("key.point", self.raw.hex()) from None
        object.__setattr__(self, "_point", point)
        jwk = self.to_jwk()
        members = ",".join(f'"{name}":"{jwk[name]}"' for name in _JWK_MEMBERS[self.algorithm])
        object.__setattr__(self, "thumbprint", hashlib.sha256(f"{{{members}}}".encode()).digest())
        object.__setattr__(self, "kid_name", b64url_encode(self.thumbprint))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, object]) -> PublicKey:
        """A key from its JWK (RFC 7517, RFC 8037 §2, RFC 8812 §3.1), which has exactly the members that the
        thumbprint is made of. Raises SchemaRefused (``key.*``, ``base64url.*``)."""
        algorithm = _JWK_CURVES.get((str(jwk.get("kty")), str(jwk.get("crv"))))
        if algorithm is None:
            raise refuse("key.curve", f"kty {jwk.get('kty')}, crv {jwk.get('crv')}")
        names = _JWK_MEMBERS[algorithm]
        if set(jwk) != set(names):
            raise refuse("key.members", ", ".join(sorted(map(str, jwk))), ", ".join(names))
        coordinates = [b64url_decode(str(jwk[name]), step=9) for name in names[2:]]
        for coordinate in coordinates:
            if len(coordinate) != 32:
                raise refuse("key.length", coordinate.hex(), "32 bytes")
        if algorithm is Algorithm.ED25519:
            return cls(algorithm, coordinates[0])
        try:
            point = coincurve.PublicKey(b"\x04" + coordinates[0] + coordinates[1])
        except ValueError:
            raise refuse("key.point", jwk.get("x")) from None
        return cls(algorithm, point.format(compressed=True))

    def to_jwk(self) -> dict[str, str]:
        """The JWK with its required members only, in lexicographic order."""
        if self._point is None:
            return {"crv": "Ed25519", "kty": "OKP", "x": b64url_encode(self.raw)}
        whole = self._point.format(compressed=False)
        return {
            "crv": "secp256k1",
            "kty": "EC",
            "x": b64url_encode(whole[1:33]),
            "y": b64url_encode(whole[33:]),
        }

    @property
    def evm_address(self) -> bytes | None:
        """The 20-byte account address of a secp256k1 key; None for Ed25519."""
        if self._point is None:
            return None
        return keccak(self._point.format(compressed=False)[1:])[-20:]

    def verify(self, message: bytes, signature: bytes) -> None:
        """Accept the 64-byte signature over ``message`` or raise SignatureRefused
        (``signature.length``, ``signature.high_s``, ``signature.invalid``)."""
        if len(signature) != SIGNATURE_BYTES:
            raise refuse("signature.length", len(signature))
        if self._point is None:
            try:
                nacl.bindings.crypto_sign_open(signature + message, self.raw)
            except nacl.exceptions.BadSignatureError:
                raise refuse("signature.invalid", signature.hex()) from None
            return
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        if s > SECP256K1_ORDER // 2:
            raise refuse("signature.high_s", signature[32:].hex())
        if not 0 < r < SECP256K1_ORDER or s == 0 or not self._point.verify(_der(r, s), message):
            raise refuse("signature.invalid", signature.hex())


def _der(r: int, s: int) -> bytes:
    parts = b""
    for number in (r, s):
        body = number.to_bytes(number.bit_length() // 8 + 1)
        parts += bytes((2, len(body))) + body
    return bytes((48, len(parts))) + parts


class PrivateKey:
    """A private key: ``raw`` is the 32-byte Ed25519 seed or the 32-byte secp256k1 scalar, big-endian.

    Warning: it lives in memory as ordinary bytes; ``repr`` never shows it.
    """

    __slots__ = ("_secp", "_secret", "_sodium", "algorithm", "public")

    def __init__(self, algorithm: Algorithm, raw: bytes) -> None:
        if len(raw) != 32:
            raise refuse("key.length", f"{len(raw)} bytes", "32 bytes")
        self.algorithm = algorithm
        self._secret = raw
        self._secp: coincurve.PrivateKey | None = None
        self._sodium: nacl.signing.SigningKey | None = None
        if algorithm is Algorithm.ED25519:
            self._sodium = nacl.signing.SigningKey(raw)
            self.public = PublicKey(algorithm, bytes(self._sodium.verify_key))
            return
        if not 0 < int.from_bytes(raw) < SECP256K1_ORDER:
            raise refuse("key.scalar", "out of range")
        self._secp = coincurve.PrivateKey(raw)
        self.public = PublicKey(algorithm, self._secp.public_key.format(compressed=True))

    @classmethod
    def generate(cls, algorithm: Algorithm) -> PrivateKey:
        """A new key from the operating system's random source."""
        while True:
            raw = secrets.token_bytes(32)
            if algorithm is Algorithm.ED25519 or 0 < int.from_bytes(raw) < SECP256K1_ORDER:
                return cls(algorithm, raw)

    @property
    def raw(self) -> bytes:
        """The 32 secret bytes, for encrypted key files only."""
        return self._secret

    def sign(self, message: bytes) -> bytes:
        """64 bytes: Ed25519, or ``r || s`` over SHA-256 with low ``s`` and a nonce by RFC 6979."""
        if self._sodium is not None:
            return self._sodium.sign(message).signature
        return self.sign_digest(hashlib.sha256(message).digest())[:SIGNATURE_BYTES]

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes ``r || s || v`` with ``v`` 27 or 28 over a 32-byte digest; ES256K keys only.

        Raises KeyRefused (``key.algorithm``) for an Ed25519 key."""
        if self._secp is None:
            raise refuse("key.algorithm", self.algorithm, "ES256K")
        if len(digest) != 32:
            raise ValueError(f"a digest has 32 bytes, not {len(digest)}")
        signature = self._secp.sign_recoverable(digest, hasher=None)
        return signature[:SIGNATURE_BYTES] + bytes((27 + signature[64],))

    def __repr__(self) -> str:
        return f"PrivateKey({self.algorithm}, public {self.public.kid_name})"


class Signer(Protocol):
    """Whatever signs statements with a key: :class:`PrivateKey`, or a device that keeps its key."""

    @property
    def public(self) -> PublicKey: ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes over the message."""
