"""What the ledger wants on chain, as values: a checkpoint to be anchored, a key to be enrolled.

The operation id of an intent is ``SHA-256(deployment id ‖ kind ‖ 0x00 ‖ natural key)`` (docs/design.md §5). Calls
that are not idempotent by nature carry it and the contract consumes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from eth_utils.crypto import keccak

from attestation.identifiers import account_id, parse_identifier
from ledger.chain.entry_intents import EntryIntent
from ledger.chain.errors import AnchorConflict
from ledger.chain.key_intents import (
    AddKeyIntent,
    CancelRecoveryIntent,
    CompleteRecoveryIntent,
    CompromiseKeyIntent,
    KeyGrant,
    ProposeRecoveryIntent,
    RevokeKeyIntent,
    RotateKeyIntent,
)
from ledger.chain.operations import COMPACT_BYTES, HASH_BYTES, LIMIT, NO_SIGNATURE, Kind, operation_id

__all__ = [
    "AddKeyIntent",
    "AnchorIntent",
    "CancelRecoveryIntent",
    "CompleteRecoveryIntent",
    "CompromiseKeyIntent",
    "EnrolIntent",
    "KeyGrant",
    "Kind",
    "ProposeRecoveryIntent",
    "RegistryIntent",
    "RevokeKeyIntent",
    "RotateKeyIntent",
    "operation_id",
    "registry_intent",
    "require_same_root",
]


@dataclass(frozen=True, slots=True)
class AnchorIntent:
    """A checkpoint to be known to the contract: epoch, size (leaves), root (32 bytes)."""

    epoch: int
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not (0 <= self.epoch < LIMIT and 0 < self.size < LIMIT and len(self.root) == HASH_BYTES):
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
class EnrolIntent(EntryIntent):
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
        1 Ed25519, 2 ES256K, 3 ES256.
    purposes
        Bitmap: 1 device, 2 statement, 4 asset, 8 administration.
    public_key
        Ed25519: 32 bytes; ES256K and ES256: 64 bytes, x then y.
    leaf_hash, log_index
        Of the ``key`` entry.
    possession
        ES256K: the EIP-2098 signature (64 bytes) over ``KeyPossession``; others: 64 zero bytes.
    """

    KIND: ClassVar[Kind] = Kind.ENROL

    identifier: str
    kind: int
    parent: str | None
    group: str | None
    algorithm: int
    purposes: int
    public_key: bytes
    leaf_hash: bytes
    log_index: int
    possession: bytes = NO_SIGNATURE

    def __post_init__(self) -> None:
        parse_identifier(self.identifier)
        if len(self.leaf_hash) != HASH_BYTES or len(self.possession) != COMPACT_BYTES:
            raise ValueError(f"enrolment of {self.identifier}: leaf hash must have 32 bytes, possession 64")
        if not 0 <= self.log_index < LIMIT:
            raise ValueError(f"enrolment of {self.identifier}: log index {self.log_index} is out of range")

    @property
    def entry(self) -> tuple[bytes, int]:
        """Leaf hash and index."""
        return self.leaf_hash, self.log_index

    @property
    def natural_key(self) -> bytes:
        """Account id, algorithm and key: an identifier enrols a key once."""
        return account_id(parse_identifier(self.identifier)) + bytes([self.algorithm]) + self.public_key

    @property
    def parent_account(self) -> bytes:
        """Account id of the parent, zero for none."""
        return bytes(HASH_BYTES) if self.parent is None else account_id(self.parent)

    @property
    def group_hash(self) -> bytes:
        """keccak-256 of the group's UTF-8, zero for none."""
        return bytes(HASH_BYTES) if self.group is None else keccak(text=self.group)


RegistryIntent = (
    EnrolIntent
    | AddKeyIntent
    | RotateKeyIntent
    | RevokeKeyIntent
    | CompromiseKeyIntent
    | ProposeRecoveryIntent
    | CancelRecoveryIntent
    | CompleteRecoveryIntent
)
"""What the identifier registry is told, each by one call."""

_REGISTRY_INTENTS: Mapping[Kind, type[RegistryIntent]] = {each.KIND: each for each in get_args(RegistryIntent)}


def registry_intent(kind: Kind, payload: Mapping[str, Any]) -> RegistryIntent:
    """The intent of a stored payload; ``kind`` is any but :attr:`Kind.ANCHOR`."""
    return _REGISTRY_INTENTS[kind].from_payload(payload)


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
