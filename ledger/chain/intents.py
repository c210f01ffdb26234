"""What the ledger wants on chain, as values: a checkpoint to be anchored, a key to be enrolled.

The operation id of an intent is ``SHA-256(deployment id ‖ kind ‖ 0x00 ‖ natural key)`` (docs/design.md §5). Calls
that are not idempotent by nature carry it and the contract consumes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from eth_utils.crypto import keccak

from attestation.encoding import b64url_decode
from attestation.identifiers import account_id, parse_identifier
from ledger.chain.errors import AnchorConflict

_HASH_BYTES = 32
_COMPACT_BYTES = 64
_LIMIT = 2**63
"""Sizes and indices stay in a signed 64-bit column, as in the log itself."""
_NO_SIGNATURE = bytes(_COMPACT_BYTES)


class Kind(StrEnum):
    """What an intent does."""

    ANCHOR = "anchor"
    ENROL = "enrol"
    REVOKE = "revoke"


def operation_id(deployment_id: bytes, kind: Kind, natural_key: bytes) -> bytes:
    """The 32-byte operation id (docs/design.md §5)."""
    if len(deployment_id) != _HASH_BYTES:
        raise ValueError(f"a deployment id has 32 bytes, got {len(deployment_id)}")
    return hashlib.sha256(deployment_id + kind.value.encode() + b"\x00" + natural_key).digest()


@dataclass(frozen=True, slots=True)
class AnchorIntent:
    """A checkpoint to be known to the contract: epoch, size (leaves), root (32 bytes)."""

    epoch: int
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not (0 <= self.epoch < _LIMIT and 0 < self.size < _LIMIT and len(self.root) == _HASH_BYTES):
            raise ValueError(f"not an anchor: epoch {self.epoch}, size {self.size}, root 0x{self.root.hex()}")

    @property
    def natural_key(self) -> bytes:
        """Epoch and size, eight bytes each. Not the root: two roots for one size must collide."""
        return self.epoch.to_bytes(8, "big") + self.size.to_bytes(8, "big")

    def operation_id(self, deployment_id: bytes) -> bytes:
        """See :func:`operation_id`."""
        return operation_id(deployment_id, Kind.ANCHOR, self.natural_key)

    def to_payload(self) -> dict[str, Any]:
        """JSON form."""
        return {"epoch": self.epoch, "size": self.size, "root": self.root.hex()}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> AnchorIntent:
        """Inverse of :meth:`to_payload`."""
        return cls(int(payload["epoch"]), int(payload["size"]), bytes.fromhex(payload["root"]))


@dataclass(frozen=True, slots=True)
class EnrolIntent:
    """One key of one identifier, from a ``key`` entry of the log; the words are those of
    ``IdentifierRegistry.Enrolment``.

    Attributes
    ----------
    identifier
        Handle form, at most 255 bytes of UTF-8 (DOMAIN 51).
    kind
        1 park, 2 enterprise, 3 device, 4 verifier, 5 regulator, 6 person.
    parent, group
        As in the entry; ``None`` if absent.
    algorithm
        1 Ed25519, 2 ES256K.
    purposes
        Bitmap: 1 device, 2 statement, 4 asset, 8 administration.
    public_key
        Ed25519: 32 bytes; ES256K: 64 bytes, x then y.
    leaf_hash, log_index
        Of the ``key`` entry.
    possession
        ES256K: the EIP-2098 signature (64 bytes) over ``KeyPossession``; Ed25519: 64 zero bytes.
    """

    identifier: str
    kind: int
    parent: str | None
    group: str | None
    algorithm: int
    purposes: int
    public_key: bytes
    leaf_hash: bytes
    log_index: int
    possession: bytes = _NO_SIGNATURE

    def __post_init__(self) -> None:
        parse_identifier(self.identifier)
        if len(self.leaf_hash) != _HASH_BYTES or len(self.possession) != _COMPACT_BYTES:
            raise ValueError(f"enrolment of {self.identifier}: leaf hash must have 32 bytes, possession 64")
        if not 0 <= self.log_index < _LIMIT:
            raise ValueError(f"enrolment of {self.identifier}: log index {self.log_index} is out of range")

    @property
    def natural_key(self) -> bytes:
        """Account id, algorithm and key: an identifier enrols a key once."""
        return account_id(parse_identifier(self.identifier)) + bytes([self.algorithm]) + self.public_key

    @property
    def parent_account(self) -> bytes:
        """Account id of the parent, zero for none."""
        return bytes(_HASH_BYTES) if self.parent is None else account_id(self.parent)

    @property
    def group_hash(self) -> bytes:
        """keccak-256 of the group's UTF-8, zero for none."""
        return bytes(_HASH_BYTES) if self.group is None else keccak(text=self.group)

    def operation_id(self, deployment_id: bytes) -> bytes:
        """See :func:`operation_id`."""
        return operation_id(deployment_id, Kind.ENROL, self.natural_key)

    def to_payload(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "identifier": self.identifier,
            "kind": self.kind,
            "parent": self.parent,
            "group": self.group,
            "algorithm": self.algorithm,
            "purposes": self.purposes,
            "public_key": self.public_key.hex(),
            "leaf_hash": self.leaf_hash.hex(),
            "log_index": self.log_index,
            "possession": self.possession.hex(),
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> EnrolIntent:
        """Inverse of :meth:`to_payload`."""
        raw = dict(payload)
        for name in ("public_key", "leaf_hash", "possession"):
            raw[name] = bytes.fromhex(raw[name])
        return cls(**raw)


@dataclass(frozen=True, slots=True)
class RevokeIntent:
    """A key that signs nothing from a log position on: RFC 7638 thumbprint in base64url, and the index of the entry
    that ended it."""

    thumbprint: str
    revoked_index: int

    @property
    def natural_key(self) -> bytes:
        """The thumbprint's 32 bytes: a key ends once."""
        return b64url_decode(self.thumbprint)

    def operation_id(self, deployment_id: bytes) -> bytes:
        """See :func:`operation_id`."""
        return operation_id(deployment_id, Kind.REVOKE, self.natural_key)

    def to_payload(self) -> dict[str, Any]:
        """JSON form."""
        return {"thumbprint": self.thumbprint, "revoked_index": self.revoked_index}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> RevokeIntent:
        """Inverse of :meth:`to_payload`."""
        return cls(str(payload["thumbprint"]), int(payload["revoked_index"]))


def require_same_root(intent: AnchorIntent, root: bytes) -> None:
    """Raise :class:`AnchorConflict` unless ``root`` is the intent's: one size has one root."""
    if root != intent.root:
        raise AnchorConflict(
            f"two roots for size {intent.size} of epoch {intent.epoch}",
            rule="anchor.root",
            value=root,
            expected=intent.root,
            message_zh=f"第 {intent.epoch} 期规模 {intent.size} 有两个不同的根",
        )
