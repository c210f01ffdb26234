"""The ordered trie's root against published values and the smallest cases by hand."""

from __future__ import annotations

import rlp
from eth_utils.crypto import keccak

from ledger.audit.trie import EMPTY_ROOT, ordered_root


def test_the_root_of_nothing_is_that_of_an_empty_block() -> None:
    # Ethereum's mainnet genesis block has no transactions: its transactionsRoot and receiptsRoot.
    assert (
        ordered_root([]).hex() == "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421" == EMPTY_ROOT.hex()
    )


def test_one_value_is_one_leaf() -> None:
    # The path of place 0 is the nibbles 8, 0 of its RLP 0x80; even and a leaf: prefix 0x20.
    assert ordered_root([b"value"]) == keccak(rlp.encode([b"\x20\x80", b"value"]))


def test_two_values_are_a_branch() -> None:
    # Places 0 (0x80) and 1 (0x01): they differ in the first nibble.
    small = [rlp_leaf(b"\x30", b"a"), rlp_leaf(b"\x31", b"b")]
    branch: list[object] = [b""] * 17
    branch[8], branch[0] = small
    assert ordered_root([b"a", b"b"]) == keccak(rlp.encode(branch))


def rlp_leaf(path: bytes, value: bytes) -> list[bytes]:
    return [path, value]


def test_order_matters_and_many_values_do() -> None:
    values = [bytes([number % 256]) * 40 for number in range(300)]
    assert ordered_root(values) != ordered_root(values[::-1])
    assert ordered_root(values) != ordered_root(values[:-1])
