from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.admission_codes import code_hash, code_text
from attestation.errors import SchemaRefused


@given(st.binary(min_size=16, max_size=16))
def test_the_hash_is_over_tag_and_the_sixteen_bytes(code: bytes) -> None:
    assert code_hash(code_text(code)) == hashlib.sha256(b"tanlu-code" + b"\0" + code).hexdigest()


def test_the_hash_of_one_code_as_anybody_computes_it() -> None:
    # printf 'tanlu-code\0' | cat - <(printf '%032d' 0 | xxd -r -p) | sha256sum
    assert code_hash("0" * 32) == hashlib.sha256(b"tanlu-code" + bytes(17)).hexdigest()


@pytest.mark.parametrize("code", ["", "0" * 31, "0" * 33, "A" * 32, "0x" + "0" * 30, " " + "0" * 31])
def test_what_is_no_code_is_refused_without_repeating_it(code: str) -> None:
    with pytest.raises(SchemaRefused) as caught:
        code_hash(code)
    assert caught.value.rule == "admission.code_form"
    assert not code or code not in str(caught.value)


def test_a_code_has_sixteen_bytes() -> None:
    with pytest.raises(ValueError, match="16 bytes, not 15"):
        code_text(bytes(15))
