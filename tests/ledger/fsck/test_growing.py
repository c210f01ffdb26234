"""The tree that checks and the tree that is checked agree on every size."""

from __future__ import annotations

import hashlib

import pytest

from ledger.fsck.growing import GrowingTree
from ledger.merkle import MemoryTileStore, Tree, tree_root


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 70_000])
def test_root_and_tiles_are_those_of_the_stored_tree(size: int) -> None:
    leaves = [hashlib.sha256(b"%d" % number).digest() for number in range(size)]
    store = MemoryTileStore()
    tree = Tree(store, 0)
    tree.append_leaves(leaves)
    growing = GrowingTree()
    tiles = {}
    for leaf in leaves:
        tiles |= {(level, index): blob for level, index, _, blob in growing.add(leaf)}
    tiles |= {(level, index): blob for level, index, _, blob in growing.partial()}
    assert growing.root() == tree.root() == tree_root(leaves)
    assert tiles == store.tiles
    counts = {level: sum(key[0] == level for key in store.tiles) for level, _ in store.tiles}
    assert {level: count for level, count in growing.tiles() if count} == counts


def test_every_root_on_the_way_is_right() -> None:
    growing, leaves = GrowingTree(), []
    for number in range(600):
        leaves.append(hashlib.sha256(b"%d" % number).digest())
        growing.add(leaves[-1])
        if number % 37 == 0:
            assert growing.root() == tree_root(leaves)
