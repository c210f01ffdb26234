"""Public and private keys of the three algorithms, the purposes they have and the kinds of their holders.

Which signatures an algorithm accepts is said and done in :mod:`attestation.curves`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from typing import Protocol

from attestation.curves import COORDINATE_BYTES, SECRET_BYTES, SIGNATURE_BYTES, PublicHalf, SecretHalf
from attestation.curves.ed25519 import Ed25519Public, Ed25519Secret
from attestation.curves.p256 import P256Public, P256Secret
from attestation.curves.secp256k1 import ORDER as SECP256K1_ORDER
from attestation.curves.secp256k1 import Secp256k1Public, Secp256k1Secret
from attestation.encoding import b64url_decode, b64url_encode
from attestation.errors import AttestationError
from attestation.refusals import refuse

__all__ = [
    "SECP256K1_ORDER",
    "SIGNATURE_BYTES",
    "Algorithm",
    "Kind",
    "PrivateKey",
    "PublicKey",
    "Purpose",
    "Signer",
]


class Algorithm(StrEnum):
    """The JWS ``alg`` values: ``Ed25519`` (RFC 9864 §2.2), ``ES256K`` (RFC 8812 §3.2), ``ES256`` (RFC 7518 §3.4)."""

    ED25519 = "Ed25519"
    ES256K = "ES256K"
    ES256 = "ES256"


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

_CURVES = {
    Algorithm.ED25519: ("OKP", "Ed25519"),
    Algorithm.ES256K: ("EC", "secp256k1"),
    Algorithm.ES256: ("EC", "P-256"),
}
"""``kty`` and ``crv`` of the JWK."""
_BY_CURVE = {curve: algorithm for algorithm, curve in _CURVES.items()}
_COORDINATES = {"OKP": ("x",), "EC": ("x", "y")}

_PUBLIC: dict[Algorithm, type[Ed25519Public | Secp256k1Public | P256Public]] = {
    Algorithm.ED25519: Ed25519Public,
    Algorithm.ES256K: Secp256k1Public,
    Algorithm.ES256: P256Public,
}
_SECRET: dict[Algorithm, type[Ed25519Secret | Secp256k1Secret | P256Secret]] = {
    Algorithm.ED25519: Ed25519Secret,
    Algorithm.ES256K: Secp256k1Secret,
    Algorithm.ES256: P256Secret,
}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: ``raw`` is the 32 bytes of Ed25519, or the 33 bytes of a compressed point of secp256k1 or P-256.

    Raises SchemaRefused (``key.length``, ``key.point``) for bytes that are no usable key.
    """

    algorithm: Algorithm
    raw: bytes
    thumbprint: bytes = field(init=False, compare=False, repr=False)
    """SHA-256 JWK thumbprint (RFC 7638), 32 bytes."""
    kid_name: str = field(init=False, compare=False, repr=False)
    """The thumbprint in base64url: the part of ``kid`` after ``#``."""
    _half: PublicHalf = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_half", _PUBLIC[self.algorithm](self.raw))
        members = ",".join(f'"{name}":"{value}"' for name, value in self.to_jwk().items())
        object.__setattr__(self, "thumbprint", hashlib.sha256(f"{{{members}}}".encode()).digest())
        object.__setattr__(self, "kid_name", b64url_encode(self.thumbprint))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, object]) -> PublicKey:
        """A key from its JWK (RFC 7517, RFC 7518 §6.2, RFC 8037 §2, RFC 8812 §3.1), which has exactly the members
        that the thumbprint is made of. Raises SchemaRefused (``key.*``, ``base64url.*``)."""
        algorithm = _BY_CURVE.get((str(jwk.get("kty")), str(jwk.get("crv"))))
        if algorithm is None:
            raise refuse("key.curve", f"kty {jwk.get('kty')}, crv {jwk.get('crv')}")
        names = _COORDINATES[_CURVES[algorithm][0]]
        if set(jwk) != {"crv", "kty", *names}:
            raise refuse("key.members", ", ".join(sorted(map(str, jwk))), ", ".join(("crv", "kty", *names)))
        coordinates = [b64url_decode(str(jwk[name]), step=9) for name in names]
        for coordinate in coordinates:
            if len(coordinate) != COORDINATE_BYTES:
                raise refuse("key.length", coordinate.hex(), f"{COORDINATE_BYTES} bytes")
        if algorithm is Algorithm.ED25519:
            return cls(algorithm, coordinates[0])
        curve = Secp256k1Public if algorithm is Algorithm.ES256K else P256Public
        return cls(algorithm, curve.from_coordinates(*coordinates).raw)

    def to_jwk(self) -> dict[str, str]:
        """The JWK with its required members only, in lexicographic order."""
        kty, crv = _CURVES[self.algorithm]
        values = map(b64url_encode, self._half.coordinates)
        return {"crv": crv, "kty": kty} | dict(zip(_COORDINATES[kty], values, strict=True))

    def __reduce__(self) -> tuple[type[PublicKey], tuple[Algorithm, bytes]]:
        """Copied and sent to other processes as its bytes: parsed keys of the libraries cannot be."""
        return type(self), (self.algorithm, self.raw)

    @property
    def on_chain(self) -> bytes:
        """The key as the registry contract takes it: the 32 bytes of Ed25519, or ``x || y``, 64 bytes."""
        return b"".join(self._half.coordinates)

    @property
    def evm_address(self) -> bytes | None:
        """The 20-byte account address of a secp256k1 key; None for the others."""
        return self._half.evm_address if isinstance(self._half, Secp256k1Public) else None

    def verify(self, message: bytes, signature: bytes) -> None:
        """Accept the 64-byte signature over ``message`` or raise SignatureRefused
        (``signature.length``, ``signature.high_s``, ``signature.invalid``)."""
        if len(signature) != SIGNATURE_BYTES:
            raise refuse("signature.length", len(signature))
        self._half.verify(message, signature)


class PrivateKey:
    """A private key: ``raw`` is the 32-byte Ed25519 seed or the 32-byte scalar, big-endian.

    Warning: it lives in memory as ordinary bytes; ``repr`` never shows it.
    """

    __slots__ = ("_half", "_secret", "algorithm", "public")

    def __init__(self, algorithm: Algorithm, raw: bytes) -> None:
        if len(raw) != SECRET_BYTES:
            raise refuse("key.length", f"{len(raw)} bytes", f"{SECRET_BYTES} bytes")
        self.algorithm = algorithm
        self._secret = raw
        self._half: SecretHalf = _SECRET[algorithm](raw)
        self.public = PublicKey(algorithm, self._half.public.raw)

    @classmethod
    def generate(cls, algorithm: Algorithm) -> PrivateKey:
        """A new key from the operating system's random source."""
        while True:
            try:
                return cls(algorithm, secrets.token_bytes(SECRET_BYTES))
            except AttestationError:  # a number that is no scalar: about once in 2^32 keys of P-256
                continue

    @property
    def raw(self) -> bytes:
        """The 32 secret bytes, for encrypted key files only."""
        return self._secret

    def sign(self, message: bytes) -> bytes:
        """64 bytes: Ed25519, or ``r || s`` over SHA-256 with a nonce by RFC 6979, and low ``s`` for ES256K."""
        return self._half.sign(message)

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes ``r || s || v`` with ``v`` 27 or 28 over a 32-byte digest; ES256K keys only.

        Raises KeyRefused (``key.algorithm``) for a key of another algorithm."""
        if not isinstance(self._half, Secp256k1Secret):
            raise refuse("key.algorithm", self.algorithm, "ES256K")
        return self._half.sign_digest(digest)

    def __repr__(self) -> str:
        return f"PrivateKey({self.algorithm}, public {self.public.kid_name})"


class Signer(Protocol):
    """Whatever signs statements with a key: :class:`PrivateKey`, or a device that keeps its key."""

    @property
    def public(self) -> PublicKey: ...

    def sign(self, message: bytes) -> bytes:
        """64 bytes over the message."""
