"""A tile store in memory: for verifiers, tests and small trees that live as long as a process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.merkle.tiles import TileKey, TileRow


class MemoryTileStore:
    """``TileStore`` over a dict. Not durable."""

    def __init__(self) -> None:
        self.tiles: dict[TileKey, bytes] = {}

    def read_tiles(self, keys: Sequence[TileKey]) -> dict[TileKey, bytes]:
        """Blobs of those of the keys that exist."""
        return {key: self.tiles[key] for key in keys if key in self.tiles}

    def write_tiles(self, rows: Iterable[TileRow]) -> None:
        """Insert or replace."""
        for level, index, _, blob in rows:
            self.tiles[level, index] = blob
