"""The log's signed word on keys: up to which size none of them was revoked or called compromised, or where they were.

A JWS by the log key, ``typ`` ``tanlu-key-status+jws``, over ``log``, ``size`` (entries of the log that were looked at)
and ``keys``: for each, ``kid`` (thumbprint), ``revoked`` (the index of the entry that ended it), ``invalid_since`` and
``by`` (the position from which it is flagged, and the entry that says so), or null. No proof can show that an entry is
not in a log; a status that leaves one out is the operator's signature under a lie, which the log's entries expose.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from attestation.keys import Algorithm, PrivateKey, PublicKey
from ledger.errors import Malformed, SignatureInvalid

TYP = "tanlu-key-status+jws"
_HEADER = {"alg": Algorithm.ED25519.value, "typ": TYP}
MAX_STATUS_BYTES = 8_192


class KeyStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One key's: indices of log entries, or None."""

    kid: str
    revoked: int | None
    invalid_since: int | None
    by: int | None


class _Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    v: int
    log: str
    size: int
    keys: tuple[KeyStatus, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """What the log says of some keys as of ``size`` entries."""

    log: str
    size: int
    keys: tuple[KeyStatus, ...]


def sign_status(log: str, size: int, keys: Sequence[KeyStatus], key: PrivateKey) -> str:
    """The compact JWS by the log key (Ed25519)."""
    if key.public.algorithm is not Algorithm.ED25519:
        raise ValueError(f"the log key is Ed25519, not {key.public.algorithm}")
    header = json.dumps(_HEADER, separators=(",", ":")).encode()
    payload = _Payload(v=1, log=log, size=size, keys=tuple(keys))
    signing_input = _b64(header) + b"." + _b64(msgspec.json.encode(payload))
    return (signing_input + b"." + _b64(key.sign(signing_input))).decode()


def read_status(token: str, key: PublicKey) -> Status:
    """The status in ``token`` if the log key signed it. Raises ``Malformed`` and ``SignatureInvalid``."""
    try:
        data = token.encode("ascii")
        if len(data) > MAX_STATUS_BYTES:
            raise ValueError("too long")
        header, body, signature = data.split(b".")
        if json.loads(_unb64(header)) != _HEADER:
            raise ValueError("header")
        payload = msgspec.json.decode(_unb64(body), type=_Payload)
        if payload.v != 1 or payload.size < 0:
            raise ValueError("members")
        raw_signature = _unb64(signature)
    except (ValueError, msgspec.MsgspecError) as error:
        raise Malformed(
            "The key status is not in its format.",
            rule="status.format",
            value=token,
            expected=f"a compact JWS with typ {TYP}",
            message_zh="密钥状态声明的格式不对。",
        ) from error
    try:
        key.verify(header + b"." + body, raw_signature)
    except Exception as error:
        raise SignatureInvalid(
            "The key status is not signed by the log key.",
            rule="status.signature",
            value=token,
            expected="a signature by the trust file's log key",
            message_zh="密钥状态声明不是由日志密钥签名的。",
        ) from error
    return Status(payload.log, payload.size, payload.keys)


def _b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _unb64(data: bytes) -> bytes:
    decoded = base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4))
    if _b64(decoded) != data:
        raise ValueError("not canonical base64url")
    return decoded
