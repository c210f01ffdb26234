"""The life of a key on chain, as values: what ``key`` entries after an enrolment ask of the identifier registry.

The natural key of each is the leaf hash of its entry, with the thumbprint where one entry compromises several keys; of
a revocation it is the thumbprint alone: a key ends once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from eth_utils.crypto import keccak

from attestation.encoding import b64url_decode
from attestation.identifiers import account_id, parse_identifier
from ledger.chain.entry_intents import EntryIntent, require_compact, require_entry, require_index
from ledger.chain.operations import COMPACT_BYTES, HASH_BYTES, LIMIT, NO_SIGNATURE, Kind


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """A key and what it may sign, as in ``IKeyBook.KeyGrant``.

    Attributes
    ----------
    algorithm
        1 Ed25519, 2 ES256K, 3 ES256.
    purposes
        Bitmap: 1 device, 2 statement, 4 asset, 8 administration.
    public_key
        Ed25519: 32 bytes; ES256K and ES256: 64 bytes, x then y.
    leaf_hash, log_index
        Of the entry that brings the key: it signs above that index. Of a recovery: the entry that proposes it.
    possession
        ES256K: the EIP-2098 signature (64 bytes) over ``KeyPossession``; others: 64 zero bytes.
    """

    algorithm: int
    purposes: int
    public_key: bytes
    leaf_hash: bytes
    log_index: int
    possession: bytes = NO_SIGNATURE

    def __post_init__(self) -> None:
        if len(self.leaf_hash) != HASH_BYTES or len(self.possession) != COMPACT_BYTES:
            raise ValueError("a key's leaf hash has 32 bytes, its possession 64")
        if not 0 <= self.log_index < LIMIT:
            raise ValueError(f"log index {self.log_index} is out of range")


@dataclass(frozen=True, slots=True)
class AddKeyIntent(EntryIntent):
    """One more key of an identifier that the registry knows. ``consent``: the EIP-2098 signature over ``KeyConsent`` by
    an active ES256K key of the account, 64 zero bytes where none is needed."""

    KIND: ClassVar[Kind] = Kind.ADD

    identifier: str
    grant: KeyGrant
    consent: bytes = NO_SIGNATURE

    def __post_init__(self) -> None:
        parse_identifier(self.identifier)
        require_compact("consent", self.consent)

    @property
    def entry(self) -> tuple[bytes, int]:
        """That of the grant."""
        return self.grant.leaf_hash, self.grant.log_index

    @property
    def account(self) -> bytes:
        """Account id of the identifier, 32 bytes."""
        return account_id(self.identifier)


@dataclass(frozen=True, slots=True)
class RotateKeyIntent(EntryIntent):
    """A key in the place of ``replaces`` (RFC 7638 thumbprint, base64url), which ends at ``grant.log_index``.
    ``consent`` as for :class:`AddKeyIntent`, needed where the replaced key is ES256K."""

    KIND: ClassVar[Kind] = Kind.ROTATE

    replaces: str
    grant: KeyGrant
    consent: bytes = NO_SIGNATURE

    def __post_init__(self) -> None:
        _thumbprint(self.replaces)
        require_compact("consent", self.consent)

    @property
    def entry(self) -> tuple[bytes, int]:
        """That of the grant."""
        return self.grant.leaf_hash, self.grant.log_index


@dataclass(frozen=True, slots=True)
class RevokeKeyIntent(EntryIntent):
    """A key (RFC 7638 thumbprint, base64url) that signs nothing from the index of an entry on."""

    KIND: ClassVar[Kind] = Kind.REVOKE

    thumbprint: str
    revoked_index: int

    def __post_init__(self) -> None:
        require_index(self.revoked_index)
        _thumbprint(self.thumbprint)

    @property
    def natural_key(self) -> bytes:
        """The thumbprint's 32 bytes: a key ends once."""
        return _thumbprint(self.thumbprint)

    @property
    def position(self) -> int:
        """The index of its entry."""
        return self.revoked_index


@dataclass(frozen=True, slots=True)
class CompromiseKeyIntent(EntryIntent):
    """A key whose entries from ``invalid_since`` on are flagged; it ends at ``revoked_index``, the index of the entry
    that says so, if it did not before."""

    KIND: ClassVar[Kind] = Kind.COMPROMISE

    thumbprint: str
    leaf_hash: bytes
    invalid_since: int
    revoked_index: int

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.revoked_index)
        if not 0 < self.invalid_since <= self.revoked_index:
            raise ValueError(f"invalid since {self.invalid_since}, declared at {self.revoked_index}")
        _thumbprint(self.thumbprint)

    @property
    def natural_key(self) -> bytes:
        """The entry's leaf hash, then the thumbprint: one entry may flag a key and those that it brought."""
        return self.leaf_hash + _thumbprint(self.thumbprint)

    @property
    def position(self) -> int:
        """The index of its entry."""
        return self.revoked_index


@dataclass(frozen=True, slots=True)
class ProposeRecoveryIntent(EntryIntent):
    """A new key in place of ``replaces``, approved by two persons.

    Attributes
    ----------
    replaces
        RFC 7638 thumbprint, base64url; its account is the new key's.
    grant
        The new key; leaf hash and index are those of the proposal's entry.
    reason
        As in the entry; its keccak-256 goes on chain.
    approvals
        Two EIP-2098 signatures (64 bytes each) over ``KeyRecovery``.
    """

    KIND: ClassVar[Kind] = Kind.PROPOSE_RECOVERY

    replaces: str
    grant: KeyGrant
    reason: str
    approvals: tuple[bytes, ...]

    def __post_init__(self) -> None:
        _thumbprint(self.replaces)
        if len(self.approvals) != 2:
            raise ValueError(f"two persons approve a recovery, not {len(self.approvals)}")
        for approval in self.approvals:
            require_compact("approval", approval)

    @property
    def entry(self) -> tuple[bytes, int]:
        """That of the grant."""
        return self.grant.leaf_hash, self.grant.log_index

    @property
    def reason_hash(self) -> bytes:
        """keccak-256 of the reason's UTF-8."""
        return keccak(text=self.reason)


@dataclass(frozen=True, slots=True)
class CancelRecoveryIntent(EntryIntent):
    """A proposed recovery that its holder vetoed in the log; ``thumbprint`` is the proposed key's."""

    KIND: ClassVar[Kind] = Kind.CANCEL_RECOVERY

    thumbprint: str
    leaf_hash: bytes
    log_index: int

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        _thumbprint(self.thumbprint)

    @property
    def entry(self) -> tuple[bytes, int]:
        """Leaf hash and index."""
        return self.leaf_hash, self.log_index


@dataclass(frozen=True, slots=True)
class CompleteRecoveryIntent(EntryIntent):
    """A proposed recovery that takes effect: the new key signs above ``log_index``, the replaced one ends there.
    ``public_key`` as in the proposal's grant."""

    KIND: ClassVar[Kind] = Kind.COMPLETE_RECOVERY

    thumbprint: str
    public_key: bytes
    leaf_hash: bytes
    log_index: int

    def __post_init__(self) -> None:
        require_entry(self.leaf_hash, self.log_index)
        _thumbprint(self.thumbprint)

    @property
    def entry(self) -> tuple[bytes, int]:
        """Leaf hash and index."""
        return self.leaf_hash, self.log_index


def _thumbprint(text: str) -> bytes:
    raw = b64url_decode(text)
    if len(raw) != HASH_BYTES:
        raise ValueError(f"a thumbprint has 32 bytes, got {len(raw)}")
    return raw
