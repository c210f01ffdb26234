"""Ed25519 (RFC 8032, RFC 8037) by libsodium's rule, which the vectors in ``tests/vectors/attestation`` freeze.

Canonical encodings only, no point of small order, S below the group order, the equation without cofactor; a public
key must also lie in the prime-order subgroup.
"""

from __future__ import annotations

import nacl.bindings
import nacl.exceptions
import nacl.signing

from attestation.refusals import refuse


class Ed25519Public:
    """A public key of 32 bytes. Raises SchemaRefused (``key.length``, ``key.point``)."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) != 32:
            raise refuse("key.length", raw.hex(), "32 bytes")
        if not nacl.bindings.crypto_core_ed25519_is_valid_point(raw):
            raise refuse("key.point", raw.hex())
        self.raw = raw

    @property
    def coordinates(self) -> tuple[bytes, ...]:
        """``x`` of the JWK: the key itself (RFC 8037 §2)."""
        return (self.raw,)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Accept or raise SignatureRefused (``signature.invalid``)."""
        try:
            nacl.bindings.crypto_sign_open(signature + message, self.raw)
        except nacl.exceptions.BadSignatureError:
            raise refuse("signature.invalid", signature.hex()) from None


class Ed25519Secret:
    """A private key: the 32-byte seed."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: bytes) -> None:
        self._key = nacl.signing.SigningKey(seed)
        self.public = Ed25519Public(bytes(self._key.verify_key))

    def sign(self, message: bytes) -> bytes:
        """64 bytes ``R || S``; the nonce follows from key and message (RFC 8032 §5.1.6)."""
        return self._key.sign(message).signature
