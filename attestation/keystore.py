"""Ethereum keystore version 3 (the Web3 Secret Storage Definition), which wallets read and write.

Written out here because the usual library brings pairing curves with it and computes their constants whenever it is
imported: half a second of every command that signs. Tests compare with it in both directions.
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from eth_utils.crypto import keccak

SCRYPT_COST = 2**18
"""scrypt's N of files that are written, with r = 8 and p = 1: what Ethereum's own clients write."""

_BLOCK_SIZE, _PARALLEL, _DERIVED_BYTES = 8, 1, 32
# A file asks its reader for this work, and somebody else may have written it.
_MOST_MEMORY = 2**30
_MOST_PARALLEL = 16
_MOST_ROUNDS = 10_000_000


class WrongPassword(Exception):
    """The MAC is another one: wrong password, or damaged ciphertext."""


class Damaged(Exception):
    """No keystore of version 3, or one that asks for more work than any wallet does."""


def encrypt_keystore(raw: bytes, address: bytes, password: bytes, *, rounds: int | None = None) -> dict[str, Any]:
    """The keystore of a 32-byte secp256k1 secret and its 20-byte address; ``rounds``: PBKDF2's instead of scrypt."""
    salt, iv = secrets.token_bytes(16), secrets.token_bytes(16)
    parameters: dict[str, Any] = {"dklen": _DERIVED_BYTES, "salt": salt.hex()}
    if rounds is None:
        parameters |= {"n": SCRYPT_COST, "r": _BLOCK_SIZE, "p": _PARALLEL}
    else:
        parameters |= {"c": rounds, "prf": "hmac-sha256"}
    kdf = "scrypt" if rounds is None else "pbkdf2"
    derived = _derived(kdf, parameters, password)
    sealed = _aes_ctr(derived, iv, raw)
    return {
        "address": address.hex(),
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": iv.hex()},
            "ciphertext": sealed.hex(),
            "kdf": kdf,
            "kdfparams": parameters,
            "mac": _mac(derived, sealed).hex(),
        },
        "id": str(uuid.uuid4()),
        "version": 3,
    }


def decrypt_keystore(keystore: Mapping[str, Any], password: bytes) -> bytes:
    """The secret of a keystore as JSON gives it.

    Raises Damaged, WrongPassword; neither shows secret or password.
    """
    try:
        if keystore["version"] != 3:
            raise Damaged(f"version {keystore['version']}")
        crypto = keystore["crypto"]
        sealed, wanted = bytes.fromhex(crypto["ciphertext"]), bytes.fromhex(crypto["mac"])
        iv = bytes.fromhex(crypto["cipherparams"]["iv"])
        if crypto["cipher"] != "aes-128-ctr" or len(wanted) != 32 or len(iv) != 16:
            raise Damaged("another cipher")
        derived = _derived(crypto["kdf"], crypto["kdfparams"], password)
    except (KeyError, TypeError, ValueError, OverflowError, MemoryError):
        raise Damaged("a member is missing or of another form") from None
    if not hmac.compare_digest(_mac(derived, sealed), wanted):
        raise WrongPassword
    return _aes_ctr(derived, iv, sealed)


def _derived(kdf: str, parameters: Mapping[str, Any], password: bytes) -> bytes:
    salt, length = bytes.fromhex(parameters["salt"]), parameters["dklen"]
    if length != _DERIVED_BYTES:
        raise Damaged(f"{length} derived bytes")
    if kdf == "scrypt":
        cost, block, parallel = parameters["n"], parameters["r"], parameters["p"]
        if 128 * cost * block > _MOST_MEMORY or parallel > _MOST_PARALLEL:
            raise Damaged(f"scrypt of n {cost}, r {block}, p {parallel}")
        return Scrypt(salt=salt, length=length, n=cost, r=block, p=parallel).derive(password)
    if kdf == "pbkdf2" and parameters["prf"] == "hmac-sha256":
        rounds = parameters["c"]
        if rounds > _MOST_ROUNDS:
            raise Damaged(f"{rounds} rounds")
        return PBKDF2HMAC(algorithm=SHA256(), length=length, salt=salt, iterations=rounds).derive(password)
    raise Damaged(f"key derivation {kdf}")


def _aes_ctr(derived: bytes, iv: bytes, data: bytes) -> bytes:
    stream = Cipher(algorithms.AES(derived[:16]), modes.CTR(iv)).encryptor()
    return stream.update(data) + stream.finalize()


def _mac(derived: bytes, sealed: bytes) -> bytes:
    return keccak(derived[16:32] + sealed)
