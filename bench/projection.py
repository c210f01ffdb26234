"""P7, P9: how fast the projection reads a chain on which is traded, and whether its memory stays flat.

``python -m bench.projection [--events 60000] [--rounds 5]`` makes a chain of some two thousand events on a real Anvil
(settlements in batches of ten by signed orders, and with every batch units and cash into trading, a deposit and a
cancelled order), and a node that repeats its blocks with other numbers and hashes up to the events asked for
(``bench.traded_chain``). The real projection reads that over HTTP into empty, migrated tables (a SQLite file, WAL,
``synchronous=FULL``), bound to one core; then on all cores, with a process beside it that reads ahead; in turns with a
bare peer on one core: the same answers decoded, the same rows inserted by the driver's ``executemany``, as many
transactions. Memory is that of a process of its own, at every tenth of its way.

The rate counts seconds of this process's processor: node and waiting are not the projection's. By the clock all of it
counts: the disk, the node, and whoever else uses the machine; ``beside_per_cpu_second`` is what the applying process
alone needs, the most that the clock of an idle machine with a fast disk could show. JSON goes to
``build/bench/projection.json``, and says there whether the goals are reached.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import requests
from sqlalchemy.orm import Session

from bench.memory import GOAL as MEMORY_GOAL
from bench.memory import resident_mib
from bench.traded_chain import EVENTS_PER_TURN, TURNS_PER_BLOCK, TradedChain, record
from ganache import Node, development_keys
from ledger.chain.contracts import Deployment
from ledger.chain.finality import Confirmations
from ledger.chain.rpc import Rpc
from ledger.db.base import Database
from ledger.db.migrate import upgrade
from ledger.projection import Projection, head
from ledger.projection_rows import PROJECTED

GOAL_PER_SECOND = 20_000
BLOCKS = 32
"""Of trading, on the recorded chain."""
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "projection.json"
_READS = 10
_HEADERS = 100


def recorded(folder: Path) -> tuple[Path, Path]:
    """A chain made and recorded; its deployment beside it."""
    path, book = folder / "chain.json", folder / "deployment.json"
    with Node(folder / "chain") as engine, contextlib.closing(Rpc(engine.rpc_url)) as rpc:
        chain = TradedChain(rpc, development_keys(engine.rpc_url, engine.chain_id), folder)
        record(rpc, chain.deployment, chain.trade_blocks(BLOCKS), path)
    book.write_bytes(msgspec.json.encode(asdict(chain.deployment)))
    return path, book


@contextlib.contextmanager
def repeating(path: Path, events: int) -> Iterator[dict[str, int]]:
    """The node that repeats the chain; ``port``, ``events``, ``head``."""
    times = max(1, round(events / (BLOCKS * TURNS_PER_BLOCK * EVENTS_PER_TURN)))
    command = [sys.executable, "-m", "bench.traded_chain", str(path), str(times)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("the node says nothing")
            yield json.loads(process.stdout.readline())
        finally:
            process.communicate("", timeout=30)


def read_chain(
    file: Path, deployment: Deployment, url: str, ended: Callable[[int], None] = lambda _block: None
) -> list[tuple[int, int]]:
    """Read the whole chain into an empty file by the real projection. ``ended`` gets the last block that was applied
    before each transaction. Returns the ranges."""
    database, rpc, ends = Database(f"sqlite:///{file}"), Rpc(url, timeout=60), list[int]()

    def stands(session: Session) -> None:
        found = head(session)
        ends.append(deployment.first_block - 1 if found is None else found.number)
        ended(ends[-1])

    report = Projection(database, rpc, deployment, Confirmations(0), guard=stands).sync()
    if report.events < EVENTS_PER_TURN * TURNS_PER_BLOCK * BLOCKS:
        raise RuntimeError(f"{report.events} events were read")
    database.close()
    rpc.close()
    places = sorted({*ends, report.head.number})
    return [(before + 1, last) for before, last in pairwise(places)]


class Peer:
    """The same answers decoded and the same rows inserted, and nothing else."""

    def __init__(self, model: Path, url: str) -> None:
        self._model, self._url = model, url
        self.tables = [table for table in PROJECTED if table.__tablename__ != "chain_head"]

    def insert(self, file: Path, ranges: Sequence[tuple[int, int]]) -> tuple[float, float]:
        """Seconds of the processor, and of the clock, that decoding and inserting took."""
        used, passed = 0.0, 0.0
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=FULL")
            for first, last in ranges:
                answers, rows = self._answers(first, last), self._rows(first, last)
                begun = time.process_time(), time.perf_counter()
                for answer in answers:
                    msgspec.json.decode(answer)
                database.execute("BEGIN IMMEDIATE")
                for statement, values in rows:
                    database.executemany(statement, values)
                database.execute("COMMIT")
                used, passed = used + time.process_time() - begun[0], passed + time.perf_counter() - begun[1]
        return used, passed

    def _answers(self, first: int, last: int) -> list[bytes]:
        logs = {"jsonrpc": "2.0", "id": 1, "method": "eth_getLogs"}
        asked: list[Any] = [{**logs, "params": [{"fromBlock": hex(first), "toBlock": hex(last)}]}]
        numbers = list(range(first, last + 1))
        header = {"jsonrpc": "2.0", "id": 1, "method": "eth_getBlockByNumber"}
        for at in range(0, len(numbers), _HEADERS):
            asked.append([{**header, "params": [hex(number), False]} for number in numbers[at : at + _HEADERS]])
        return [requests.post(self._url, json=one, timeout=60).content for one in asked]

    def _rows(self, first: int, last: int) -> list[tuple[str, list[Any]]]:
        found = []
        with contextlib.closing(sqlite3.connect(self._model)) as model:
            for table in self.tables:
                name = table.__tablename__
                place = "number" if name == "chain_blocks" else "block_number"
                marks = ",".join("?" * len(table.__table__.columns))
                query = f"select * from {name} where {place} between ? and ? order by rowid"  # our own table's name
                rows = model.execute(query, (first, last)).fetchall()
                if rows:
                    found.append((f"insert into {name} values ({marks})", rows))
        return found


def rates(folder: Path, deployment: Deployment, node: dict[str, int], rounds: int) -> dict[str, Any]:
    """Events a second of the projection and of the peer, in turns, on one core; of the projection on all of them."""
    url, empty = f"http://127.0.0.1:{node['port']}", folder / "empty.sqlite3"
    made = Database(f"sqlite:///{empty}")
    upgrade(made)
    made.close()
    ours: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    beside: list[tuple[float, float]] = []
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(every)})
    for turn in range(rounds + 1):
        file, other, third = (folder / f"{name}{turn}.sqlite3" for name in ("ours", "peer", "beside"))
        for each in (file, other, third):
            each.write_bytes(empty.read_bytes())
        begun = time.process_time(), time.perf_counter()
        ranges = read_chain(file, deployment, url)
        ours.append((time.process_time() - begun[0], time.perf_counter() - begun[1]))
        bare.append(Peer(file, url).insert(other, ranges))
        os.sched_setaffinity(0, every)
        begun = time.process_time(), time.perf_counter()
        read_chain(third, deployment, url)
        beside.append((time.process_time() - begun[0], time.perf_counter() - begun[1]))
        os.sched_setaffinity(0, {min(every)})
        if turn == 0:
            counts = _counts(file)
            if counts["chain_events"] != node["events"] or counts != _counts(other) | {"chain_head": 1}:
                raise RuntimeError("rows are missing")
            if counts != _counts(third):
                raise RuntimeError("another process read other rows")
        for name in (file.name, other.name, third.name):
            for each in folder.glob(f"{name}*"):
                each.unlink()
    os.sched_setaffinity(0, every)
    # The first turn fills caches.
    ratios = [peer[0] / own[0] for own, peer in zip(ours[1:], bare[1:], strict=True)]
    clock = [peer[1] / own[1] for own, peer in zip(ours[1:], bare[1:], strict=True)]
    clock_beside = [peer[1] / own[1] for own, peer in zip(beside[1:], bare[1:], strict=True)]
    events = node["events"]
    return {
        "events": events,
        "rows": sum(counts.values()),
        "chunks": len(ranges),
        "per_cpu_second": round(events / statistics.median(used for used, _ in ours[1:])),
        "per_second": round(events / statistics.median(passed for _, passed in ours[1:])),
        "peer_per_cpu_second": round(events / statistics.median(used for used, _ in bare[1:])),
        "peer_per_second": round(events / statistics.median(passed for _, passed in bare[1:])),
        "of_peer": round(statistics.median(ratios), 3),
        "of_peer_by_the_clock": round(statistics.median(clock), 3),
        "beside_per_cpu_second": round(events / statistics.median(used for used, _ in beside[1:])),
        "beside_per_second": round(events / statistics.median(passed for _, passed in beside[1:])),
        "beside_of_peer_by_the_clock": round(statistics.median(clock_beside), 3),
        "goal_per_second": GOAL_PER_SECOND,
    }


def _counts(file: Path) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(file)) as database:
        names = [table.__tablename__ for table in PROJECTED]
        return {name: database.execute(f"select count(*) from {name}").fetchone()[0] for name in names}


def memory(file: Path, deployment: Deployment, url: str) -> list[float]:
    """Resident memory after the range that passes each tenth of the blocks."""
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    seen: list[tuple[int, float]] = []
    ranges = read_chain(file, deployment, url, lambda block: seen.append((block, round(resident_mib(), 1))))
    last = ranges[-1][1]
    seen.append((last, round(resident_mib(), 1)))
    return [next(mib for block, mib in seen if block * _READS >= last * tenth) for tenth in range(1, _READS + 1)]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", nargs=3, metavar=("FILE", "DEPLOYMENT", "URL"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory is not None:
        file, book, url = arguments.memory
        print(json.dumps(memory(Path(file), msgspec.json.decode(Path(book).read_bytes(), type=Deployment), url)))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, book = recorded(folder)
        deployment = msgspec.json.decode(book.read_bytes(), type=Deployment)
        with repeating(path, arguments.events) as node:
            found = rates(folder, deployment, node, arguments.rounds)
            command = ["--memory", str(folder / "memory.sqlite3"), str(book), f"http://127.0.0.1:{node['port']}"]
            done = subprocess.run(
                [sys.executable, "-m", "bench.projection", *command], capture_output=True, text=True, check=True
            )
    tenths = json.loads(done.stdout.splitlines()[-1])
    found |= {"mib_by_tenths": tenths, "end_against_first_tenth": round(tenths[-1] / tenths[0], 3)}
    found["passed"] = found["per_cpu_second"] >= GOAL_PER_SECOND and found["end_against_first_tenth"] <= MEMORY_GOAL
    print(json.dumps(found, indent=2))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
