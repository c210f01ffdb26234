"""Length prefixes as the library of the Ethereum Foundation makes them."""

from __future__ import annotations

import pytest
import rlp
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.audit.rlp_bytes import Item, encode, number

strings = st.binary(max_size=70)
items = st.recursive(strings, lambda inner: st.lists(inner, max_size=20), max_leaves=60)


@settings(max_examples=200)
@given(items)
def test_an_item_is_encoded_as_by_the_library(item: Item) -> None:
    assert encode(item) == rlp.encode(item)


@pytest.mark.parametrize("length", [0, 1, 55, 56, 255, 256, 65_535, 65_536])
def test_lengths_where_the_prefix_changes(length: int) -> None:
    assert encode(b"\x80" * length) == rlp.encode(b"\x80" * length)
    assert encode([b"\x7f"] * length) == rlp.encode([b"\x7f"] * length)


@given(st.integers(0, 2**256))
def test_a_number_has_no_leading_zeros(value: int) -> None:
    assert encode(number(value)) == rlp.encode(value)
