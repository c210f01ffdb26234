"""Judging proofs: inclusion (RFC 9162 §2.1.3.2) and consistency (§2.1.4.2). Both raise or return nothing.

Sizes, indexes and paths come from strangers: every number is bounded before it is used, and a path must have
exactly the length that index and sizes demand, so no proof can be longer or shorter than the true one.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.errors import ProofInvalid
from ledger.merkle.hashing import EMPTY_ROOT, HASH_SIZE, MAX_SIZE, node_hash

#: A path has at most one hash per level, and consistency one more: what is longer is refused unread.
MAX_PROOF_HASHES = 64


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Pass if the leaf hash ``leaf`` is number ``index`` (from 0) of the tree of ``size`` leaves with ``root``.

    ``proof``: sibling hashes from the leaf upwards. Raises ``ProofInvalid``. RFC 9162 §2.1.3.2.
    """
    _check_number("merkle.index", index)
    _check_number("merkle.size", size)
    if index >= size:
        raise ProofInvalid(
            "The index is not below the tree size.",
            rule="merkle.index",
            value=index,
            expected=f"below {size}",
            message_zh="序号不小于树的大小。",
        )
    _check_hashes((leaf, root), "merkle.hash")
    _check_path(proof)
    node = leaf
    fn, sn = index, size - 1
    for sibling in proof:
        if sn == 0:
            raise _length_error(len(proof))
        if fn & 1 or fn == sn:
            node = node_hash(sibling, node)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            node = node_hash(node, sibling)
        fn >>= 1
        sn >>= 1
    if sn != 0:
        raise _length_error(len(proof))
    _check_root("merkle.inclusion", node, root)


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Pass if the tree of ``new`` leaves with ``new_root`` extends the tree of ``old`` leaves with ``old_root``.

    The empty tree is extended by every tree, with an empty proof (C2SP tlog-witness); equal sizes need equal roots
    and an empty proof. Raises ``ProofInvalid``. RFC 9162 §2.1.4.2.
    """
    _check_number("merkle.size", old)
    _check_number("merkle.size", new)
    if old > new:
        raise ProofInvalid(
            "The old size is above the new one.",
            rule="merkle.size",
            value=old,
            expected=f"at most {new}",
            message_zh="旧的大小超过新的大小。",
        )
    _check_hashes((old_root, new_root), "merkle.hash")
    _check_path(proof)
    for size, root in ((old, old_root), (new, new_root)):
        if size == 0:
            _check_root("merkle.empty-root", root, EMPTY_ROOT)
    if old in (0, new):
        if proof:
            raise _length_error(len(proof))
        if old == new:
            _check_root("merkle.consistency.same-size", new_root, old_root)
        return
    _verify_growth(old, new, old_root, new_root, proof)


def _verify_growth(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    # A power of two is a node of the new tree: the proof leaves it out, the verifier puts it back.
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not proof:
        raise _length_error(0)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    first = second = path[0]
    for sibling in path[1:]:
        if sn == 0:
            raise _length_error(len(proof))
        if fn & 1 or fn == sn:
            first = node_hash(sibling, first)
            second = node_hash(sibling, second)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            second = node_hash(second, sibling)
        fn >>= 1
        sn >>= 1
    if sn != 0:
        raise _length_error(len(proof))
    _check_root("merkle.consistency.old-root", first, old_root)
    _check_root("merkle.consistency.new-root", second, new_root)


def _check_number(rule: str, value: int) -> None:
    if type(value) is not int or not 0 <= value <= MAX_SIZE:
        raise ProofInvalid(
            "A size or index is out of bounds.",
            rule=rule,
            value=value,
            expected=f"an integer from 0 to {MAX_SIZE}",
            message_zh="大小或序号越界。",
        )


def _check_hashes(hashes: Sequence[bytes], rule: str) -> None:
    for each in hashes:
        if not isinstance(each, bytes) or len(each) != HASH_SIZE:
            raise ProofInvalid(
                "A hash has the wrong length.",
                rule=rule,
                value=each,
                expected=f"{HASH_SIZE} bytes",
                message_zh="哈希长度不对。",
            )


def _check_path(proof: Sequence[bytes]) -> None:
    if len(proof) > MAX_PROOF_HASHES:
        raise _length_error(len(proof))
    _check_hashes(proof, "merkle.proof.hash")


def _length_error(length: int) -> ProofInvalid:
    return ProofInvalid(
        "The proof has another number of hashes than index and sizes demand.",
        rule="merkle.proof.length",
        value=length,
        expected="exactly the path of RFC 9162",
        message_zh="证明的哈希个数与序号和大小不符。",
    )


def _check_root(rule: str, computed: bytes, root: bytes) -> None:
    if computed != root:
        raise ProofInvalid(
            "The proof leads to another root.",
            rule=rule,
            value=computed,
            expected=root,
            message_zh="证明得出的根与给定的根不同。",
        )
