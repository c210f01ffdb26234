from __future__ import annotations

import dataclasses
import json

from attestation.identifiers import account_id
from attestation.keys import Algorithm, PublicKey
from attestation.resolution import resolve


def test_domain_51_resolution_returns_typed_values_with_unique_rising_indexes(world, park) -> None:
    record = park.log.identifier(world.METER)
    key = park.log.key(world.METER, park.keys[world.METER].public.kid_name)
    values = resolve(record, [key, dataclasses.replace(key, revoked_index=9)])
    indexes = [value.index for value in values]
    assert indexes == sorted(set(indexes))
    by_type = {value.type: value.value for value in values}
    assert by_type["SCHEME"] == "handle"
    assert by_type["KIND"] == "device"
    assert by_type["PARENT"] == world.WORKS
    assert "GROUP" not in by_type
    assert by_type["ACCOUNT"] == "0x" + account_id(world.METER).hex()
    assert by_type["ENROLLED"] == "2"
    first, second = (json.loads(value.value) for value in values if value.type == "KEY")
    assert PublicKey.from_jwk(first["jwk"]) == key.key
    assert first["purposes"] == ["device"]
    assert "revoked_index" not in first
    assert second["revoked_index"] == 9
    assert [v.index for v in values if v.type == "KEY"] == [100, 101]


def test_a_stolen_key_is_shown_as_such_with_the_key_that_brought_it(world, park) -> None:
    old, new = park.keys[world.METER], world.seeded(Algorithm.ED25519, 50)
    park.rotate(world.METER, new)
    park.compromise(world.METER, old, 3)
    values = resolve(park.log.identifier(world.METER), park.log.keys_of(world.METER))
    shown = [json.loads(value.value) for value in values if value.type == "KEY"]
    assert [(key.get("authorised_by"), key["revoked_index"], key["compromised_since"]) for key in shown] == [
        (None, 3, 3),
        (old.public.kid_name, 4, 3),
    ]


def test_an_identifier_without_parent_or_group_has_no_such_values(world, park) -> None:
    types = [value.type for value in resolve(park.log.identifier(world.PARK), [])]
    assert types == ["SCHEME", "KIND", "ACCOUNT", "ENROLLED"]
