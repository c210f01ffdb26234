"""Private keys at rest: encrypted bytes in, encrypted bytes out; reading and writing files is the caller's.

* Ed25519 and ES256: encrypted PKCS#8 in PEM (RFC 5958, RFC 8410, RFC 5915) with scrypt, which OpenSSL reads.
* ES256K: Ethereum keystore version 3, which wallets read.
"""

from __future__ import annotations

import json
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attestation.curves import SECRET_BYTES
from attestation.keys import Algorithm, PrivateKey
from attestation.nesting import hold_nesting
from attestation.pkcs8 import BEGIN, encrypt_pkcs8
from attestation.refusals import refuse

_FAST_ROUNDS = 1_000
_SCRYPT_COST = 2**14
_FAST_SCRYPT_COST = 2**4
# A keystore asks its reader for work, and somebody else may have written it. Wallets ask for 256 MiB.
_MOST_MEMORY = 2**30
_MOST_PARALLEL = 16
_MOST_ROUNDS = 10_000_000


def encrypt(private: PrivateKey, password: str, *, fast: bool = False) -> bytes:
    """The encrypted key file. ``password`` is taken as UTF-8.

    Warning: ``fast`` makes guessing the password cheap; it is for tests and throw-away keys.
    Raises KeyFileRefused (``keyfile.password``) for an empty password.
    """
    if not password:
        raise refuse("keyfile.password", "an empty password", "a password")
    secret = password.encode("utf-8")
    if private.algorithm is not Algorithm.ES256K:
        plain = _library_key(private).private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return encrypt_pkcs8(plain, secret, cost=_FAST_SCRYPT_COST if fast else _SCRYPT_COST)
    # Loaded here: the library computes constants of pairing curves when it is imported, half a second of every command.
    from eth_keyfile.keyfile import create_keyfile_json  # noqa: PLC0415

    hold_nesting()
    if fast:
        keystore = create_keyfile_json(private.raw, secret, kdf="pbkdf2", iterations=_FAST_ROUNDS)
    else:
        keystore = create_keyfile_json(private.raw, secret, kdf="scrypt")
    return json.dumps(keystore, indent=2).encode("utf-8") + b"\n"


def decrypt(data: bytes, password: str) -> PrivateKey:
    """The private key of a key file, its algorithm known by the file's form.

    Raises KeyFileRefused (``keyfile.form``, ``keyfile.password``); neither shows key or password.
    """
    secret = password.encode("utf-8")
    if data.lstrip().startswith(BEGIN):
        return _decrypt_pkcs8(data, secret)
    return _decrypt_keystore(data, secret)


def _library_key(private: PrivateKey) -> Ed25519PrivateKey | ec.EllipticCurvePrivateKey:
    if private.algorithm is Algorithm.ED25519:
        return Ed25519PrivateKey.from_private_bytes(private.raw)
    return ec.derive_private_key(int.from_bytes(private.raw), ec.SECP256R1())


def _decrypt_pkcs8(data: bytes, secret: bytes) -> PrivateKey:
    try:
        key = serialization.load_pem_private_key(data, secret or b"\0")
    except ValueError:
        # OpenSSL cannot tell a wrong password from a damaged file.
        raise refuse("keyfile.password", "a PKCS#8 file") from None
    except UnsupportedAlgorithm:
        raise refuse("keyfile.form", "PKCS#8 of an unknown algorithm") from None
    if isinstance(key, Ed25519PrivateKey):
        return PrivateKey(Algorithm.ED25519, key.private_bytes_raw())
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return PrivateKey(Algorithm.ES256, key.private_numbers().private_value.to_bytes(SECRET_BYTES))
    raise refuse("keyfile.form", f"PKCS#8 of another key type ({type(key).__name__})")


def _decrypt_keystore(data: bytes, secret: bytes) -> PrivateKey:
    try:
        keystore = json.loads(data)
        version = keystore["version"]
        wanted = bytes.fromhex(keystore["crypto"]["mac"])
    except (ValueError, KeyError, TypeError):
        raise refuse("keyfile.form", f"{len(data)} bytes of another form") from None
    if version != 3 or len(wanted) != 32:
        raise refuse("keyfile.form", f"keystore version {version}")
    _check_work(keystore)
    # See encrypt().
    from eth_keyfile.keyfile import decode_keyfile_json  # noqa: PLC0415

    hold_nesting()
    try:
        raw = decode_keyfile_json(keystore, secret)
    except ValueError as error:
        if "mac" in str(error).lower():
            raise refuse("keyfile.password", "a keystore") from None
        raise refuse("keyfile.form", "a damaged keystore") from None
    except (KeyError, TypeError, NotImplementedError):
        raise refuse("keyfile.form", "a damaged keystore") from None
    return PrivateKey(Algorithm.ES256K, bytes(raw))


def _check_work(keystore: Any) -> None:
    try:
        asked = keystore["crypto"]["kdfparams"]
        if keystore["crypto"]["kdf"] == "scrypt":
            within = 0 < 128 * asked["n"] * asked["r"] <= _MOST_MEMORY and 0 < asked["p"] <= _MOST_PARALLEL
        else:
            within = 0 < asked["c"] <= _MOST_ROUNDS
    except (KeyError, TypeError):
        raise refuse("keyfile.form", "a damaged keystore") from None
    if not within:
        raise refuse("keyfile.form", "a keystore that asks for more work than any wallet's")
