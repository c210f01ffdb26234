"""P1 and P2: how much of the bare signature check is left of a core when readings become durable.

``python -m bench.ingest`` prints ratios of interleaved measurements of one run and writes ``build/bench/ingest.json``.

P1, in process, one core: chunks of 1,000 signed readings are checked bare (the library's verify over the same messages
with the same parsed keys, nothing else) and taken in by the log (all twelve steps, leaf hash, SQLite in WAL with
``synchronous=FULL``, commit), in turns. The process is bound to one core, so that no thread of the log helps.

P2, over HTTP: a service process with a sequencer and a witness process; a client sends the same readings as NDJSON, in
requests of 20,000 lines, and waits until all of them are integrated in a cosigned head; in turns with statements sent
one by one over kept connections, as many connections as the machine has cores. The bare limit is that of P1, one core.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import nacl.bindings

from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from bench.deployment import Deployment, deployed
from bench.signers import PARK, Park, Signed
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.db.migrate import upgrade
from ledger.heap import settle_heap
from ledger.log import Accepted, Log
from tanlu.client import Client, Credentials

GOAL = {Algorithm.ED25519: 0.80, Algorithm.ES256: 0.75}
ROUNDS = 15
CHUNK = 1_000
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "ingest.json"


def bare(signed: Sequence[Signed]) -> None:
    """The signature checks alone."""
    if signed[0].key.algorithm is Algorithm.ED25519:
        for one in signed:
            nacl.bindings.crypto_sign_open(one.signature + one.message, one.key.raw)
    else:
        for one in signed:
            one.key.verify(one.message, one.signature)


def seconds(work: Callable[[], Any]) -> float:
    """Wall time of ``work``."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def in_process(rounds: int) -> dict[str, Any]:
    """P1 for both algorithms."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _in_process(Path(folder), rounds)
    finally:
        os.sched_setaffinity(0, cores)


def _in_process(folder: Path, rounds: int) -> dict[str, Any]:
    deployment = os.urandom(32)
    registrar = PrivateKey.generate(Algorithm.ED25519)
    park = Park(f"bench.example/log/{deployment.hex()}", registrar)
    database = Database(f"sqlite:///{folder / 'log.sqlite3'}")
    upgrade(database)
    parameters = LogParameters(park.origin, deployment, PARK, registrar.public, None)
    log = Log(database, parameters, PrivateKey.generate(Algorithm.ED25519))
    log.open()

    def take(entries: Sequence[bytes]) -> None:
        outcomes = log.submit(entries).outcomes
        if not all(isinstance(outcome, Accepted) and not outcome.repeated for outcome in outcomes):
            raise RuntimeError(f"not taken in: {next(one for one in outcomes if not isinstance(one, Accepted))}")

    take([park.key(PARK, Kind.PARK, registrar, Purpose.ADMINISTRATION), *park.enrolments(*GOAL)])
    settle_heap()  # as the service does before it serves
    found: dict[str, Any] = {}
    for algorithm, goal in GOAL.items():
        limits: list[float] = []
        ours: list[float] = []
        for turn in range(rounds + 1):
            signed = park.readings(algorithm, CHUNK)
            entries = [one.entry for one in signed]
            works = [(limits, lambda s=signed: bare(s)), (ours, lambda e=entries: take(e))]
            for kept, work in works if turn % 2 else works[::-1]:
                kept.append(CHUNK / seconds(work))
        # The first turn fills caches.
        limit, own = statistics.median(limits[1:]), statistics.median(ours[1:])
        ratios = [b / a for a, b in zip(limits[1:], ours[1:], strict=True)]
        found[algorithm.value] = {
            "bare_per_s": round(limit),
            "log_per_s": round(own),
            "ratio": round(statistics.median(ratios), 3),
            "ratio_quartiles": [round(q, 3) for q in statistics.quantiles(ratios, n=4)],
            "goal": goal,
        }
    database.close()
    return found


HTTP_LINES = 60_000
REQUEST_LINES = 20_000
SINGLE = 400
HTTP_ROUNDS = 5
_WAIT_SECONDS = 120.0
_CONNECTIONS = os.cpu_count() or 1


def over_http(rounds: int) -> dict[str, Any]:
    """P2: rates until durable and integrated, against the bare check on one core and against one statement per POST."""
    with tempfile.TemporaryDirectory() as folder, deployed(Path(folder), apart=False) as deployment:
        park = Park(
            deployment.trust.log,
            deployment.registrar,
            deployment.trust.registry_domain,
            park=deployment.registrar_identifier,
        )
        who = Credentials(deployment.registrar_identifier, deployment.registrar)
        with Client(deployment.url, trust=deployment.trust, credentials=who) as client:
            client.enrol(deployment.first_entry)
            for entry in park.enrolments(Algorithm.ED25519):
                client.enrol(entry)
            token = client.token()
        return _over_http(deployment, park, {"Authorization": f"Bearer {token}"}, rounds)


def _over_http(deployment: Deployment, park: Park, headers: dict[str, str], rounds: int) -> dict[str, Any]:
    limits: list[float] = []
    bulk: list[float] = []
    single: list[float] = []
    with httpx.Client(base_url=deployment.url, timeout=_WAIT_SECONDS, headers=headers) as http:
        for _ in range(rounds + 1):
            signed = park.readings(Algorithm.ED25519, HTTP_LINES)
            bodies = [
                b"".join(b'"' + one.entry + b'"\n' for one in signed[start : start + REQUEST_LINES])
                for start in range(0, HTTP_LINES, REQUEST_LINES)
            ]
            limits.append(CHUNK / seconds(lambda s=signed[:CHUNK]: bare(s)))  # type: ignore[misc]  # a lambda's default
            bulk.append(HTTP_LINES / seconds(lambda b=bodies: _bulk(http, b)))  # type: ignore[misc]  # a lambda's default
            ones = [one.entry for one in park.readings(Algorithm.ED25519, SINGLE)]
            single.append(SINGLE / seconds(lambda o=ones: asyncio.run(_one_by_one(deployment.url, headers, o))))  # type: ignore[misc]  # a lambda's default
    return {
        "bare_per_s": round(statistics.median(limits[1:])),
        "bulk_integrated_per_s": round(statistics.median(bulk[1:])),
        "one_per_post_durable_per_s": round(statistics.median(single[1:])),
        "ratio_to_bare": round(statistics.median(b / a for a, b in zip(limits[1:], bulk[1:], strict=True)), 3),
        "ratio_to_one_per_post": round(statistics.median(b / a for a, b in zip(single[1:], bulk[1:], strict=True)), 1),
        "goal_to_bare": 0.70,
        "goal_to_one_per_post": 3.0,
        "cores": os.cpu_count(),
    }


def _bulk(http: httpx.Client, bodies: Sequence[bytes]) -> None:
    def send(body: bytes) -> int:
        answer = http.post("/v1/statements/bulk", content=body, headers={"Content-Type": "application/x-ndjson"})
        return int(json.loads(answer.content.splitlines()[-1])["summary"]["accepted"])

    # One after the other: a meter's readings come in their order.
    accepted = sum(map(send, bodies))
    if accepted != HTTP_LINES:
        raise RuntimeError(f"{accepted} of {HTTP_LINES} lines were taken in")
    size = http.get("/v1/health").json()["lag"]["accepted"]
    until = time.monotonic() + _WAIT_SECONDS
    while int(_checkpoint(http)) < size:
        if time.monotonic() > until:
            raise TimeoutError("not integrated")
        time.sleep(0.01)


def _checkpoint(http: httpx.Client) -> str:
    answer = http.get("/v1/checkpoint")
    return answer.text.splitlines()[1] if answer.status_code == httpx.codes.OK else "0"


async def _one_by_one(url: str, headers: dict[str, str], entries: Sequence[bytes]) -> None:
    waiting = iter(entries)
    async with httpx.AsyncClient(base_url=url, headers=headers | {"Content-Type": "application/jose"}) as http:

        async def work() -> None:
            for entry in waiting:
                answer = await http.post("/v1/statements", content=entry)
                if answer.status_code != httpx.codes.CREATED:
                    raise RuntimeError(answer.text)

        await asyncio.gather(*(work() for _ in range(_CONNECTIONS)))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--http-rounds", type=int, default=HTTP_ROUNDS)
    arguments = parser.parse_args()
    results = {"P1": in_process(arguments.rounds), "P2": over_http(arguments.http_rounds)}
    print(json.dumps(results, indent=2))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
