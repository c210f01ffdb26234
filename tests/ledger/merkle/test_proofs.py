"""Judging proofs: what RFC 9162 accepts is accepted, and nothing else."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Integrity, ProofInvalid
from ledger.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    MemoryTileStore,
    Tree,
    leaf_hash,
    node_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "merkle"


def cases(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((VECTORS / name).read_text())["cases"]
    return loaded


def unhex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def judged(call: Any, *arguments: Any) -> bool:
    try:
        call(*arguments)
    except ProofInvalid:
        return False
    return True


def test_the_recipe_makes_the_committed_vectors() -> None:
    made = runpy.run_path(str(VECTORS / "make_vectors.py"))["files"]()
    assert {name: (VECTORS / name).read_text(encoding="utf-8") for name in made} == made


def test_inclusion_is_judged_as_the_recursive_definition_does() -> None:
    for case in cases("inclusion.json"):
        arguments = (
            unhex(case["leaf_hash"]), int(case["index"]), int(case["size"]),
            [unhex(each) for each in case["proof"]], unhex(case["root"]),
        )  # fmt: skip
        assert judged(verify_inclusion, *arguments) is case["valid"], case["name"]


def test_consistency_is_judged_as_the_recursive_definition_does() -> None:
    for case in cases("consistency.json"):
        arguments = (
            int(case["old_size"]), int(case["new_size"]), unhex(case["old_root"]), unhex(case["new_root"]),
            [unhex(each) for each in case["proof"]],
        )  # fmt: skip
        assert judged(verify_consistency, *arguments) is case["valid"], case["name"]


def test_the_published_tree_has_its_roots_and_proofs() -> None:
    published = json.loads((VECTORS / "published.json").read_text())
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry in published["entries"]]
    tree = Tree(MemoryTileStore())
    tree.append_leaves(leaves)
    roots = [bytes.fromhex(root) for root in published["roots"]]
    assert [tree.root(size) for size in range(9)] == roots
    assert [tree_root(leaves[:size]) for size in range(9)] == roots
    for case in published["inclusion"]:
        proof = [bytes.fromhex(each) for each in case["proof"]]
        assert tree.inclusion_proof(case["index"], case["size"]) == proof
        verify_inclusion(leaves[case["index"]], case["index"], case["size"], proof, roots[case["size"]])
    for case in published["consistency"]:
        proof = [bytes.fromhex(each) for each in case["proof"]]
        assert tree.consistency_proof(case["old"], case["new"]) == proof
        verify_consistency(case["old"], case["new"], roots[case["old"]], roots[case["new"]], proof)


def test_the_published_hashes() -> None:
    # github.com/transparency-dev/merkle, rfc6962/rfc6962_test.go
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


HASH = b"\x11" * 32


@pytest.mark.parametrize("number", [-1, -(2**70), MAX_SIZE + 1, 2**64, 10**50, True, 1.0, "1", None])
def test_absurd_numbers_are_refused_and_named(number: Any) -> None:
    for call in (
        lambda: verify_inclusion(HASH, number, MAX_SIZE, [], HASH),
        lambda: verify_inclusion(HASH, 0, number, [], HASH),
        lambda: verify_consistency(number, MAX_SIZE, HASH, HASH, []),
        lambda: verify_consistency(0, number, EMPTY_ROOT, HASH, []),
    ):
        with pytest.raises(ProofInvalid, match=r"merkle\.(index|size)"):
            call()


@pytest.mark.parametrize("hash_", [b"", b"\x11" * 31, b"\x11" * 33, "11" * 32, None])
def test_hashes_of_another_length_are_refused(hash_: Any) -> None:
    for call in (
        lambda: verify_inclusion(hash_, 0, 1, [], HASH),
        lambda: verify_inclusion(HASH, 0, 1, [], hash_),
        lambda: verify_inclusion(HASH, 0, 2, [hash_], HASH),
        lambda: verify_consistency(1, 2, hash_, HASH, [HASH]),
        lambda: verify_consistency(1, 2, HASH, hash_, [HASH]),
        lambda: verify_consistency(1, 2, HASH, HASH, [hash_]),
    ):
        with pytest.raises(ProofInvalid, match="32 bytes"):
            call()


@given(
    leaves=st.lists(st.binary(max_size=3).map(leaf_hash), min_size=1, max_size=40),
    data=st.data(),
)
def test_no_altered_bit_survives(leaves: list[bytes], data: st.DataObject) -> None:
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    tree = Tree(MemoryTileStore())
    tree.append_leaves(leaves)
    parts = [leaves[index], tree.root(), *tree.inclusion_proof(index)]
    verify_inclusion(parts[0], index, size, parts[2:], parts[1])
    where, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    altered = (int.from_bytes(parts[where], "big") ^ (1 << bit)).to_bytes(32, "big")
    parts[where] = altered
    with pytest.raises(ProofInvalid):
        verify_inclusion(parts[0], index, size, parts[2:], parts[1])


def test_a_false_proof_is_an_integrity_error_that_names_rule_value_and_expectation() -> None:
    with pytest.raises(Integrity) as caught:
        verify_inclusion(HASH, 7, 7, [], HASH)
    assert caught.value.as_dict() == {
        "rule": "merkle.index",
        "value": "7",
        "expected": "below 7",
        "message": "The index is not below the tree size.",
        "message_zh": "序号不小于树的大小。",
    }
