"""Signed text (EIP-191, version 0x45, ``personal_sign``): what a wallet signs, and who signed it."""

from __future__ import annotations

import coincurve
from eth_utils.crypto import keccak

from attestation.keys import SECP256K1_ORDER, PrivateKey
from attestation.refusals import refuse

SIGNATURE_BYTES = 65

_RECOVERY = {27: 0, 28: 1, 0: 0, 1: 1}


def message_digest(text: str) -> bytes:
    """The 32 bytes that a wallet signs."""
    data = text.encode()
    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(data)).encode() + data)


def sign_message(text: str, key: PrivateKey) -> bytes:
    """65 bytes ``r || s || v`` by a secp256k1 key."""
    return key.sign_digest(message_digest(text))


def message_signer(text: str, signature: bytes) -> bytes:
    """The 20-byte address that signed. Raises SignatureRefused (``signature.length``, ``signature.high_s``,
    ``signature.invalid``); ``v`` is 27, 28, 0 or 1."""
    if len(signature) != SIGNATURE_BYTES:
        raise refuse("signature.length", len(signature), SIGNATURE_BYTES)
    if int.from_bytes(signature[32:64]) > SECP256K1_ORDER // 2:
        raise refuse("signature.high_s", signature[32:64].hex())
    recovery = _RECOVERY.get(signature[64])
    if recovery is None:
        raise refuse("signature.invalid", f"v {signature[64]}", "v 27, 28, 0 or 1")
    try:
        point = coincurve.PublicKey.from_signature_and_message(
            signature[:64] + bytes((recovery,)), message_digest(text), hasher=None
        )
    except ValueError:
        raise refuse("signature.invalid", signature.hex()) from None
    return keccak(point.format(compressed=False)[1:])[-20:]
