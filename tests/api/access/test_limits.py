"""Who asks too much is told when to come back, before anything is lost, and takes nothing from others."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access.access import AccessLimits
from api.access.limits import Buckets, Rate, counted_as
from api.app import create_app
from api.deps import Limits
from tests.api.conftest import BASE_URL

NDJSON = {"content-type": "application/x-ndjson"}
BULK = "/v1/statements/bulk"


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 30)), max_size=60))
def test_a_bucket_never_gives_more_than_burst_and_rate(asked: list[tuple[float, int]]) -> None:
    now = 0.0
    bucket = Buckets(Rate(per_second=4.0, burst=20.0), lambda: now)
    given_out = 0.0
    for pause, amount in asked:
        now += pause
        wait = bucket.take("a", amount)
        given_out += 0 if wait else amount
        # An amount above the burst leaves a debt, which is paid before anything else is given.
        assert given_out <= 20 + 4 * now + 30 + 1e-6
        if wait:
            assert 0 < wait <= (20 + 30) / 4
            assert bucket.take("b", 1) == 0.0 or now > 0


def _lines(park: Any, numbers: range) -> bytes:
    return b"".join(json.dumps(park.reading(number).decode()).encode() + b"\n" for number in numbers)


def _client(park: Any, limits: Limits, access: AccessLimits, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(park.service(limits, access)), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers)


async def test_requests_beyond_the_rate_are_refused_with_the_time_to_wait(park: Any, problem: Any) -> None:
    async with _client(park, Limits(), AccessLimits(requests_per_s=1)) as http:
        bearer = park.bearer()
        answers = [await http.get("/v1/sessions", headers=bearer) for _ in range(12)]
        refused = [answer for answer in answers if answer.status_code != 200]
        assert 1 <= len(refused) <= 2
        problem(refused[0], 429, "access.requests")
        assert 1 <= int(refused[0].headers["retry-after"]) <= 10
        # Another identifier has its own allowance.
        other = park.bearer(park.meter_id, park.meter)
        assert (await http.get("/v1/sessions", headers=other)).status_code == 200


async def test_strangers_and_guessers_use_up_their_address_and_nobody_elses_allowance(park: Any, problem: Any) -> None:
    async with _client(park, Limits(), AccessLimits(anonymous_per_s=1)) as http:
        bearer = park.bearer()
        guesses = [{"authorization": "Bearer " + f"{number:043d}"} for number in range(8)]
        answers = [await http.get("/v1/sessions", headers=guess) for guess in guesses]
        assert {answer.status_code for answer in answers} == {401}
        answers = [await http.get("/v1/checkpoint") for _ in range(8)]
        problem(answers[-1], 429, "access.requests")
        assert (await http.get("/v1/sessions", headers=bearer)).status_code == 200


async def test_lines_beyond_the_rate_end_the_request_at_a_chunk_and_say_so(park: Any, problem: Any) -> None:
    limits, access = Limits(chunk_lines=10), AccessLimits(lines_per_min=25)
    async with _client(park, limits, access) as http:
        bearer = park.bearer()
        answer = await http.post(BULK, content=_lines(park, range(1, 41)), headers={**NDJSON, **bearer})
        body = problem(answer, 429, "access.lines")
        assert body["last_stored_line"] == 20
        assert int(answer.headers["retry-after"]) >= 1
        assert park.view.stream(park.meter_id, park.stream).count == 20


async def test_bulk_requests_at_once_are_bounded_before_anything_is_read(park: Any, problem: Any) -> None:
    async with _client(park, Limits(chunk_lines=10), AccessLimits(bulk_each=1)) as http:
        bearer = park.bearer()
        gate, read = asyncio.Event(), []

        async def slow() -> Any:
            yield _lines(park, range(1, 3))
            await gate.wait()
            yield _lines(park, range(3, 5))

        async def never() -> Any:
            read.append(1)
            yield _lines(park, range(5, 6))

        first = asyncio.create_task(http.post(BULK, content=slow(), headers={**NDJSON, **bearer}))
        while park.access.bulk._taken.total() == 0:
            await asyncio.sleep(0.01)
        second = await http.post(BULK, content=never(), headers={**NDJSON, **bearer})
        problem(second, 429, "access.bulk_requests")
        assert not read, "refused without reading the body"
        gate.set()
        answer = await first
        assert json.loads(answer.text.splitlines()[-1])["summary"]["accepted"] == 4
        # The slot is free again.
        again = await http.post(BULK, content=_lines(park, range(5, 6)), headers={**NDJSON, **bearer})
        assert again.status_code == 200


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        # A listener for both kinds sees IPv4 callers so (RFC 4291): they are not one site.
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_site_with_many_addresses_has_one_allowance(host: str, counted: str) -> None:
    assert counted_as(host) == counted


async def test_a_flood_of_applications_from_all_addresses_of_a_site_is_one_callers(park: Any, problem: Any) -> None:
    app = create_app(park.service(access=AccessLimits(applications_per_hour=3)))

    async def status(address: str) -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http:
            return await http.post("/v1/applications", content=b"{}", headers={"content-type": "application/json"})

    answers = [await status(f"2001:db8::{number:x}") for number in range(4)]
    assert [answer.status_code for answer in answers[:3]] == [422] * 3
    problem(answers[3], 429, "access.applications")
    assert (await status("2001:db8:0:1::1")).status_code == 422, "another site"
