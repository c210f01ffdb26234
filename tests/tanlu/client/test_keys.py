"""Reads of keys: paged, public where they are public, and checked against the thumbprint that was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attestation.keys import Algorithm, PrivateKey
from attestation.statements import CompromiseKey
from tanlu.client import Client
from tanlu.errors import PromiseBroken, RefusedByService

from ..conftest import ENTERPRISE, METER, PARK, World
from .test_lying_service import Liar

UNKNOWN = PrivateKey.generate(Algorithm.ED25519).public.kid_name


@pytest.fixture
def liar() -> Iterator[Liar]:
    made = Liar()
    yield made
    made.stop()


def test_a_key_is_found_by_its_thumbprint_and_by_its_identifier(client: Client, world: World) -> None:
    found = client.keys.find(world.meter.public.kid_name)
    assert found is not None
    assert (found.identifier, found.public, found.purposes) == (METER, world.meter.public, ("device",))
    assert (found.activated_index, found.revoked_index, found.depth, found.recoveries) == (2, None, 1, ())
    assert [key.public for key in client.keys.of(METER)] == [world.meter.public]


def test_what_is_not_there_is_none(client: Client) -> None:
    assert client.keys.find(UNKNOWN) is None
    assert client.keys.of("88.608.1/NOBODY") == ()


def test_keys_are_read_without_signing_in(client: Client, world: World) -> None:
    """Whoever verifies needs them, and a holder whose key was ended must be able to see so."""
    with Client(client.base_url, trust=None) as anybody:
        assert anybody.keys.find(world.meter.public.kid_name) is not None
        with pytest.raises(RefusedByService) as refused:
            list(anybody.keys.flagged(world.meter.public.kid_name))
    assert refused.value.status == 401


@pytest.mark.parametrize("page", [1, 2, 1_000])
def test_flagged_entries_come_whole_and_in_log_order_whatever_the_page(client: Client, world: World, page: int) -> None:
    indexes = [client.submit(world.reading(seq)).index for seq in range(1, 6)]
    thumbprint = world.meter.public.kid_name
    assert list(client.keys.flagged(thumbprint, page=page)) == []
    body = CompromiseKey(thumbprint=thumbprint, identifier=METER, invalid_since=indexes[1], reason="taken")
    client.submit(world.sign("key", PARK, world.registrar, "decisions", 1, body))
    flagged = list(client.keys.flagged(thumbprint, page=page))
    assert [(each.index, each.issuer, each.why) for each in flagged] == [(at, METER, "direct") for at in indexes[1:]]


def test_flagged_of_an_unknown_key_is_refused(client: Client) -> None:
    with pytest.raises(RefusedByService) as refused:
        list(client.keys.flagged(UNKNOWN))
    assert (refused.value.status, refused.value.rule) == (404, "keys.unknown")


def _told(world: World, **lies: Any) -> bytes:
    truth = {
        "thumbprint": world.meter.public.kid_name,
        "algorithm": "Ed25519",
        "jwk": world.meter.public.to_jwk(),
        "purposes": ["device"],
        "activated_index": 2,
        "revoked_index": None,
        "identifier": METER,
    }
    return json.dumps(truth | lies).encode()


def test_another_key_under_the_thumbprint_that_was_asked_for_is_a_lie_and_kept(
    liar: Liar, world: World, tmp_path: Path
) -> None:
    asked = world.meter.public.kid_name
    other = world.enterprise.public
    with Client(liar.url, trust=None, evidence=tmp_path) as client:
        liar.script = lambda path, body: (200, _told(world))
        assert client.keys.find(asked) is not None
        for number, lie in enumerate(
            (
                {"jwk": other.to_jwk()},
                {"jwk": other.to_jwk(), "thumbprint": other.kid_name},
                {"thumbprint": other.kid_name},
                {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}},
            ),
            start=1,
        ):
            answer = _told(world, **lie)
            liar.script = lambda path, body, answer=answer: (200, answer)
            with pytest.raises(PromiseBroken) as broken:
                client.keys.find(asked)
            assert (broken.value.rule, broken.value.expected) == ("answer.thumbprint", asked)
            assert broken.value.value != asked
            assert len(list(tmp_path.glob("answer.thumbprint-*.json"))) == number
        # The keys of an identifier, too: each JWK against the thumbprint beside it.
        listed = b'{"keys":[' + _told(world, jwk=other.to_jwk()) + b"]}"
        liar.script = lambda path, body: (200, listed)
        with pytest.raises(PromiseBroken):
            client.keys.of(ENTERPRISE)
