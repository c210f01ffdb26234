"""Cases through the SDK: what a service says of a case is held against the entries that it lists (DOMAIN 44)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tanlu.client import Client
from tanlu.errors import PromiseBroken, RefusedByService

from .test_lying_service import Liar

ENTERPRISE, VERIFIER = "88.608.5288/A", "88.608.2001/V"


def step(index: int, kind: str, issuer: str = ENTERPRISE) -> dict[str, Any]:
    return {
        "index": index,
        "kind": kind,
        "issuer": issuer,
        "statement_id": f"{index:064x}",
        "leaf_hash": f"{index + 100:064x}",
        "accepted_at": 1_700_000_000 + index,
    }


LINE = {"enterprise": ENTERPRISE, "year": 2024, "state": "verified", "verifier": VERIFIER, "figure": None}
CASE = LINE | {
    "now": 1_700_001_000,
    "report": {"index": 4, "statement_id": f"{4:064x}", "leaf_hash": f"{104:064x}", "obligation_tonnes": 10},
    "assignment": {"index": 3, "statement_id": f"{3:064x}", "verifier": VERIFIER, "start": 0, "until": 9},
    "draw": None,
    "verdict": {
        "index": 6,
        "statement_id": f"{6:064x}",
        "leaf_hash": f"{106:064x}",
        "verifier": VERIFIER,
        "conclusion": "approved",
        "tonnes": 10,
        "registrable_from": 1_700_002_000,
    },
    "open_nonconformities": [{"finding": f"{5:064x}", "item": "coal-1"}],
    "steps": [step(3, "appoint"), step(4, "report"), step(5, "finding", VERIFIER), step(6, "verification", VERIFIER)],
    "deadlines": [],
}


@pytest.fixture
def liar() -> Iterator[Liar]:
    made = Liar()
    yield made
    made.stop()


@pytest.fixture
def asking(liar: Liar, tmp_path: Path) -> Iterator[Client]:
    with Client(liar.url, trust=None, patience=5, evidence=tmp_path / "evidence") as made:
        yield made


def test_a_case_that_fits_its_entries_is_returned(liar: Liar, asking: Client) -> None:
    liar.script = lambda *_: (200, json.dumps(CASE).encode())
    found = asking.case(ENTERPRISE, 2024)
    assert found.verdict is not None
    assert (found.state, found.verdict.tonnes, found.open_nonconformities[0].item) == ("verified", 10, "coal-1")
    last = found.last("report", "finding")
    assert last is not None
    assert last.index == 5
    assert found.last("object") is None


@pytest.mark.parametrize(
    "lie",
    [
        {"enterprise": "88.608.5288/B"},
        {"year": 2023},
        {"steps": []},
        {"steps": list(reversed(CASE["steps"]))},
        {"report": CASE["report"] | {"statement_id": "ab" * 32}},
        {"report": CASE["report"] | {"index": 6, "statement_id": f"{6:064x}"}},
        {"verdict": CASE["verdict"] | {"index": 7}},
        {"assignment": CASE["assignment"] | {"index": 4, "statement_id": f"{4:064x}"}},
        {"open_nonconformities": [{"finding": f"{6:064x}", "item": "coal-1"}]},
    ],
)
def test_a_case_that_does_not_fit_its_entries_is_refused_and_kept(
    liar: Liar, asking: Client, lie: dict[str, object], tmp_path: Path
) -> None:
    liar.script = lambda *_: (200, json.dumps(CASE | lie).encode())
    with pytest.raises(PromiseBroken) as caught:
        asking.case(ENTERPRISE, 2024)
    assert caught.value.rule == "answer.case"
    assert any((tmp_path / "evidence").iterdir())


def test_an_answer_without_a_member_is_refused(liar: Liar, asking: Client) -> None:
    liar.script = lambda *_: (200, json.dumps({key: value for key, value in CASE.items() if key != "state"}).encode())
    with pytest.raises(PromiseBroken) as caught:
        asking.case(ENTERPRISE, 2024)
    assert caught.value.rule == "answer.format"


def test_a_case_without_entries_is_unknown(liar: Liar, asking: Client) -> None:
    problem = {"status": 404, "rule": "cases.unknown", "title": "x", "detail": "x", "value": ENTERPRISE}
    liar.script = lambda *_: (404, json.dumps(problem).encode())
    with pytest.raises(RefusedByService) as caught:
        asking.case(ENTERPRISE, 2024)
    assert (caught.value.status, caught.value.rule) == (404, "cases.unknown")


def test_every_page_of_cases_is_read(liar: Liar, asking: Client) -> None:
    def script(path: str, _: bytes) -> tuple[int, bytes]:
        second = "after" in parse_qs(urlsplit(path).query)
        page = {"cases": [LINE | {"year": 2025 if second else 2024}], "next": None if second else "more"}
        return 200, json.dumps(page).encode()

    liar.script = script
    assert [one.year for one in asking.cases()] == [2024, 2025]


@pytest.mark.parametrize("lie", [{"enterprise": "88.608.5288/B"}, {"year": 2023}])
def test_the_case_of_somebody_else_is_not_listed(liar: Liar, asking: Client, lie: dict[str, object]) -> None:
    liar.script = lambda *_: (200, json.dumps({"cases": [LINE | lie], "next": None}).encode())
    with pytest.raises(PromiseBroken, match="expected"):
        list(asking.cases(ENTERPRISE, 2024))


def test_pages_that_lead_in_a_circle_end(liar: Liar, asking: Client) -> None:
    liar.script = lambda *_: (200, json.dumps({"cases": [LINE], "next": "again"}).encode())
    with pytest.raises(PromiseBroken, match="later page"):
        list(asking.cases())
