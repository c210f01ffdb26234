"""RFC 9162 Merkle trees over SHA-256: hashes, proofs, and a tree kept in tiles. No I/O, no clock.

``leaf_hash``/``node_hash`` are the two hashes, ``verify_inclusion``/``verify_consistency`` judge proofs (they raise
``ledger.errors.ProofInvalid``), ``Tree`` builds roots and proofs for any size up to its own from a ``TileStore``.
"""

from __future__ import annotations

from ledger.merkle.hashing import EMPTY_ROOT, HASH_SIZE, MAX_SIZE, leaf_hash, leaf_hashes, node_hash, tree_root
from ledger.merkle.memory import MemoryTileStore
from ledger.merkle.paths import TilePath, format_tile_path, parse_tile_path
from ledger.merkle.proofs import verify_consistency, verify_inclusion
from ledger.merkle.ranges import NodeReader, consistency_proof, inclusion_proof, root_of
from ledger.merkle.tiles import TILE_HEIGHT, TILE_WIDTH, TileStore
from ledger.merkle.tree import Tree

__all__ = [
    "EMPTY_ROOT",
    "HASH_SIZE",
    "MAX_SIZE",
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "MemoryTileStore",
    "NodeReader",
    "TilePath",
    "TileStore",
    "Tree",
    "consistency_proof",
    "format_tile_path",
    "inclusion_proof",
    "leaf_hash",
    "leaf_hashes",
    "node_hash",
    "parse_tile_path",
    "root_of",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
]
