"""Coverage of reports and devices through the SDK: what does not fit is not returned, what was altered is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tanlu.client import Client
from tanlu.errors import PromiseBroken, RefusedByService

from ..conftest import METER
from .test_lying_service import Liar

SHARES = {"device": "100.00", "backfilled": "0.00", "manual": "0.00", "stated": "0.00"}
SECONDS = {"device": 900, "backfilled": 0, "manual": 0, "gap": 0}
LINE = {
    "id": "grid",
    "kind": "electricity",
    "emissions": "1.00",
    "share": SHARES,
    "numbers": [],
    "seconds": SECONDS,
    "readings": 2,
    "ranges": [],
}
COVERAGE = {
    "index": 7,
    "statement_id": "ab" * 32,
    "issuer": "88.608.5288/A",
    "year": 2024,
    "start": 0,
    "end": 900,
    "readings": 2,
    "share": SHARES,
    "backed": "100.00",
    "seconds": SECONDS,
    "lines": [LINE],
    "outputs": [],
    "findings": [],
    "counts": {"gap": 0},
}
DEVICE = {"identifier": METER, "parent": None, "events": [], "terms": []}


@pytest.fixture
def liar() -> Iterator[Liar]:
    made = Liar()
    yield made
    made.stop()


@pytest.fixture
def asking(liar: Liar, tmp_path: Path) -> Iterator[Client]:
    with Client(liar.url, trust=None, patience=5, evidence=tmp_path / "evidence") as made:
        yield made


def test_what_fits_is_returned(liar: Liar, asking: Client) -> None:
    liar.script = lambda path, _: (200, json.dumps(COVERAGE if "coverage" in path else DEVICE).encode())
    assert asking.report_coverage(7).lines[0].seconds.device == 900
    assert asking.device(METER).identifier == METER


@pytest.mark.parametrize("lie", [{"index": 8}, {"readings": 3}, {"lines": []}])
def test_the_coverage_of_another_report_or_of_other_readings_is_refused(
    liar: Liar, asking: Client, lie: dict[str, object], tmp_path: Path
) -> None:
    liar.script = lambda *_: (200, json.dumps(COVERAGE | lie).encode())
    with pytest.raises(PromiseBroken) as caught:
        asking.report_coverage(7)
    assert caught.value.rule == "answer.coverage"
    assert any((tmp_path / "evidence").iterdir())


def test_another_device_is_refused(liar: Liar, asking: Client) -> None:
    liar.script = lambda *_: (200, json.dumps(DEVICE | {"identifier": "88.608.5288/B"}).encode())
    with pytest.raises(PromiseBroken) as caught:
        asking.device(METER)
    assert caught.value.rule == "answer.identifier"


def test_an_altered_reading_is_told_with_its_place(liar: Liar, asking: Client) -> None:
    problem = {"status": 500, "rule": "coverage.altered", "title": "x", "detail": "x", "value": f"{METER} e seq 17: …"}
    liar.script = lambda *_: (500, json.dumps(problem).encode())
    with pytest.raises(RefusedByService) as caught:
        asking.report_coverage(7)
    assert (caught.value.status, caught.value.rule) == (500, "coverage.altered")
    assert "seq 17" in str(caught.value.as_dict())
