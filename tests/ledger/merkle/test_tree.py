"""The tree in tiles: its roots and proofs are those of RFC 9162, whatever the batches and the size asked about."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import OutOfRange, TileCorrupt
from ledger.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    MemoryTileStore,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from ledger.merkle.tiles import TILE_HEIGHT, TILE_WIDTH

BIG = 70_000
ENTRIES = [b"entry %d" % number for number in range(BIG)]
LEAVES = leaf_hashes(ENTRIES)
#: Sizes at which a level, a tile or a tile of tiles begins or ends.
EDGES = [1, 2, 3, 7, 8, 9, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_793, BIG]


def naive_mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162 §2.1.1 as it is written, recursive."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = naive_k(len(leaves))
    return hashlib.sha256(b"\x01" + naive_mth(leaves[:k]) + naive_mth(leaves[k:])).digest()


def naive_path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 9162 §2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = naive_k(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_mth(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_mth(leaves[:k])]


def naive_subproof(m: int, leaves: Sequence[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 9162 §2.1.4.1."""
    n = len(leaves)
    if m == n:
        return [] if whole else [naive_mth(leaves)]
    k = naive_k(n)
    if m <= k:
        return [*naive_subproof(m, leaves[:k], whole), naive_mth(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_mth(leaves[:k])]


def naive_k(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


@pytest.fixture(scope="module")
def big() -> Tree:
    tree = Tree(MemoryTileStore())
    tree.append_leaves(LEAVES)
    return tree


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert Tree(MemoryTileStore()).root() == EMPTY_ROOT == tree_root([]) == hashlib.sha256(b"").digest()


@given(sizes=st.lists(st.integers(0, 700), min_size=1, max_size=5), data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_batches_give_the_roots_and_proofs_of_the_recursive_definition(
    sizes: list[int], data: st.DataObject
) -> None:
    store = MemoryTileStore()
    size = 0
    for batch in sizes:
        # A new object each time: the tree keeps nothing that is not in the store.
        tree = Tree(store, size)
        tree.append_leaves(LEAVES[size : size + batch])
        size += batch
    tree = Tree(store, size)
    asked = data.draw(st.integers(0, size))
    assert tree.root(asked) == naive_mth(LEAVES[:asked])
    old = data.draw(st.integers(0, asked))
    expected = naive_subproof(old, LEAVES[:asked]) if 0 < old < asked else []
    assert tree.consistency_proof(old, asked) == expected
    verify_consistency(old, asked, tree.root(old), tree.root(asked), expected)
    if asked:
        index = data.draw(st.integers(0, asked - 1))
        assert tree.inclusion_proof(index, asked) == naive_path(index, LEAVES[:asked])
        verify_inclusion(LEAVES[index], index, asked, naive_path(index, LEAVES[:asked]), tree.root(asked))


@given(leaves=st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_tree_root_is_the_recursive_definition(leaves: list[bytes]) -> None:
    assert tree_root(leaves) == naive_mth(leaves)


@pytest.mark.parametrize("size", EDGES)
def test_proofs_at_tile_edges_verify(big: Tree, size: int) -> None:
    root = tree_root(LEAVES[:size])
    assert big.root(size) == root
    for index in {0, size // 2, size // 3, size - 1}:
        verify_inclusion(LEAVES[index], index, size, big.inclusion_proof(index, size), root)
    for old in [edge for edge in EDGES if edge <= size]:
        verify_consistency(old, size, big.root(old), root, big.consistency_proof(old, size))


def test_one_batch_and_many_leave_the_same_tiles(big: Tree) -> None:
    whole, parts = MemoryTileStore(), MemoryTileStore()
    Tree(whole).append_leaves(LEAVES[:1500])
    tree = Tree(parts)
    for start in range(0, 1500, 7):
        tree.append_leaves(LEAVES[start : min(start + 7, 1500)])
    assert whole.tiles == parts.tiles


@given(size=st.integers(1, 600), data=st.data())
@settings(max_examples=40, deadline=None)
def test_pymerkle_gives_the_same_roots_and_paths(size: int, data: st.DataObject) -> None:
    peer = pymerkle.InmemoryTree(algorithm="sha256")
    peer.append_entries(ENTRIES[:size])
    tree = Tree(MemoryTileStore())
    tree.append_leaves(LEAVES[:size])
    assert tree.root() == peer.get_root()
    index = data.draw(st.integers(0, size - 1))
    theirs = peer.prove_inclusion(index + 1, size)
    ours = tree.inclusion_proof(index, size)
    # pymerkle's path starts with the leaf itself.
    assert sorted(theirs.path) == sorted([LEAVES[index], *ours])
    pymerkle.verify_inclusion(LEAVES[index], tree.root(), theirs)


def test_an_abandoned_append_is_invisible_and_overwritten() -> None:
    store = MemoryTileStore()
    Tree(store).append_leaves(LEAVES[:300])
    Tree(store, 300).append_leaves([leaf_hash(b"never acknowledged")] * 500)
    kept = Tree(store, 300)
    assert kept.root() == tree_root(LEAVES[:300])
    kept.append_leaves(LEAVES[300:400])
    assert kept.root() == tree_root(LEAVES[:400])
    verify_inclusion(LEAVES[350], 350, 400, kept.inclusion_proof(350), kept.root())


def test_leaf_hashes_come_back_in_order(big: Tree) -> None:
    assert list(big.leaf_hashes()) == LEAVES
    assert list(big.leaf_hashes(250, 515)) == LEAVES[250:515]
    assert list(big.leaf_hashes(512, 512)) == []


def test_c2sp_tiles_are_rows_of_subtree_roots(big: Tree) -> None:
    # C2SP tlog-tiles: a tree of 70,000 has 273 full level-0 tiles, a partial one of 112, one full level-1 tile, a
    # partial one of 17, and a partial level-2 tile of 1.
    assert big.tile_bytes(0, 272) == b"".join(LEAVES[272 * 256 : 273 * 256])
    assert big.tile_bytes(0, 273, 112) == b"".join(LEAVES[273 * 256 :])
    assert big.tile_bytes(1, 1, 17)[-32:] == tree_root(LEAVES[272 * 256 : 273 * 256])
    assert big.tile_bytes(2, 0, 1) == tree_root(LEAVES[:65_536])
    assert big.tile_bytes(0, 0, 3) == b"".join(LEAVES[:3])
    for level, index, width in [(0, 273, 113), (0, 273, 256), (0, 274, 1), (1, 1, 18), (2, 0, 2), (3, 0, 1)]:
        with pytest.raises(OutOfRange, match=r"merkle\.tile"):
            big.tile_bytes(level, index, width)


@pytest.mark.parametrize(
    ("level", "index", "width"),
    [(-1, 0, 1), (0, -1, 256), (0, 0, 0), (0, 0, 257), (64, 0, 1), (10**30, 0, 1), (0, 10**30, 1), (True, 0, 1)],
)
def test_absurd_tiles_are_refused(big: Tree, level: int, index: int, width: int) -> None:
    with pytest.raises(OutOfRange):
        big.tile_bytes(level, index, width)


@pytest.mark.parametrize("size", [-1, BIG + 1, 2**63, 2**64, 10**40, True])
def test_sizes_the_tree_does_not_have_are_refused(big: Tree, size: int) -> None:
    for call in (
        lambda: big.root(size),
        lambda: big.inclusion_proof(0, size),
        lambda: big.consistency_proof(0, size),
        lambda: big.consistency_proof(size, BIG),
        lambda: list(big.leaf_hashes(0, size)),
    ):
        with pytest.raises(OutOfRange, match=r"merkle\.size"):
            call()


@pytest.mark.parametrize("index", [-1, 5, 2**63, True])
def test_leaves_the_tree_does_not_have_are_refused(big: Tree, index: int) -> None:
    with pytest.raises(OutOfRange, match=r"merkle\.index"):
        big.inclusion_proof(index, 5)


def test_the_empty_tree_has_no_leaf_to_prove() -> None:
    with pytest.raises(OutOfRange, match="a tree with leaves"):
        Tree(MemoryTileStore()).inclusion_proof(0)


def test_a_hash_of_another_length_is_refused_and_nothing_is_written() -> None:
    store = MemoryTileStore()
    with pytest.raises(OutOfRange, match=r"merkle\.hash"):
        Tree(store).append_leaves([*LEAVES[:3], b"short"])
    assert store.tiles == {}


def test_no_tree_grows_beyond_a_signed_64_bit_size() -> None:
    with pytest.raises(OutOfRange, match=r"merkle\.size"):
        Tree(MemoryTileStore(), MAX_SIZE).append_leaves(LEAVES[:1])
    with pytest.raises(OutOfRange):
        Tree(MemoryTileStore(), MAX_SIZE + 1)


def test_missing_narrow_and_damaged_tiles_are_named() -> None:
    store = MemoryTileStore()
    Tree(store).append_leaves(LEAVES[:300])
    whole = store.tiles[0, 1]
    narrow = MemoryTileStore()
    Tree(narrow).append_leaves(LEAVES[:290])
    store.tiles[0, 1] = narrow.tiles[0, 1]
    with pytest.raises(TileCorrupt, match="tile 0/1"):
        Tree(store, 300).root()
    store.tiles[0, 1] = whole[:-1]
    with pytest.raises(TileCorrupt, match=r"merkle\.tile\.length"):
        Tree(store, 300).inclusion_proof(299)
    del store.tiles[0, 1]
    for call in (Tree(store, 300).root, Tree(store, 300).check_edge):
        with pytest.raises(TileCorrupt, match="not stored"):
            call()
    with pytest.raises(TileCorrupt):
        Tree(store, 300).append_leaves(LEAVES[300:301])


class SparseNodes:
    """Nodes of the largest tree there can be: any hash, but counted."""

    def __init__(self) -> None:
        self.read = 0

    def read_nodes(self, nodes: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        self.read += len(nodes)
        for level, index in nodes:
            assert (index + 1) << level <= MAX_SIZE
        return {node: hashlib.sha256(repr(node).encode()).digest() for node in nodes}


@given(index=st.integers(0, MAX_SIZE - 1), size=st.integers(1, MAX_SIZE))
def test_proofs_in_trees_up_to_the_limit_read_a_bounded_number_of_nodes(index: int, size: int) -> None:
    nodes = SparseNodes()
    path = inclusion_proof(nodes, index % size, size)
    assert len(path) <= 63
    assert nodes.read <= 2 * 64
    nodes.read = 0
    assert len(consistency_proof(nodes, index % size, size)) <= 64
    assert nodes.read <= 2 * 64


def test_a_proof_reads_few_tiles(big: Tree) -> None:
    class Counting(MemoryTileStore):
        reads: list[int] = []  # noqa: RUF012 - one list for this test

        def read_tiles(self, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
            self.reads.append(len(keys))
            return super().read_tiles(keys)

    store = Counting()
    tree = Tree(store)
    tree.append_leaves(LEAVES)
    store.reads.clear()
    tree.inclusion_proof(1234)
    levels = -(-BIG.bit_length() // TILE_HEIGHT)
    assert len(store.reads) == 1
    # The path's own tile and, where it has left the right edge, the one there.
    assert store.reads[0] <= 2 * levels
    assert TILE_WIDTH == 1 << TILE_HEIGHT
