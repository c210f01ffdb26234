"""A word of the log: exactly one form, one key, one type; anything else is refused by its own rule."""

from __future__ import annotations

import base64
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.keys import Algorithm, PrivateKey
from ledger.errors import Malformed, SignatureInvalid
from ledger.words import Word


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    size: int


WORD = Word("tanlu-said+jws", Said, 300, rule="said", name="saying", name_zh="陈述")
KEY = PrivateKey(Algorithm.ED25519, bytes(31) + b"\1")


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(header: object, payload: bytes) -> str:
    signing_input = f"{b64(json.dumps(header).encode())}.{b64(payload)}"
    return f"{signing_input}.{b64(KEY.sign(signing_input.encode()))}"


@given(size=st.integers(-(2**63), 2**63 - 1))
def test_a_word_reads_back_and_is_the_same_each_time(size: int) -> None:
    token = WORD.sign(Said(size=size), KEY)
    assert WORD.read(token, KEY.public) == Said(size=size)
    assert WORD.sign(Said(size=size), KEY) == token


GOOD = {"alg": "Ed25519", "typ": "tanlu-said+jws"}


@pytest.mark.parametrize(
    "token",
    [
        signed(GOOD | {"typ": "tanlu-promise+jws"}, b'{"size":1}'),
        signed(GOOD | {"kid": "x"}, b'{"size":1}'),
        signed(GOOD | {"alg": "ES256K"}, b'{"size":1}'),
        signed(GOOD, b'{"size":1,"more":2}'),
        signed(GOOD, b'{"size":"1"}'),
        signed(GOOD, b"{}"),
        signed(GOOD, b'{"size":1' + b" " * 300 + b"}"),
        WORD.sign(Said(size=1), KEY) + ".",
        WORD.sign(Said(size=1), KEY) + "=",
        WORD.sign(Said(size=1), KEY).replace(".", ".."),
        "",
        "承诺",
    ],
)
def test_what_is_not_exactly_such_a_word_is_malformed(token: str) -> None:
    with pytest.raises(Malformed) as refused:
        WORD.read(token, KEY.public)
    assert refused.value.rule == "said.format"
    assert "陈述" in refused.value.message_zh


def test_another_keys_word_is_not_the_logs() -> None:
    other = PrivateKey(Algorithm.ED25519, bytes(31) + b"\2")
    with pytest.raises(SignatureInvalid) as refused:
        WORD.read(WORD.sign(Said(size=1), other), KEY.public)
    assert refused.value.rule == "said.signature"


def test_only_an_ed25519_key_speaks_for_a_log() -> None:
    with pytest.raises(ValueError, match="Ed25519"):
        WORD.sign(Said(size=1), PrivateKey.generate(Algorithm.ES256K))
