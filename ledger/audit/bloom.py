"""Which blocks may have logs of a contract: the filter in each header (Ethereum yellow paper, section 4.4.1).

It never says no where there are such logs; so a block that it names must show its receipts.
"""

from __future__ import annotations

from collections.abc import Iterable

from eth_utils.crypto import keccak

BLOOM_BYTES = 256
_BITS = 8 * BLOOM_BYTES


class Wanted:
    """The filters of some addresses (20 bytes each)."""

    def __init__(self, addresses: Iterable[bytes]) -> None:
        self._masks = [_mask(address) for address in addresses]

    def may_be_in(self, bloom: bytes) -> bool:
        """Whether a header's filter (256 bytes) has one of the addresses."""
        bits = int.from_bytes(bloom, "big")
        return any(bits & mask == mask for mask in self._masks)


def _mask(value: bytes) -> int:
    digest = keccak(value)
    return sum({1 << (int.from_bytes(digest[at : at + 2], "big") % _BITS) for at in (0, 2, 4)})
