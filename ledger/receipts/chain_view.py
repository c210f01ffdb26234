"""What the verification of a receipt asks of a chain. Its answers are as good as the node they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ChainAnchor:
    """What a transaction did to an evidence log (its event ``Anchored`` or ``Backfilled``), and the block it is in.

    ``root`` and ``block_hash`` have 32 bytes.
    """

    epoch: int
    size: int
    root: bytes
    block_number: int
    block_hash: bytes


@dataclass(frozen=True, slots=True)
class KeyOnChain:
    """What the identifier registry knows of a key: whose it is, which entry brought it, where it ended, and from where
    on it is flagged (``None``: not so far). ``account``: keccak-256 of the identifier; ``leaf_hash``: of that entry."""

    account: bytes
    leaf_hash: bytes
    log_index: int
    revoked_index: int | None
    invalid_since: int | None


@dataclass(frozen=True, slots=True)
class EmissionsOnChain:
    """The figure of a case that the emissions registry holds (DOMAIN 2, 10).

    ``tonnes``: whole tCO2e. ``verifier``: account id of who verified it, ``report_leaf`` the report's leaf hash; both
    ``None`` where it was determined. ``statement_leaf``: leaf hash of the verification statement's entry, or of the
    determination's. ``registered_at``: Unix seconds of the block.
    """

    tonnes: int
    revision: int
    determined: bool
    verifier: bytes | None
    report_leaf: bytes | None
    statement_leaf: bytes
    registered_at: int


class ChainView(Protocol):
    """A chain as one node shows it. Addresses have 20 bytes, hashes 32.

    Every call may raise ``ledger.errors.Retryable`` (no answer: nothing is decided). Any other ``LedgerError`` refuses
    the receipt.
    """

    def chain_id(self) -> int:
        """The chain's id."""
        ...

    def deployment_id(self, contract: bytes) -> bytes:
        """``deploymentId()`` of the evidence log at ``contract``."""
        ...

    def root_at(self, contract: bytes, epoch: int, size: int) -> bytes | None:
        """``rootAt(epoch, size)``, None where the contract knows none."""
        ...

    def verify_inclusion(  # noqa: PLR0917 - the parameters of the contract's function, in its order
        self, contract: bytes, epoch: int, size: int, index: int, leaf_hash: bytes, proof: Sequence[bytes]
    ) -> None:
        """``verifyInclusion(…)``: raises ``LedgerError`` where the contract reverts."""
        ...

    def block_hash(self, number: int) -> bytes | None:
        """Hash of the block of that number, None beyond the head."""
        ...

    def anchor_of(self, contract: bytes, tx: bytes) -> ChainAnchor | None:
        """What the transaction anchored or backfilled at ``contract``; None if it is not on chain or did neither."""
        ...

    def head_block(self) -> int:
        """The highest block that the node shows."""
        ...

    def key(self, registry: bytes, thumbprint: bytes, block: int) -> KeyOnChain | None:
        """What the registry at that address knows as of that block; None if nothing."""
        ...

    def final_block(self) -> int | None:
        """The highest block that cannot be forgotten any more; None where this view cannot tell."""
        ...
