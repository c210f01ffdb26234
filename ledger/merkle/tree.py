"""A tree in tiles: append in batches, roots and proofs for every size up to its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ledger.errors import OutOfRange
from ledger.merkle import ranges
from ledger.merkle.hashing import HASH_SIZE, MAX_SIZE, parent_row
from ledger.merkle.ranges import Node, check_size
from ledger.merkle.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    TileKey,
    TileRow,
    TileStore,
    blob_width,
    level_bytes,
    missing_tile,
    node_at,
)

_MASK = TILE_WIDTH - 1
#: Hashes of level k in a full tile are this many bytes.
_FULL_BYTES = tuple((TILE_WIDTH >> k) * HASH_SIZE for k in range(TILE_HEIGHT))


class Tree:
    """The tree of the first ``size`` leaves in ``store``.

    The size is the caller's to keep (in the same transaction as the tiles): tiles left wider by an append that was not
    kept are read as narrow as ``size`` says, and overwritten by the next append.
    """

    def __init__(self, store: TileStore, size: int = 0) -> None:
        check_size(size, MAX_SIZE)
        self._store = store
        self._size = size

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    def append_leaves(self, leaves: Sequence[bytes]) -> None:
        """Append leaf hashes (32 bytes each), in order; one ``write_tiles`` call.

        Raises ``OutOfRange`` for a hash of another length or a tree beyond 2^63 − 1, ``TileCorrupt`` if the tiles at
        the right edge are not there; nothing is written then.
        """
        check_size(self._size + len(leaves), MAX_SIZE)
        if any(len(leaf) != HASH_SIZE for leaf in leaves):
            odd = next(leaf for leaf in leaves if len(leaf) != HASH_SIZE)
            raise OutOfRange(
                "A leaf hash has the wrong length.",
                rule="merkle.hash",
                value=odd,
                expected=f"{HASH_SIZE} bytes",
                message_zh="叶子哈希长度不对。",
            )
        if not leaves:
            return
        self._store.write_tiles(list(self._new_rows(b"".join(leaves))))
        self._size += len(leaves)

    def _new_rows(self, fresh: bytes) -> Iterator[TileRow]:
        edge = self._edge_tiles()
        level = 0
        while fresh:
            count = self._size >> (TILE_HEIGHT * level)
            first, width = count // TILE_WIDTH, count & _MASK
            key = (level, first)
            rows = [b"" if width == 0 else level_bytes(key, edge[key], 0, width)]
            rows[0] += fresh
            for k in range(1, TILE_HEIGHT):
                kept = width >> k
                known = b"" if kept == 0 else level_bytes(key, edge[key], k, kept)
                rows.append(known + b"".join(parent_row(rows[k - 1], kept * 2 * HASH_SIZE)))
            # The tile at the old edge was not full, so no root above it exists yet: every one is new.
            fresh = b"".join(parent_row(rows[-1]))
            hashes = len(rows[0]) // HASH_SIZE
            for tile in range(-(-hashes // TILE_WIDTH)):
                blob = b"".join(
                    [row[tile * step : (tile + 1) * step] for row, step in zip(rows, _FULL_BYTES, strict=True)]
                )
                yield level, first + tile, min(hashes - tile * TILE_WIDTH, TILE_WIDTH), blob
            level += 1

    def _edge_tiles(self) -> Mapping[TileKey, bytes]:
        keys = []
        level, count = 0, self._size
        while count:
            if count & _MASK:
                keys.append((level, count // TILE_WIDTH))
            level, count = level + 1, count >> TILE_HEIGHT
        return self._read(keys)

    def _read(self, keys: Sequence[TileKey]) -> Mapping[TileKey, bytes]:
        tiles = self._store.read_tiles(keys) if keys else {}
        for key in keys:
            if key not in tiles:
                raise missing_tile(key, "not stored", "stored")
        return tiles

    def read_nodes(self, nodes: Sequence[Node]) -> dict[Node, bytes]:
        """Hashes of complete nodes ``(tree level, index)``; one ``read_tiles`` call (``ranges.NodeReader``)."""
        places = {}
        for level, index in nodes:
            tile_level, k = divmod(level, TILE_HEIGHT)
            height = TILE_HEIGHT - k
            places[level, index] = ((tile_level, index >> height), k, index & ((1 << height) - 1))
        tiles = self._read(list({key: None for key, _, _ in places.values()}))
        return {node: node_at(key, tiles[key], k, at) for node, (key, k, at) in places.items()}

    def root(self, size: int | None = None) -> bytes:
        """Root of the first ``size`` leaves (all by default). Raises ``OutOfRange`` (also the proofs below)."""
        return ranges.root_of(self, self._within(size))

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """Path of leaf ``index`` in the tree of ``size`` leaves, from the leaf upwards (RFC 9162 §2.1.3.1)."""
        return ranges.inclusion_proof(self, index, self._within(size))

    def consistency_proof(self, old: int, new: int | None = None) -> list[bytes]:
        """Proof that the tree of ``new`` leaves extends the one of ``old`` (RFC 9162 §2.1.4.1)."""
        return ranges.consistency_proof(self, old, self._within(new))

    def leaf_hashes(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Leaf hashes ``start`` (included) to ``end`` (excluded, all by default), a tile at a time."""
        stop = self._within(end)
        check_size(start, stop)
        for index in range(start // TILE_WIDTH, -(-stop // TILE_WIDTH)):
            base = index * TILE_WIDTH
            low, high = max(start - base, 0), min(stop - base, TILE_WIDTH)
            if low < high:
                key = (0, index)
                row = level_bytes(key, self._read([key])[key], 0, high)
                for at in range(low * HASH_SIZE, high * HASH_SIZE, HASH_SIZE):
                    yield row[at : at + HASH_SIZE]

    def tile_bytes(self, level: int, index: int, width: int = TILE_WIDTH) -> bytes:
        """What C2SP tlog-tiles serves for ``tile/<level>/<index>[.p/<width>]``: ``width`` × 32 bytes.

        A partial tile stays available after it became full. Raises ``OutOfRange`` if the tree has no such tile.
        """
        numbers_fit = all(type(number) is int and number >= 0 for number in (level, index, width))
        if (
            not numbers_fit
            or not 1 <= width <= TILE_WIDTH
            or level > MAX_SIZE.bit_length() // TILE_HEIGHT
            or index * TILE_WIDTH + width > self._size >> (TILE_HEIGHT * level)
        ):
            raise OutOfRange(
                "The tree has no such tile.",
                rule="merkle.tile",
                value=f"level {level}, index {index}, width {width}",
                expected=f"a tile of a tree of {self._size} leaves",
                message_zh="树中没有这个瓦片。",
            )
        key = (level, index)
        return level_bytes(key, self._read([key])[key], 0, width)

    def check_edge(self) -> None:
        """Read the tiles at the right edge; raises ``TileCorrupt`` if the store lacks what ``size`` promises."""
        for (level, index), blob in self._edge_tiles().items():
            wanted = (self._size >> (TILE_HEIGHT * level)) & _MASK
            if blob_width((level, index), blob) < wanted:
                raise missing_tile((level, index), "too narrow", f"at least {wanted} wide")

    def _within(self, size: int | None) -> int:
        if size is None:
            return self._size
        check_size(size, self._size)
        return size
