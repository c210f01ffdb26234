"""The root of a block's receipts: a Merkle Patricia trie over their places (Ethereum yellow paper, appendix D)."""

from __future__ import annotations

from collections.abc import Sequence

from attestation.keccak import keccak256
from ledger.audit.rlp_bytes import Item, encode, number

EMPTY_ROOT = keccak256(encode(b""))
_INLINE = 32
_BRANCHES = 16


def ordered_root(values: Sequence[bytes]) -> bytes:
    """Root of the trie in which each value stands under the RLP of its place, 32 bytes."""
    if not values:
        return EMPTY_ROOT
    pairs = sorted((_nibbles(encode(number(place))), value) for place, value in enumerate(values))
    return keccak256(encode(_node(pairs, 0)))


def _node(pairs: Sequence[tuple[Sequence[int], bytes]], depth: int) -> Item:
    """The node of all pairs, whose paths agree in their first ``depth`` nibbles."""
    if len(pairs) == 1:
        path, value = pairs[0]
        return [_compact(path[depth:], leaf=True), value]
    first, last = pairs[0][0], pairs[-1][0]
    shared = depth
    # Paths are sorted: what first and last share, all do. No path is the beginning of another.
    while first[shared] == last[shared]:
        shared += 1
    if shared > depth:
        return [_compact(first[depth:shared], leaf=False), _reference(_node(pairs, shared))]
    branch: list[Item] = []
    for nibble in range(_BRANCHES):
        below = [pair for pair in pairs if pair[0][depth] == nibble]
        branch.append(_reference(_node(below, depth + 1)) if below else b"")
    return [*branch, b""]


def _reference(node: Item) -> Item:
    encoded = encode(node)
    return node if len(encoded) < _INLINE else keccak256(encoded)


def _nibbles(data: bytes) -> list[int]:
    return [nibble for byte in data for nibble in divmod(byte, 16)]


def _compact(nibbles: Sequence[int], *, leaf: bool) -> bytes:
    """Hex-prefix encoding (appendix C)."""
    flag = 2 * leaf + len(nibbles) % 2
    padded = [flag, *nibbles] if len(nibbles) % 2 else [flag, 0, *nibbles]
    return bytes(16 * high + low for high, low in zip(padded[::2], padded[1::2], strict=True))
