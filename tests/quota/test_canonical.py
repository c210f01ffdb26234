from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quota import canonical_bytes, root_of

DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abZ_09", max_size=3), inner, max_size=4),
)


def test_one_document_has_one_byte_string() -> None:
    assert canonical_bytes({"b": [1, "碳\n\x1f"], "a": None}) == '{"a":null,"b":[1,"碳\\n\\u001f"]}'.encode()


def test_the_root_is_sha_256_of_the_bytes() -> None:
    # printf '{}' | sha256sum
    assert root_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@given(DOCUMENTS)
def test_bytes_are_json_of_the_same_document(document: object) -> None:
    assert json.loads(canonical_bytes(document)) == document
    assert canonical_bytes(json.loads(canonical_bytes(document))) == canonical_bytes(document)


@pytest.mark.parametrize("part", [1.0, 2**53, -(2**53), Decimal(1), {"é": 1}, {1: 1}, {1, 2}, b"x", "\ud800"])
def test_what_readers_might_change_is_refused(part: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical_bytes([part])
