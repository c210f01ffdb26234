"""The two hashes of RFC 9162 §2.1.1, and the root of a list that fits in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

HASH_SIZE: Final = 32
#: Sizes are kept in signed 64-bit columns and uint64 words; no tree grows beyond.
MAX_SIZE: Final = 2**63 - 1
#: Root of the tree without leaves: the hash of nothing (RFC 9162 §2.1.1).
EMPTY_ROOT: Final = sha256(b"").digest()

_LEAF = b"\x00"
_NODE = b"\x01"


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one entry, ``SHA-256(0x00 ‖ entry)``, 32 bytes (RFC 9162 §2.1.1)."""
    return sha256(_LEAF + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """``leaf_hash`` of each entry, in order; the fast way for a batch."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node, ``SHA-256(0x01 ‖ left ‖ right)``, 32 bytes (RFC 9162 §2.1.1)."""
    return sha256(_NODE + left + right).digest()


def parent_row(row: bytes, start: int = 0) -> list[bytes]:
    """Parents of a row of concatenated hashes, from byte ``start`` (a multiple of 64); an odd last one waits."""
    return [sha256(b"\x01" + row[at : at + 64]).digest() for at in range(start, len(row) - 63, 64)]


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Root over leaf hashes, MTH of RFC 9162 §2.1.1 (whose inputs here are already hashed leaves)."""
    if not leaves:
        return EMPTY_ROOT
    row = list(leaves)
    while len(row) > 1:
        # An unpaired last node rises as it is: RFC 9162 splits at the largest power of two, so the right
        # edge is never padded.
        parents = [sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row) - 1, 2)]
        if len(row) % 2:
            parents.append(row[-1])
        row = parents
    return row[0]
