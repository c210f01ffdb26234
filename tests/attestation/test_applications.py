"""What an application must be before anybody looks at it (DOMAIN 21, 47)."""

from __future__ import annotations

import copy
import hashlib
import json
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.applications import application_id, canonical, read_application
from attestation.errors import AttestationError, StatementMalformed
from attestation.keys import Kind
from tests.applying import application, encoded

LOG = "park.example/log/" + "5a" * 32
NOW = 1_700_000_000


@pytest.fixture
def refused():
    @contextmanager
    def check(rule: str):
        with pytest.raises(AttestationError) as caught:
            yield
        assert caught.value.rule == rule, str(caught.value)
        assert caught.value.message_zh

    return check


def read(document, **options):
    data = document if isinstance(document, bytes) else encoded(document)
    return read_application(data, **({"log": LOG, "domain": None, "now": NOW} | options))


@pytest.mark.parametrize("kind", [Kind.ENTERPRISE, Kind.VERIFIER])
def test_a_good_application_is_read(kind: Kind) -> None:
    found = read(application(LOG, kind=kind, group="holding 甲"))
    assert (found.kind, found.group, found.request.body.subject.kind) == (kind.value, "holding 甲", kind.value)


def test_the_hash_is_over_one_spelling_whatever_was_sent() -> None:
    document = application(LOG)
    canonicals = {canonical(read(data)) for data in (encoded(document), json.dumps(document).encode())}
    canonicals.add(canonical(read(encoded(dict(reversed(document.items()))))))
    (kept,) = canonicals
    assert application_id(kept) == hashlib.sha256(kept).hexdigest()
    assert canonical(read(kept)) == kept


@given(st.text("0123456789 ", min_size=1, max_size=20).filter(lambda text: text == text.strip() and text))
def test_another_document_is_another_application(number: str) -> None:
    """What is altered after the review is not what was reviewed."""
    document = application(LOG)
    altered = copy.deepcopy(document)
    altered["bank_account"]["number"] = number
    same = document["bank_account"]["number"] == number
    assert (canonical(read(altered)) == canonical(read(document))) is same


def related(**changed: object) -> list[dict[str, object]]:
    return [{"name": "Sister Works", "credit_code": "91350100M000100Y43", "relation": "the same owner"} | changed]


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("application.form", {"v": 2}),
        ("application.form", {"type": "statement"}),
        ("application.form", {"log": "another.example/log/00"}),
        ("body.missing_field", {"licence_hash": ...}),
        ("body.unknown_field", {"nickname": "glass"}),
        ("body.field_type", {"representatives": "Zhang San"}),
        ("body.field_type", {"v": True}),
        ("json.null", {"group": None}),
        ("json.float", {"v": 1.0}),
        ("credit_code.check", {"credit_code": "91110000600037342L"}),
        ("sha256.format", {"licence_hash": "0x" + "0a" * 31}),
        ("body.name", {"name": " "}),
        ("body.choice", {"kind": "park"}),
        ("application.count", {"representatives": []}),
        ("application.count", {"representatives": [{"name": "a", "role": "b"}] * 11}),
        ("application.count", {"related": related() * 51}),
        ("body.name", {"representatives": [{"name": "a", "role": "b", "email": "\u202e"}]}),
        ("credit_code.format", {"related": related(credit_code="9")}),
        ("body.name", {"related": related(relation="")}),
        ("application.account", {"bank_account": ...}),
        ("application.account", {"bank_account": {"holder": "Zhang San", "bank": "b", "number": "1"}}),
        ("admission.accreditation", {"accreditation": {"number": "1", "until": "2099-12-31"}}),
        ("application.request", {"identifier": "88.608.7000/another"}),
        ("application.request", {"group": "holding 乙"}),
    ],
)
def test_what_is_wrong_is_named(refused, rule: str, changed: dict[str, object]) -> None:
    with refused(rule):
        read(application(LOG, **{name: value for name, value in changed.items() if name not in PARTS}) | late(changed))


PARTS = ("log", "identifier", "kind", "group")
"""What the key request says too: changed in the document alone."""


def late(changed: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in changed.items() if name in PARTS}


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("admission.accreditation", {"accreditation": ...}),
        ("admission.expired", {"accreditation": {"number": "1", "until": "2023-11-14"}}),
        ("date.format", {"accreditation": {"number": "1", "until": "soon"}}),
    ],
)
def test_a_verifier_brings_an_accreditation_that_is_good(refused, rule: str, changed: dict[str, object]) -> None:
    read(application(LOG, kind=Kind.VERIFIER, bank_account=...))
    with refused(rule):
        read(application(LOG, kind=Kind.VERIFIER, **changed), now=NOW + 86_400)


@pytest.mark.parametrize(
    ("rule", "place", "value"),
    [
        ("possession.signature", "possession", None),
        ("purposes.kind", "key", {"purposes": ["device"]}),
        ("application.request", "code", "0" * 32),
        ("possession.evm_unexpected", "possession_evm", "0x" + "00" * 64),
    ],
)
def test_the_key_request_proves_who_has_the_key(refused, rule: str, place: str, value) -> None:
    document = application(LOG)
    body = document["request"]["body"]
    if place == "key":
        body["key"] = body["key"] | value
    elif value is None:
        head, payload, signature = body[place].split(".")
        body[place] = ".".join((head, payload, "A" * len(signature)))
    else:
        body[place] = value
    with refused(rule):
        read(document)


def test_a_request_for_another_log_is_none_for_this_one(refused) -> None:
    document = application(LOG)
    document["request"]["log"] = "another.example/log/" + "5b" * 32
    with refused("application.form"):
        read(document)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b'{"v":1,"v":1}', b"9" * 5_000])
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(StatementMalformed):
        read(data)


@pytest.mark.parametrize(
    "name",
    ["a\u202eb", "a\u200bb", "a\x00b", "a\r\nBcc: all@park.test", "a\x1b[2J", "a\u2066b", "a\U000e0041", " a", ""],
    ids=["override", "zero-width", "null", "line", "escape", "isolate", "tag", "space", "empty"],
)
def test_a_name_says_what_it_shows(refused, name: str) -> None:
    """Persons read it on a terminal and in a mail before they let somebody in."""
    account = {"holder": name, "bank": "Bank of the Park", "number": "0000 1111"}
    with refused("body.name"):
        read(application(LOG, name=name, bank_account=account))


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        (b"[" * 32_000, "json.depth"),
        (b'{"a":' * 6_000 + b"1" + b"}" * 6_000, "json.depth"),
        (b'{"v":' + b"9" * 20_000 + b"}", "json.integer"),
        (b'{"v":1e400}', "json.float"),
        (b'{"v":NaN}', "json.nan"),
        (b'{"v":1,"v":1}', "json.duplicate_key"),
        (b'{"name":"\\ud800"}', "json.surrogate"),
        (b'{"name":"\xed\xa0\x80"}', "json.utf8"),
    ],
    ids=["lists", "objects", "integer", "float", "nan", "twice", "surrogate", "bytes"],
)
def test_json_that_is_made_to_break_readers_is_refused_by_name(refused, document: bytes, rule: str) -> None:
    with refused(rule):
        read(document)
