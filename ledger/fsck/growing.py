"""A tree that grows leaf by leaf and hands out each tile as it fills: memory for one tile per level, no more.

It shares the layout with ``ledger.merkle.tiles`` and nothing else with the tree that it checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from ledger.merkle import EMPTY_ROOT, TILE_WIDTH
from ledger.merkle.tiles import TILE_HEIGHT, TileRow


class GrowingTree:
    """RFC 9162 over leaf hashes (32 bytes each) given in order."""

    def __init__(self) -> None:
        self.size = 0
        # By tree level: the node that waits for its right neighbour, and the nodes of the tile that is being filled.
        self._left: list[bytes | None] = []
        self._filling: list[list[bytes]] = []
        self._tiles: list[int] = []

    def add(self, leaf: bytes) -> list[TileRow]:
        """Append one leaf; the tiles that it filled, as (level, index, width, blob)."""
        self.size += 1
        level, node = 0, leaf
        filled: list[TileRow] = []
        while True:
            if level == len(self._left):
                self._left.append(None)
                self._filling.append([])
                if level % TILE_HEIGHT == 0:
                    self._tiles.append(0)
            self._filling[level].append(node)
            left = self._left[level]
            if level % TILE_HEIGHT == TILE_HEIGHT - 1 and left is not None:
                filled.append(self._take(level // TILE_HEIGHT))
            if left is None:
                self._left[level] = node
                return filled
            self._left[level] = None
            node = sha256(b"\x01" + left + node).digest()
            level += 1

    def root(self) -> bytes:
        """Root over all leaves so far."""
        root: bytes | None = None
        for left in self._left:
            if left is not None:
                root = left if root is None else sha256(b"\x01" + left + root).digest()
        return EMPTY_ROOT if root is None else root

    def partial(self) -> Iterator[TileRow]:
        """The tiles at the right edge that are not full."""
        for level, index in enumerate(self._tiles):
            width = len(self._filling[level * TILE_HEIGHT])
            if width:
                yield level, index, width, self._blob(level)

    def tiles(self) -> Iterator[tuple[int, int]]:
        """By level, how many tiles there are, partial ones included."""
        for level, index in enumerate(self._tiles):
            yield level, index + bool(self._filling[level * TILE_HEIGHT])

    def _take(self, level: int) -> TileRow:
        row = (level, self._tiles[level], TILE_WIDTH, self._blob(level))
        for below in range(level * TILE_HEIGHT, (level + 1) * TILE_HEIGHT):
            self._filling[below].clear()
        self._tiles[level] += 1
        return row

    def _blob(self, level: int) -> bytes:
        rows = self._filling[level * TILE_HEIGHT : (level + 1) * TILE_HEIGHT]
        return b"".join(node for row in rows for node in row)
