"""The stored tiles against those of the tree over the entries."""

from __future__ import annotations

from ledger.fsck.faults import Findings
from ledger.fsck.growing import GrowingTree
from ledger.fsck.store import Store
from ledger.merkle import HASH_SIZE, TILE_WIDTH


class Tiles:
    """Grows the tree and compares each tile as it fills."""

    def __init__(self, store: Store, findings: Findings) -> None:
        self._store = store
        self._findings = findings
        self._tree = GrowingTree()

    @property
    def size(self) -> int:
        """Leaves so far."""
        return self._tree.size

    def add(self, leaf: bytes) -> None:
        """The next leaf of the tree."""
        for level, index, width, blob in self._tree.add(leaf):
            self._compare(level, index, width, blob)

    def root(self) -> bytes:
        """Root over the leaves so far."""
        return self._tree.root()

    def stored_leaf(self, index: int) -> bytes | None:
        """The leaf hash that the stored tile has at a log position."""
        tile, place = divmod(index, TILE_WIDTH)
        blob = self._store.scalar("SELECT blob FROM tiles WHERE level = 0 AND idx = ?", tile)
        leaf = blob[place * HASH_SIZE : (place + 1) * HASH_SIZE] if isinstance(blob, bytes) else b""
        return leaf if len(leaf) == HASH_SIZE else None

    def finish(self) -> None:
        """Compare the tiles at the right edge, and name those that the tree does not have."""
        for level, index, width, blob in self._tree.partial():
            self._compare(level, index, width, blob)
        counts = dict(self._tree.tiles())
        for level, count in counts.items():
            for (index,) in self._store.stream("SELECT idx FROM tiles WHERE level = ? AND idx >= ?", level, count):
                self._extra(level, index)
        highest = max(counts, default=-1)
        for level, index in self._store.stream("SELECT level, idx FROM tiles WHERE level > ? OR level < 0", highest):
            self._extra(level, index)

    def _extra(self, level: int, index: int) -> None:
        self._findings.looked_at("tiles")
        self._findings.fault("tiles", (level, index), "row", "a tile", f"none in a tree of {self.size} leaves")

    def _compare(self, level: int, index: int, width: int, blob: bytes) -> None:
        key = (level, index)
        row = self._store.one("SELECT width, blob FROM tiles WHERE level = ? AND idx = ?", level, index)
        if row is None:
            self._findings.fault("tiles", key, "row", "missing", f"a tile {width} wide")
            return
        self._findings.looked_at("tiles")
        self._findings.compare("tiles", key, "width", row[0], width)
        if row[1] == blob:
            return
        found = row[1] if isinstance(row[1], bytes) else b""
        if len(found) != len(blob):
            self._findings.fault("tiles", key, "blob", f"{len(found)} bytes", f"{len(blob)} bytes")
            return
        at = next(place for place in range(0, len(blob), HASH_SIZE) if _hash(found, place) != _hash(blob, place))
        number = at // HASH_SIZE
        self._findings.fault(
            "tiles", key, "blob", f"hash {number}: {_hash(found, at).hex()}", f"hash {number}: {_hash(blob, at).hex()}"
        )


def _hash(blob: bytes, place: int) -> bytes:
    return blob[place : place + HASH_SIZE]
