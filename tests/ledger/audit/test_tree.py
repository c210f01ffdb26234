"""The tree put together from parts is the tree over all leaves (RFC 9162)."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.audit import tree
from ledger.audit.tree import Parts, part_nodes
from ledger.merkle import EMPTY_ROOT, tree_root

SMALL_PART = 8


def leaves(count: int) -> list[bytes]:
    return [sha256(str(number).encode()).digest() for number in range(count)]


@settings(max_examples=60)
@given(st.integers(1, 70))
def test_roots_at_every_size_are_those_of_the_whole_tree(count: int) -> None:
    every = leaves(count)
    parts = Parts()
    found = {}
    for first in range(0, count, SMALL_PART):
        part = every[first : first + SMALL_PART]
        nodes = part_nodes(part, range(1, len(part) + 1))
        for size, subtrees in nodes.items():
            found[first + size] = parts.root(subtrees)
        if len(part) == SMALL_PART:
            (node,) = nodes[SMALL_PART]
            parts.add(node)
    assert found == {size: tree_root(every[:size]) for size in range(1, count + 1)}


def test_a_tree_goes_on_from_its_state() -> None:
    every = leaves(3 * SMALL_PART)
    parts = Parts()
    for first in range(0, len(every), SMALL_PART):
        parts.add(part_nodes(every[first : first + SMALL_PART], [SMALL_PART])[SMALL_PART][0])
        parts = Parts(parts.state())
    assert parts.root() == tree_root(every)


def test_an_empty_tree_has_the_empty_root() -> None:
    assert Parts().root() == EMPTY_ROOT


def test_a_part_is_a_node_of_the_tree() -> None:
    assert tree.PART & (tree.PART - 1) == 0


def test_a_size_beyond_the_part_is_an_error() -> None:
    with pytest.raises(IndexError):
        part_nodes(leaves(3), [5])
