"""Policies over HTTP: every version, what is in force on a day, and the reports that a version touches."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from api.app import create_app
from attestation.accounting import Activity, LineKind, build_report, load_bundled
from attestation.bodies.policies import Corrects
from attestation.policies.calendar import default_document
from attestation.statements import Policy, parse_body
from ledger.log import Refused
from tests.api.conftest import BASE_URL, Park

STEEL = load_bundled("cets-steel", "03.01-v01-2024")
SLASHED = "park/steel"


def publish(park: Park, number: int, policy: Policy) -> None:
    outcome = submit(park, "policy", "policies", number, policy)
    assert not isinstance(outcome, Refused), outcome.error


def submit(park: Park, kind: str, stream: str, number: int, body: Any, *, enterprise: bool = False) -> Any:
    who, key = (park.enterprise_id, park.enterprise) if enterprise else (park.registrar_id, park.registrar)
    (outcome,) = park.log.submit([park.sign(kind, who, key, stream, number, body)]).outcomes
    return outcome


def factors(version: str, since: str, corrects: str | None = None, set_id: str = STEEL.id) -> Policy:
    return Policy(
        policy="factor-set",
        id=set_id,
        version=version,
        effective_from=since,
        document={**STEEL.document(), "id": set_id, "version": version},
        corrects=None if corrects is None else Corrects(version=corrects, reason="mistyped"),
    )


def rules(version: str, since: str, days: int) -> Policy:
    document = {"year": 2023, "objection_days": days}
    return Policy(policy="rules", id="park", version=version, effective_from=since, document=document)


def report(year: int, day: str, version: str, set_id: str = STEEL.id) -> Any:
    factor_set = type(STEEL).from_document({**STEEL.document(), "id": set_id, "version": version})
    built = build_report(
        year=year,
        period_from=f"{day}T00:00:00Z",
        period_to=f"{day}T12:00:00Z",
        activities=[Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal("10.00"), "t")],
        factor_set=factor_set,
        obligation_base="direct",
    )
    return parse_body("report", built.body)


@pytest.fixture
def published(park: Park) -> Park:
    """The log's day is 2024-03-10 in China."""
    publish(park, 1, factors("1", "2022-01-01"))
    publish(park, 2, rules("1", "2023-01-01", 3))
    publish(park, 3, rules("2", "2024-03-10", 4))
    publish(park, 4, rules("3", "2024-06-01", 5))
    calendar = {"year": 2023, **default_document()}
    publish(park, 5, Policy(policy="calendar", id="park", version="1", effective_from="2023-01-01", document=calendar))
    return park


@pytest.fixture
async def http(published: Park) -> Any:
    app = create_app(published.service())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=published.bearer()) as client:
        yield client


async def get(http: Any, path: str, **params: Any) -> dict[str, Any]:
    answer = await http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_every_version_is_listed_with_its_leaf_in_log_order(http: Any, published: Park) -> None:
    found = await get(http, "/v1/policies")
    assert found["on"] == "2024-03-10"
    names = [(one["policy"], one["version"], one["in_force"]) for one in found["policies"]]
    assert names == [
        ("factor-set", "1", True),
        ("rules", "1", False),
        ("rules", "2", True),
        ("rules", "3", False),
        ("calendar", "1", True),
    ]
    for one in found["policies"]:
        entry = published.view.entry(one["index"])
        assert entry is not None
        assert one["leaf_hash"] == entry.leaf_hash.hex()
        assert one["serves_from"] == one["effective_from"], "nothing is corrected"


@pytest.mark.parametrize(("day", "version"), [("2023-01-01", "1"), ("2024-03-10", "2"), ("2024-06-01", "3")])
async def test_what_is_in_force_is_asked_by_the_day(http: Any, day: str, version: str) -> None:
    found = await get(http, "/v1/policies", policy="rules", year=2023, on=day, in_force=True)
    assert [one["version"] for one in found["policies"]] == [version]


async def test_before_the_first_day_nothing_is_in_force(http: Any) -> None:
    assert (await get(http, "/v1/policies", policy="rules", on="2022-12-31", in_force=True))["policies"] == []
    assert (await get(http, "/v1/policies", year=1999))["policies"] == []


async def test_a_corrected_factor_set_lists_every_report_that_it_touches(http: Any, published: Park) -> None:
    for number in (1, 2, 3):
        outcome = submit(
            published,
            "report",
            f"reports-{number}",
            1,
            report(2021 + number, f"{2021 + number}-01-02", "1"),
            enterprise=True,
        )
        assert not isinstance(outcome, Refused), outcome.error
    path = f"/v1/policies/factor-set/{STEEL.id}/1/reports"
    whole = await get(http, path)
    assert [one["year"] for one in whole["reports"]] == [2022, 2023, 2024]
    assert {one["issuer"] for one in whole["reports"]} == {published.enterprise_id}
    publish(published, 6, factors("2", "2024-03-11", corrects="1"))
    assert await get(http, path) == whole, "a correction changes nothing that was accepted"
    touched = await get(http, "/v1/history/effects", policy="factor-set", id=STEEL.id, version="1", limit=3)
    assert [(one["index"], one["year"], one["why"], one["superseded_by"]) for one in touched["entries"]] == [
        (one["index"], one["year"], "judged", one["superseded_by"]) for one in whole["reports"]
    ]
    assert (touched["next"], touched["compromised_since"]) == (whole["reports"][-1]["index"], None)
    first = await get(http, path, limit=2)
    rest = await get(http, path, limit=2, after=first["next"])
    assert (first["reports"] + rest["reports"], rest["next"]) == (whole["reports"], None)
    refused = submit(published, "report", "reports-2020", 1, report(2021, "2021-01-02", "1"), enterprise=True)
    assert isinstance(refused, Refused)
    assert refused.error.rule == "factor_set.corrected"
    one, two = (await get(http, "/v1/policies", policy="factor-set"))["policies"]
    assert (one["corrected_by"], one["in_force"], two["corrects"], two["reason"]) == ("2", False, "1", "mistyped")
    assert [(each["effective_from"], each["serves_from"]) for each in (one, two)] == [
        ("2022-01-01", "2022-01-01"),
        ("2024-03-11", "2022-01-01"),
    ], "from the corrected one's first day"
    publish(published, 7, factors("3", "2024-05-01"))
    publish(published, 8, factors("4", "2024-06-01", corrects="2"))
    last = (await get(http, "/v1/policies", policy="factor-set"))["policies"][-1]
    assert (last["version"], last["serves_from"]) == ("4", "2022-01-01"), "a corrected correction too"
    for day, serving in (("2023-06-01", "4"), ("2024-04-30", "4"), ("2024-05-01", "3")):
        forced = (await get(http, "/v1/policies", policy="factor-set", in_force=True, on=day))["policies"]
        assert [each["version"] for each in forced] == [serving], day


async def test_reports_know_the_rules_and_the_calendar_of_their_year(http: Any, published: Park) -> None:
    submit(published, "report", "reports", 1, report(2023, "2023-05-01", "1"), enterprise=True)
    submit(published, "report", "reports", 2, report(2022, "2022-05-01", "1"), enterprise=True)
    for path, years in (
        ("rules/park/1", []),
        ("rules/park/2", [2023]),
        ("calendar/park/1", [2023]),
    ):
        found = await get(http, f"/v1/policies/{path}/reports")
        assert [one["year"] for one in found["reports"]] == years


async def test_a_name_with_a_slash_is_a_name(http: Any, published: Park) -> None:
    publish(published, 6, factors("1", "2022-01-01", set_id=SLASHED))
    submit(published, "report", "reports", 1, report(2023, "2023-05-01", "1", SLASHED), enterprise=True)
    found = await get(http, f"/v1/policies/factor-set/{SLASHED}/1/reports")
    assert (found["id"], len(found["reports"])) == (SLASHED, 1)


async def test_what_is_not_published_is_not_there(http: Any, problem: Any) -> None:
    problem(await http.get("/v1/policies/factor-set/none/1/reports"), 404, "policies.unknown")
    effects = "/v1/history/effects?policy=factor-set&id=none"
    problem(await http.get(f"{effects}&version=1"), 404, "policies.unknown")
    for incomplete in (effects, "/v1/history/effects", f"{effects}&version=1&key={'A' * 43}"):
        problem(await http.get(incomplete), 422, "history.effects")
    assert (await http.get("/v1/policies/weather/park/1/reports")).status_code == 422
    assert (await http.get("/v1/policies", params={"on": "yesterday"})).status_code == 422
