"""The real processes: from an empty directory to a final entry, each role killed or stopped as an operator would."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from attestation.keyfiles import encrypt
from attestation.keys import Algorithm, PrivateKey
from ganache.accounts import development_keys
from tanlu.cli import main
from tanlu.cli.console import ExitCode
from tanlu.installation import Choices, Installation, create
from tanlu.keyring import open_key
from tests.faults.sign_in import SignedIn

pytestmark = pytest.mark.long

READY_SECONDS = 60.0
FINAL_SECONDS = 60.0
STOP_SECONDS = 30.0


class Process:
    """One `tanlu` command in the background; ready when it has printed its line."""

    def __init__(self, folder: Path, name: str, *arguments: str, **environ: str) -> None:
        self.log = folder / f"{name}-{time.monotonic_ns()}.log"
        self.out = self.log.with_suffix(".out")
        clean = {key: value for key, value in os.environ.items() if not key.startswith("TANLU_")}
        with self.log.open("wb") as log, self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tanlu", *arguments, "--json"],
                cwd=folder, env=clean | {"TANLU_HOME": str(folder / "home")} | environ, stdout=out, stderr=log,
            )  # fmt: skip

    def ready(self) -> dict[str, Any]:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            lines = self.out.read_text().splitlines()
            if lines:
                answer: dict[str, Any] = json.loads(lines[0])
                assert answer.get("ready"), answer
                return answer
            if self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)
        raise AssertionError(f"not ready in {READY_SECONDS} s: {self.log.read_text()[-2000:]}")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(STOP_SECONDS)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [found.getsockname()[1] for found in sockets]
    for found in sockets:
        found.close()
    return ports


def _run(folder: Path, *arguments: str) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-m", "tanlu", *arguments, "--json"],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def _office(url: str, home: Path) -> SignedIn:
    """Signs in as the park's administration."""
    folder = home / "administration"
    held = open_key(folder / "registrar.pem", (folder / "password").read_text("ascii").strip())
    return SignedIn(url, held.card.identifier, held.private)


def _submit(who: SignedIn, entry: bytes) -> dict[str, Any]:
    headers = {"content-type": "application/jose"}
    answer = httpx.post(f"{who.base}/v1/statements", content=entry, headers=headers, timeout=30, auth=who)
    assert answer.status_code in {200, 201}, answer.text
    body: dict[str, Any] = answer.json()
    return body


def _wait_for(what: str, holds: Callable[[], object], seconds: float = FINAL_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.1)


def _state(who: SignedIn, index: int) -> str:
    return str(httpx.get(f"{who.base}/v1/entries/{index}", timeout=30, auth=who).json()["state"])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def begin(name: str, *arguments: str, **environ: str) -> Process:
        started.append(Process(tmp_path, name, name, *arguments, **environ))
        return started[-1]

    yield begin
    for process in reversed(started):
        process.end()


_CHOICES = Choices(
    name="park.example",
    park="88.608.1/PARK",
    chain_id=31337,
    rpc_url="http://127.0.0.1:8545",
    development=True,
    finality="anvil-state:node/final.json",
)


@pytest.fixture
def made(tmp_path: Path) -> Installation:
    rpc, api, witness = _free_ports(3)
    choices = dataclasses.replace(_CHOICES, rpc_url=f"http://127.0.0.1:{rpc}", port=api, witness_port=witness)
    return create(tmp_path / "home", choices)


@pytest.mark.chain
def test_from_an_empty_directory_to_a_final_entry_and_an_orderly_end(
    start: Callable[..., Process], tmp_path: Path
) -> None:
    rpc, api, port = (str(port) for port in _free_ports(3))
    made = _run(
        tmp_path, "init", "--home", "home", "--name", "park.example",
        "--rpc-port", rpc, "--port", api, "--witness-port", port,
    )  # fmt: skip
    # The service first: it waits for chain and witness, and accepts meanwhile.
    service = start("serve")
    url = str(service.ready()["url"])
    first = Path(made["first_entry"]).read_bytes()
    assert _submit(_office(url, tmp_path / "home"), first)["index"] == 0
    health = httpx.get(f"{url}/v1/health", timeout=30).json()
    assert (health["status"], health["database"]["ok"], health["chain"]["ok"]) == ("degraded", True, False)
    assert httpx.get(f"{url}/v1/health/ready", timeout=30).status_code == 200
    assert httpx.get(f"{url}/v1/entries/0/receipt", timeout=30, auth=_office(url, tmp_path / "home")).status_code == 409

    node, witness = start("node"), start("witness")
    node.ready()
    witness.ready()
    _wait_for("final", lambda: _state(_office(url, tmp_path / "home"), 0) == "final")
    receipt = httpx.get(f"{url}/v1/entries/0/receipt", timeout=30, auth=_office(url, tmp_path / "home"))
    assert receipt.status_code == 200
    assert receipt.json()["entry"].encode() == first
    assert receipt.json()["log"] == made["log"]
    assert httpx.get(f"{url}/v1/trust", timeout=30).content == Path(made["trust"]).read_bytes()
    _wait_for("ok", lambda: httpx.get(f"{url}/v1/health", timeout=30).json()["status"] == "ok")

    assert [process.stop() for process in (service, witness, node)] == [0, 0, 0], service.log.read_text()[-2000:]


@pytest.mark.chain
def test_roles_in_processes_of_their_own_survive_a_hard_kill(start: Callable[..., Process], made: Installation) -> None:
    start("node").ready()
    start("witness").ready()
    api = start("serve", "--roles", "api")
    url = str(api.ready()["url"])
    relayer = start("serve", "--roles", "relayer")
    sequencer = start("serve", "--roles", "sequencer")
    assert (relayer.ready()["url"], sequencer.ready()["url"]) == (None, None)
    entry = made.first_entry.read_bytes()
    acknowledged = _submit(_office(url, made.home), entry)
    for process in (api, sequencer):
        process.process.kill()
        process.process.wait(STOP_SECONDS)
    sequencer = start("serve", "--roles", "sequencer")
    url = str(start("serve", "--roles", "api").ready()["url"])
    again = _submit(_office(url, made.home), entry)
    assert (again["status"], again["index"]) == ("repeated", acknowledged["index"])
    assert again["promise"] == acknowledged["promise"]
    _wait_for("final", lambda: _state(_office(url, made.home), 0) == "final")
    assert [sequencer.stop(), relayer.stop()] == [0, 0]


@pytest.mark.chain
def test_a_log_that_its_witness_has_left_behind_is_not_signed(
    start: Callable[..., Process], made: Installation, tmp_path: Path
) -> None:
    """A database restored from before what the witness cosigned: the process stops and says so (code 4)."""
    start("node").ready()
    start("witness").ready()
    service = start("serve")
    url = str(service.ready()["url"])
    _submit(_office(url, made.home), made.first_entry.read_bytes())
    _wait_for("final", lambda: _state(_office(url, made.home), 0) == "final")
    assert service.stop() == 0
    for path in (tmp_path / "home").glob("tanlu.sqlite3*"):
        path.unlink()
    forgetful = start("serve")
    assert forgetful.process.wait(READY_SECONDS) == ExitCode.INTEGRITY
    error = json.loads(forgetful.out.read_text().splitlines()[-1])["error"]
    # Sequencer and relayer both refuse; which of them is first is chance.
    assert error["rule"] in {"sequencer.start", "anchor.ahead"}, error
    assert error["message_zh"]


def test_a_witness_with_a_key_that_the_trust_file_does_not_have_stops_the_sequencer(
    start: Callable[..., Process], made: Installation
) -> None:
    folder = made.home / "witness"
    password = (folder / "password").read_text().strip()
    (folder / "cosigner.json").write_bytes(encrypt(PrivateKey.generate(Algorithm.ES256K), password, fast=True))
    start("witness").ready()
    sequencer = start("serve", "--roles", "sequencer")
    assert sequencer.process.wait(READY_SECONDS) == ExitCode.INTEGRITY
    assert json.loads(sequencer.out.read_text().splitlines()[-1])["error"]["rule"] == "witness.cosigner"


def test_a_database_out_of_reach_is_said_and_may_be_tried_again(
    start: Callable[..., Process], made: Installation
) -> None:
    service = start("serve", TANLU_DATABASE_URL="sqlite:///nowhere/log.sqlite3")
    assert service.process.wait(READY_SECONDS) == ExitCode.UNAVAILABLE
    assert json.loads(service.out.read_text())["error"]["rule"] == "store.unavailable"


def test_an_address_in_use_is_refused_by_name(start: Callable[..., Process], made: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        service = start("serve", "--roles", "api", "--port", port)
        assert service.process.wait(READY_SECONDS) == ExitCode.REFUSED
    error = json.loads(service.out.read_text())["error"]
    assert error["rule"] == "serve.address"
    assert port in error["value"]


def _copy(folder: Path, source: str, target: str) -> None:
    (folder / target).write_bytes((folder / source).read_bytes())


def _serve_in_process(*arguments: str) -> dict[str, Any]:
    """What `tanlu serve` refuses before it listens; the command itself, without a process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("TANLU_")]:
            patch.delenv(name)
        result = CliRunner().invoke(main, ["serve", "--json", *arguments])
    assert result.exit_code == ExitCode.REFUSED, result.output
    error: dict[str, Any] = json.loads(result.stdout)["error"]
    return error


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda home: (home / "keys" / "password").write_text("another\n"), "settings.key"),
        (lambda home: (home / "keys" / "relayer.json").unlink(), "settings.missing"),
        (lambda home: (home / "trust.json").write_text("{}"), "trust"),
        (lambda home: (home / "keys" / "log.pem").rename(home / "keys" / "cosigner.json"), "settings.missing"),
        (lambda home: (home / "keys" / "cosigner.json").replace(home / "keys" / "log.pem"), "settings.key"),
        (lambda home: _copy(home / "keys", "relayer.json", "cosigner.json"), "settings.cosigner_key"),
        (lambda home: _copy(home / "keys", "cosigner.json", "relayer.json"), "settings.relayer_key"),
        (lambda home: _copy(home / "keys", "cosigner.json", "deployer.json"), "settings.deployer_key"),
        (lambda home: (home / "witness" / "witness.pem").replace(home / "keys" / "log.pem"), "settings.key"),
        (lambda home: (home / "plan.json").write_text("{}"), "plan.format"),
    ],
)
def test_what_is_missing_or_wrong_is_said_before_anything_is_touched(
    made: Installation, spoil: Callable[[Path], object], rule: str
) -> None:
    spoil(made.home)
    error = _serve_in_process("--home", str(made.home))
    assert error["rule"].startswith(rule), error
    assert error["message_zh"]
    assert not (made.home / "tanlu.sqlite3").exists()


def test_another_deployments_plan_is_refused(made: Installation, tmp_path: Path) -> None:
    other = create(tmp_path / "other", _CHOICES)
    (other.home / "plan.json").replace(made.home / "plan.json")
    assert _serve_in_process("--home", str(made.home))["rule"] == "settings.plan"


def test_published_development_keys_are_refused_off_loopback(made: Installation) -> None:
    keys = made.home / "keys"
    published = PrivateKey(Algorithm.ES256K, development_keys("http://127.0.0.1:8545", 31337)[1])
    password = (keys / "password").read_text().strip()
    (keys / "relayer.json").write_bytes(encrypt(published, password, fast=True))
    error = _serve_in_process("--home", str(made.home), "--rpc", "http://10.1.2.3:8545")
    assert error["rule"] == "accounts.development.loopback"


def test_a_witness_whose_state_is_gone_does_not_begin_anew(start: Callable[..., Process], made: Installation) -> None:
    (made.home / "witness" / "state" / "state.json").unlink()
    witness = start("witness")
    assert witness.process.wait(READY_SECONDS) == ExitCode.INTEGRITY
    assert json.loads(witness.out.read_text())["error"]["rule"] == "witness.state-missing"


@pytest.mark.parametrize("roles", ["api,relayer,reminders,sequencer", "sequencer", "relayer", "reminders"])
def test_every_process_serves_its_figures_and_ends_well_with_nobody_to_talk_to(
    start: Callable[..., Process], made: Installation, roles: str
) -> None:
    """No chain, no witness: the roles wait, and end within their round."""
    service = start("serve", "--roles", roles, TANLU_METRICS_PORT="0")
    ready = service.ready()
    text = httpx.get(ready["metrics"], timeout=30, trust_env=False).text
    assert "tanlu_log_entries 0.0" in text
    assert "tanlu_chain_up 0.0" in text
    assert service.stop() == 0, service.log.read_text()[-2000:]
    for line in service.log.read_text().splitlines()[:-1]:
        assert json.loads(line)["level"] in {"info", "warning"}, line


def _wait_until_stuck(pid: int) -> None:
    """Until the process has worked and does no more, however slow the machine is: all buffers are full."""
    stat, before, began = Path(f"/proc/{pid}/stat"), "", time.monotonic()
    while time.monotonic() - began < 60:
        time.sleep(1)
        fields = stat.read_text().rsplit(")", 1)[1].split()
        worked = fields[11]
        if worked == before:
            return
        before = worked
    raise AssertionError("the service never stopped answering somebody who does not read")


def test_a_second_signal_ends_the_process_at_once(start: Callable[..., Process], made: Installation) -> None:
    service = start("serve", "--roles", "api", TANLU_SHUTDOWN_GRACE_S="600")
    url = str(service.ready()["url"])
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect((host, int(port)))
        # Answers that nobody reads: an orderly end waits for them.
        deaf.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 400)
        _wait_until_stuck(service.process.pid)
        service.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        assert service.process.poll() is None
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(STOP_SECONDS) == 128 + signal.SIGTERM
