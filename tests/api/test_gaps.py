"""Marks, coverage and gaps over HTTP: every kind, to the end of the pages, and what cannot be asked."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.cursors import cursor_after
from attestation.encoding import b64url_encode
from attestation.statements import Close, Loss, Reading
from tests.api.access.observed import ASSIGNED, LAPSED, OTHER, OTHER_METER, PERSON, REGULATOR, UNASSIGNED, Populated
from tests.api.conftest import BASE_URL, Park, _instant

DAY = 86_400


@pytest.fixture
def populated(database: Any) -> Populated:
    """Enterprise A's meter holds seq 1 (logged by the fixture), 5, 9 and 12; 2 to 4 are lost, the rest is open."""
    park = Populated(database)
    park.populate()
    for seq in (5, 9, 12):
        park.take(park.reading(seq))
    park.take(lost(park, 2, 4, 1))
    return park


@pytest.fixture
async def http(populated: Populated) -> Any:
    transport = httpx.ASGITransport(create_app(populated.service()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=populated.bearer()) as client:
        yield client


def lost(park: Park, first: int, last: int, seq: int, stream: str = "electricity") -> bytes:
    body = Loss(device=park.meter_id, stream=stream, first_seq=first, last_seq=last, reason="flooded")
    return park.sign("loss", park.enterprise_id, park.enterprise, "losses", seq, body)


async def get(http: Any, path: str, **params: Any) -> dict[str, Any]:
    answer = await http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_every_kind_of_seq_is_counted_and_every_reading_marked(http: Any, populated: Populated) -> None:
    park = populated
    place = {"issuer": park.meter_id, "stream": park.stream}
    # A reading of seq 6 whose period ended more than 40 days before it came.
    late = park.take(park.reading(6))
    park.now = park.start + 41 * DAY + 20 * 900
    backfilled = park.take(park.reading(10))
    body = Close(start=_instant(park.start), end=_instant(park.start + 14 * 900), last_seq=12, count=9)
    closed = park.take(park.sign("close", park.meter_id, park.meter, park.stream, 13, body))
    by_hand = Reading(
        start=_instant(park.start), end=_instant(park.start + 900), quantity="1", unit="kWh", meter=park.meter_id
    )
    manual = park.take(park.sign("reading", park.enterprise_id, park.enterprise, "hand", 1, by_hand))
    old = park.now - park.start > 41 * DAY
    marks = {index: (await get(http, f"/v1/entries/{index}"))["marks"] for index in (park.entry, late, closed, manual)}
    assert marks[park.entry] in (["device"], ["backfilled"])
    assert (marks[closed], marks[manual]) == ([], ["manual"])
    assert marks[late][1:] == ["late"]
    assert old
    assert (await get(http, f"/v1/entries/{backfilled}"))["marks"] == ["backfilled", "late"]

    found = await get(http, "/v1/streams", **place)
    counts = found["coverage"]
    assert (found["last_seq"], found["closed_seq"], found["missing"]) == (13, 13, 3)
    assert found["closed_until"] == park.start + 14 * 900
    assert found["gaps"] == [[7, 8], [11, 11]]
    assert (counts["other"], counts["open"], counts["lost"], counts["manual"], counts["late"]) == (1, 3, 3, 0, 2)
    assert counts["device"] + counts["backfilled"] == 6
    assert counts["backfilled"] >= 1
    hand = await get(http, "/v1/streams", issuer=park.enterprise_id, stream="hand")
    assert (hand["coverage"]["manual"], hand["coverage"]["device"]) == (1, 0)


async def test_a_meter_that_catches_up_within_40_days_is_marked_device(http: Any, populated: Populated) -> None:
    park = populated
    park.start = park.now - 30 * DAY
    park.stream = "heat"
    index = park.take(park.reading(1))
    park.start -= 11 * DAY
    park.stream = "gas"
    older = park.take(park.reading(1))
    assert (await get(http, f"/v1/entries/{index}"))["marks"] == ["device"]
    assert (await get(http, f"/v1/entries/{older}"))["marks"] == ["backfilled"]


async def test_coverage_of_a_range_adds_up_and_names_the_ranges_that_meet_it(http: Any, populated: Populated) -> None:
    place = {"issuer": populated.meter_id, "stream": populated.stream}
    for first, last in ((1, 12), (3, 7), (4, 4), (12, 12)):
        found = await get(http, "/v1/streams/coverage", **place, first_seq=first, last_seq=last)
        kinds = ("device", "backfilled", "manual", "other", "open", "lost")
        assert sum(found[kind] for kind in kinds) == last - first + 1
    found = await get(http, "/v1/streams/coverage", **place, first_seq=3, last_seq=7)
    assert [(one["first_seq"], one["last_seq"], one["state"]) for one in found["ranges"]] == [
        (2, 4, "lost"),
        (6, 8, "open"),
    ]
    assert (found["ranges"][0]["reason"], found["ranges"][1]["reason"]) == ("flooded", None)
    whole = await get(http, "/v1/streams/coverage", **place)
    assert (whole["first_seq"], whole["last_seq"]) == (1, 12)


@pytest.mark.parametrize("limit", [1, 2, 3, 1_000])
async def test_pages_of_gaps_end_and_nothing_comes_twice(http: Any, populated: Populated, limit: int) -> None:
    for stream in ("gas", "heat"):
        populated.stream = stream
        for seq in (2, 4, 6):
            populated.take(populated.reading(seq))
    found, after, pages = [], None, 0
    while True:
        more = {} if after is None else {"after": after}
        page = await get(http, "/v1/gaps", issuer=populated.enterprise_id, limit=limit, **more)
        assert 0 < len(page["gaps"]) <= limit
        found += [(one["issuer"], one["stream"], one["first_seq"], one["state"]) for one in page["gaps"]]
        pages, after = pages + 1, page["next"]
        if after is None:
            break
    meter = populated.meter_id
    expected = [
        (meter, "electricity", 2, "lost"),
        (meter, "electricity", 6, "open"),
        (meter, "electricity", 10, "open"),
    ]
    expected += [(meter, stream, seq, "open") for stream in ("gas", "heat") for seq in (1, 3, 5)]
    assert found == expected
    assert pages == -(-len(expected) // limit)


async def test_one_state_can_be_asked_for(http: Any, populated: Populated) -> None:
    for state, firsts in (("lost", [2]), ("open", [6, 10])):
        page = await get(http, "/v1/gaps", issuer=populated.meter_id, state=state)
        assert [one["first_seq"] for one in page["gaps"]] == firsts
    (one,) = (await get(http, "/v1/gaps", issuer=populated.meter_id, state="lost"))["gaps"]
    assert populated.view.entry(one["entry_index"]).type == "loss"  # type: ignore[union-attr]  # it is there


async def test_streams_of_an_enterprise_are_its_own_and_its_devices(http: Any, populated: Populated) -> None:
    issuer, names, after = populated.enterprise_id, [], None
    while True:
        more = {} if after is None else {"after": after}
        page = await get(http, "/v1/streams", issuer=issuer, limit=1, **more)
        (one,) = page["streams"]
        names.append((one["issuer"], one["stream"], one["coverage"]["open"], one["coverage"]["lost"]))
        after = page["next"]
        if after is None:
            break
    meter = populated.meter_id
    assert names == [(issuer, "losses", 0, 0), (issuer, "reports", 0, 0), (meter, "electricity", 5, 3)]


async def test_a_cursor_of_another_listing_and_what_is_none_are_refused(
    http: Any, populated: Populated, problem: Any
) -> None:
    page = await get(http, "/v1/gaps", issuer=populated.meter_id, limit=1)
    other = page["next"]
    good = [populated.enterprise_id, populated.meter_id, "electricity", 2]
    made_up = [
        [*good[:3], -1],
        [*good[:3], 2**53],
        [*good[:3], 1.5],
        [*good[:3], "2"],
        [*good[:2], "no stream", 2],
        [*good[:2], "nul\x00", 2],
        [good[0], "nobody", "electricity", 2],
        [good[0], "88.608.1/\x00", "electricity", 2],
        good[:3],
        {"issuer": good[0]},
        None,
    ]
    cursors = [other, "A", "AB", "_" * 40, "A" * 2048, *(b64url_encode(json.dumps(one).encode()) for one in made_up)]
    cursors += [b64url_encode(b"\xff\xfe"), b64url_encode(b"[" * 1_000)]
    for path in ("/v1/gaps", "/v1/streams"):
        for cursor in cursors:
            answer = await http.get(path, params={"issuer": populated.enterprise_id, "after": cursor})
            assert problem(answer, 422, "page.cursor")["parameter"] == "query.after"
        assert (await get(http, path, issuer=good[0], after=cursor_after(*good)))["issuer"] == good[0]  # type: ignore[arg-type]  # one list of four
    for cursor in ("", "a b", "é", "A" * 2049):
        answer = await http.get("/v1/gaps", params={"issuer": populated.enterprise_id, "after": cursor})
        problem(answer, 422, "request.parameter")


@pytest.mark.parametrize(
    ("query", "status", "rule"),
    [
        ("/v1/gaps?issuer=88.608.9/NOBODY", 404, "identifiers.unknown"),
        ("/v1/streams?issuer=88.608.9/NOBODY", 404, "identifiers.unknown"),
        ("/v1/gaps?issuer=%00", 400, "identifier.characters"),
        ("/v1/gaps", 422, "request.parameter"),
        ("/v1/gaps?issuer=88.608.1/PARK&limit=0", 422, "request.parameter"),
        ("/v1/gaps?issuer=88.608.1/PARK&limit=1001", 422, "request.parameter"),
        ("/v1/gaps?issuer=88.608.1/PARK&state=filled", 422, "request.parameter"),
        ("/v1/streams?issuer=88.608.1/PARK&limit=101", 422, "request.parameter"),
        ("/v1/streams/coverage?issuer=88.608.1/PARK&stream=nothing", 404, "streams.unknown"),
        ("/v1/streams/coverage?issuer=88.608.1/PARK", 422, "request.parameter"),
        ("/v1/streams/coverage?issuer=88.608.5288/A_METER_1&stream=electricity&first_seq=0", 422, "request.parameter"),
        ("/v1/streams/coverage?issuer=88.608.5288/A_METER_1&stream=electricity&first_seq=5&last_seq=4", 404,
         "coverage.range"),
        ("/v1/streams/coverage?issuer=88.608.5288/A_METER_1&stream=electricity&last_seq=13", 404, "coverage.range"),
        ("/v1/streams/coverage?issuer=88.608.5288/A_METER_1&stream=electricity&first_seq=13", 404, "coverage.range"),
        (f"/v1/streams/coverage?issuer=88.608.5288/A_METER_1&stream=electricity&last_seq={2**53}", 422,
         "request.parameter"),
    ],
)  # fmt: skip
async def test_what_cannot_be_asked_is_refused(http: Any, problem: Any, query: str, status: int, rule: str) -> None:
    problem(await http.get(query), status, rule)


async def test_who_may_see_gaps_is_who_may_see_the_streams(http: Any, populated: Populated) -> None:
    allowed = {populated.meter_id: {populated.meter_id, populated.enterprise_id, PERSON, ASSIGNED, REGULATOR}}
    allowed[populated.enterprise_id] = allowed[populated.meter_id] - {populated.meter_id}
    for about, readers in allowed.items():
        for who in (populated.meter_id, populated.enterprise_id, PERSON, OTHER, OTHER_METER, ASSIGNED, UNASSIGNED,
                    LAPSED, REGULATOR):  # fmt: skip
            headers = populated.bearer(who, populated.holders[who])
            asked = [
                ("/v1/gaps", {"issuer": about}),
                ("/v1/streams", {"issuer": about}),
                ("/v1/streams/coverage", {"issuer": about, "stream": "losses" if "_" not in about else "electricity"}),
            ]
            for path, params in asked:
                answer = await http.get(path, params=params, headers=headers)
                assert answer.status_code == (200 if who in readers else 403), (path, about, who)
    assert (await http.get("/v1/gaps", params={"issuer": OTHER}, headers={"authorization": ""})).status_code == 401


async def test_reads_of_gaps_and_coverage_are_noted(http: Any, populated: Populated) -> None:
    await get(http, "/v1/gaps", issuer=populated.enterprise_id)
    await get(http, "/v1/streams/coverage", issuer=populated.meter_id, stream=populated.stream, last_seq=3)
    rows = (await get(http, "/v1/reads"))["reads"]
    assert [(row["route"], row["object"], row["owner_body"]) for row in rows] == [
        ("getGaps", f"gaps of {populated.enterprise_id}", populated.enterprise_id),
        ("getCoverage", f"coverage of {populated.meter_id} electricity 1 to 3", populated.enterprise_id),
    ]
