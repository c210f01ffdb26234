"""The filter of a header never denies what is there (Ethereum yellow paper, section 4.4.1)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.audit.bloom import BLOOM_BYTES, Wanted

ADDRESSES = st.binary(min_size=20, max_size=20)


def bloom_of(*addresses: bytes) -> bytes:
    bits = 0
    for address in addresses:
        for mask in Wanted([address])._masks:
            bits |= mask
    return bits.to_bytes(BLOOM_BYTES, "big")


@given(st.lists(ADDRESSES, min_size=1, max_size=8))
def test_every_address_is_in_its_filter(addresses: list[bytes]) -> None:
    filled = bloom_of(*addresses)
    assert all(Wanted([address]).may_be_in(filled) for address in addresses)


def test_an_empty_filter_has_nothing() -> None:
    assert not Wanted([b"\1" * 20]).may_be_in(bytes(BLOOM_BYTES))


def test_the_three_bits_are_those_of_the_standard() -> None:
    # The first six bytes of the address's Keccak-256 choose the bits, two bytes each.
    from eth_utils.crypto import keccak

    address = bytes.fromhex("095e7baea6a6c7c4c2dfeb977efac326af552d87")
    digest = keccak(address)
    bits = {((digest[at] << 8) | digest[at + 1]) & 2047 for at in (0, 2, 4)}
    assert int.from_bytes(bloom_of(address), "big") == sum(1 << bit for bit in bits)
