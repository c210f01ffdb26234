"""Health: what is away is named, and only a database that cannot be used takes the readiness away."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.health import Findings
from api.workers import Worker
from ledger.db.base import Database
from ledger.view import LogView

NOBODY = "http://127.0.0.1:1"


def _findings(park: Any, database: Database, *, now: int) -> Findings:
    worker = Worker("sequencer", lambda: False, 1.0, threading.Event(), park.failures.append)
    view = LogView(database, park.parameters)
    return Findings(database, view, NOBODY, 31337, [NOBODY], [worker], clock=lambda: float(now))


async def test_chain_and_witness_away_degrade_but_do_not_stop_acceptance(park: Any, connect: Any) -> None:
    park.sequencer.step()
    park.log.submit([park.reading(1), park.reading(2)])
    findings = _findings(park, park.database, now=park.now)
    service = dataclasses.replace(park.service(), findings=findings)
    async with connect(create_app(service)) as http:
        body = (await http.get("/v1/health")).json()
        ready = await http.get("/v1/health/ready")
    assert body["status"] == "degraded"
    assert (body["chain"]["ok"], body["chain"]["error"]) == (False, "chain.unavailable")
    assert [(found["ok"], found["error"]) for found in body["witnesses"]] == [(False, "witness.connection")]
    lag = body["lag"]
    assert (lag["accepted"], lag["integrated"], lag["not_integrated"], lag["overdue_s"]) == (5, 3, 2, 0)
    assert body["roles"]["sequencer"]["waiting_for"] is None
    assert ready.status_code == 200


def test_a_promise_that_was_not_kept_shows_by_how_much(park: Any) -> None:
    late = park.now + park.parameters.integrate_within + 7
    assert _findings(park, park.database, now=late)()["lag"]["overdue_s"] == 7  # type: ignore[index]  # a document


async def test_a_database_that_cannot_be_read_is_503(park: Any, connect: Any, problem: Any, tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    service = dataclasses.replace(park.service(), findings=_findings(park, empty, now=park.now))
    async with connect(create_app(service)) as http:
        assert (await http.get("/v1/health")).json()["status"] == "unavailable"
        answer = await http.get("/v1/health/ready")
    empty.close()
    problem(answer, 503, "health.unavailable")
    assert int(answer.headers["retry-after"]) > 0


def test_probes_are_kept_for_a_moment(park: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    findings = _findings(park, park.database, now=park.now)
    first = findings()
    assert findings() is first
    monkeypatch.setattr("api.health.time.monotonic", lambda: findings._until + 1)
    assert findings() is not first
