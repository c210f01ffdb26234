"""Recursive length prefix (Ethereum yellow paper, appendix B): headers, receipts and nodes of a trie are hashed so.

Byte strings and lists of them are all that is needed here; a general encoder, which finds out what else it may have
been given, takes most of the time of an audit's blocks.
"""

from __future__ import annotations

from collections.abc import Sequence

Item = bytes | Sequence["Item"]


def encode(item: Item) -> bytes:
    """The encoding of a byte string, or of a list of items."""
    if isinstance(item, bytes):
        if len(item) == 1 and item < b"\x80":
            return item
        return _prefix(len(item), 0x80) + item
    body = b"".join(map(encode, item))
    return _prefix(len(body), 0xC0) + body


def number(value: int) -> bytes:
    """A number as a byte string: big endian, without leading zeros."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _prefix(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes((offset + length,))
    size = (length.bit_length() + 7) // 8
    return bytes((offset + 55 + size,)) + length.to_bytes(size, "big")
