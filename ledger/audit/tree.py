"""Roots of a log that is hashed in parts: each part hands over its subtrees, and they are put together in order.

Parts are aligned: each begins at a multiple of :data:`PART` leaves, so that a whole part is one node of the tree
(RFC 9162 2.1.1), and a head inside of one needs only the nodes of that part.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import sha256

from ledger.merkle import EMPTY_ROOT

PART = 1 << 14
"""Leaves of a whole part."""


def part_nodes(leaves: Sequence[bytes], sizes: Collection[int]) -> dict[int, list[bytes]]:
    """For each size (1 to ``len(leaves)``): the roots of the largest subtrees of its first so many leaves, from left to
    right."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(
            [sha256(b"\x01" + left + right).digest() for left, right in zip(below[::2], below[1::2], strict=False)]
        )
    return {size: _subtrees(levels, size) for size in sizes}


def _subtrees(levels: Sequence[Sequence[bytes]], size: int) -> list[bytes]:
    found, place = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append(levels[level][place >> level])
            place += 1 << level
    return found


class Parts:
    """The tree over whole parts so far."""

    def __init__(self, nodes: Sequence[tuple[int, bytes]] = ()) -> None:
        # Level above a part, and node: strictly falling levels, as the bits of the count of parts.
        self._nodes = list(nodes)

    def add(self, node: bytes) -> None:
        """The next whole part's root."""
        level = 0
        while self._nodes and self._nodes[-1][0] == level:
            _, left = self._nodes.pop()
            node = sha256(b"\x01" + left + node).digest()
            level += 1
        self._nodes.append((level, node))

    def root(self, after: Sequence[bytes] = ()) -> bytes:
        """Root over the parts and the subtrees of a further part that is not whole."""
        nodes = [node for _, node in self._nodes] + list(after)
        if not nodes:
            return EMPTY_ROOT
        root = nodes[-1]
        for node in reversed(nodes[:-1]):
            root = sha256(b"\x01" + node + root).digest()
        return root

    def state(self) -> list[tuple[int, bytes]]:
        """What :class:`Parts` is made from again."""
        return list(self._nodes)
