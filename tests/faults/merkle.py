"""The tree of RFC 9162 §2.1.1, computed a second way: from its definition, sharing no code with `ledger.merkle`."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf: ``SHA-256(0x00 ‖ entry)``."""
    return hashlib.sha256(b"\x00" + entry).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree hash over leaf hashes; SHA-256 of nothing for no leaves."""
    return roots(leaves, {len(leaves)})[len(leaves)]


def roots(leaves: Sequence[bytes], sizes: Collection[int]) -> dict[int, bytes]:
    """The tree hash of each of `sizes` that `leaves` reach, in one pass."""
    found = {0: hashlib.sha256().digest()} if 0 in sizes else {}
    # Complete subtrees from left to right, each (its number of leaves, its hash): the binary digits of the size.
    peaks: list[tuple[int, bytes]] = []
    for size, leaf in enumerate(leaves, start=1):
        peaks.append((1, leaf))
        while len(peaks) > 1 and peaks[-1][0] == peaks[-2][0]:
            (width, left), (_, right) = peaks[-2:]
            peaks[-2:] = [(2 * width, _node(left, right))]
        if size in sizes:
            whole = peaks[-1][1]
            for _, left in reversed(peaks[:-1]):
                whole = _node(left, whole)
            found[size] = whole
    return found


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
