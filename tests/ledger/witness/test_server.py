"""The witness over HTTP, as one real process and as an application."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from attestation.keys import Algorithm, PrivateKey
from attestation.typed_data import Domain
from ledger.checkpoint import (
    Checkpoint,
    Note,
    SignatureKind,
    SignerKey,
    cosignature_time,
    sign,
    verify_cosigners,
    verify_signatures,
)
from ledger.errors import (
    SignatureInvalid,
    WitnessConflict,
    WitnessInUse,
    WitnessRefused,
    WitnessStateInvalid,
    WitnessUnavailable,
)
from ledger.merkle import EMPTY_ROOT, MemoryTileStore, Tree, leaf_hash
from ledger.witness.client import WitnessClient
from ledger.witness.core import MAX_BODY_BYTES, AddCheckpoint
from ledger.witness.server import create_app, run
from ledger.witness.service import Witness, WitnessSettings, reset_epoch
from ledger.witness.store import StateFile

ORIGIN = "park.example/log/" + "22" * 32
DOMAIN = Domain(31337, b"\x11" * 20, b"\x22" * 32)
LOG = SignerKey(ORIGIN, SignatureKind.ED25519, PrivateKey(Algorithm.ED25519, b"\x01" * 32))
SIGNER = SignerKey("witness.example/w1", SignatureKind.COSIGNATURE, PrivateKey(Algorithm.ED25519, b"\x02" * 32))
CHAIN = SignerKey("witness.example/w1", SignatureKind.EIP712, PrivateKey(Algorithm.ES256K, b"\x03" * 32))
KEYS = (SIGNER.verifier, CHAIN.verifier)
TREE = Tree(MemoryTileStore())
TREE.append_leaves([leaf_hash(b"%d" % n) for n in range(300)])
NOW = 1_700_000_000


def note(size: int, tree: Tree = TREE, epoch: int = 1) -> Note:
    return sign(Checkpoint(ORIGIN, size, tree.root(size), epoch), [LOG], time=1)


def body(old: int, new: int) -> bytes:
    return AddCheckpoint(old, tuple(TREE.consistency_proof(old, new)), note(new)).format()


def settings(path: Path) -> WitnessSettings:
    return WitnessSettings(ORIGIN, (LOG.verifier,), SIGNER, path / "witness.json", CHAIN, DOMAIN, first_epoch=1)


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    with StateFile(tmp_path / "witness.json") as store:
        yield Witness(settings(tmp_path), store, lambda: NOW)


def asgi(witness: Witness) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(witness)), base_url="http://witness")


async def test_an_extension_gets_both_lines_and_the_state_is_on_disk_first(witness: Witness, tmp_path: Path) -> None:
    async with asgi(witness) as http:
        answer = await http.post("/add-checkpoint", content=body(0, 100))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    signed = Note.parse(note(100).format() + answer.content)
    assert verify_signatures(signed, [SIGNER.verifier], 1) == (SIGNER.verifier,)
    assert verify_cosigners(signed, [CHAIN.verifier.material], 1, DOMAIN)
    assert cosignature_time(signed.signatures[1].signature) == NOW
    kept = json.loads((tmp_path / "witness.json").read_bytes())
    assert (kept["size"], kept["root"]) == ("100", TREE.root(100).hex())


async def test_monitors_get_the_cosigned_checkpoint(witness: Witness) -> None:
    path = f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    async with asgi(witness) as http:
        assert (await http.get(path)).status_code == 404
        lines = (await http.post("/add-checkpoint", content=body(0, 100))).content
        assert (await http.get(path)).content == note(100).format() + lines
        assert (await http.get(f"/{'0' * 64}/checkpoint")).status_code == 404


async def test_refusals_have_the_statuses_of_the_standard(witness: Witness) -> None:
    async with asgi(witness) as http:
        await http.post("/add-checkpoint", content=body(0, 100))
        conflict = await http.post("/add-checkpoint", content=body(50, 200))
        assert (conflict.status_code, conflict.text) == (409, "100\n")
        assert conflict.headers["content-type"].startswith("text/x.tlog.size")
        wrong = AddCheckpoint(100, (), note(200)).format()
        unprocessable = await http.post("/add-checkpoint", content=wrong)
        assert (unprocessable.status_code, "merkle.proof.length" in unprocessable.text) == (422, True)
        assert (await http.post("/add-checkpoint", content=b"x")).status_code == 400
        assert (await http.post("/add-checkpoint", content=b"x" * (MAX_BODY_BYTES + 1))).status_code == 413
        assert (await http.get("/add-checkpoint")).status_code == 405
        health = (await http.get("/health")).json()
    assert (health["status"], health["size"], health["epoch"]) == ("ok", "100", 1)
    assert health["witness"] == str(SIGNER.verifier)


async def test_nothing_leaves_when_the_state_cannot_be_made_durable(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    async with asgi(witness) as http:
        monkeypatch.setattr(os, "fsync", full)
        failed = await http.post("/add-checkpoint", content=body(0, 100))
        monkeypatch.undo()
        assert (failed.status_code, "—" in failed.text) == (500, False)
        assert witness.state.size == 0
        assert (await http.post("/add-checkpoint", content=body(0, 100))).status_code == 200


def test_of_concurrent_forks_one_is_cosigned(witness: Witness) -> None:
    forks = []
    for branch in range(8):
        tree = Tree(MemoryTileStore())
        tree.append_leaves([leaf_hash(b"%d/%d" % (branch, n)) for n in range(10)])
        forks.append(AddCheckpoint(0, (), note(10, tree)).format())

    def ask(each: bytes) -> bool:
        with contextlib.suppress(WitnessConflict):
            return bool(witness.add_checkpoint(each))
        return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, forks)) == 1
    assert witness.state.size == 10


def test_only_the_operator_changes_the_epoch(witness: Witness, tmp_path: Path) -> None:
    witness.add_checkpoint(body(0, 100))
    with pytest.raises(WitnessRefused, match=r"witness\.epoch"):
        witness.add_checkpoint(AddCheckpoint(100, (), note(100, epoch=2)).format())
    assert witness.reset_epoch(2, 40, TREE.root(40)).size == 40
    rewritten = Tree(MemoryTileStore())
    rewritten.append_leaves([*TREE.leaf_hashes(0, 40), *(leaf_hash(b"new %d" % n) for n in range(20))])
    proof = tuple(rewritten.consistency_proof(40, 60))
    assert witness.add_checkpoint(AddCheckpoint(40, proof, note(60, rewritten, epoch=2)).format())
    with pytest.raises(WitnessRefused, match=r"witness\.epoch"):
        witness.add_checkpoint(body(100, 200))
    with pytest.raises(WitnessInUse):
        reset_epoch(tmp_path / "witness.json", ORIGIN, 3, 0, EMPTY_ROOT)


def test_the_epoch_of_a_stopped_witness_is_reset_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "witness.json"
    with pytest.raises(WitnessStateInvalid):
        reset_epoch(path, ORIGIN, 2, 0, EMPTY_ROOT)
    with StateFile(path) as store:
        Witness(settings(tmp_path), store, lambda: NOW).add_checkpoint(body(0, 100))
    assert reset_epoch(path, ORIGIN, 2, 40, TREE.root(40)).epoch == 2
    with StateFile(path) as store:
        assert Witness(settings(tmp_path), store, lambda: NOW).state.size == 40


def test_settings_that_cannot_work_are_refused(tmp_path: Path) -> None:
    for arguments in (
        (LOG, tmp_path, CHAIN, DOMAIN),
        (SIGNER, tmp_path, CHAIN, None),
        (SIGNER, tmp_path, None, DOMAIN),
        (SIGNER, tmp_path, SIGNER, DOMAIN),
    ):
        with pytest.raises(ValueError, match="signer"):
            WitnessSettings(ORIGIN, (LOG.verifier,), *arguments)


# --- one real process -------------------------------------------------------------------------------------------

PROCESS = """
import sys
from pathlib import Path
from attestation.keys import Algorithm, PrivateKey
from attestation.typed_data import Domain
from ledger.checkpoint import SignatureKind, SignerKey, VerifierKey
from ledger.witness.server import run
from ledger.witness.service import WitnessSettings
ed = SignerKey("witness.example/w1", SignatureKind.COSIGNATURE, PrivateKey(Algorithm.ED25519, b"\\x02" * 32))
chain = SignerKey("witness.example/w1", SignatureKind.EIP712, PrivateKey(Algorithm.ES256K, b"\\x03" * 32))
domain = Domain(31337, b"\\x11" * 20, b"\\x22" * 32)
log = VerifierKey.parse(sys.argv[1])
run(
    WitnessSettings(log.name, (log,), ed, Path(sys.argv[2]), chain, domain, first_epoch=1),
    ready=lambda url: print(url, flush=True),
)
print("ended", flush=True)
"""


@contextlib.contextmanager
def process(path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-c", PROCESS, str(LOG.verifier), str(path / "witness.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        watchdog = threading.Timer(30, child.kill)
        watchdog.start()
        try:
            assert child.stdout is not None
            yield child, child.stdout.readline().strip()
        finally:
            watchdog.cancel()
            child.kill()


def client(url: str) -> WitnessClient:
    return WitnessClient(url, KEYS, domain=DOMAIN)


def test_a_killed_witness_remembers_and_a_stopped_one_ends_well(tmp_path: Path) -> None:
    size = 0
    for _ in range(3):
        with process(tmp_path) as (child, url), client(url) as ask:
            step = size + 50
            lines = ask.add_checkpoint(size, TREE.consistency_proof(size, step), note(step))
            assert [line.key_id for line in lines] == [key.key_id for key in KEYS]
            child.send_signal(signal.SIGKILL)
            child.wait(10)
        size = step
    with process(tmp_path) as (child, url), client(url) as ask:
        assert json.loads(ask.health())["size"] == str(size)
        with pytest.raises(WitnessConflict) as conflict:
            ask.add_checkpoint(0, (), note(200))
        assert conflict.value.size == size
        with pytest.raises(WitnessRefused) as refusal:
            ask.add_checkpoint(size, (), note(200))
        assert refusal.value.status == 422
        with pytest.raises(WitnessInUse):
            run(settings(tmp_path))
        child.send_signal(signal.SIGTERM)
        assert child.stdout is not None
        assert child.stdout.read() == "ended\n"
        assert child.wait(10) == 0
        with pytest.raises(WitnessUnavailable, match=r"witness\.connection"):
            ask.add_checkpoint(size, (), note(200))


# --- what a client does with bad answers ------------------------------------------------------------------------


@contextlib.contextmanager
def answering(status: int, answer: bytes, *, drip: float = 0) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            with contextlib.suppress(OSError):
                for at in range(len(answer)) if drip else ():
                    self.wfile.write(answer[at : at + 1])
                    ended.wait(drip)
                if not drip:
                    self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    ended = threading.Event()
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        ended.set()
        server.shutdown()
        thread.join(10)
        server.server_close()


def good_lines(*signers: SignerKey) -> bytes:
    return "".join(each.sign(note(100).text, time=NOW, domain=DOMAIN).format() for each in signers).encode()


@pytest.mark.parametrize(
    ("status", "answer", "expected", "rule"),
    [
        (200, good_lines(SIGNER), WitnessUnavailable, "witness.signature-missing"),
        (200, b"", WitnessUnavailable, "witness.answer"),
        (200, b"ok\n", WitnessUnavailable, "witness.answer"),
        (200, b"x" * 70_000, WitnessUnavailable, "witness.answer-size"),
        (500, b"", WitnessUnavailable, "witness.status"),
        (302, b"", WitnessUnavailable, "witness.status"),
        (409, b"many\n", WitnessUnavailable, "witness.answer"),
        (409, b"77\n", WitnessConflict, "witness.size"),
        (403, b"no\n", WitnessRefused, "witness.refused"),
        (200, good_lines(SIGNER, CHAIN).replace(b"AABl", b"AABm", 1), SignatureInvalid, "note.signature"),
    ],
)
def test_bad_answers_are_typed_errors(status: int, answer: bytes, expected: type[Exception], rule: str) -> None:
    with answering(status, answer) as url, client(url) as ask, pytest.raises(expected, match=rule.replace(".", r"\.")):
        ask.add_checkpoint(0, (), note(100))


def test_strangers_lines_are_ignored() -> None:
    stranger = SignerKey("other.example", SignatureKind.COSIGNATURE, PrivateKey(Algorithm.ED25519, b"\x08" * 32))
    with answering(200, good_lines(stranger, SIGNER, CHAIN)) as url, client(url) as ask:
        assert [line.name for line in ask.add_checkpoint(0, (), note(100))] == ["witness.example/w1"] * 2


def test_a_dripping_witness_meets_the_deadline() -> None:
    with (
        answering(200, b"x" * 1000, drip=0.05) as url,
        WitnessClient(url, KEYS, domain=DOMAIN, deadline_seconds=0.3) as ask,
        pytest.raises(WitnessUnavailable, match=r"witness\.(deadline|connection)"),
    ):
        ask.add_checkpoint(0, (), note(100))
