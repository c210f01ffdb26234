"""What ECDSA over both Weierstrass curves shares: ``r || s`` and its DER form (RFC 3279 §2.2.3)."""

from __future__ import annotations

from attestation.curves import COORDINATE_BYTES
from attestation.refusals import refuse


def split(signature: bytes, order: int) -> tuple[int, int]:
    """``r`` and ``s`` of 64 bytes, both from 1 to the order less one. Raises SignatureRefused
    (``signature.invalid``)."""
    r, s = int.from_bytes(signature[:COORDINATE_BYTES]), int.from_bytes(signature[COORDINATE_BYTES:])
    if not 0 < r < order or not 0 < s < order:
        raise refuse("signature.invalid", signature.hex())
    return r, s


def der(r: int, s: int) -> bytes:
    """``ECDSA-Sig-Value``."""
    parts = b""
    for number in (r, s):
        body = number.to_bytes(number.bit_length() // 8 + 1)
        parts += bytes((2, len(body))) + body
    return bytes((48, len(parts))) + parts


def scalar(raw: bytes, order: int) -> int:
    """The number that 32 secret bytes are, from 1 to the order less one. Raises KeyFileRefused (``key.scalar``)."""
    number = int.from_bytes(raw)
    if not 0 < number < order:
        raise refuse("key.scalar", "out of range")
    return number
