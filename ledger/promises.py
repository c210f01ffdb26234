"""Promises: the log's signed word that accepted entries will be integrated in time.

A promise is a JWS by the log key, ``typ`` ``tanlu-promise+jws``, over ``first_index``, ``count``, ``leaves_root`` (the
RFC 9162 tree hash over those entries' leaf hashes), ``accepted_at`` and ``integrate_by`` (unix seconds). A tree that
lacks such an entry at that index after ``integrate_by`` contradicts the operator's own signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from attestation.keys import PrivateKey, PublicKey
from ledger.errors import SignatureInvalid
from ledger.merkle import HASH_SIZE, tree_root
from ledger.words import Word


class _Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    v: int
    log: str
    first_index: int
    count: int
    leaves_root: str
    accepted_at: int
    integrate_by: int


_WORD = Word("tanlu-promise+jws", _Payload, 4096, rule="promise", name="promise", name_zh="承诺")


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
    payload = _Payload(
        v=1,
        log=promise.log,
        first_index=promise.first_index,
        count=promise.count,
        leaves_root=promise.leaves_root.hex(),
        accepted_at=promise.accepted_at,
        integrate_by=promise.integrate_by,
    )
    return _WORD.sign(payload, key)


def verify(token: str, key: PublicKey, log: str) -> Promise:
    """The promise in ``token`` if the log key signed it for this log.

    Raises ``Malformed`` for anything that is not exactly such a JWS, ``SignatureInvalid`` for another key or log.
    """
    payload = _WORD.read(token, key)
    try:
        root = bytes.fromhex(payload.leaves_root)
    except ValueError as error:
        raise _WORD.malformed(token) from error
    if payload.v != 1 or payload.count < 1 or payload.first_index < 0 or len(root) != HASH_SIZE:
        raise _WORD.malformed(token)
    if payload.log != log:
        raise SignatureInvalid(
            "The promise is for another log.",
            rule="promise.log",
            value=payload.log,
            expected=log,
            message_zh="承诺属于另一日志。",
        )
    return Promise(payload.log, payload.first_index, payload.count, root, payload.accepted_at, payload.integrate_by)
