"""A day of a park, compressed: 200 meters at one reading a minute, 24 hours, through HTTP, with every process running.

``make load-test``, or ``python -m bench.park_day [--minutes 1440] [--per-second 4]``: so many minutes of the park pass
in one second. Ten gateways of twenty meters each sign and send the readings of every minute in one bulk request; one
request in twenty or so is followed to the complete receipt of one of its readings, which is verified. Printed, and
written to ``build/bench/park_day.json``: time from request to acknowledgement and from acknowledgement to receipt (p50,
p99), and for each process its resident memory at the end against after the first tenth.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attestation.instants import format_instant
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Reading, build, prove_key
from bench.deployment import Deployment, deployed
from tanlu.client import BulkChunk, Client, Credentials

MEMORY_GOAL = 1.1
GATEWAYS, METERS_EACH = 10, 20
START = 1_704_038_400
MINUTE = 60
_FOLLOWED_EVERY = 20
_SECONDS_FOR_RECEIPT = 60.0
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "park_day.json"


@dataclass
class Gateway:
    """An enterprise's gateway: its key signs in, its meters' keys sign."""

    identifier: str
    key: PrivateKey
    meters: list[tuple[str, PrivateKey]]


@dataclass
class Measured:
    """What is measured, by all gateways together. Seconds; kibibytes by process and minute of the run."""

    acknowledged: list[float] = field(default_factory=list)
    received: list[float] = field(default_factory=list)
    memory: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    accepted: int = 0
    lateness: float = 0.0
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def admit(deployment: Deployment, client: Client) -> list[Gateway]:
    """Ten enterprises and their meters, enrolled; half of the meters sign with Ed25519, half with P-256."""
    client.enrol(deployment.first_entry)
    seq = 0
    entries: list[bytes] = []

    def key(identifier: str, kind: Kind, algorithm: Algorithm, purpose: Purpose, parent: str | None) -> PrivateKey:
        nonlocal seq
        seq += 1
        made, now = PrivateKey.generate(algorithm), int(time.time())
        body = prove_key(
            log=deployment.trust.log,
            identifier=identifier,
            kind=kind,
            key=made,
            purposes=purpose,
            iat=now,
            parent=parent,
            domain=deployment.trust.registry_domain,
        )
        entries.append(
            build(
                "key",
                log=deployment.trust.log,
                iss=deployment.registrar_identifier,
                key=deployment.registrar,
                iat=now,
                stream="park",
                seq=seq,
                body=body,
            )
        )
        return made

    gateways = []
    for number in range(GATEWAYS):
        works = f"88.608.{3000 + number}/WORKS"
        holder = key(works, Kind.ENTERPRISE, Algorithm.ED25519, Purpose.STATEMENT, None)
        meters = []
        for place in range(METERS_EACH):
            algorithm = Algorithm.ES256 if place % 2 else Algorithm.ED25519
            name = f"{works}_METER_{place}"
            meters.append((name, key(name, Kind.DEVICE, algorithm, Purpose.DEVICE, works)))
        gateways.append(Gateway(works, holder, meters))
    result = client.submit_bulk(entries)
    if result.refused:
        raise RuntimeError(f"not admitted: {result.refused[0].problem}")
    return gateways


def drive(
    deployment: Deployment, gateway: Gateway, minutes: int, pace: float, begun: float, measured: Measured, seed: int
) -> None:
    """One gateway's day."""
    chance = random.Random(f"{seed}/{gateway.identifier}")
    who = Credentials(gateway.identifier, gateway.key)
    followers: list[threading.Thread] = []
    with Client(deployment.url, trust=deployment.trust, credentials=who, patience=120) as client:
        for minute in range(1, minutes + 1):
            due = begun + minute / pace
            time.sleep(max(0.0, due - time.monotonic()))
            entries = [_reading(deployment, meter, key, minute, chance) for meter, key in gateway.meters]
            indices: list[int] = []

            def keep(chunk: BulkChunk, indices: list[int] = indices) -> None:
                indices.extend(result.index for result in chunk.results if result.index is not None)

            sent = time.monotonic()
            result = client.submit_bulk(entries, on_chunk=keep)
            answered = time.monotonic()
            with measured.lock:
                measured.acknowledged.append(answered - sent)
                measured.accepted += result.accepted
                measured.lateness = max(measured.lateness, answered - due)
                measured.failures += [str(line.problem) for line in result.refused]
            if minute % _FOLLOWED_EVERY == chance.randrange(_FOLLOWED_EVERY) and indices:
                follower = threading.Thread(
                    target=_follow, args=(deployment, who, chance.choice(indices), answered, measured)
                )
                follower.start()
                followers.append(follower)
    for follower in followers:
        follower.join()


def _reading(deployment: Deployment, meter: str, key: PrivateKey, minute: int, chance: random.Random) -> bytes:
    start = START + minute * MINUTE
    quantity = f"{chance.randrange(0, 90)}.{chance.randrange(0, 100):02d}"
    body = Reading(start=format_instant(start), end=format_instant(start + MINUTE), quantity=quantity, unit="kWh")
    log, now = deployment.trust.log, int(time.time())
    return build("reading", log=log, iss=meter, key=key, iat=now, stream="energy", seq=minute, body=body)


def _follow(deployment: Deployment, who: Credentials, index: int, since: float, measured: Measured) -> None:
    try:
        with Client(deployment.url, trust=deployment.trust, credentials=who) as client:
            client.receipt(index, wait=_SECONDS_FOR_RECEIPT)
    except Exception as error:
        with measured.lock:
            measured.failures.append(f"receipt of {index}: {error}")
        return
    with measured.lock:
        measured.received.append(time.monotonic() - since)


def watch(deployment: Deployment, begun: float, stop: threading.Event, measured: Measured) -> None:
    """Resident memory of each process, every second."""
    while not stop.wait(1.0):
        for label, pid in deployment.processes.pids().items():
            measured.memory[label].append((round(time.monotonic() - begun), _resident_kib(pid)))


def _resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def run(minutes: int, pace: float, seed: int) -> dict[str, Any]:
    """The day; what was measured."""
    measured = Measured()
    with tempfile.TemporaryDirectory() as folder, deployed(Path(folder), apart=True) as deployment:
        who = Credentials(deployment.registrar_identifier, deployment.registrar)
        with Client(deployment.url, trust=deployment.trust, credentials=who) as client:
            gateways = admit(deployment, client)
        begun, stop = time.monotonic(), threading.Event()
        watcher = threading.Thread(target=watch, args=(deployment, begun, stop, measured))
        watcher.start()
        drivers = [
            threading.Thread(target=drive, args=(deployment, gateway, minutes, pace, begun, measured, seed))
            for gateway in gateways
        ]
        for driver in drivers:
            driver.start()
        for driver in drivers:
            driver.join()
        seconds = time.monotonic() - begun
        stop.set()
        watcher.join()
        deployment.processes.check()
    return {
        "seed": seed,
        "readings": measured.accepted,
        "expected": minutes * GATEWAYS * METERS_EACH,
        "seconds": round(seconds, 1),
        "minutes_of_the_park_per_second": pace,
        "largest_delay_behind_the_clock_s": round(measured.lateness, 2),
        "acknowledgement_s": _quantiles(measured.acknowledged),
        "complete_receipt_s": _quantiles(measured.received),
        "memory": {label: _growth(rows, seconds) for label, rows in measured.memory.items()},
        "memory_goal": MEMORY_GOAL,
        "failures": measured.failures[:10],
        "failures_in_all": len(measured.failures),
    }


def _quantiles(values: list[float]) -> dict[str, float]:
    if len(values) < 2:
        return {"count": len(values)}
    cuts = statistics.quantiles(values, n=100)
    return {"count": len(values), "p50": round(cuts[49], 3), "p99": round(cuts[98], 3), "max": round(max(values), 3)}


def _growth(rows: list[tuple[int, int]], seconds: float) -> dict[str, float]:
    """Medians of the tenth after the first and of the last tenth, so that one collection does not decide."""
    early = [kib for at, kib in rows if seconds * 0.1 <= at < seconds * 0.2] or [rows[0][1]]
    late = [kib for at, kib in rows if at >= seconds * 0.9] or [rows[-1][1]]
    first, last = statistics.median(early), statistics.median(late)
    return {
        "after_a_tenth_mib": round(first / 1024, 1),
        "end_mib": round(last / 1024, 1),
        "ratio": round(last / first, 3),
    }


def main() -> int:
    """Run and print; 1 if anything was refused or lost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=int, default=1_440)
    parser.add_argument("--per-second", type=float, default=4.0, help="minutes of the park that pass in one second")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    results = run(arguments.minutes, arguments.per_second, arguments.seed)
    print(json.dumps(results, indent=2))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    return 1 if results["failures"] or results["readings"] != results["expected"] else 0


if __name__ == "__main__":
    sys.exit(main())
