"""Tiles: how nodes lie in rows of storage.

A tile ``(level, index)`` is a subtree of height 8 whose leaves are the nodes of tree level ``8·level``, from
``256·index`` on; its *width* (1 to 256) is how many of them exist. One row holds all eight levels of that subtree, so
a path needs one row for eight levels.

Blob of a tile of width w: for k = 0 … 7 the ``w >> k`` complete nodes of tree level ``8·level + k``, concatenated
(full: 510 × 32 bytes). The subtree's own root is the first level of the tile above. The first ``w`` hashes are the
bytes that C2SP tlog-tiles serves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from ledger.errors import TileCorrupt
from ledger.merkle.hashing import HASH_SIZE

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT

TileKey = tuple[int, int]
TileRow = tuple[int, int, int, bytes]


def _hash_count(width: int) -> int:
    return sum(width >> k for k in range(TILE_HEIGHT))


_WIDTH_BY_LENGTH: Final = {_hash_count(width) * HASH_SIZE: width for width in range(1, TILE_WIDTH + 1)}
#: Byte offset of level k in a blob of width w: ``_OFFSETS[w][k]``.
_OFFSETS: Final = tuple(
    tuple(sum(width >> below for below in range(k)) * HASH_SIZE for k in range(TILE_HEIGHT))
    for width in range(TILE_WIDTH + 1)
)


class TileStore(Protocol):
    """Where tiles are kept. Both calls happen inside whatever transaction the implementation is in."""

    def read_tiles(self, keys: Sequence[TileKey]) -> Mapping[TileKey, bytes]:
        """Blobs of those of the tiles ``(level, index)`` that exist; keys are unique."""
        ...

    def write_tiles(self, rows: Iterable[TileRow]) -> None:
        """Insert or replace ``(level, index, width, blob)``; a tile only ever gets wider."""
        ...


def blob_width(key: TileKey, blob: bytes) -> int:
    """Width of a stored blob. Raises ``TileCorrupt`` if no width has that length."""
    width = _WIDTH_BY_LENGTH.get(len(blob))
    if width is None:
        raise TileCorrupt(
            "A stored tile has a length that belongs to no width.",
            rule="merkle.tile.length",
            value=f"tile {key[0]}/{key[1]}: {len(blob)} bytes",
            expected=f"at most {_hash_count(TILE_WIDTH) * HASH_SIZE} bytes, whole rows",
            message_zh="存储的瓦片长度不对应任何宽度。",
        )
    return width


def level_bytes(key: TileKey, blob: bytes, k: int, count: int) -> bytes:
    """The first ``count`` hashes of level ``k`` (0 to 7) of a blob. Raises ``TileCorrupt`` if it holds fewer."""
    width = blob_width(key, blob)
    if count > width >> k:
        raise missing_tile(key, f"{width} wide", f"at least {count << k} wide")
    start = _OFFSETS[width][k]
    return blob[start : start + count * HASH_SIZE]


def node_at(key: TileKey, blob: bytes, k: int, position: int) -> bytes:
    """Hash number ``position`` of level ``k`` of a blob. Raises ``TileCorrupt`` if it is not there."""
    width = blob_width(key, blob)
    if position >= width >> k:
        raise missing_tile(key, f"{width} wide", f"at least {(position + 1) << k} wide")
    start = _OFFSETS[width][k] + position * HASH_SIZE
    return blob[start : start + HASH_SIZE]


def missing_tile(key: TileKey, found: str, expected: str) -> TileCorrupt:
    """The error for a tile that should be stored, and is not or is too narrow."""
    return TileCorrupt(
        "A tile of the tree is missing or too narrow.",
        rule="merkle.tile.missing",
        value=f"tile {key[0]}/{key[1]}: {found}",
        expected=expected,
        message_zh="树的瓦片缺失或过窄。",
    )
