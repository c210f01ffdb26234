"""``GET /v1/accounts/{identifier}/movements``: opening, movements, closing, page by page (DOMAIN 21, law 5)."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.identifiers import account_id
from tests.api.access.observed import ASSIGNED, OTHER, REGULATOR
from tests.api.test_accounts import YEAR, found, get, park  # noqa: F401 - a fixture that is used by name

QUOTA = f"quota-{YEAR}"


def asked(park: Any, identifier: str, **query: object) -> dict[str, Any]:  # noqa: F811 - the fixture's name
    return found(get(park, f"/v1/accounts/{park.enterprise_id}/movements", identifier, **query))


def test_each_movement_is_told_once_between_opening_and_closing(park: Any) -> None:  # noqa: F811
    """400 t carried in, 200 t allocated, 50 t frozen, 500 t surrendered; 40 t of CCER, of which 30 t are used."""
    a = park.enterprise_id
    said = asked(park, a)
    assert (said["identifier"], said["account"], said["from_block"]) == (a, account_id(a).hex(), 0)
    assert (said["as_of"]["number"], said["next"]) == (park.head, None)
    quota, ccer = said["assets"]
    assert quota == {
        "asset": QUOTA,
        "opening": {"registry": 0, "trading": 0, "frozen": 0},
        "closing": {"registry": 50, "trading": 0, "frozen": 50},
    }
    assert (ccer["asset"], ccer["closing"]["registry"]) == ("ccer", 10)
    moved = [(one["kind"], one["asset"], one["registry"], one["frozen"]) for one in said["movements"]]
    assert moved == [
        ("CarriedIn", QUOTA, 400, 0),
        ("Allocated", QUOTA, 200, 0),
        ("OffsetEntered", "ccer", 40, 0),
        ("Frozen", QUOTA, -50, 50),
        ("Surrendered", QUOTA, -500, 0),
        ("Surrendered", "ccer", -30, 0),
    ]
    allocated, frozen = said["movements"][1], said["movements"][3]
    assert (allocated["counterparty"], allocated["index"]) == (park.registrar_id, 3)
    assert frozen["freeze"] == park.freeze.hex()


def test_a_part_of_the_chain_begins_with_what_there_was(park: Any) -> None:  # noqa: F811
    whole = asked(park, park.enterprise_id)["movements"]
    first, last = whole[1]["block"], whole[4]["block"]
    said = asked(park, REGULATOR, from_block=first, block=last)
    assert said["movements"] == whole[1:5]
    assert (said["assets"][0]["opening"]["registry"], said["assets"][0]["closing"]["registry"]) == (400, 50)
    assert said["as_of"]["number"] == last
    nothing = asked(park, REGULATOR, from_block=last + 1, block=last + 1)
    assert [one["asset"] for one in nothing["assets"]] == [QUOTA, "ccer"]


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 1_000])
def test_pages_together_are_the_whole(park: Any, limit: int) -> None:  # noqa: F811
    whole, pages = asked(park, park.enterprise_id), []
    query: dict[str, object] = {"limit": limit}
    while True:
        page = asked(park, park.enterprise_id, **query)
        assert page["assets"] == whole["assets"], "opening and closing are those of all pages"
        pages += page["movements"]
        if page["next"] is None:
            break
        query |= {"after": page["next"], "block": page["as_of"]["number"]}
    assert pages == whole["movements"]


def test_movements_are_for_whose_account_it_is(park: Any) -> None:  # noqa: F811
    for who in (OTHER, ASSIGNED):
        answer = get(park, f"/v1/accounts/{park.enterprise_id}/movements", who)
        assert (answer.status_code, answer.json()["rule"]) == (403, "access.not_yours")


@pytest.mark.parametrize(
    ("query", "status", "rule"),
    [
        ({"block": 10_000}, 404, "accounts.block"),
        ({"from_block": 5, "block": 4}, 404, "movements.from_block"),
        ({"from_block": -1}, 422, "request.parameter"),
        ({"limit": 1_001}, 422, "request.parameter"),
        ({"after": "WyJ4Il0"}, 422, "page.cursor"),
        ({"after": "WyI4OC42MDguNTI4OC9BIiwgIjg4LjYwOC41Mjg4L0EiLCAiYS5iLmMiLCAwXQ"}, 422, "page.cursor"),
    ],
    ids=["block not read", "from after to", "below 0", "too many", "no cursor", "no place"],
)
def test_what_cannot_be_asked_is_refused(park: Any, query: dict[str, object], status: int, rule: str) -> None:  # noqa: F811
    answer = get(park, f"/v1/accounts/{park.enterprise_id}/movements", REGULATOR, **query)
    assert (answer.status_code, answer.json()["rule"]) == (status, rule)
    nobody = get(park, "/v1/accounts/88.608.9/nobody/movements", REGULATOR)
    assert (nobody.status_code, nobody.json()["rule"]) == (404, "accounts.unknown")
