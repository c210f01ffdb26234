from __future__ import annotations

import pytest
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from attestation.errors import StatementMalformed
from attestation.identifiers import (
    Handle,
    Opaque,
    account_id,
    from_scheme,
    parse_identifier,
    split_identifier,
    to_scheme,
)

names = st.from_regex(r"[A-Za-z0-9]{1,12}", fullmatch=True)
suffixes = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._/:+~=@-]{0,40}", fullmatch=True)
schemes = st.from_regex(r"[a-z][a-z0-9+-]{0,12}", fullmatch=True).filter(lambda s: s not in {"handle", "hdl"})


def test_domain_51_handle_of_the_example_splits_into_its_parts() -> None:
    assert split_identifier("88.608.5288/META_x") == Handle("88", "608", "5288", "META_x")


@given(names, names, names, suffixes)
def test_handle_round_trip(country: str, industry: str, enterprise: str, suffix: str) -> None:
    handle = Handle(country, industry, enterprise, suffix)
    assert split_identifier(str(handle)) == handle
    assert from_scheme(to_scheme(str(handle))) == str(handle)


@given(schemes, suffixes)
def test_other_schemes_are_opaque_and_round_trip(scheme: str, value: str) -> None:
    opaque = Opaque(scheme, value)
    assert split_identifier(str(opaque)) == opaque
    assert to_scheme(str(opaque)) == {"scheme": scheme, "value": value}
    assert from_scheme(to_scheme(str(opaque))) == str(opaque)


@given(st.text(max_size=30))
def test_no_accepted_identifier_holds_a_hash_or_control_character(text: str) -> None:
    try:
        identifier = parse_identifier(text)
    except StatementMalformed:
        return
    assert "#" not in identifier
    assert identifier.isascii()
    assert identifier.isprintable()
    assert " " not in identifier


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "identifier.length"),
        ("88.608.5288/" + "x" * 244, "identifier.length"),
        ("88.608.5288/a#b", "identifier.characters"),
        ("88.608.5288/a\x00", "identifier.characters"),
        ("88.608.5288/a\n", "identifier.characters"),
        ("88.608.5288/a b", "identifier.characters"),
        ("88.608.5288/碳", "identifier.characters"),
        ("88.608.5288/\ud800", "identifier.characters"),
        ("88.608/x", "identifier.form"),
        ("88.608.5288.1/x", "identifier.form"),
        ("88.608.5288/", "identifier.form"),
        ("88.608.5288", "identifier.form"),
        ("Scheme:x", "identifier.form"),
        ("scheme:", "identifier.form"),
        ("handle:88.608.5288/x", "identifier.form"),
        ("hdl:88.608.5288/x", "identifier.form"),
    ],
)
def test_what_is_no_identifier_is_refused(world, text: str, rule: str) -> None:
    with world.refused(rule, 1) if text else pytest.raises(StatementMalformed, match="length"):
        parse_identifier(text)


def test_255_bytes_are_the_limit() -> None:
    longest = "88.608.5288/" + "x" * 243
    assert len(longest) == 255
    assert parse_identifier(longest) == longest


@pytest.mark.parametrize(
    "document",
    [
        {"scheme": "gs1"},
        {"scheme": "gs1", "value": "1", "more": "2"},
        {"scheme": 1, "value": "1"},
        {"scheme": "handle", "value": "gs1:1"},
        {"scheme": "hdl", "value": "88.608.5288/x"},
    ],
)
def test_scheme_objects_have_exactly_scheme_and_value(world, document: dict[str, object]) -> None:
    with world.refused("identifier.form", 1):
        from_scheme(document)


def test_account_id_is_keccak_of_the_utf8() -> None:
    assert account_id("88.608.5288/META_x") == keccak(b"88.608.5288/META_x")
    assert len(account_id("gs1:1")) == 32
