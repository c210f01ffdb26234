from __future__ import annotations

import base64
import itertools
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from attestation.encoding import MAX_DEPTH, MAX_INTEGER, b64url_decode, b64url_encode, strict_json, strict_object
from attestation.errors import StatementMalformed


@given(st.binary(max_size=200))
def test_base64url_round_trip_agrees_with_the_standard_library(data: bytes) -> None:
    text = b64url_encode(data)
    assert text == base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    assert b64url_decode(text) == b64url_decode(text.encode()) == data


def test_every_short_text_that_decodes_is_the_one_encoding_of_its_bytes() -> None:
    accepted = 0
    for length in range(5):
        for characters in itertools.product("AQBgw-_+/= \n9z", repeat=length):
            text = "".join(characters)
            try:
                data = b64url_decode(text)
            except StatementMalformed:
                continue
            accepted += 1
            assert b64url_encode(data) == text
    assert accepted > 1000


@given(st.text(max_size=40))
def test_any_text_decodes_to_bytes_that_encode_back_or_is_refused(world, text: str) -> None:
    refusal = world.refusal_of(b64url_decode, text)
    if refusal is None:
        assert b64url_encode(b64url_decode(text)) == text
    else:
        assert refusal.rule.startswith("base64url.")
        assert refusal.step == 1


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("QQ==", "base64url.padding"),
        ("QQ=", "base64url.padding"),
        ("Q+8_", "base64url.alphabet"),
        ("Q/8_", "base64url.alphabet"),
        ("QQ\n", "base64url.alphabet"),
        ("Q Q", "base64url.alphabet"),
        ("碳QQQ", "base64url.alphabet"),
        ("QUJDQ", "base64url.length"),
        ("QR", "base64url.trailing_bits"),
        ("QUJ", "base64url.trailing_bits"),
    ],
)
def test_broken_base64url_is_refused_by_its_own_rule(world, text: str, rule: str) -> None:
    with world.refused(rule, 1):
        b64url_decode(text)


json_values = st.recursive(
    st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(json_values, st.booleans())
def test_strict_json_reads_what_the_standard_library_wrote(value: object, ascii_only: bool) -> None:
    try:
        text = json.dumps(value, ensure_ascii=ascii_only).encode()
    except UnicodeEncodeError:
        return
    assert strict_json(text) == value


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b'{"a":1,"a":1}', "json.duplicate_key"),
        (b'{"x":{"a":1,"\\u0061":2}}', "json.duplicate_key"),
        (b'{"a":1.0}', "json.float"),
        (b'{"a":1e2}', "json.float"),
        (b'{"a":-0.0}', "json.float"),
        (b'{"a":1e400}', "json.float"),
        (b'{"a":NaN}', "json.nan"),
        (b'{"a":Infinity}', "json.nan"),
        (b'{"a":-Infinity}', "json.nan"),
        (b'{"a":9007199254740992}', "json.integer"),
        (b'{"a":' + b"9" * 5000 + b"}", "json.integer"),
        (b'{"a":"\\ud800"}', "json.surrogate"),
        (b'{"\\udfff":1}', "json.surrogate"),
        (b'{"a":null}', "json.null"),
        (b'{"a":"\xff"}', "json.utf8"),
        (b'{"a":"\xed\xa0\x80"}', "json.utf8"),
        (b'{"a":"\xc0\x80"}', "json.utf8"),
        (b'\xef\xbb\xbf{"a":1}', "json.syntax"),
        (b'{"a":1}x', "json.syntax"),
        (b'{"a":1,}', "json.syntax"),
        (b'{"a":"\x01"}', "json.syntax"),
        (b"{'a':1}", "json.syntax"),
        (b"", "json.syntax"),
        (b"[" * 40 + b"]" * 40, "json.depth"),
        (b"[" * 60_000, "json.depth"),
    ],
)
def test_json_with_more_than_one_reading_is_refused(world, text: bytes, rule: str) -> None:
    with world.refused(rule, 2):
        strict_json(text)


def test_depth_counts_brackets_outside_strings_only() -> None:
    assert strict_json(json.dumps(["[{" * 100, '\\"[' * 50]).encode()) == ["[{" * 100, '\\"[' * 50]
    nested = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert strict_json(nested) is not None


def test_null_and_other_values_only_where_they_are_asked_for(world) -> None:
    assert strict_json(b'{"a":null}', nulls=True) == {"a": None}
    for text in (b"[]", b'"a"', b"1", b"true"):
        with world.refused("json.object", 7):
            strict_object(text, step=7)


@given(st.binary(max_size=60))
@example(b'{"a": 1}')
def test_any_bytes_are_read_or_refused_with_a_rule(world, data: bytes) -> None:
    refusal = world.refusal_of(strict_json, data)
    assert refusal is None or refusal.rule.startswith("json.")
