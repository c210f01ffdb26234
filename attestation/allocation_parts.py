"""The rows of an allocation as the contract takes them: parts of at most 64 items, each by its account id, and the hash
that two persons sign (``ICarbonLedger.approveRun``, ``allocate``).

    part   = keccak256(abi.encode(AllocationItem[] items))      AllocationItem(account, granted, owes, settles)
    items  = keccak256(abi.encode(bytes32[] parts))

Rows in which nothing happens are not told; accounts ascend through all parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eth_utils.crypto import keccak

from attestation.bodies.allocations import ITEMS_OF_A_PART, Allocation, AllocationShare
from attestation.identifiers import account_id

Item = tuple[bytes, int, int, int]
"""Account id, granted, owes, settles."""

_WORD = 32


def allocation_parts(body: Allocation) -> tuple[tuple[Item, ...], ...]:
    """The items of each part; no part where nothing happens."""
    items = sorted(_item(row) for row in body.table if row.granted or row.owes or row.settles)
    starts = range(0, len(items), ITEMS_OF_A_PART)
    return tuple(tuple(items[start : start + ITEMS_OF_A_PART]) for start in starts)


def part_hashes(parts: Sequence[Sequence[Item]]) -> tuple[bytes, ...]:
    """The 32-byte hash of each part."""
    return tuple(keccak(_array(b"".join(_words(item) for item in part), len(part))) for part in parts)


def items_hash(hashes: Iterable[bytes]) -> bytes:
    """The 32-byte hash over the parts' hashes."""
    found = tuple(hashes)
    return keccak(_array(b"".join(found), len(found)))


def _item(row: AllocationShare) -> Item:
    return account_id(row.identifier), row.granted, row.owes, row.settles


def _words(item: Item) -> bytes:
    return item[0] + b"".join(number.to_bytes(_WORD) for number in item[1:])


def _array(content: bytes, length: int) -> bytes:
    # A dynamic array by itself: where it begins, how long it is, its elements.
    return _WORD.to_bytes(_WORD) + length.to_bytes(_WORD) + content
