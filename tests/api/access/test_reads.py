"""Reads of what is not public are noted, refused ones too, and shown to whose things they are."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.app import create_app
from ledger.db.access import AccessRepository
from tests.api.access.observed import OTHER, REGULATOR, Populated
from tests.api.conftest import BASE_URL


@pytest.fixture
def populated(database: Any) -> Populated:
    park = Populated(database)
    park.populate()
    return park


@pytest.fixture
async def http(populated: Populated) -> Any:
    transport = httpx.ASGITransport(create_app(populated.service()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield client


async def test_who_read_what_is_told_to_whose_it_is_and_to_those_who_watch(populated: Populated, http: Any) -> None:
    path = f"/v1/entries/{populated.entry}"
    for who in (populated.enterprise_id, OTHER, REGULATOR):
        await http.get(path, headers=populated.bearer(who, populated.holders[who]))
    await http.get(path)
    await http.get("/v1/checkpoint", headers=populated.bearer())

    async def reads(who: str, **params: int) -> list[dict[str, Any]]:
        answer = await http.get("/v1/reads", headers=populated.bearer(who, populated.holders[who]), params=params)
        assert answer.status_code == 200
        return list(answer.json()["reads"])

    own = await reads(populated.enterprise_id)
    assert [(row["identifier"], row["role"], row["status"]) for row in own] == [
        (populated.enterprise_id, "enterprise", 200),
        (OTHER, "enterprise", 403),
        (REGULATOR, "regulator", 200),
    ]
    assert {(row["route"], row["object"], row["owner"], row["owner_body"]) for row in own} == {
        ("getEntry", str(populated.entry), populated.meter_id, populated.enterprise_id)
    }
    assert all(row["request_id"] for row in own)
    assert await reads(OTHER) == []
    watched = await reads(REGULATOR)
    assert [row["route"] for row in watched] == ["getEntry"] * 3 + ["getReads"] * 2
    assert [row["id"] for row in await reads(REGULATOR, after=watched[1]["id"], limit=2)] == [
        row["id"] for row in watched[2:4]
    ]


async def test_rows_outlive_the_process_after_an_orderly_stop(populated: Populated, http: Any) -> None:
    await http.get(f"/v1/entries/{populated.entry}", headers=populated.bearer())
    populated.access.close()
    with populated.database.read() as session:
        assert [row.route for row in AccessRepository(session).reads(after=0, limit=10)] == ["getEntry"]


async def test_what_cannot_be_written_now_is_written_later(populated: Populated, http: Any) -> None:
    populated.access.reads._ended.set()  # no thread writes beside this test
    await http.get(f"/v1/entries/{populated.entry}", headers=populated.bearer())
    with populated.database.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE reads RENAME TO away")
        connection.commit()
    populated.access.reads._try()
    with populated.database.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO reads")
        connection.commit()
    populated.access.reads.write()
    with populated.database.read() as session:
        assert len(AccessRepository(session).reads(after=0, limit=10)) == 1
