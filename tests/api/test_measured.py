"""Coverage of a report and a device's terms over HTTP; an altered reading is named."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from api.app import create_app
from attestation.bodies import InstallDevice, RemoveDevice
from ledger.db.log_models import Entry
from tests.api.access.observed import Populated
from tests.api.conftest import BASE_URL, _instant


@pytest.fixture
def populated(database: Any) -> Populated:
    park = Populated(database)
    park.populate()
    return park


@pytest.fixture
async def http(populated: Populated) -> Any:
    transport = httpx.ASGITransport(create_app(populated.service()), raise_app_exceptions=False)
    headers = populated.bearer(populated.enterprise_id, populated.enterprise)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers) as client:
        yield client


async def test_domain_43_a_reports_coverage_adds_up(http: Any, populated: Populated) -> None:
    park = populated
    answer = await http.get(f"/v1/reports/{park.report}/coverage")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["index"], found["issuer"], found["readings"]) == (park.report, park.enterprise_id, 1)
    assert found["backed"] == "100.00"
    assert found["seconds"] == {"device": 0, "backfilled": 900, "manual": 0, "gap": 0}
    assert found["counts"] == dict.fromkeys(("gap", "overlap", "reset", "jump", "register", "term"), 0)
    (line,) = found["lines"]
    assert line["share"] == {"device": "0.00", "backfilled": "100.00", "manual": "0.00", "stated": "0.00"}
    assert [(one["device"], one["first_seq"], one["unit"]) for one in line["ranges"]] == [(park.meter_id, 1, "kWh")]


async def test_what_is_no_report_has_no_coverage(http: Any, populated: Populated) -> None:
    answer = await http.get(f"/v1/reports/{populated.entry}/coverage")
    assert (answer.status_code, answer.json()["rule"]) == (404, "reports.index")
    # Of an entry that is not there nobody can say whose it is.
    answer = await http.get("/v1/reports/999999/coverage")
    assert (answer.status_code, answer.json()["rule"]) == (403, "access.not_yours")


async def test_reports_asked_for_at_once_are_one_of_a_body_at_a_time(
    http: Any, populated: Populated, problem: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten million readings take a minute: whoever asks for them again and again keeps nobody else waiting."""
    park, covered, gate = populated, type(populated.view).report_coverage, threading.Event()

    def slow(view: Any, index: int) -> Any:
        assert gate.wait(10)
        return covered(view, index)

    monkeypatch.setattr(type(park.view), "report_coverage", slow)
    path = f"/v1/reports/{park.report}/coverage"
    first = asyncio.create_task(http.get(path))
    try:
        async with asyncio.timeout(10):
            while not park.access.long_reads._taken.total():
                await asyncio.sleep(0.01)
            refused = await http.get(path)
            problem(refused, 429, "access.long_reads")
            assert int(refused.headers["retry-after"]) >= 1
            # The park asks for itself.
            overseer = asyncio.create_task(http.get(path, headers=park.bearer()))
            while park.access.long_reads._taken.total() < 2:
                await asyncio.sleep(0.01)
    finally:
        gate.set()
    assert [(await one).status_code for one in (first, overseer)] == [200, 200]
    assert (await http.get(path)).status_code == 200, "the place is free again"


async def test_an_altered_reading_is_named_and_the_service_stops(http: Any, populated: Populated) -> None:
    park = populated
    with park.database.write() as session:
        session.execute(update(Entry).where(Entry.index == park.entry).values(leaf_hash=bytes(32)))
    answer = await http.get(f"/v1/reports/{park.report}/coverage")
    problem = answer.json()
    assert (answer.status_code, problem["rule"]) == (500, "coverage.altered")
    assert f"{park.meter_id} {park.stream} seq 1:" in problem["value"]
    assert [error.rule for error in park.failures] == ["coverage.altered"]


async def test_domain_42_a_device_tells_its_events_and_terms(http: Any, populated: Populated) -> None:
    park = populated
    begun, ended = park.start, park.start + 9_000
    bodies = (
        InstallDevice(device=park.meter_id, at=_instant(begun), unit="kWh", opening="1.5", multiplier="40"),
        RemoveDevice(device=park.meter_id, at=_instant(ended), closing="77"),
    )
    indexes = [
        park.take(park.sign("device", park.enterprise_id, park.enterprise, "devices", seq, body))
        for seq, body in enumerate(bodies, start=1)
    ]
    found = (await http.get(f"/v1/devices/{park.meter_id}")).json()
    assert (found["identifier"], found["parent"]) == (park.meter_id, park.enterprise_id)
    assert [(one["entry_index"], one["event"], one["at"]) for one in found["events"]] == [
        (indexes[0], "install", begun),
        (indexes[1], "remove", ended),
    ]
    (term,) = found["terms"]
    assert term == {
        "start": begun,
        "end": ended,
        "unit": "kWh",
        "multiplier": "40",
        "opening": "1.5",
        "closing": "77",
        "calibrations": [{"start": begun, "end": None, "accuracy_percent": None, "entry_index": indexes[0]}],
        "began": indexes[0],
        "ended": indexes[1],
    }


async def test_what_is_no_device_is_404(http: Any, populated: Populated) -> None:
    answer = await http.get(f"/v1/devices/{populated.enterprise_id}")
    assert (answer.status_code, answer.json()["rule"]) == (404, "devices.unknown")
