"""What a service says of applications is checked: a person reviews exactly what its review will name (DOMAIN 47)."""

# ruff: noqa: F811 - pytest passes fixtures by the names that they are imported under
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attestation.applications import application_id, canonical, read_application
from tanlu.client import Client
from tanlu.errors import PromiseBroken
from tests.applying import application, encoded

from .test_lying_service import Liar, liar  # noqa: F401 - the fixture by its name

LOG = "tanlu.test/log/" + "00" * 32
DOCUMENT = canonical(read_application(encoded(application(LOG)), log=LOG, domain=None, now=1_700_000_000))
NAME = application_id(DOCUMENT)


@pytest.fixture
def client(liar: Liar, tmp_path: Path) -> Iterator[Client]:
    with Client(liar.url, trust=None, evidence=tmp_path / "evidence", patience=5.0) as made:
        yield made


def told(**lies: Any) -> dict[str, Any]:
    truth = {
        "application": NAME,
        "received_at": 1,
        "identifier": "88.608.7000/glass",
        "kind": "enterprise",
        "state": "received",
        "reviews": [],
        "document": json.loads(DOCUMENT),
    }
    return truth | lies


def answers(liar: Liar, document: object) -> None:
    liar.script = lambda path, body: (200, json.dumps(document).encode())


def altered() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(DOCUMENT)
    document["bank_account"]["number"] = "another"
    return document


def test_an_application_as_it_was_sent_is_passed_on(liar: Liar, client: Client) -> None:
    answers(liar, told())
    found = client.application(NAME)
    assert found is not None
    assert canonical(found.document) == DOCUMENT
    answers(liar, {"applications": [told()], "next": None})
    assert list(client.applications()) == [found]


@pytest.mark.parametrize("lies", [{"document": altered()}, {"application": "00" * 32}])
def test_an_altered_application_is_a_broken_promise_and_kept(
    liar: Liar, client: Client, tmp_path: Path, lies: dict[str, Any]
) -> None:
    answers(liar, told(**lies))
    with pytest.raises(PromiseBroken) as caught:
        client.application(NAME)
    assert caught.value.rule == "answer.application"
    assert any((tmp_path / "evidence").rglob("*"))


def test_an_altered_application_is_found_in_a_listing_too(liar: Liar, client: Client) -> None:
    answers(liar, {"applications": [told(document=altered())], "next": None})
    with pytest.raises(PromiseBroken, match=r"answer\.application"):
        list(client.applications())


def test_a_listing_that_leads_in_a_circle_ends(liar: Liar, client: Client) -> None:
    answers(liar, {"applications": [told()], "next": f"1-{NAME}"})
    with pytest.raises(PromiseBroken, match=r"answer\.page"):
        list(client.applications())


def test_what_the_service_does_not_have_is_none(liar: Liar, client: Client) -> None:
    assert client.application(NAME) is None
    assert client.admission("00" * 32) is None
