"""Building proofs: which parts of the tree a proof names, and their hashes from whatever holds the nodes.

A node is ``(level, index)``: the root of the complete subtree over leaves ``[index·2^level, (index+1)·2^level)``.
A proof is a list of ranges of leaves; a range at the right edge is not complete and is folded from several nodes.
Nodes never change once complete, so proofs for an older size come from the same nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ledger.errors import OutOfRange
from ledger.merkle.hashing import EMPTY_ROOT, MAX_SIZE, node_hash

Node = tuple[int, int]
Range = tuple[int, int]


class NodeReader(Protocol):
    """Whatever holds the complete nodes of a tree."""

    def read_nodes(self, nodes: Sequence[Node]) -> Mapping[Node, bytes]:
        """The 32-byte hashes of these complete nodes. Raises ``ledger.errors.TileCorrupt`` if one is missing."""
        ...


def root_of(reader: NodeReader, size: int) -> bytes:
    """Root of the first ``size`` leaves (MTH, RFC 9162 §2.1.1). Raises ``OutOfRange``."""
    check_size(size, MAX_SIZE)
    return EMPTY_ROOT if size == 0 else _hash_ranges(reader, [(0, size)])[0]


def inclusion_proof(reader: NodeReader, index: int, size: int) -> list[bytes]:
    """Path of leaf ``index`` in the tree of ``size`` leaves, from the leaf upwards (RFC 9162 §2.1.3.1).

    Reads O(log size) nodes in one call. Raises ``OutOfRange``.
    """
    check_size(size, MAX_SIZE)
    if type(index) is not int or not 0 <= index < size:
        raise OutOfRange(
            "The tree has no such leaf.",
            rule="merkle.index",
            value=index,
            expected=f"0 to {size - 1}" if size else "a tree with leaves",
            message_zh="树中没有这个叶子。",
        )
    siblings: list[Range] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            siblings.append((middle, high))
            high = middle
        else:
            siblings.append((low, middle))
            low = middle
    return _hash_ranges(reader, siblings[::-1])


def consistency_proof(reader: NodeReader, old: int, new: int) -> list[bytes]:
    """Proof that the tree of ``new`` leaves extends the one of ``old`` leaves (RFC 9162 §2.1.4.1).

    Empty if ``old`` is 0 or equals ``new``. Reads O(log new) nodes in one call. Raises ``OutOfRange``.
    """
    check_size(new, MAX_SIZE)
    check_size(old, new)
    if old in (0, new):
        return []
    named: list[Range] = []
    low, high = 0, new
    on_left_edge = True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            named.append((middle, high))
            high = middle
        else:
            named.append((low, middle))
            low = middle
            on_left_edge = False
    if not on_left_edge:
        named.append((low, high))
    return _hash_ranges(reader, named[::-1])


def check_size(size: int, limit: int) -> None:
    """Raise ``OutOfRange`` unless ``size`` is an integer from 0 to ``limit``."""
    if type(size) is not int or not 0 <= size <= limit:
        raise OutOfRange(
            "The tree has no such size.",
            rule="merkle.size",
            value=size,
            expected=f"0 to {limit}",
            message_zh="树没有这个大小。",
        )


def _split(width: int) -> int:
    return 1 << ((width - 1).bit_length() - 1)


def _complete_nodes(low: int, high: int) -> list[Node]:
    nodes = []
    while low < high:
        level = (high - low).bit_length() - 1
        nodes.append((level, low >> level))
        low += 1 << level
    return nodes


def _hash_ranges(reader: NodeReader, ranges: Sequence[Range]) -> list[bytes]:
    parts = [_complete_nodes(low, high) for low, high in ranges]
    if not parts:
        return []
    known = reader.read_nodes([node for part in parts for node in part])
    hashes = []
    for part in parts:
        folded = known[part[-1]]
        for node in part[-2::-1]:
            folded = node_hash(known[node], folded)
        hashes.append(folded)
    return hashes
