"""ES256K (RFC 8812): ECDSA over secp256k1 and SHA-256, ``r || s`` with ``s`` at most half the group order.

Low ``s`` because contracts demand it (EIP-2).
"""

from __future__ import annotations

import hashlib

import coincurve
from eth_utils.crypto import keccak

from attestation.curves import COORDINATE_BYTES, SIGNATURE_BYTES
from attestation.curves.ecdsa import der, scalar, split
from attestation.refusals import refuse

ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141


class Secp256k1Public:
    """A public key: the 33 bytes of a compressed point. Raises SchemaRefused (``key.length``, ``key.point``)."""

    __slots__ = ("_point", "raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != 1 + COORDINATE_BYTES:
            raise refuse("key.length", raw.hex(), "33 bytes, compressed")
        self._point = _point(raw)
        self.raw = raw

    @classmethod
    def from_coordinates(cls, x: bytes, y: bytes) -> Secp256k1Public:
        """The key of a JWK's ``x`` and ``y``. Raises SchemaRefused (``key.point``)."""
        return cls(_point(b"\x04" + x + y).format(compressed=True))

    @property
    def coordinates(self) -> tuple[bytes, ...]:
        """``x`` and ``y``."""
        whole = self._point.format(compressed=False)
        return whole[1:33], whole[33:]

    @property
    def evm_address(self) -> bytes:
        """The 20-byte account address."""
        return keccak(b"".join(self.coordinates))[-20:]

    def verify(self, message: bytes, signature: bytes) -> None:
        """Accept or raise SignatureRefused (``signature.high_s``, ``signature.invalid``)."""
        if int.from_bytes(signature[COORDINATE_BYTES:]) > ORDER // 2:
            raise refuse("signature.high_s", signature[COORDINATE_BYTES:].hex())
        if not self._point.verify(der(*split(signature, ORDER)), message):
            raise refuse("signature.invalid", signature.hex())


class Secp256k1Secret:
    """A private key: the 32-byte scalar. Raises KeyFileRefused (``key.scalar``)."""

    __slots__ = ("_key", "public")

    def __init__(self, raw: bytes) -> None:
        scalar(raw, ORDER)
        self._key = coincurve.PrivateKey(raw)
        self.public = Secp256k1Public(self._key.public_key.format(compressed=True))

    def sign(self, message: bytes) -> bytes:
        """64 bytes, low ``s``, the nonce by RFC 6979."""
        return self.sign_digest(hashlib.sha256(message).digest())[:SIGNATURE_BYTES]

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes ``r || s || v`` with ``v`` 27 or 28 over a 32-byte digest."""
        if len(digest) != 32:
            raise ValueError(f"a digest has 32 bytes, not {len(digest)}")
        signature = self._key.sign_recoverable(digest, hasher=None)
        return signature[:SIGNATURE_BYTES] + bytes((27 + signature[64],))


def _point(encoded: bytes) -> coincurve.PublicKey:
    try:
        return coincurve.PublicKey(encoded)
    except ValueError:
        raise refuse("key.point", encoded.hex()) from None
