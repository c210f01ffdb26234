"""The figures: counted where things happen, read where nobody outside can, each named in docs/operations.md."""

from __future__ import annotations

import dataclasses
import json
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.deps import Limits
from api.metrics import CountedLog, Exposition, Metrics, StateCollector
from api.settings import SettingsRefused
from ledger.db.base import Database

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"
AWAY: Mapping[str, Any] = {"chain": {"ok": False}, "witnesses": [{"ok": True}, {"ok": False}]}
NDJSON = {"content-type": "application/x-ndjson"}


def _read(metrics: Metrics) -> dict[str, float]:
    """Everything that is exposed, by name and labels as written."""
    exposition = Exposition(metrics.registry, "127.0.0.1", 0)
    try:
        text = httpx.get(exposition.url, timeout=30, trust_env=False).text
    finally:
        exposition.close()
    return {
        sample.name + "".join(f" {value}" for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _watched(park: Any, *, balance: Any = None, database: Database | None = None) -> Metrics:
    metrics = Metrics()
    state = StateCollector(
        database or park.database, lambda: AWAY, park.parameters.integrate_within, balance, lambda: float(park.now)
    )
    metrics.registry.register(state)
    return metrics


async def test_requests_are_counted_by_template_method_and_status(park: Any, connect: Any) -> None:
    service = park.service()
    async with connect(create_app(service)) as http:
        for path in ("/v1/entries/0", "/v1/entries/1", "/v1/entries/9", "/v1/nothing", "/v1/openapi.json"):
            await http.get(path)
        await http.request("BREW", "/v1/entries/0")
    found = _read(service.metrics)
    assert found["tanlu_http_requests_total GET /v1/entries/{index} 200"] == 2
    assert found["tanlu_http_requests_total GET /v1/entries/{index} 404"] == 1
    assert found["tanlu_http_requests_total GET - 404"] == 1
    assert found["tanlu_http_requests_total GET /v1/openapi.json 200"] == 1
    assert found["tanlu_http_requests_total OTHER /v1/entries/{index} 405"] == 1
    assert found["tanlu_http_request_duration_seconds_count GET /v1/entries/{index}"] == 3
    assert found["tanlu_store_call_seconds_count read"] == 3 + 1, "three entries, and once who asks for them"
    assert found["tanlu_store_queue read"] == found["tanlu_store_queue write"] == 0


async def test_statements_are_counted_whichever_way_they_come(park: Any, connect: Any) -> None:
    metrics = Metrics()
    log = CountedLog(park.database, park.parameters, park.log_key, metrics)
    service = dataclasses.replace(park.service(Limits(chunk_lines=2)), log=log, metrics=metrics)
    lines = [park.reading(1), park.reading(2), park.reading(2), park.reading(3)[:-4] + b"AAAA"]
    body = b"".join(b'"' + line + b'"\n' for line in lines) + b"no json\n"
    async with connect(create_app(service)) as http:
        answer = await http.post("/v1/statements/bulk", content=body, headers=NDJSON)
        await http.post("/v1/statements", content=park.reading(9), headers={"content-type": "application/jose"})
    summary = json.loads(answer.text.splitlines()[-1])["summary"]
    found = _read(metrics)
    assert [found[f"tanlu_statements_total {name}"] for name in ("accepted", "repeated", "refused")] == [3, 1, 1]
    assert found["tanlu_statement_refusals_total signature"] == 1
    for outcome in ("accepted", "repeated", "refused"):
        assert found[f"tanlu_bulk_lines_total {outcome}"] == summary[outcome]


def test_the_state_of_the_log_is_read_when_asked(park: Any) -> None:
    metrics = _watched(park, balance=lambda: 5 * 10**17)
    park.sequencer.step()
    park.log.submit([park.reading(1)])
    park.now += park.parameters.integrate_within + 7
    found = _read(metrics)
    assert (found["tanlu_log_entries"], found["tanlu_log_integrated_entries"]) == (4, 3)
    assert (found["tanlu_log_cosigned_entries"], found["tanlu_log_anchored_entries"]) == (3, 0)
    assert found["tanlu_promise_overdue_seconds"] == 7
    assert found["tanlu_integration_lag_seconds"] == park.parameters.integrate_within + 7
    assert found["tanlu_anchoring_lag_seconds"] == park.parameters.integrate_within + 7
    assert found["tanlu_relayer_balance_wei"] == 5e17
    assert (found["tanlu_chain_up"], found["tanlu_witness_up 0"], found["tanlu_witness_up 1"]) == (0, 1, 0)
    assert found["tanlu_store_bytes database"] > 0
    assert found["tanlu_store_bytes write_ahead_log"] > 0
    assert found["process_resident_memory_bytes"] > 0


def test_a_database_that_cannot_be_read_is_said_and_the_rest_goes_on(park: Any, tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    found = _read(_watched(park, database=empty))
    empty.close()
    assert found["tanlu_store_up"] == 0
    assert "tanlu_log_entries" not in found
    assert found["tanlu_chain_up"] == 0


def test_rounds_and_hangups_are_counted() -> None:
    metrics = Metrics()
    metrics.round("relayer", 0.25, None)
    metrics.round("relayer", 0.5, RuntimeError())
    metrics.hung_up("head")
    found = _read(metrics)
    assert (found["tanlu_worker_rounds_total done relayer"], found["tanlu_worker_rounds_total failed relayer"]) == (
        1,
        1,
    )
    assert found["tanlu_worker_round_duration_seconds_sum relayer"] == 0.75
    assert found["tanlu_http_hangups_total head"] == 1


def test_a_label_never_grows_without_bound() -> None:
    metrics = Metrics()
    for number in range(1_000):
        metrics.refused(f"family{number}.rule")
    found = _read(metrics)
    families = [name for name in found if name.startswith("tanlu_statement_refusals_total")]
    assert len(families) <= 65
    assert found["tanlu_statements_total refused"] == 1_000


def test_an_address_in_use_is_refused_by_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingsRefused) as refusal:
        Exposition(CollectorRegistry(), "127.0.0.1", taken.getsockname()[1])
    assert refusal.value.rule == "metrics.address"


async def test_the_public_port_does_not_have_them(http: Any) -> None:
    for path in ("/metrics", "/v1/metrics"):
        assert (await http.get(path)).status_code == 404


def test_every_figure_is_on_the_page_and_nothing_else(park: Any) -> None:
    page = OPERATIONS.read_text("utf-8").partition("### Metrics")[2].partition("\n## ")[0].partition("\n### ")[0]
    rows = dict(re.findall(r"^\| `(tanlu_\w+)` \| (\w+) \|", page, re.MULTILINE))
    metrics = _watched(park, balance=lambda: 1)
    ours = {
        family.name + ("_total" if family.type == "counter" else "_info" if family.type == "info" else ""): family.type
        for family in metrics.registry.collect()
        if family.name.startswith("tanlu_")
    }
    # They are there only while there is something to say.
    sometimes = {
        "tanlu_relayer_fee_wei": "gauge",
        "tanlu_chain_projected_block": "gauge",
        "tanlu_chain_final_block": "gauge",
        "tanlu_chain_head_block": "gauge",
    }
    assert rows == ours | sometimes
