"""Promises: the log's signed word that accepted entries will be integrated in time.

A promise is a JWS by the log key, ``typ`` ``tanlu-promise+jws``, over ``first_index``, ``count``, ``leaves_root`` (the
RFC 9162 tree hash over those entries' leaf hashes), ``accepted_at`` and ``integrate_by`` (unix seconds). A tree that
lacks such an entry at that index after ``integrate_by`` contradicts the operator's own signature.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from attestation.keys import Algorithm, PrivateKey, PublicKey
from ledger.errors import Malformed, SignatureInvalid
from ledger.merkle import HASH_SIZE, tree_root

TYP = "tanlu-promise+jws"
_HEADER = {"alg": Algorithm.ED25519.value, "typ": TYP}
_MAX_BYTES = 4096


class _Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    v: int
    log: str
    first_index: int
    count: int
    leaves_root: str
    accepted_at: int
    integrate_by: int


@dataclass(frozen=True, slots=True)
class Promise:
    """Entries ``first_index`` … ``first_index + count − 1`` of ``log`` will be in a checkpoint by ``integrate_by``."""

    log: str
    first_index: int
    count: int
    leaves_root: bytes
    accepted_at: int
    integrate_by: int


def make(log: str, first_index: int, leaves: Sequence[bytes], accepted_at: int, integrate_by: int) -> Promise:
    """The promise over consecutive leaf hashes (32 bytes each, at least one)."""
    if not leaves:
        raise ValueError("a promise covers at least one entry")
    return Promise(log, first_index, len(leaves), tree_root(leaves), accepted_at, integrate_by)


def sign(promise: Promise, key: PrivateKey) -> str:
    """The compact JWS by the log key (Ed25519, deterministic: the same promise has the same bytes)."""
    if key.public.algorithm is not Algorithm.ED25519:
        raise ValueError(f"the log key is Ed25519, not {key.public.algorithm}")
    payload = _Payload(
        v=1,
        log=promise.log,
        first_index=promise.first_index,
        count=promise.count,
        leaves_root=promise.leaves_root.hex(),
        accepted_at=promise.accepted_at,
        integrate_by=promise.integrate_by,
    )
    header = json.dumps(_HEADER, separators=(",", ":")).encode()
    signing_input = _b64(header) + b"." + _b64(msgspec.json.encode(payload))
    return (signing_input + b"." + _b64(key.sign(signing_input))).decode()


def verify(token: str, key: PublicKey, log: str) -> Promise:
    """The promise in ``token`` if the log key signed it for this log.

    Raises ``Malformed`` for anything that is not exactly such a JWS, ``SignatureInvalid`` for another key or log.
    """
    try:
        data = token.encode("ascii")
        if len(data) > _MAX_BYTES:
            raise ValueError("too long")
        header, body, signature = data.split(b".")
        if json.loads(_unb64(header)) != _HEADER:
            raise ValueError("header")
        payload = msgspec.json.decode(_unb64(body), type=_Payload)
        root = bytes.fromhex(payload.leaves_root)
        if payload.v != 1 or payload.count < 1 or payload.first_index < 0 or len(root) != HASH_SIZE:
            raise ValueError("members")
        raw_signature = _unb64(signature)
    except (ValueError, msgspec.MsgspecError) as error:
        raise Malformed(
            "The promise is not in its format.",
            rule="promise.format",
            value=token,
            expected=f"a compact JWS with typ {TYP}",
            message_zh="承诺的格式不对。",
        ) from error
    try:
        key.verify(header + b"." + body, raw_signature)
    except Exception as error:
        raise SignatureInvalid(
            "The promise is not signed by the log key.",
            rule="promise.signature",
            value=token,
            expected="a signature by the trust file's log key",
            message_zh="承诺不是由日志密钥签名的。",
        ) from error
    if payload.log != log:
        raise SignatureInvalid(
            "The promise is for another log.",
            rule="promise.log",
            value=payload.log,
            expected=log,
            message_zh="承诺属于另一日志。",
        )
    return Promise(payload.log, payload.first_index, payload.count, root, payload.accepted_at, payload.integrate_by)


def _b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _unb64(data: bytes) -> bytes:
    decoded = base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4))
    if _b64(decoded) != data:
        raise ValueError("not canonical base64url")
    return decoded
