"""A service that lies: each contradiction between its answer and one's own bytes is found, and kept as evidence."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ledger import promises
from ledger.merkle import leaf_hash
from tanlu.client import Client
from tanlu.client.promises import statement_id
from tanlu.errors import PromiseBroken, RefusedByService

from ..conftest import ORIGIN, World, receipt_of

Answer = tuple[int, bytes]
Script = Callable[[str, bytes], Answer]


class Liar:
    """An HTTP server that answers what its script says."""

    def __init__(self) -> None:
        self.script: Script = lambda path, body: (404, b"{}")
        liar = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])))

            def do_GET(self) -> None:
                self._answer(b"")

            def _answer(self, body: bytes) -> None:
                status, content = liar.script(self.path, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


@pytest.fixture
def liar() -> Iterator[Liar]:
    made = Liar()
    yield made
    made.stop()


def promise(world: World, entries: list[bytes], first: int = 0) -> str:
    made = promises.make(ORIGIN, first, [leaf_hash(entry) for entry in entries], 1_700_000_000, 1_700_000_060)
    return promises.sign(made, world.log_key)


def acceptance(world: World, entry: bytes, **lies: Any) -> Answer:
    truth = {
        "index": 7,
        "statement_id": statement_id(entry),
        "leaf_hash": leaf_hash(entry).hex(),
        "state": "accepted",
        "promise": promise(world, [entry], 7),
        "opens_gap": None,
    }
    return 201, json.dumps(truth | lies).encode()


def test_the_truth_is_believed(liar: Liar, world: World, tmp_path: Path) -> None:
    entry = world.reading(1)
    liar.script = lambda path, body: acceptance(world, body)
    with Client(liar.url, trust=world.trust, evidence=tmp_path) as client:
        assert client.submit(entry).index == 7
    assert not list(tmp_path.glob("*.json"))


@pytest.mark.parametrize(
    ("lie", "rule"),
    [
        (lambda w, own, other: {"leaf_hash": leaf_hash(other).hex()}, "answer.leaf_hash"),
        (lambda w, own, other: {"statement_id": statement_id(other)}, "answer.statement_id"),
        (lambda w, own, other: {"promise": promise(w, [other], 7)}, "promise.leaves_root"),
        (lambda w, own, other: {"promise": promise(w, [own], 8)}, "promise.range"),
        (lambda w, own, other: {"promise": promise(w, [own, own], 7)}, "promise.range"),
        (lambda w, own, other: {"promise": promise(World(), [own], 7)}, "promise.signature"),
        (lambda w, own, other: {"promise": promise(w, [own], 7)[:-4] + "AAAA"}, "promise.signature"),
        (lambda w, own, other: {"promise": "e30.e30.e30"}, "promise.format"),
        (lambda w, own, other: {"index": 8}, "promise.range"),
        (lambda w, own, other: {"index": "7"}, "answer.format"),
    ],
    ids=["wrong-leaf", "wrong-id", "other-bytes", "other-index", "two-entries", "other-key", "broken-signature",
         "no-promise", "index-off-by-one", "index-as-text"],
)  # fmt: skip
def test_each_lie_about_one_statement_is_found(
    liar: Liar, world: World, tmp_path: Path, lie: Callable[..., dict[str, Any]], rule: str
) -> None:
    own, other = world.reading(1), world.reading(2)
    liar.script = lambda path, body: acceptance(world, own, **lie(world, own, other))
    with Client(liar.url, trust=world.trust, evidence=tmp_path) as client, pytest.raises(PromiseBroken) as caught:
        client.submit(own)
    assert caught.value.rule == rule
    assert caught.value.evidence is not None
    kept = json.loads(caught.value.evidence.read_text(encoding="utf-8"))
    assert (kept["sent"], kept["error"]["rule"]) == (own.decode(), rule)
    assert kept["answered"]


def bulk(world: World, entries: list[bytes], change: Callable[[list[dict[str, Any]]], Any]) -> Answer:
    lines: list[dict[str, Any]] = [
        {"line": n, "status": "accepted", "index": n, "leaf_hash": leaf_hash(e).hex()} for n, e in enumerate(entries, 1)
    ]
    lines.append({"promise": promise(world, entries, 1), "first_line": 1, "last_line": len(entries)})
    lines.append({"summary": {"lines": len(entries)}})
    changed = change(lines)
    return 200, b"".join(json.dumps(line).encode() + b"\n" for line in (changed or lines))


@pytest.mark.parametrize(
    ("lie", "rule"),
    [
        (lambda lines: lines[0].update(leaf_hash="0" * 64), "answer.leaf_hash"),
        (lambda lines: lines[1].update(index=9), "promise.range"),
        (lambda lines: lines[0].update(index=2) or lines[1].update(index=1), "promise.leaves_root"),
        (lambda lines: lines[0].update(index=None), "answer.index"),
        (lambda lines: lines[0].update(status="maybe"), "answer.status"),
        (lambda lines: lines[0].update(status="refused"), "promise.range"),
        (lambda lines: lines[1:], "answer.line"),
        (lambda lines: [lines[0], *lines[2:]], "answer.line"),
        (lambda lines: [*lines[:2], lines[-1]], "answer.promise"),
        (lambda lines: [lines[-1]], "answer.lines"),
        (lambda lines: [*lines[:3], lines[0]], "answer.line"),
        (lambda lines: lines[-2].update(promise="x"), "promise.format"),
    ],
    ids=["wrong-leaf", "wrong-index", "swapped-indexes", "no-index", "unknown-status", "refused-but-promised",
         "first-line-missing", "line-missing", "promise-missing", "all-missing", "line-twice", "promise-malformed"],
)  # fmt: skip
def test_each_lie_about_a_bulk_submission_is_found(
    liar: Liar, world: World, tmp_path: Path, lie: Callable[[list[dict[str, Any]]], Any], rule: str
) -> None:
    entries = [world.reading(1), world.reading(2), world.reading(3)]
    liar.script = lambda path, body: bulk(world, entries, lie)
    with Client(liar.url, trust=world.trust, evidence=tmp_path) as client, pytest.raises(PromiseBroken) as caught:
        client.submit_bulk(entries)
    assert caught.value.rule == rule
    assert caught.value.evidence is not None


def test_a_repeated_line_of_another_statement_is_found(liar: Liar, world: World, tmp_path: Path) -> None:
    own, other = world.reading(1), world.reading(2)
    entry = {
        "index": 1,
        "statement_id": statement_id(other),
        "leaf_hash": leaf_hash(other).hex(),
        "type": "reading",
        "issuer": "x",
        "stream": "electricity",
        "seq": 2,
        "accepted_at": 0,
        "state": "accepted",
        "entry": other.decode(),
    }
    line = {"line": 1, "status": "repeated", "index": 1, "leaf_hash": leaf_hash(other).hex()}
    answer = b"".join(json.dumps(item).encode() + b"\n" for item in (line, {"summary": {}}))
    liar.script = lambda path, body: (200, answer) if body else (200, json.dumps(entry).encode())
    with Client(liar.url, trust=world.trust, evidence=tmp_path) as client, pytest.raises(PromiseBroken) as caught:
        client.submit_bulk([own])
    assert caught.value.rule == "answer.statement_id"


def test_a_repeated_line_that_was_never_promised_is_found(liar: Liar, world: World, tmp_path: Path) -> None:
    """ "You have sent that before, it is at 4711": without the log's word for it, that is no acknowledgement."""
    entry = world.reading(1)
    line = {"line": 1, "status": "repeated", "index": 4711, "leaf_hash": leaf_hash(entry).hex()}
    liar.script = lambda path, body: (
        200,
        b"".join(json.dumps(item).encode() + b"\n" for item in (line, {"summary": {}})),
    )
    with Client(liar.url, trust=world.trust, evidence=tmp_path) as client, pytest.raises(PromiseBroken) as caught:
        client.submit_bulk([entry])
    assert caught.value.rule == "answer.promise"


def test_an_answer_cut_short_is_asked_for_again_and_only_the_rest_is_sent(
    liar: Liar, world: World, tmp_path: Path
) -> None:
    entries = [world.reading(seq) for seq in range(1, 5)]
    asked: list[int] = []

    def script(path: str, body: bytes) -> Answer:
        sent = [json.loads(line).encode() for line in body.splitlines()]
        asked.append(len(sent))
        first = entries.index(sent[0]) + 1
        half = sent[:2]
        lines: list[dict[str, Any]] = [
            {"line": n, "status": "accepted", "index": first + n - 1, "leaf_hash": leaf_hash(e).hex()}
            for n, e in enumerate(half, 1)
        ]
        lines.append({"promise": promise(world, half, first)})
        if len(asked) > 1:
            lines.append({"summary": {}})
        return 200, b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    liar.script = script
    with Client(liar.url, trust=world.trust, evidence=tmp_path) as client:
        assert client.submit_bulk(entries).accepted == 4
    assert asked == [4, 2]


def test_entry_bytes_that_do_not_fit_their_hash_are_found(liar: Liar, world: World, tmp_path: Path) -> None:
    own = world.reading(1)
    entry = {
        "index": 1, "statement_id": statement_id(own), "leaf_hash": "0" * 64, "type": "reading", "issuer": "x",
        "stream": "s", "seq": 1, "accepted_at": 0, "state": "accepted", "entry": own.decode(),
    }  # fmt: skip
    liar.script = lambda path, body: (200, json.dumps(entry).encode())
    with Client(liar.url, trust=world.trust, evidence=tmp_path) as client, pytest.raises(PromiseBroken) as caught:
        client.entry(1)
    assert caught.value.rule == "answer.leaf_hash"


def test_a_receipt_is_waited_for_and_verified_before_it_is_returned(liar: Liar, world: World, tmp_path: Path) -> None:
    receipt = receipt_of(world, 4)
    asked: list[str] = []

    def script(path: str, body: bytes) -> Answer:
        asked.append(path)
        return (409, b'{"rule": "receipt.not_ready"}') if len(asked) == 1 else (200, receipt)

    liar.script = script
    with Client(liar.url, trust=world.trust, evidence=tmp_path) as client:
        assert client.receipt(4, wait=10) == receipt
        assert asked == ["/v1/entries/4/receipt"] * 2
        asked.clear()
        with pytest.raises(RefusedByService):
            client.receipt(4)


@pytest.mark.parametrize(
    ("index", "lie", "rule"),
    [
        (4, lambda text: text.replace('"anchored"', '"somehow"'), "receipt.anchor.state"),
        (4, lambda text: "{}", "receipt.members"),
        (5, lambda text: text, "receipt.index"),
    ],
    ids=["altered", "empty", "of-another-entry"],
)
def test_a_receipt_that_does_not_prove_the_entry_is_found(
    liar: Liar, world: World, tmp_path: Path, index: int, lie: Callable[[str], str], rule: str
) -> None:
    liar.script = lambda path, body: (200, lie(receipt_of(world, 4).decode()).encode())
    with Client(liar.url, trust=world.trust, evidence=tmp_path) as client, pytest.raises(PromiseBroken) as caught:
        client.receipt(index)
    assert caught.value.rule == rule
    assert caught.value.evidence is not None


def test_a_receipt_by_keys_of_nobody_known_is_found(liar: Liar, world: World, tmp_path: Path) -> None:
    liar.script = lambda path, body: (200, receipt_of(World(registrar=world.registrar), 4))
    with Client(liar.url, trust=world.trust, evidence=tmp_path) as client, pytest.raises(PromiseBroken) as caught:
        client.receipt(4)
    assert caught.value.rule == "receipt.checkpoint.log-signature"
