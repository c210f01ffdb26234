"""Cases over HTTP: each role sees its own (docs/verification.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from tests.api.access.observed import ASSIGNED, LAPSED, OTHER, REGULATOR, UNASSIGNED, Populated
from tests.api.conftest import BASE_URL
from tests.ledger.engines import migrated_sqlite


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Populated]:
    folder: Path = tmp_path_factory.mktemp("cases")
    database = migrated_sqlite(folder / "log.sqlite3")
    made = Populated(database)
    made.populate()
    made.served = made.service()
    yield made
    made.access.close()
    database.close()


def get(park: Any, identifier: str, path: str, **query: object) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(park.served), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http:
            headers = park.bearer(identifier, park.holders[identifier])
            return await http.get(path, params=query, headers=headers)  # type: ignore[arg-type]  # texts and numbers

    return asyncio.run(ask())


def years(answer: httpx.Response) -> list[tuple[str, int]]:
    assert answer.status_code == 200, answer.text
    return [(one["enterprise"], one["year"]) for one in answer.json()["cases"]]


def test_everybody_lists_what_concerns_them(park: Populated) -> None:
    both = [(park.enterprise_id, 2023), (park.enterprise_id, 2024)]
    for identifier in (park.enterprise_id, ASSIGNED, REGULATOR, park.registrar_id):
        assert years(get(park, identifier, "/v1/cases")) == both, identifier
    for identifier in (OTHER, UNASSIGNED, LAPSED, park.meter_id):
        assert years(get(park, identifier, "/v1/cases")) == [], identifier


def test_another_s_cases_are_not_named(park: Populated) -> None:
    for identifier in (OTHER, UNASSIGNED, LAPSED):
        for path, query in (
            ("/v1/cases", {"enterprise": park.enterprise_id}),
            (f"/v1/cases/{park.enterprise_id}/2024", {}),
        ):
            answer = get(park, identifier, path, **query)
            assert (answer.status_code, answer.json()["rule"]) == (403, "access.not_yours")


def test_the_file_says_who_verifies_until_when_and_what_happened(park: Populated) -> None:
    found = get(park, ASSIGNED, f"/v1/cases/{park.enterprise_id}/2024").json()
    assert (found["state"], found["verifier"]) == ("assigned", ASSIGNED)
    assert found["assignment"]["start"] <= park.now < found["assignment"]["until"]
    assert [step["kind"] for step in found["steps"]] == ["appoint"]
    assert {due["name"] for due in found["deadlines"]} == {"report", "registration"}
    ended = get(park, park.enterprise_id, f"/v1/cases/{park.enterprise_id}/2023").json()
    assert (ended["state"], ended["verifier"], ended["assignment"]) == ("reported", None, None)
    assert [step["kind"] for step in ended["steps"]] == ["appoint", "end", "report"]


def test_pages_follow_each_other(park: Populated) -> None:
    first = get(park, REGULATOR, "/v1/cases", limit=1)
    assert years(first) == [(park.enterprise_id, 2023)]
    second = get(park, REGULATOR, "/v1/cases", limit=1, after=first.json()["next"])
    assert years(second) == [(park.enterprise_id, 2024)]
    assert second.json()["next"] is None
    wrong = get(park, REGULATOR, "/v1/cases", after="AAAA")
    assert (wrong.status_code, wrong.json()["rule"]) == (422, "page.cursor")


def test_what_is_no_case_is_said_to_be_none(park: Populated) -> None:
    answer = get(park, REGULATOR, f"/v1/cases/{park.enterprise_id}/2019")
    assert (answer.status_code, answer.json()["rule"]) == (404, "cases.unknown")
    assert get(park, REGULATOR, f"/v1/cases/{park.enterprise_id}/23").status_code == 422
    assert get(park, REGULATOR, "/v1/cases/nobody/2024").status_code == 400


def test_the_enterprise_reads_its_verifier_s_appointment(park: Populated) -> None:
    steps = get(park, park.enterprise_id, f"/v1/cases/{park.enterprise_id}/2023").json()["steps"]
    for step in steps:
        assert get(park, park.enterprise_id, f"/v1/entries/{step['index']}").status_code == 200
        assert get(park, OTHER, f"/v1/entries/{step['index']}").status_code == 403
