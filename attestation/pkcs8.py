"""Encrypted PKCS#8 (RFC 5958) with scrypt (RFC 7914 §7) and AES-256-CBC (RFC 8018 §6.2), in PEM.

Written out here because the usual writers derive the key with a few thousand rounds of PBKDF2, which a graphics card
guesses through; readers, OpenSSL's among them, know scrypt.
"""

from __future__ import annotations

import base64
import secrets
import textwrap

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

BEGIN = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
END = b"-----END ENCRYPTED PRIVATE KEY-----"

_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_SCRYPT = bytes.fromhex("06092b06010401da47040b")
_AES256_CBC = bytes.fromhex("060960864801650304012a")
_BLOCK_SIZE, _PARALLEL = 8, 5
_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30


def encrypt_pkcs8(plain: bytes, password: bytes, *, cost: int) -> bytes:
    """PEM of the DER ``PrivateKeyInfo`` encrypted; ``cost`` is scrypt's N, a power of two (r = 8, p = 5)."""
    salt, iv = secrets.token_bytes(16), secrets.token_bytes(16)
    key = Scrypt(salt=salt, length=32, n=cost, r=_BLOCK_SIZE, p=_PARALLEL).derive(password)
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    derivation = _tlv(
        _SEQUENCE,
        _SCRYPT + _tlv(_SEQUENCE, _tlv(_OCTETS, salt) + _integer(cost) + _integer(_BLOCK_SIZE) + _integer(_PARALLEL)),
    )
    scheme = _tlv(_SEQUENCE, _AES256_CBC + _tlv(_OCTETS, iv))
    algorithm = _tlv(_SEQUENCE, _PBES2 + _tlv(_SEQUENCE, derivation + scheme))
    der = _tlv(_SEQUENCE, algorithm + _tlv(_OCTETS, sealed))
    lines = textwrap.wrap(base64.b64encode(der).decode("ascii"), 64)
    return b"\n".join((BEGIN, *(line.encode("ascii") for line in lines), END, b""))


def _tlv(tag: int, body: bytes) -> bytes:
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + body


def _integer(value: int) -> bytes:
    return _tlv(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1))
