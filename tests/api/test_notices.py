"""Notices over HTTP: to whose account it is, and to those who look after all of them (DOMAIN 22, 23)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from attestation.bodies import FreezeUnits
from attestation.typed_data import Domain
from ledger.log import Log
from ledger.view import LogView
from tests.api.access.observed import ASSIGNED, OTHER, PERSON, REGULATOR, Populated
from tests.api.conftest import BASE_URL
from tests.ledger.engines import migrated_sqlite
from tests.read_chain import ReadChain

YEAR = 2023
DOCUMENT_HASH = "0d" * 32


class Frozen(Populated):
    """Of what enterprise A holds the registrar froze three parts at once."""

    def populate(self) -> None:
        super().populate()
        self.parameters = replace(self.parameters, ledger_domain=Domain(31337, b"\x44" * 20, b"\x5a" * 32))
        self.log = Log(self.database, self.parameters, self.log_key, lambda: float(self.now))
        self.view = LogView(self.database, self.parameters, self.log_key)
        chain = ReadChain(self.database, self.parameters.deployment_id, self.registrar_id)
        chain.knows(self.registrar_id, self.enterprise_id, OTHER)
        chain.carried_in(self.enterprise_id, 400, YEAR)
        self.frozen = [self.freeze(number) for number in (1, 2, 3)]

    def freeze(self, number: int) -> int:
        body = FreezeUnits(
            op_id=f"{number:064x}",
            account=self.enterprise_id,
            asset=f"quota-{YEAR}",
            tonnes=10 * number,
            document_hash=DOCUMENT_HASH,
            reason="a court asks",
        )
        return self.take(self.sign("holding", self.registrar_id, self.registrar, "holdings", number, body))


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    database = migrated_sqlite(Path(tmp_path_factory.mktemp("notices")) / "log.sqlite3")
    made: Any = Frozen(database)
    made.populate()
    made.app = create_app(made.service())
    yield made
    made.access.close()
    database.close()


def get(park: Any, identifier: str | None = None, **query: object) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(park.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http:
            headers = {} if identifier is None else park.bearer(identifier, park.holders[identifier])
            return await http.get("/v1/notices", params=query, headers=headers)  # type: ignore[arg-type]  # texts

    return asyncio.run(ask())


def found(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_holder_reads_what_was_done_and_how_to_object(park: Any) -> None:
    said = found(get(park, park.enterprise_id))
    assert said["account"] == park.enterprise_id
    assert [one["index"] for one in said["notices"]] == park.frozen
    first = said["notices"][0]
    assert (first["power"], first["tonnes"], first["asset"]) == ("freeze-at-once", 10, f"quota-{YEAR}")
    assert (first["reason"], first["document_hash"]) == ("a court asks", DOCUMENT_HASH)
    assert (first["issuer"], first["approvers"]) == (park.registrar_id, [])
    assert (first["accounts"], first["freeze"], first["state"]) == ([park.enterprise_id], f"{1:064x}", "pending")
    assert "lapses after 24 hours" in first["text"]
    assert "To object, write to the registrar" in first["text"]
    assert "24 小时内未经双人确认即失效" in first["text_zh"]
    assert f"tanlu receipt {park.frozen[0]}" in first["text_zh"]
    assert found(get(park, PERSON)) == said


def test_pages_end(park: Any) -> None:
    first = found(get(park, park.enterprise_id, limit=2))
    assert first["next"] == park.frozen[1]
    rest = found(get(park, park.enterprise_id, limit=2, after=first["next"]))
    assert ([one["index"] for one in rest["notices"]], rest["next"]) == ([park.frozen[2]], None)


def test_a_notice_is_its_holder_s_and_the_overseers_see_all(park: Any) -> None:
    a = park.enterprise_id
    for identifier in (REGULATOR, park.registrar_id):
        assert [one["index"] for one in found(get(park, identifier))["notices"]] == park.frozen
        assert found(get(park, identifier, account=a))["account"] == a
    assert found(get(park, OTHER))["notices"] == []
    for identifier in (OTHER, ASSIGNED, park.meter_id):
        answer = get(park, identifier, account=a)
        assert (answer.status_code, answer.json()["rule"]) == (403, "access.not_yours"), identifier
    assert get(park).status_code == 401


@pytest.mark.parametrize(
    ("query", "status", "rule"),
    [
        ({"account": "88.608.404/nobody"}, 404, "accounts.unknown"),
        ({"account": "no identifier"}, 400, "identifier.characters"),
        ({"limit": 201}, 422, "request.parameter"),
        ({"after": "x"}, 422, "request.parameter"),
        ({"after": -2}, 422, "request.parameter"),
    ],
)
def test_bad_questions_are_refused(park: Any, query: dict[str, object], status: int, rule: str) -> None:
    answer = get(park, park.registrar_id, **query)
    assert (answer.status_code, answer.json()["rule"]) == (status, rule), answer.text
    assert answer.json()["message_zh"]
