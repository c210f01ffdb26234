"""Deadlines over HTTP: one's own beside the year's, another's for nobody but those who may."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.app import create_app
from attestation.statements import Policy
from tests.api.access.observed import OTHER, OTHER_METER, PERSON, REGULATOR, Populated
from tests.api.conftest import BASE_URL


@pytest.fixture
def populated(database: Any) -> Populated:
    """A and another enterprise are obliged for 2022; the clock stands at 2024-03-09 in China."""
    park = Populated(database)
    park.populate()
    entries = [{"identifier": name, "obliged": True} for name in sorted((park.enterprise_id, OTHER))]
    body = Policy(
        policy="coverage-list",
        id="park",
        version="1",
        effective_from="2023-01-01",
        document={"year": 2022, "entries": entries},
    )
    park.take(park.sign("policy", park.registrar_id, park.registrar, "lists", 1, body))
    return park


@pytest.fixture
async def http(populated: Populated) -> Any:
    transport = httpx.ASGITransport(create_app(populated.service()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield client


async def whose(http: Any, populated: Populated, who: str, **params: Any) -> set[str | None]:
    answer = await http.get("/v1/deadlines", params=params, headers=populated.bearer(who, populated.holders[who]))
    assert answer.status_code == 200, answer.text
    return {one["enterprise"] for one in answer.json()["deadlines"]}


async def test_everybody_sees_the_years_dates_and_its_own(http: Any, populated: Populated) -> None:
    both = {populated.enterprise_id, OTHER}
    assert await whose(http, populated, populated.enterprise_id, year=2022) == {None, populated.enterprise_id}
    assert await whose(http, populated, PERSON, year=2022) == {None, populated.enterprise_id}
    assert await whose(http, populated, OTHER_METER, year=2022) == {None}, "a meter has no deadlines"
    for overseer in (populated.registrar_id, REGULATOR):
        assert await whose(http, populated, overseer, year=2022) == {None, *both}
        assert await whose(http, populated, overseer, year=2022, enterprise=OTHER) == {None, OTHER}
    assert await whose(http, populated, populated.enterprise_id, year=1999) == {None}


async def test_anothers_deadlines_are_not_shown(http: Any, populated: Populated, problem: Any) -> None:
    headers = populated.bearer(OTHER, populated.holders[OTHER])
    answer = await http.get("/v1/deadlines", params={"enterprise": populated.enterprise_id}, headers=headers)
    problem(answer, 403, "access.not_yours")
    malformed = await http.get("/v1/deadlines", params={"enterprise": "nobody"}, headers=headers)
    assert malformed.status_code in {400, 422}


async def test_a_deadline_says_before_when_and_how_it_stands(http: Any, populated: Populated) -> None:
    headers = populated.bearer()
    found = (await http.get("/v1/deadlines", params={"year": 2022}, headers=headers)).json()
    assert found["now"] == populated.now
    (report,) = [
        one for one in found["deadlines"] if (one["name"], one["enterprise"]) == ("report", populated.enterprise_id)
    ]
    assert report == {
        "year": 2022,
        "enterprise": populated.enterprise_id,
        "name": "report",
        "month": None,
        "at": 1_680_278_400,
        "entry": None,
        "done": None,
        "done_at": None,
        "state": "missed",
        "reminders": [],
    }
    instants = [one["at"] for one in found["deadlines"]]
    assert instants == sorted(instants)
