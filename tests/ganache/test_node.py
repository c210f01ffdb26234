from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ganache import (
    DataDirectoryBusy,
    Engine,
    EngineDied,
    EngineName,
    EngineUnavailable,
    Node,
    attach,
    read_final,
)
from ganache.rpc import Rpc

pytestmark = [pytest.mark.chain, pytest.mark.node]

DEADLINE_SECONDS = 30.0
ENGINES: list[EngineName] = ["anvil", "ganache"]
# Init code of a contract whose whole runtime is LOG0 of nothing: PUSH1 0 PUSH1 0 LOG0 STOP.
LOGGER = "0x6006600c60003960066000f3" + "60006000a000"

SUPERVISOR = """
import json, sys
from pathlib import Path
from ganache import Node, run
node = Node(Path(sys.argv[1]), engine=sys.argv[2], save_interval=0.0)
ready = lambda engine: print(json.dumps({"pid": engine.pid, "url": engine.rpc_url}), flush=True)
sys.exit(run(node, say=lambda line: print(line, file=sys.stderr, flush=True), on_ready=ready))
"""


@contextmanager
def supervisor(folder: Path, engine: str = "anvil") -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A supervisor in a process of its own, ready; killed in the end whatever happened."""
    command = [sys.executable, "-c", SUPERVISOR, str(folder), engine]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.communicate(timeout=DEADLINE_SECONDS)
            yield process, json.loads(line)
        finally:
            process.kill()
            process.wait(DEADLINE_SECONDS)


def rpc_of(url: str) -> Rpc:
    return Rpc(url, timeout=DEADLINE_SECONDS)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < limit, f"not within {DEADLINE_SECONDS:g} s: {what}"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def send(rpc: Rpc, transaction: dict[str, str]) -> dict[str, Any]:
    """Send from the first unlocked account and wait for the receipt."""
    sender = rpc.call("eth_accounts")[0]
    sent = rpc.call("eth_sendTransaction", {"from": sender, "gas": "0x30000"} | transaction)
    receipts: list[dict[str, Any]] = []

    def mined() -> bool:
        receipts.extend(filter(None, [rpc.call("eth_getTransactionReceipt", sent)]))
        return bool(receipts)

    wait_until(mined, "the transaction is mined")
    return receipts[0]


def write_logs(rpc: Rpc, count: int) -> None:
    contract = send(rpc, {"data": LOGGER})["contractAddress"]
    for _ in range(count):
        assert len(send(rpc, {"to": contract})["logs"]) == 1


def whole_chain(rpc: Rpc) -> tuple[list[str | None], object]:
    height, _ = rpc.head()
    logs = rpc.call("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"})
    return [rpc.block_hash(number) for number in range(height + 1)], logs


@pytest.mark.parametrize("name", ENGINES)
def test_block_hashes_and_logs_survive_an_orderly_restart_and_the_chain_goes_on(
    tmp_path: Path, name: EngineName
) -> None:
    node = Node(tmp_path, engine=name, save_interval=3600.0)
    with node as engine:
        assert (engine.name, engine.chain_id, engine.data_dir) == (name, 31337, tmp_path)
        with rpc_of(engine.rpc_url) as rpc:
            write_logs(rpc, 5)
            before = whole_chain(rpc)
    assert engine.pid is not None
    assert gone(engine.pid)
    node.check()
    with Node(tmp_path, engine=name) as engine, rpc_of(engine.rpc_url) as rpc:
        hashes, logs = whole_chain(rpc)
        assert (hashes, logs) == before
        assert len(hashes) == 7
        assert isinstance(logs, list)
        assert len(logs) == 5
        write_logs(rpc, 1)
        assert rpc.call("eth_getBlockByNumber", hex(7), False)["parentHash"] == hashes[-1]


def test_the_claim_of_finality_is_a_block_of_the_saved_state(tmp_path: Path) -> None:
    with Node(tmp_path, save_interval=0.05) as engine, rpc_of(engine.rpc_url) as rpc:
        assert engine.final_path is not None
        assert engine.durable is False
        genesis = read_final(engine.final_path)
        assert genesis is not None
        assert (genesis.number, genesis.hash) == (0, rpc.block_hash(0))
        write_logs(rpc, 3)
        head = rpc.head()
        final_path = engine.final_path
        wait_until(lambda: (found := read_final(final_path)) is not None and found.number == head[0], "saved")
        final = read_final(engine.final_path)
        assert final is not None
        assert (final.number, final.hash) == head
        assert json.loads((tmp_path / "state.json").read_bytes())["best_block_number"] == head[0]


def test_an_unchanged_chain_is_not_written_again(tmp_path: Path) -> None:
    node = Node(tmp_path, save_interval=0.01)
    with node:
        time.sleep(0.5)
    assert node.saves == 1


def test_ganache_keeps_its_blocks_itself(tmp_path: Path) -> None:
    with supervisor(tmp_path, "ganache") as (process, ready):
        with rpc_of(ready["url"]) as rpc:
            write_logs(rpc, 3)
            before = whole_chain(rpc)
        process.kill()
        wait_until(partial(gone, ready["pid"]), "the engine ends with its supervisor")
    with Node(tmp_path, engine="ganache") as engine, rpc_of(engine.rpc_url) as rpc:
        assert engine.durable is True
        assert engine.final_path is None
        assert whole_chain(rpc) == before


def test_no_hard_kill_of_a_saving_supervisor_leaves_an_unreadable_state(tmp_path: Path) -> None:
    seed = int(os.environ.get("TANLU_KILL_SEED", "20181231"))
    chance = random.Random(seed)
    known: dict[int, str | None] = {}
    for kill in range(10):
        with supervisor(tmp_path) as (process, ready), rpc_of(ready["url"]) as rpc:
            known.setdefault(0, rpc.block_hash(0))
            # What was called final before the kill is still there; what was not may be forgotten.
            assert {number: rpc.block_hash(number) for number in known} == known, f"seed {seed}, kill {kill}"
            rpc.call("anvil_mine", hex(40))
            limit = time.monotonic() + chance.uniform(0.0, 0.15)
            while time.monotonic() < limit:
                rpc.call("evm_mine")
            process.kill()
            wait_until(partial(gone, ready["pid"]), "the engine ends with its supervisor")
        final = read_final(tmp_path / "final.json")
        assert final is not None
        assert final.number >= max(known), f"seed {seed}, kill {kill}"
        known[final.number] = final.hash
    node = Node(tmp_path)
    with node as engine, rpc_of(engine.rpc_url) as rpc:
        assert {number: rpc.block_hash(number) for number in known} == known
        height, _ = rpc.head()
        chain = [rpc.call("eth_getBlockByNumber", hex(number), False) for number in range(height + 1)]
        assert all(block["parentHash"] == parent["hash"] for parent, block in pairwise(chain))
    assert node.complaints == []
    assert list(tmp_path.glob("*.bad-*")) == []
    assert max(known) > 40


@pytest.mark.parametrize("kept", [0, 0.5])
def test_a_truncated_state_is_set_aside_and_the_one_before_is_loaded(tmp_path: Path, kept: float) -> None:
    with Node(tmp_path, save_interval=3600.0) as engine, rpc_of(engine.rpc_url) as rpc:
        genesis = rpc.block_hash(0)
        write_logs(rpc, 2)
    state = tmp_path / "state.json"
    whole = state.read_bytes()
    state.write_bytes(whole[: int(len(whole) * kept)])
    node = Node(tmp_path)
    with node as engine, rpc_of(engine.rpc_url) as rpc:
        assert rpc.head() == (0, genesis)
        final = read_final(tmp_path / "final.json")
        assert final is not None
        assert (final.number, final.hash) == (0, genesis)
    assert [complaint.rule for complaint in node.complaints] == ["state.json"]
    assert (tmp_path / "state.json.bad-1").stat().st_size == int(len(whole) * kept)


def test_a_state_that_only_the_engine_finds_wrong_is_set_aside_too(tmp_path: Path) -> None:
    with Node(tmp_path):
        pass
    state = tmp_path / "state.json"
    document = json.loads(state.read_bytes())
    document["accounts"] = "none"
    state.write_text(json.dumps(document))
    (tmp_path / "state.previous.json").unlink(missing_ok=True)
    node = Node(tmp_path)
    with node as engine, rpc_of(engine.rpc_url) as rpc:
        assert rpc.head()[0] == 0
    assert [complaint.rule for complaint in node.complaints] == ["state.engine"]
    assert json.loads((tmp_path / "state.json.bad-1").read_bytes()) == document


def test_the_engine_dies_with_its_supervisor(tmp_path: Path) -> None:
    with supervisor(tmp_path) as (process, ready):
        assert Path(f"/proc/{ready['pid']}/exe").resolve().name == "anvil"
        process.send_signal(signal.SIGKILL)
        wait_until(partial(gone, ready["pid"]), "the engine ends with its supervisor")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_and_stops_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with supervisor(tmp_path) as (process, ready):
        with rpc_of(ready["url"]) as rpc:
            write_logs(rpc, 2)
            head = rpc.head()
        process.send_signal(number)
        _, said = process.communicate(timeout=DEADLINE_SECONDS)
        assert process.returncode == 0
        assert "node stopped" in said
        assert gone(ready["pid"])
    final = read_final(tmp_path / "final.json")
    assert final is not None
    assert (final.number, final.hash) == head


@pytest.mark.parametrize("name", ENGINES)
def test_the_command_fails_and_says_why_when_the_engine_dies(tmp_path: Path, name: EngineName) -> None:
    with supervisor(tmp_path, name) as (process, ready):
        os.kill(ready["pid"], signal.SIGKILL)
        _, said = process.communicate(timeout=DEADLINE_SECONDS)
        assert process.returncode == 1
        assert "engine.alive" in said
        assert "signal 9" in said


def test_a_killed_engine_is_noticed_and_the_directory_serves_the_next_one(tmp_path: Path) -> None:
    node = Node(tmp_path, save_interval=3600.0)
    with node as engine:
        node.check()
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        assert node.wait(DEADLINE_SECONDS)
        with pytest.raises(EngineDied, match="signal 9"):
            node.check()
    with node as engine, rpc_of(engine.rpc_url) as rpc:
        assert rpc.chain_id() == 31337
        node.check()


def test_an_engine_killed_during_its_first_save_is_said_to_have_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A round of kills met it: the supervisor ended as if it were broken itself."""
    first_save = Node._first_save

    def killed(node: Node, process: Any, rpc: Rpc) -> None:
        os.kill(process.pid, signal.SIGKILL)
        first_save(node, process, rpc)

    monkeypatch.setattr(Node, "_first_save", killed)
    with pytest.raises(EngineDied, match="signal 9"):
        Node(tmp_path).start()
    monkeypatch.undo()
    with Node(tmp_path) as engine, rpc_of(engine.rpc_url) as rpc:
        assert rpc.chain_id() == 31337


def test_two_supervisors_never_share_a_directory(tmp_path: Path) -> None:
    with Node(tmp_path), pytest.raises(DataDirectoryBusy):
        Node(tmp_path).start()


def test_a_taken_port_is_refused_by_name(tmp_path: Path, anvil: Engine) -> None:
    port = int(anvil.rpc_url.rsplit(":", 1)[1])
    with pytest.raises(EngineUnavailable, match=f"engine.port.*{port}"):
        Node(tmp_path, port=port).start()


def test_a_given_port_and_chain_id_are_used(tmp_path: Path, free_port: int) -> None:
    with Node(tmp_path, port=free_port, chain_id=1337) as engine:
        assert engine.rpc_url == f"http://127.0.0.1:{free_port}"
        assert attach(engine.rpc_url).chain_id == 1337


def test_blocks_come_by_the_clock_where_a_block_time_is_given(tmp_path: Path) -> None:
    with Node(tmp_path, block_time=1) as engine, rpc_of(engine.rpc_url) as rpc:
        wait_until(lambda: rpc.head()[0] >= 2, "two blocks without a transaction")
