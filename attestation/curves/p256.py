"""ES256 (RFC 7518 §3.4): ECDSA over P-256 and SHA-256, ``r || s`` with both from 1 to the group order less one.

A high ``s`` is accepted: the RFC has no rule about it, and the secure elements of meters know none. It changes
nothing, since a statement's id does not depend on its signature.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attestation.curves import COORDINATE_BYTES
from attestation.curves.ecdsa import der, scalar, split
from attestation.refusals import refuse

ORDER = 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551

_CURVE = ec.SECP256R1()
_VERIFYING = ec.ECDSA(SHA256())
# RFC 6979: no signature depends on the random source of a device that just woke up.
_SIGNING = ec.ECDSA(SHA256(), deterministic_signing=True)


class P256Public:
    """A public key: the 33 bytes of a compressed point. Raises SchemaRefused (``key.length``, ``key.point``)."""

    __slots__ = ("_key", "raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != 1 + COORDINATE_BYTES:
            raise refuse("key.length", raw.hex(), "33 bytes, compressed")
        self._key = _point(raw)
        self.raw = raw

    @classmethod
    def from_coordinates(cls, x: bytes, y: bytes) -> P256Public:
        """The key of a JWK's ``x`` and ``y``. Raises SchemaRefused (``key.point``)."""
        return cls(_compressed(_point(b"\x04" + x + y)))

    @property
    def coordinates(self) -> tuple[bytes, ...]:
        """``x`` and ``y``."""
        whole = self._key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return whole[1:33], whole[33:]

    def verify(self, message: bytes, signature: bytes) -> None:
        """Accept or raise SignatureRefused (``signature.invalid``)."""
        try:
            self._key.verify(der(*split(signature, ORDER)), message, _VERIFYING)
        except InvalidSignature:
            raise refuse("signature.invalid", signature.hex()) from None


class P256Secret:
    """A private key: the 32-byte scalar. Raises KeyFileRefused (``key.scalar``)."""

    __slots__ = ("_key", "public")

    def __init__(self, raw: bytes) -> None:
        self._key = ec.derive_private_key(scalar(raw, ORDER), _CURVE)
        self.public = P256Public(_compressed(self._key.public_key()))

    def sign(self, message: bytes) -> bytes:
        """64 bytes, the nonce by RFC 6979, ``s`` as it comes."""
        r, s = decode_dss_signature(self._key.sign(message, _SIGNING))
        return r.to_bytes(COORDINATE_BYTES) + s.to_bytes(COORDINATE_BYTES)


def _compressed(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def _point(encoded: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, encoded)
    except ValueError:
        raise refuse("key.point", encoded.hex()) from None
