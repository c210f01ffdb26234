"""The tree of a signed checkpoint, known by the roots of its whole tiles: each page of entries is held against it.

The roots of all tiles give the signed root, so what they say is what was signed (RFC 9162 2.1.1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from ledger.audit.tree import Parts, part_nodes
from ledger.checkpoint import Checkpoint
from ledger.merkle import HASH_SIZE, TILE_WIDTH, format_tile_path, leaf_hash
from tanlu.mirror.lies import another_entry, another_tree

Tile = Callable[[str], bytes]
"""The hashes of a tile, by its path."""
_LEAVES: Final = 0
_TILES: Final = 1


class SignedTree:
    """``size`` leaves. Memory: 32 bytes for 256 entries."""

    def __init__(self, head: Checkpoint, tile: Tile) -> None:
        """Fetch the roots of the tiles. Raises PromiseBroken (``mirror.tree``) where they do not give the head's."""
        self.size = head.size
        self._tile = tile
        whole, rest = divmod(head.size, TILE_WIDTH)
        self._roots: list[bytes] = []
        for index in range(-(-whole // TILE_WIDTH)):
            width = min(TILE_WIDTH, whole - index * TILE_WIDTH)
            self._roots += self._hashes(_TILES, index, width)
        self._rest = self._hashes(_LEAVES, whole, rest) if rest else []
        parts = Parts()
        for root in self._roots:
            parts.add(root)
        found = parts.root(part_nodes(self._rest, {rest})[rest] if rest else ())
        if found != head.root:
            raise another_tree(found.hex(), head.root.hex())

    def check(self, first: int, entries: Sequence[bytes]) -> None:
        """Entries from ``first`` on, which begins a tile, up to the end of one or of the log. Raises PromiseBroken
        (``mirror.entry``) with the first that is not in the tree."""
        for start in range(0, len(entries), TILE_WIDTH):
            leaves = [leaf_hash(entry) for entry in entries[start : start + TILE_WIDTH]]
            tile = (first + start) // TILE_WIDTH
            if tile == len(self._roots):
                self._compare(first + start, leaves, self._rest)
            elif _root(leaves) != self._roots[tile]:
                expected = self._hashes(_LEAVES, tile, TILE_WIDTH)
                if _root(expected) == self._roots[tile]:
                    self._compare(first + start, leaves, expected)
                place = f"entries {first + start} to {first + start + len(leaves) - 1}"
                raise another_entry(place, "other leaves", self._roots[tile].hex())

    def _compare(self, first: int, found: Sequence[bytes], expected: Sequence[bytes]) -> None:
        for index, (leaf, wanted) in enumerate(zip(found, expected, strict=False), first):
            if leaf != wanted:
                raise another_entry(f"entry {index}", leaf.hex(), wanted.hex())
        if len(found) != len(expected):
            raise another_entry(f"entries from {first} on", f"{len(found)} entries", f"{len(expected)} entries")

    def _hashes(self, level: int, index: int, width: int) -> list[bytes]:
        path = format_tile_path(level, index, width)
        data = self._tile(path)
        if len(data) != width * HASH_SIZE:
            raise another_tree(f"tile {path} of {len(data)} bytes", f"{width * HASH_SIZE} bytes")
        return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def _root(leaves: Sequence[bytes]) -> bytes | None:
    return part_nodes(leaves, {TILE_WIDTH})[TILE_WIDTH][0] if len(leaves) == TILE_WIDTH else None
