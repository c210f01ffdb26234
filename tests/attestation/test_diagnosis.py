"""A body that one member chooses among several structs; the others are in `test_examination`."""

from __future__ import annotations

import pytest

from attestation.bodies import AddKey, EnrolKey, RevokeKey
from attestation.statements import parse_body

REVOKE = {"action": "revoke", "thumbprint": "A" * 43, "identifier": "88.608.1/a"}


def test_the_action_chooses_the_struct() -> None:
    assert parse_body("key", REVOKE) == RevokeKey(thumbprint="A" * 43, identifier="88.608.1/a")
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": "A" * 43}
    new = {"key": {"jwk": jwk, "purposes": ["device"]}, "possession": "a.b.c"}
    assert isinstance(parse_body("key", {"action": "add"} | new), AddKey)
    subject = {"subject": {"identifier": "88.608.1/a", "kind": "device"}}
    assert isinstance(parse_body("key", {"action": "enrol"} | subject | new), EnrolKey)


@pytest.mark.parametrize(
    ("changed", "rule", "value", "place"),
    [
        ({"action": ...}, "body.missing_field", "action", "body"),
        ({"action": 1}, "body.field_type", "1", "body.action"),
        ({"action": True}, "body.field_type", "True", "body.action"),
        ({"action": "resign"}, "body.choice", "resign", "body.action"),
        ({"action": "Revoke"}, "body.choice", "Revoke", "body.action"),
        ({"action": "rotate"}, "body.unknown_field", "thumbprint", "body"),
        ({"invalid_since": 7}, "body.unknown_field", "invalid_since", "body"),
        ({"identifier": ...}, "body.missing_field", "identifier", "body"),
        ({"thumbprint": 7}, "body.field_type", "7", "body.thumbprint"),
        ({"reason": ["x"]}, "body.field_type", "x", "body.reason"),
        # The action is judged first, then what the members of another action would be.
        ({"action": "resign", "extra": 1}, "body.choice", "resign", "body.action"),
        ({"action": "compromise", "reason": "x"}, "body.missing_field", "invalid_since", "body"),
        ({"action": "compromise", "reason": "x", "invalid_since": "7"}, "body.field_type", "7", "body.invalid_since"),
        ({"action": "compromise", "reason": "x", "invalid_since": True}, "body.field_type", "True", "invalid_since"),
    ],
)
def test_the_first_bad_member_is_named(world, changed, rule: str, value: str, place: str) -> None:
    members = {name: member for name, member in (REVOKE | changed).items() if member is not ...}
    with world.refused(rule, 9, value) as caught:
        parse_body("key", members)
    assert place in caught.value.message


def test_a_list_of_structs_is_diagnosed_member_by_member(world) -> None:
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": "A" * 43}
    body = {
        "action": "propose-recovery",
        "subject": "88.608.1/a",
        "replaces": "A" * 43,
        "key": {"jwk": jwk, "purposes": ["device"]},
        "possession": "a.b.c",
        "reason": "lost",
        "approvals": [{"identifier": "person:a", "signature": "0x"}, {"identifier": "person:b"}],
    }
    with world.refused("body.missing_field", 9, "signature") as caught:
        parse_body("key", body)
    assert "body.approvals[1]" in caught.value.message
