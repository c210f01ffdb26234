"""``GET /v1/history/units/{account}/{asset}``, and accounts as of an instant: what they say adds up (law 3, law 5)."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.instants import format_instant
from tests.api.access.observed import ASSIGNED, OTHER, PERSON, REGULATOR
from tests.api.test_accounts import YEAR, found, get, park  # noqa: F401 - a fixture that is used by name
from tests.read_chain import GENESIS_TIME

QUOTA = f"quota-{YEAR}"


def way(park: Any, who: str, asset: str = QUOTA, **query: object) -> dict[str, Any]:  # noqa: F811 - the fixture's name
    return found(get(park, f"/v1/history/units/{park.enterprise_id}/{asset}", who, **query))


def flows(of: list[dict[str, Any]]) -> list[tuple[str, str | None, int | None, int, int]]:
    return [(one["kind"], one["other"], one["year"], one["tonnes"], one["events"]) for one in of]


def total(held: dict[str, int]) -> int:
    return sum(held.values())


def test_what_came_less_what_left_is_what_is_there(park: Any) -> None:  # noqa: F811
    """400 t carried in and 200 t allocated; 500 t met the year's obligation; 50 t are frozen, and did not leave."""
    said = way(park, park.enterprise_id)
    assert (said["identifier"], said["asset"], said["as_of"]["number"]) == (park.enterprise_id, QUOTA, park.head)
    assert flows(said["inward"]) == [("CarriedIn", None, None, 400, 1), ("Allocated", park.registrar_id, None, 200, 1)]
    assert flows(said["outward"]) == [("Surrendered", None, YEAR, 500, 1)]
    assert (total(said["opening"]), total(said["closing"])) == (0, 100)
    assert "no first in, first out" in said["note"]
    assert "先进先出" in said["note_zh"]
    offsets = way(park, PERSON, "ccer")
    assert (flows(offsets["inward"]), flows(offsets["outward"])) == (
        [("OffsetEntered", None, None, 40, 1)],
        [("Surrendered", None, YEAR, 30, 1)],
    )


def test_the_law_holds_between_any_two_blocks_and_is_the_accounts_word(park: Any) -> None:  # noqa: F811
    for last in range(park.head + 1):
        held = found(get(park, f"/v1/accounts/{park.enterprise_id}", REGULATOR, block=last))["holdings"]
        (there,) = [one for one in held if one["asset"] == QUOTA] or [{"registry": 0, "trading": 0, "frozen": 0}]
        for first in (0, park.before, last):
            if first > last:
                continue
            said = way(park, REGULATOR, from_block=first, block=last)
            came, left = (sum(one["tonnes"] for one in said[name]) for name in ("inward", "outward"))
            assert total(said["opening"]) + came - left == total(said["closing"])
            assert said["closing"] == {name: there[name] for name in ("registry", "trading", "frozen")}


def test_an_instant_is_the_last_block_until_then(park: Any) -> None:  # noqa: F811
    """Block n of this chain was made n seconds after its beginning."""
    path = f"/v1/accounts/{park.enterprise_id}"
    for number in range(1, park.last_event + 1):
        said = found(get(park, path, REGULATOR, at=format_instant(GENESIS_TIME + number)))
        by_block = found(get(park, path, REGULATOR, block=number))
        assert (said["as_of"]["number"], said["at"]) == (number, GENESIS_TIME + number)
        assert by_block | {"at": said["at"]} == said
        assert way(park, REGULATOR, at=format_instant(GENESIS_TIME + number)) == way(park, REGULATOR, block=number) | {
            "at": GENESIS_TIME + number
        }
    # Nothing of ours happened since, and the chain was read until then.
    late = found(get(park, path, REGULATOR, at=when(park.head)))
    assert late["as_of"]["number"] == park.last_event
    assert late["holdings"] == found(get(park, path, REGULATOR, block=park.head))["holdings"]


def when(number: int) -> str:
    return format_instant(GENESIS_TIME + number)


@pytest.mark.parametrize("path", ["/v1/accounts/{}", "/v1/history/units/{}/" + QUOTA])
def test_an_instant_that_was_not_read_is_refused_with_what_was(park: Any, path: str) -> None:  # noqa: F811
    path = path.format(park.enterprise_id)
    for at in (when(0), when(park.head + 1)):
        answer = get(park, path, REGULATOR, at=at)
        problem = answer.json()
        assert (answer.status_code, problem["rule"], problem["value"]) == (404, "accounts.at", at)
        assert problem["expected"] == f"{when(1)} to {when(park.head)}"
    both = get(park, path, REGULATOR, at=when(3), block=3)
    assert (both.status_code, both.json()["rule"]) == (422, "accounts.when")
    for at in ("2026-05-01", "yesterday", "2026-05-01T00:00:00"):
        bad = get(park, path, REGULATOR, at=at)
        assert (bad.status_code, bad.json()["rule"]) == (422, "instant.format"), bad.text


def test_the_way_is_its_holders(park: Any) -> None:  # noqa: F811
    for who in (OTHER, ASSIGNED):
        answer = get(park, f"/v1/history/units/{park.enterprise_id}/{QUOTA}", who)
        assert (answer.status_code, answer.json()["rule"]) == (403, "access.not_yours")
    unknown = get(park, f"/v1/history/units/88.608.5288/nobody/{QUOTA}", REGULATOR)
    assert (unknown.status_code, unknown.json()["rule"]) == (404, "accounts.unknown")
    early = get(park, f"/v1/history/units/{park.enterprise_id}/{QUOTA}", REGULATOR, from_block=9, block=8)
    assert (early.status_code, early.json()["rule"]) == (404, "movements.from_block")
    odd = get(park, f"/v1/history/units/{park.enterprise_id}/gold", REGULATOR)
    assert odd.status_code == 422
