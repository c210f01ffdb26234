"""The three signature algorithms, one file each: how a public key is read, and which signatures it accepts.

Every :class:`PublicHalf` accepts 64 bytes and nothing longer or shorter; each file says what else its rule is.
"""

from __future__ import annotations

from typing import Protocol

SIGNATURE_BYTES = 64
SECRET_BYTES = 32
COORDINATE_BYTES = 32


class PublicHalf(Protocol):
    """A parsed public key, kept so that no signature pays for parsing it again."""

    @property
    def raw(self) -> bytes:
        """The one encoding that this package uses for the key."""

    @property
    def coordinates(self) -> tuple[bytes, ...]:
        """``x``, or ``x`` and ``y``, of the JWK, 32 bytes each."""

    def verify(self, message: bytes, signature: bytes) -> None:
        """Accept the 64 bytes or raise SignatureRefused (``signature.high_s``, ``signature.invalid``)."""


class SecretHalf(Protocol):
    """A parsed private key."""

    @property
    def public(self) -> PublicHalf:
        """Its public half."""

    def sign(self, message: bytes) -> bytes:
        """64 bytes over the message, the same each time."""
