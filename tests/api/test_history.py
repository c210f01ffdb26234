"""``GET /v1/history``: what was said is found again by its readers, page by page, and by nobody else (law 10)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from ledger.history import search
from tests.api.access.observed import ASSIGNED, LAPSED, OTHER, PERSON, REGULATOR, UNASSIGNED
from tests.api.conftest import BASE_URL
from tests.api.test_accounts import YEAR, found, park  # noqa: F401 - a fixture that is used by name


def get(park: Any, path: str, who: str, /, **query: object) -> httpx.Response:  # noqa: F811
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(park.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http:
            headers = park.bearer(who, park.holders[who])
            return await http.get(path, params=query, headers=headers)  # type: ignore[arg-type]  # texts and numbers

    return asyncio.run(ask())


def searched(park: Any, who: str, /, **query: object) -> list[dict[str, Any]]:  # noqa: F811
    """Every page together."""
    hits: list[dict[str, Any]] = []
    asked: dict[str, object] = {name: value for name, value in query.items() if value is not None}
    for _ in range(1_000):
        page = found(get(park, "/v1/history", who, **asked))
        hits += page["hits"]
        if page["next"] is None:
            return hits
        asked["after"] = page["next"]
    raise AssertionError("pages without end")


def indexes(hits: list[dict[str, Any]]) -> list[int]:
    return [one["index"] for one in hits]


def test_all_but_readings_are_found_newest_first_and_oldest_first(park: Any) -> None:  # noqa: F811
    newest = searched(park, REGULATOR)
    size = park.view.size()
    assert indexes(newest) == sorted(set(range(size)) - {park.entry}, reverse=True)
    assert searched(park, REGULATOR, sort="oldest") == newest[::-1]
    readings = searched(park, REGULATOR, type="reading")
    assert indexes(readings) == [park.entry]
    assert readings[0]["what"] == "reads 3.17 kWh, 2023-11-14T22:28:20Z to 2023-11-14T22:43:20Z"


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("sort", ["newest", "oldest"])
@pytest.mark.parametrize("query", [{}, {"type": "key"}, {"identifier": "88.608.5288/A"}, {"text": "verifier"}])
def test_pages_together_are_the_whole(park: Any, limit: int, sort: str, query: dict[str, str]) -> None:  # noqa: F811
    whole = searched(park, REGULATOR, sort=sort, **query)
    assert whole
    assert searched(park, REGULATOR, sort=sort, limit=limit, **query) == whole


def test_a_page_that_looked_at_enough_goes_on_with_the_next(park: Any, monkeypatch: Any) -> None:  # noqa: F811
    whole = searched(park, REGULATOR, text="another verifier")
    readings = searched(park, REGULATOR, type="reading", sort="oldest")
    monkeypatch.setattr(search, "LOOKED_AT", 2)
    monkeypatch.setattr(search, "READINGS_PASSED", 2)
    page = found(get(park, "/v1/history", REGULATOR, text="another verifier", sort="oldest"))
    assert (page["hits"], page["next"]) == ([], 1)
    assert searched(park, REGULATOR, text="another verifier") == whole
    for sort in ("oldest", "newest"):
        assert searched(park, REGULATOR, type="reading", sort=sort) == readings


def test_an_identifier_finds_what_it_signed_what_is_about_it_and_what_names_it(park: Any) -> None:  # noqa: F811
    hits = {one["index"]: one for one in searched(park, REGULATOR, identifier=park.enterprise_id)}
    assert hits[1]["what"] == f"enrols {park.enterprise_id} (enterprise) with its first key"
    assert hits[1]["what_zh"] == f"登记 {park.enterprise_id}（enterprise）及其首个密钥"
    report = hits[park.report]
    assert (report["type"], report["issuer"]) == ("report", park.enterprise_id)
    assert [one["kind"] for one in report["effects"]] == ["assess"]
    ended = [one for one in hits.values() if one["action"] == "end"]
    assert [one["about"] for one in ended] == [[park.enterprise_id]], "the body names an assignment only"
    assert not any(OTHER in one["what"] for one in hits.values())


def test_who_asks_finds_what_is_theirs_to_read(park: Any) -> None:  # noqa: F811
    every = searched(park, REGULATOR)
    open_types = {"key", "policy", "market"}
    of_a = {one["index"] for one in every if one["issuer"] == park.enterprise_id or park.enterprise_id in one["about"]}
    known = {one["index"] for one in every if one["type"] in open_types}
    assert of_a - known
    for who in (park.enterprise_id, PERSON, ASSIGNED):
        assert set(indexes(searched(park, who))) == of_a | known
    for who in (OTHER, UNASSIGNED, LAPSED):
        assert set(indexes(searched(park, who))) == known
    assert indexes(searched(park, park.enterprise_id, type="reading")) == [park.entry]
    assert searched(park, OTHER, type="reading") == []
    assert searched(park, park.registrar_id) == every


@pytest.mark.parametrize("who", [OTHER, UNASSIGNED, LAPSED])
def test_somebody_elses_identifier_is_refused(park: Any, who: str) -> None:  # noqa: F811
    answer = get(park, "/v1/history", who, identifier=park.enterprise_id)
    assert (answer.status_code, answer.json()["rule"]) == (403, "access.not_yours")


@pytest.mark.parametrize("who", [OTHER, ASSIGNED])
def test_what_somebody_holds_is_not_for_who_verifies_it(park: Any, who: str) -> None:  # noqa: F811
    a = park.enterprise_id
    for answer in (get(park, "/v1/history", who, account=a), get(park, f"/v1/history/tonnes/{a}/{YEAR}", who)):
        assert (answer.status_code, answer.json()["rule"]) == (403, "access.not_yours")


def test_an_operation_finds_who_asked_for_it(park: Any) -> None:  # noqa: F811
    hits = searched(park, REGULATOR, operation=park.operation.hex())
    assert indexes(hits) == [park.report]
    assert hits[0]["effects"][0]["op_id"] == park.operation.hex()
    assert searched(park, REGULATOR, operation="00" * 32) == []
    assert searched(park, REGULATOR, order="00" * 32) == []
    assert searched(park, REGULATOR, serial="CCER-1-2") == []


def test_the_seconds_of_acceptance_bound_a_search_on_both_sides(park: Any) -> None:  # noqa: F811
    whole = searched(park, REGULATOR)
    assert searched(park, REGULATOR, since=park.now, until=park.now) == whole
    assert searched(park, REGULATOR, since=park.now + 1) == []
    assert searched(park, REGULATOR, until=park.now - 1) == []


@pytest.mark.parametrize(
    ("query", "status", "rule"),
    [
        ({"type": "letter"}, 422, "history.type"),
        ({"since": 2, "until": 1}, 422, "history.time"),
        ({"order": "AB" * 32}, 422, "request.parameter"),
        ({"text": "x"}, 422, "request.parameter"),
        ({"serial": "a\x00b"}, 422, "request.parameter"),
        ({"limit": 101}, 422, "request.parameter"),
        ({"sort": "best"}, 422, "request.parameter"),
        ({"identifier": "no identifier"}, 400, "identifier.characters"),
    ],
)
def test_bad_questions_are_refused_with_rule_and_value(
    park: Any,  # noqa: F811
    query: dict[str, object],
    status: int,
    rule: str,
) -> None:
    answer = get(park, "/v1/history", REGULATOR, **query)
    body = answer.json()
    assert (answer.status_code, body["rule"]) == (status, rule), body
    assert body["message_zh"]


def test_the_way_of_a_tonne_names_every_step(park: Any) -> None:  # noqa: F811
    way = found(get(park, f"/v1/history/tonnes/{park.enterprise_id}/{YEAR}", park.enterprise_id))
    report, reading = park.view.entry(park.report), park.view.entry(park.entry)
    assert way["report"] == {"index": park.report, "leaf_hash": report.leaf_hash.hex()}
    (line,) = way["lines"]
    (cited,) = line["citations"]
    leaf = {"index": park.entry, "leaf_hash": reading.leaf_hash.hex()}
    assert (cited["first"], cited["last"], cited["readings"]) == (leaf, leaf, 1)
    assert (cited["quantity"], cited["unit"]) == ("3.17", "kWh")
    assert line["trace"]["emissions"] == line["reported"]
    assert (line["verified"], way["verdict"], way["registration"]) == (None, None, None)
    steps = {one["stage"]: one["entry"]["index"] for one in way["steps"]}
    assert (steps["report"], steps["factors"]) == (park.report, park.report - 1)
    assert (way["position"]["emissions"], way["position"]["revision"]) == (500, 2), "the contract's word"
    assert [(one["asset"], one["tonnes"]) for one in way["surrenders"]] == [(f"quota-{YEAR}", 500), ("ccer", 30)]


def test_a_year_without_entries_has_no_way(park: Any) -> None:  # noqa: F811
    answer = get(park, f"/v1/history/tonnes/{park.enterprise_id}/1999", REGULATOR)
    assert (answer.status_code, answer.json()["rule"]) == (404, "cases.unknown")


def test_a_search_is_in_the_log_of_reads_of_whose_things_were_searched(park: Any) -> None:  # noqa: F811
    searched(park, REGULATOR, identifier=park.enterprise_id, text="Reason")
    reads = found(get(park, "/v1/reads", park.enterprise_id))["reads"]
    searches = {one["object"] for one in reads if one["route"] == "searchHistory" and one["identifier"] == REGULATOR}
    assert f"history: identifier {park.enterprise_id}, text Reason" in searches
