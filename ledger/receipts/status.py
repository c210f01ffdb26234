"""The log's signed word on keys: up to which size none of them was revoked or called compromised, or where they were.

A JWS by the log key, ``typ`` ``tanlu-key-status+jws``, over ``log``, ``size`` (entries of the log that were looked at)
and ``keys``: for each, ``kid`` (thumbprint), ``revoked`` (the index of the entry that ended it), ``invalid_since`` and
``by`` (the position from which it is flagged, and the entry that says so), or null. No proof can show that an entry is
not in a log; a status that leaves one out is the operator's signature under a lie, which the log's entries expose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from attestation.keys import PrivateKey, PublicKey
from ledger.words import Word

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


_WORD = Word(
    "tanlu-key-status+jws", _Payload, MAX_STATUS_BYTES, rule="status", name="key status", name_zh="密钥状态声明"
)


@dataclass(frozen=True, slots=True)
class Status:
    """What the log says of some keys as of ``size`` entries."""

    log: str
    size: int
    keys: tuple[KeyStatus, ...]


def sign_status(log: str, size: int, keys: Sequence[KeyStatus], key: PrivateKey) -> str:
    """The compact JWS by the log key (Ed25519)."""
    return _WORD.sign(_Payload(v=1, log=log, size=size, keys=tuple(keys)), key)


def read_status(token: str, key: PublicKey) -> Status:
    """The status in ``token`` if the log key signed it. Raises ``Malformed`` and ``SignatureInvalid``."""
    payload = _WORD.read(token, key)
    if payload.v != 1 or payload.size < 0:
        raise _WORD.malformed(token)
    return Status(payload.log, payload.size, payload.keys)
