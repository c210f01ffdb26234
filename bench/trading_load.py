"""Concurrent traders over HTTP against a whole deployment: throughput, latency, memory, and the laws at the end.

``make trading-load``, or ``python -m bench.trading_load [--clients 50] [--minutes 10] [--seed N]``: node, witness, api,
sequencer and relayer as processes of their own, so many enterprises with units and cash, one open day in agreement
mode. Each enterprise is a client that places, accepts, cancels and reads without pause, from two client processes.
Afterwards everything matched is waited for, the day is closed, and the laws are looked at (``bench.trading_laws``).
Printed, and written to ``build/bench/trading_load.json``.

From acceptance to settled: from the answer that an acceptance got until the outbox has its settlement on chain, looked
at five times a second.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.deployment import Deployment, deployed
from bench.traders import Crowd, Tally, trade
from bench.trading_laws import check
from bench.trading_park import TradingPark, connect

MEMORY_GOAL = 1.1
_PROCESSES = 2
_TENTHS = 10
_EARLY = 1  # the second tenth of the run, which of ten minutes is minute 2
_LEAD_SECONDS = 1.0
_READY_SECONDS = 120.0
_DRAIN_SECONDS = 1_800.0
_LOOK_SECONDS = 0.2
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "trading_load.json"


@dataclass
class Watched:
    """Beside the traders. ``memory``: (second of the run, kibibytes) by process; ``cpu``: seconds of the processor by
    process over the run; ``settled``: log index of what made a fill, and unix time at which its settlement was seen;
    ``waiting``: (second, settlements not on chain yet)."""

    memory: dict[str, list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))
    cpu: dict[str, float] = field(default_factory=dict)
    settled: dict[int, float] = field(default_factory=dict)
    waiting: list[tuple[float, int]] = field(default_factory=list)


class Observer:
    """Looks at processes and at the outbox, without asking the service."""

    def __init__(self, deployment: Deployment) -> None:
        self.watched = Watched()
        self._deployment = deployment
        self._begins_at = float("inf")
        self._stop = threading.Event()
        self._seen = 0
        self._threads = [threading.Thread(target=look) for look in (self._processes, self._outbox)]
        for thread in self._threads:
            thread.start()

    def begin(self, at: float) -> None:
        """Seconds count from this instant (unix seconds); what was seen before is of no minute."""
        self._begins_at = at

    def waiting(self) -> int:
        """Settlements that are not on chain at the moment."""
        return self.watched.waiting[-1][1] if self.watched.waiting else 0

    def stop(self) -> None:
        """End; returns when both threads have."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def cpu(self) -> dict[str, float]:
        """Seconds of the processor that each process has used."""
        return {label: _cpu_seconds(pid) for label, pid in self._pids().items()}

    def _pids(self) -> dict[str, int]:
        """The deployment's processes, and those that they started: the chain's engine."""
        found = self._deployment.processes.pids()
        for label, pid in list(found.items()):
            # Whichever thread of it started them.
            lists = Path(f"/proc/{pid}/task").glob("*/children")
            children = sorted(child for one in lists for child in one.read_text("ascii").split())
            found |= {f"{label}, child {place}": int(child) for place, child in enumerate(children, 1)}
        return found

    def _processes(self) -> None:
        while not self._stop.wait(1.0):
            second = time.time() - self._begins_at
            for label, pid in self._pids().items():
                self.watched.memory[label].append((second, _resident_kib(pid)))

    def _outbox(self) -> None:
        store = f"file:{self._deployment.home / 'tanlu.sqlite3'}?mode=ro"
        connection = sqlite3.connect(store, uri=True, timeout=30.0)
        try:
            while not self._stop.wait(_LOOK_SECONDS):
                self._look(connection)
        finally:
            connection.close()

    def _look(self, connection: sqlite3.Connection) -> None:
        # Settlements are sent in their order, so that all below the first that waits are on chain, or refused.
        waits = "kind = 'settle' and state in ('pending', 'sent')"
        first, count = connection.execute(f"select min(id), count(*) from outbox where {waits}").fetchone()
        now = time.time()
        self.watched.waiting.append((now - self._begins_at, count))
        bound = first if first is not None else (1 << 62)
        done = "select id, position from outbox where kind = 'settle' and id > ? and id < ? order by id"
        for row, position in connection.execute(done, (self._seen, bound)).fetchall():
            self.watched.settled.setdefault(position, now)
            self._seen = row


def run(clients: int, minutes: float, seed: int) -> dict[str, Any]:
    """The trading; what was measured."""
    seconds = minutes * 60
    with (
        tempfile.TemporaryDirectory() as folder,
        deployed(Path(folder), apart=True) as deployment,
        connect(deployment) as client,
    ):
        park = TradingPark(deployment, client)
        park.prepare(clients)
        print(f"{clients} traders are ready", flush=True)
        crowds = [
            Crowd(
                deployment.url,
                deployment.home / "trust.json",
                str(seed),
                park.until,
                seconds,
                tuple((one.identifier, one.key.raw, one.seq) for one in park.traders[place::_PROCESSES]),
            )
            for place in range(_PROCESSES)
        ]
        observer = Observer(deployment)
        try:
            tally, used = _traded(crowds, observer)
            lag = observer.waiting()
            print(f"traded; {lag} settlements wait", flush=True)
            drained = _drain(observer, deployment)
        finally:
            observer.stop()
        laws = check(park)
        deployment.processes.check()
    return _told(tally, observer.watched, seconds) | {
        "clients": clients,
        "minutes": minutes,
        "seed": seed,
        "cores_used": {label: round(cpu / seconds, 2) for label, cpu in used.items()},
        "settlements_waiting_at_the_end": lag,
        "seconds_until_none_waited": drained,
        "laws": laws,
    }


def _traded(crowds: Sequence[Crowd], observer: Observer) -> tuple[Tally, dict[str, float]]:
    """What all traders saw, and the seconds of the processor that each process used meanwhile."""
    spawn, whole = multiprocessing.get_context("spawn"), Tally()
    pipes = [spawn.Pipe() for _ in crowds]
    processes = [
        spawn.Process(target=trade, args=(crowd, theirs), daemon=True)
        for crowd, (_, theirs) in zip(crowds, pipes, strict=True)
    ]
    for process in processes:
        process.start()
    for _, theirs in pipes:
        # Held here too, the end of a process that died would never be read.
        theirs.close()
    for ours, _ in pipes:
        _hear(ours, _READY_SECONDS)
    begins_at = time.time() + _LEAD_SECONDS
    observer.begin(begins_at)
    before = observer.cpu()
    for ours, _ in pipes:
        ours.send(begins_at)
    for (ours, _), crowd in zip(pipes, crowds, strict=True):
        whole.add(_hear(ours, crowd.seconds + _READY_SECONDS))
    used = {label: seconds - before.get(label, 0.0) for label, seconds in observer.cpu().items()}
    for process in processes:
        process.join(_READY_SECONDS)
    return whole, used | {"clients": whole.cpu_seconds}


def _hear(pipe: Any, seconds: float) -> Any:
    if not pipe.poll(seconds):
        raise RuntimeError(f"no word of the traders within {seconds:.0f} s")
    return pipe.recv()


def _drain(observer: Observer, deployment: Deployment) -> float:
    begun = time.monotonic()
    while observer.waiting():
        if time.monotonic() - begun > _DRAIN_SECONDS:
            raise RuntimeError(f"{observer.waiting()} settlements wait after {_DRAIN_SECONDS:.0f} s")
        deployment.processes.check()
        time.sleep(_LOOK_SECONDS)
    return round(time.monotonic() - begun, 1)


def _told(tally: Tally, watched: Watched, seconds: float) -> dict[str, Any]:
    requests = {kind: _kind(rows, seconds) for kind, rows in sorted(tally.took.items())}
    every = [row for rows in tally.took.values() for row in rows]
    spans = [watched.settled[index] - at for index, at in tally.accepted if index in watched.settled]
    return {
        "requests": {"all": _kind(every, seconds), **requests},
        "requests_per_second_by_tenth": _by_tenth([at for at, _ in every], seconds),
        "refused": {f"{kind}: {rule}": count for (kind, rule), count in sorted(tally.refused.items())},
        "sent_again": dict(tally.again),
        "accepted_orders": len(tally.accepted),
        "acceptance_to_settled_s": _quantiles(spans),
        "memory": {label: _growth(rows, seconds) for label, rows in watched.memory.items()},
        "memory_goal": MEMORY_GOAL,
        "faults": tally.faults[:10],
        "faults_in_all": len(tally.faults),
    }


def _kind(rows: Sequence[tuple[float, float]], seconds: float) -> dict[str, float]:
    return {"per_second": round(len(rows) / seconds, 1), **_quantiles([took for _, took in rows])}


def _by_tenth(instants: Sequence[float], seconds: float) -> list[float]:
    width = seconds / _TENTHS
    counts = [sum(1 for at in instants if width * part <= at < width * (part + 1)) for part in range(_TENTHS)]
    return [round(count / width, 1) for count in counts]


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    if len(values) < 2:
        return {"count": len(values)}
    cuts = statistics.quantiles(values, n=100)
    return {"count": len(values), "p50": round(cuts[49], 4), "p99": round(cuts[98], 4), "max": round(max(values), 4)}


def _growth(rows: Sequence[tuple[float, int]], seconds: float) -> dict[str, float]:
    """Medians of the second tenth of the run and of the last."""
    width = seconds / _TENTHS
    early = [kib for at, kib in rows if width * _EARLY <= at < width * (_EARLY + 1)]
    late = [kib for at, kib in rows if seconds - width <= at < seconds]
    first, last = statistics.median(early), statistics.median(late)
    return {
        "second_tenth_mib": round(first / 1024, 1),
        "last_tenth_mib": round(last / 1024, 1),
        "ratio": round(last / first, 3),
    }


def _resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _cpu_seconds(pid: int) -> float:
    """User and system time, of a process and of those of its children that ended."""
    parts = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(map(int, parts[11:15])) / 100


def main() -> int:
    """Run and print; 1 where something was refused that must not be, or a law does not hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    results = run(arguments.clients, arguments.minutes, arguments.seed)
    print(json.dumps(results, indent=2))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    return 1 if results["faults_in_all"] or results["laws"]["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
