"""The recipe of the Merkle vectors beside it: ``python tests/vectors/merkle/make_vectors.py`` writes them again.

Everything here follows RFC 9162 §2.1 literally and recursively, and shares nothing with ``ledger.merkle`` nor with the
contracts, so that the vectors judge both. A case is named by how it was made from a good proof; ``valid`` is what the
recursive definition says of it. A mutation is not always fatal: an inclusion proof does not commit to the tree
size, so ``size-plus-one`` can be valid. Whoever uses a proof compares the size with the checkpoint's.

Sizes and indexes are decimal strings (they exceed 2^53), hashes 0x-prefixed hex, proofs from the leaf upwards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LIMIT = 2**63 - 1

#: The eight entries of the reference tree of Certificate Transparency.
REFERENCE_ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
    )
]  # fmt: skip
#: Published facts: github.com/transparency-dev/merkle, commit 417fb0c3: cmd/proofgen/main.go (roots of sizes 1 to 8),
#: rfc6962/rfc6962_test.go (empty tree), testdata/*/happy-path.json (proofs, there in base64).
PUBLISHED: dict[str, Any] = {
    "source": "github.com/transparency-dev/merkle at 417fb0c314750d94e53942e9f92e79b6d35915db",
    "roots": [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ],
    "inclusion": [
        {"index": 0, "size": 1, "proof": []},
        {
            "index": 5,
            "size": 8,
            "proof": [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        },
        {"index": 2, "size": 3, "proof": ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]},
    ],
    "consistency": [
        {
            "old": 2,
            "new": 5,
            "proof": [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        },
        {
            "old": 6,
            "new": 8,
            "proof": [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        },
    ],
}

Hashes = list[bytes]


def leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(leaves: Hashes) -> bytes:
    """RFC 9162 §2.1.1, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node(mth(leaves[:k]), mth(leaves[k:]))


def path(m: int, leaves: Hashes) -> Hashes:
    """PATH of RFC 9162 §2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Hashes, whole: bool = True) -> Hashes:
    """SUBPROOF of RFC 9162 §2.1.4.1."""
    n = len(leaves)
    if m == n:
        return [] if whole else [mth(leaves)]
    k = split(n)
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


class WrongShapeError(Exception):
    """The proof has not the shape of the definition."""


def included_root(leaf_hash: bytes, m: int, n: int, proof: Hashes) -> bytes:
    """The root to which PATH(m, D[n]) leads: the definition read backwards."""
    if not 0 <= m < n:
        raise WrongShapeError
    if n == 1:
        if proof:
            raise WrongShapeError
        return leaf_hash
    if not proof:
        raise WrongShapeError
    k = split(n)
    if m < k:
        return node(included_root(leaf_hash, m, k, proof[:-1]), proof[-1])
    return node(proof[-1], included_root(leaf_hash, m - k, n - k, proof[:-1]))


def grown_roots(m: int, n: int, proof: Hashes, known: bytes | None) -> tuple[bytes, bytes]:
    """Old and new root to which SUBPROOF(m, D[n], known is not None) leads."""
    if m == n:
        if known is not None:
            if proof:
                raise WrongShapeError
            return known, known
        if len(proof) != 1:
            raise WrongShapeError
        return proof[0], proof[0]
    if not proof:
        raise WrongShapeError
    k = split(n)
    if m <= k:
        old, new = grown_roots(m, k, proof[:-1], known)
        return old, node(new, proof[-1])
    old, new = grown_roots(m - k, n - k, proof[:-1], None)
    return node(proof[-1], old), node(proof[-1], new)


def judge_inclusion(case: dict[str, Any]) -> bool:
    try:
        return 0 < case["size"] <= LIMIT and case["root"] == included_root(
            case["leaf_hash"], case["index"], case["size"], case["proof"]
        )
    except WrongShapeError:
        return False


def judge_consistency(case: dict[str, Any]) -> bool:
    old, new, proof = case["old_size"], case["new_size"], case["proof"]
    if not 0 <= old <= new <= LIMIT:
        return False
    if (old == 0 and case["old_root"] != mth([])) or (new == 0 and case["new_root"] != mth([])):
        return False
    if old == 0:
        return not proof
    if old == new:
        return not proof and case["old_root"] == case["new_root"]
    try:
        return grown_roots(old, new, proof, case["old_root"]) == (case["old_root"], case["new_root"])
    except WrongShapeError:
        return False


def flip(value: bytes) -> bytes:
    return bytes([value[0] ^ 0x10]) + value[1:]


def proof_mutations(proof: Hashes, root: bytes) -> Iterator[tuple[str, Hashes]]:
    garbage = hashlib.sha256(b"garbage").digest()
    yield "extended-proof-trailing-garbage", [*proof, garbage]
    yield "extended-proof-trailing-root", [*proof, root]
    yield "extended-proof-preceding-garbage", [garbage, *proof]
    if len(proof) <= 1:
        yield "proof-of-65-hashes", [garbage] * 65
    if proof:
        yield "truncated-proof", proof[:-1]
        yield "truncated-proof-front", proof[1:]
        yield "empty-proof", []
        yield "repeated-last-hash", [*proof, proof[-1]]
        for at in range(len(proof)):
            yield f"proof-hash-{at}-altered", [*proof[:at], flip(proof[at]), *proof[at + 1 :]]
    if len(proof) > 1:
        yield "swapped-proof", [proof[1], proof[0], *proof[2:]]
        yield "reversed-proof", proof[::-1]
        yield "inserted-hash", [proof[0], garbage, *proof[1:]]


def inclusion_cases(leaves: Hashes, index: int, size: int) -> Iterator[dict[str, Any]]:
    good = {
        "leaf_hash": leaves[index],
        "index": index,
        "size": size,
        "proof": path(index, leaves[:size]),
        "root": mth(leaves[:size]),
    }
    changes: list[tuple[str, dict[str, Any]]] = [
        ("good", {}),
        ("wrong-leaf", {"leaf_hash": leaf(b"another entry")}),
        ("altered-leaf", {"leaf_hash": flip(good["leaf_hash"])}),
        ("wrong-root", {"root": flip(good["root"])}),
        ("root-of-the-empty-tree", {"root": mth([])}),
        ("index-plus-one", {"index": index + 1}),
        ("index-xor-two", {"index": index ^ 2}),
        ("index-equals-size", {"index": size}),
        ("index-huge", {"index": LIMIT}),
        ("size-plus-one", {"size": size + 1}),
        ("size-minus-one", {"size": size - 1}),
        ("size-doubled", {"size": size * 2}),
        ("size-halved", {"size": size // 2}),
        ("size-zero", {"size": 0}),
        ("size-huge", {"size": LIMIT}),
        ("size-one-index-zero-empty-proof", {"size": 1, "index": 0, "proof": []}),
    ]
    if index:
        changes.append(("index-minus-one", {"index": index - 1}))
    changes += [(name, {"proof": proof}) for name, proof in proof_mutations(good["proof"], good["root"])]
    for name, change in changes:
        case = {**good, **change}
        yield {"name": f"leaf-{index}-of-{size}/{name}", **case, "valid": judge_inclusion(case)}


def consistency_cases(leaves: Hashes, old: int, new: int) -> Iterator[dict[str, Any]]:
    good = {
        "old_size": old,
        "new_size": new,
        "old_root": mth(leaves[:old]),
        "new_root": mth(leaves[:new]),
        "proof": subproof(old, leaves[:new]) if 0 < old < new else [],
    }
    changes: list[tuple[str, dict[str, Any]]] = [
        ("good", {}),
        ("wrong-old-root", {"old_root": flip(good["old_root"])}),
        ("wrong-new-root", {"new_root": flip(good["new_root"])}),
        ("swapped-roots", {"old_root": good["new_root"], "new_root": good["old_root"]}),
        ("rewritten-old-log", {"old_root": mth([leaf(b"rewritten"), *leaves[1:old]])}),
        ("old-size-plus-one", {"old_size": old + 1}),
        ("old-size-equals-new", {"old_size": new}),
        ("old-size-zero", {"old_size": 0}),
        ("old-size-huge", {"old_size": LIMIT}),
        ("new-size-plus-one", {"new_size": new + 1}),
        ("new-size-doubled", {"new_size": new * 2}),
        ("new-size-huge", {"new_size": LIMIT}),
        ("shrunk", {"old_size": new, "new_size": old}),
    ]
    if old:
        changes.append(("old-size-minus-one", {"old_size": old - 1}))
        changes.append(("new-size-minus-one", {"new_size": new - 1}))
    changes += [(name, {"proof": proof}) for name, proof in proof_mutations(good["proof"], good["new_root"])]
    for name, change in changes:
        case = {**good, **change}
        yield {"name": f"from-{old}-to-{new}/{name}", **case, "valid": judge_consistency(case)}


def portable(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, list):
        return [portable(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def render(about: str, cases: list[dict[str, Any]]) -> str:
    lines = [json.dumps({key: portable(value) for key, value in case.items()}) for case in cases]
    body = ",\n".join(lines)
    return f'{{"about": {json.dumps(about)},\n"cases": [\n{body}\n]}}\n'


def files() -> dict[str, str]:
    """Name and text of every vector file."""
    reference = [leaf(entry) for entry in REFERENCE_ENTRIES]
    numbered = [leaf(b"leaf %d" % number) for number in range(1025)]
    inclusion = [
        case
        for leaves, index, size in (
            (reference, 0, 1), (reference, 0, 8), (reference, 5, 8), (reference, 2, 3), (reference, 1, 5),
            (reference, 4, 5), (reference, 6, 7), (numbered, 0, 257), (numbered, 256, 257), (numbered, 511, 1000),
            (numbered, 999, 1000), (numbered, 1024, 1025),
        )
        for case in inclusion_cases(leaves, index, size)
    ]  # fmt: skip
    consistency = [
        case
        for leaves, old, new in (
            (reference, 0, 5), (reference, 1, 1), (reference, 1, 2), (reference, 1, 8), (reference, 2, 5),
            (reference, 3, 7), (reference, 4, 8), (reference, 6, 8), (reference, 7, 8), (reference, 6, 7),
            (numbered, 255, 257), (numbered, 256, 1000), (numbered, 333, 1000), (numbered, 999, 1025),
            (numbered, 1024, 1025),
        )
        for case in consistency_cases(leaves, old, new)
    ]  # fmt: skip
    about = "RFC 9162 over SHA-256. Made by make_vectors.py beside this file."
    return {
        "inclusion.json": render(f"Inclusion proofs (§2.1.3). {about}", inclusion),
        "consistency.json": render(f"Consistency proofs (§2.1.4). {about}", consistency),
        "published.json": json.dumps({"entries": [entry.hex() for entry in REFERENCE_ENTRIES], **PUBLISHED}, indent=1)
        + "\n",
    }


if __name__ == "__main__":
    for name, text in files().items():
        (HERE / name).write_text(text, encoding="utf-8")
