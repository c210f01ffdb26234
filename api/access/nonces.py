"""Nonces of sign-in: made without a row in the store, checked by any process of the service, spent once.

A nonce is 64 hexadecimal digits: when it expires (5 bytes, unix seconds), 11 random bytes, and a MAC over both with a
key that all processes of one log derive from the log key. So a stranger cannot fill the store by asking for nonces, and
EIP-4361's demand (letters and digits, at least eight) is met.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

NONCE_SECONDS = 300
_TIME_BYTES, _RANDOM_BYTES, _MAC_BYTES = 5, 11, 16
_HEX_DIGITS = 2 * (_TIME_BYTES + _RANDOM_BYTES + _MAC_BYTES)


class Nonces:
    """Makes and checks nonces. ``secret``: the log key's 32 secret bytes; only a digest of them is kept."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.sha256(b"tanlu sign-in nonces\x00" + secret).digest()

    def make(self, now: int) -> tuple[str, int]:
        """A nonce and when it expires, unix seconds."""
        expires_at = now + NONCE_SECONDS
        head = expires_at.to_bytes(_TIME_BYTES, "big") + secrets.token_bytes(_RANDOM_BYTES)
        return (head + self._mac(head)).hex(), expires_at

    def expiry(self, nonce: str) -> int | None:
        """When a nonce of this service expires; None for one that it never made."""
        if len(nonce) != _HEX_DIGITS or not nonce.isascii() or nonce != nonce.lower():
            return None
        try:
            raw = bytes.fromhex(nonce)
        except ValueError:
            return None
        head, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if len(head) != _TIME_BYTES + _RANDOM_BYTES or not hmac.compare_digest(mac, self._mac(head)):
            return None
        return int.from_bytes(head[:_TIME_BYTES], "big")

    def _mac(self, head: bytes) -> bytes:
        return hmac.digest(self._key, head, "sha256")[:_MAC_BYTES]
