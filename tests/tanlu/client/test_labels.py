"""Labels of a service that lies: each is recomputed, and what does not fit is kept as evidence (DOMAIN 48)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from attestation.bodies import Activity, Sector
from tanlu.client import Client
from tanlu.errors import PromiseBroken
from tanlu.labelling import LabelInputs, build_label

from ..conftest import ENTERPRISE, World


def logged(index: int, **lies: object) -> dict[str, Any]:
    body = build_label(
        LabelInputs(
            enterprise=ENTERPRISE,
            year=2020,
            basis="registered",
            report="ab" * 32,
            obligation_base="direct",
            tonnes=38_942,
            activity=Activity(product="tiles", quantity="120000", unit="t"),
            sector=Sector(name="ceramics", intensity="0.45", source="park bulletin"),
            value_added="20000",
        )
    ).body
    label = msgspec.to_builtins(body) | {name: value for name, value in lies.items() if name != "superseded_by"}
    return {
        "index": index,
        "statement_id": "cd" * 32,
        "accepted_at": 1,
        "superseded_by": lies.get("superseded_by"),
        "label": label,
    }


@pytest.fixture
def pages() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a service that answers with these pages, one a request, the last one again and again."""
    answers: list[dict[str, Any]] = []
    asked = iter(range(1_000_000))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = json.dumps(answers[min(next(asked), len(answers) - 1)]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", answers
    server.shutdown()
    server.server_close()
    thread.join(10)


def page(*labels: dict[str, Any], following: int | None = None) -> dict[str, Any]:
    return {"identifier": ENTERPRISE, "labels": list(labels), "next": following}


def ask(pages: tuple[str, list[dict[str, Any]]], world: World, folder: Path, **options: Any) -> list[Any]:
    with Client(pages[0], trust=world.trust, evidence=folder) as client:
        return list(client.labels(ENTERPRISE, **options))


def test_what_fits_is_believed_page_by_page(pages, world: World, tmp_path: Path) -> None:
    pages[1].extend([page(logged(9), following=9), page(logged(4, superseded_by=9))])
    found = ask(pages, world, tmp_path)
    assert [one.index for one in found] == [9, 4]
    assert (found[0].label.k, found[0].label.level, found[1].superseded_by) == ("0.7211", 2, 9)


@pytest.mark.parametrize(
    "lie",
    [
        {"k": "0.5999"},
        {"level": 1},
        {"grade": "low"},
        {"tonnes": 38_943},
        {"intensity": "0.3244"},
        {"value_added": "0"},
        {"enterprise": "88.608.7000/B"},
    ],
)
def test_a_label_that_does_not_follow_from_its_inputs_is_a_broken_promise(
    pages, world: World, tmp_path: Path, lie: dict[str, object]
) -> None:
    pages[1].append(page(logged(9, **lie)))
    with pytest.raises(PromiseBroken) as broken:
        ask(pages, world, tmp_path)
    assert broken.value.rule == "answer.label"
    assert broken.value.evidence is not None
    assert "answer.label" in broken.value.evidence.name


def test_another_years_label_is_not_taken_for_this_years(pages, world: World, tmp_path: Path) -> None:
    pages[1].append(page(logged(9)))
    with pytest.raises(PromiseBroken) as broken:
        ask(pages, world, tmp_path, year=2021)
    assert broken.value.rule == "answer.label"


@pytest.mark.parametrize("following", [9, 10])
def test_a_service_that_leads_in_a_circle_is_left(pages, world: World, tmp_path: Path, following: int) -> None:
    pages[1].append(page(logged(9), following=following))
    with pytest.raises(PromiseBroken) as broken:
        ask(pages, world, tmp_path)
    assert broken.value.rule == "answer.page"
