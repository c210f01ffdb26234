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
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nacl.bindings

from attestation.instants import format_instant
from attestation.keys import Algorithm, Kind, PrivateKey, PublicKey, Purpose
from attestation.statements import Reading, build, prove_key
from attestation.typed_data import Domain
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.db.migrate import upgrade
from ledger.log import Accepted, Log

GOAL = {Algorithm.ED25519: 0.80, Algorithm.ES256: 0.75}
ROUNDS = 15
CHUNK = 1_000
METERS = 20
PARK, ENTERPRISE = "88.608.1/PARK", "88.608.2/A"
START = 1_600_000_000
QUARTER = 900
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "ingest.json"


@dataclass
class Signed:
    """A signed reading apart: what the bare check needs, and the whole."""

    entry: bytes
    message: bytes
    signature: bytes
    key: PublicKey


class Park:
    """Who signs: a registrar, an enterprise and its meters, in one log."""

    def __init__(self, origin: str, registrar: PrivateKey, domain: Domain | None = None) -> None:
        self.origin = origin
        self.registrar = registrar
        self._domain = domain
        self._keys_signed = 0
        self._meters: dict[Algorithm, list[tuple[str, PrivateKey]]] = {}
        self._seq = dict.fromkeys(Algorithm, 0)

    def key(self, identifier: str, kind: Kind, key: PrivateKey, purpose: Purpose, parent: str | None = None) -> bytes:
        """The registrar's ``key`` statement."""
        self._keys_signed += 1
        now = int(time.time())
        body = prove_key(
            log=self.origin,
            identifier=identifier,
            kind=kind,
            key=key,
            purposes=purpose,
            iat=now,
            parent=parent,
            domain=self._domain,
        )
        return build(
            "key",
            log=self.origin,
            iss=PARK,
            key=self.registrar,
            iat=now,
            stream="bench",
            seq=self._keys_signed,
            body=body,
        )

    def enrolments(self, *algorithms: Algorithm) -> list[bytes]:
        """Entries for the enterprise and ``METERS`` meters of each algorithm."""
        works = PrivateKey.generate(Algorithm.ED25519)
        found = [self.key(ENTERPRISE, Kind.ENTERPRISE, works, Purpose.STATEMENT)]
        for algorithm in algorithms:
            meters = self._meters.setdefault(algorithm, [])
            for number in range(METERS):
                identifier = f"{ENTERPRISE}_{algorithm.value}_{number}"
                key = PrivateKey.generate(algorithm)
                meters.append((identifier, key))
                found.append(self.key(identifier, Kind.DEVICE, key, Purpose.DEVICE, ENTERPRISE))
        return found

    def readings(self, algorithm: Algorithm, count: int) -> list[Signed]:
        """The next readings, one quarter hour per meter and row, as a gateway would collect them."""
        meters = self._meters[algorithm]
        found = []
        for place in range(count):
            identifier, key = meters[place % METERS]
            if place % METERS == 0:
                self._seq[algorithm] += 1
            seq = self._seq[algorithm]
            start = START + seq * QUARTER
            body = Reading(
                start=format_instant(start),
                end=format_instant(start + QUARTER),
                quantity=f"{place % 97}.{place % 89:02d}",
                unit="kWh",
            )
            entry = build(
                "reading", log=self.origin, iss=identifier, key=key, iat=START, stream="energy", seq=seq, body=body
            )
            message, _, signature = entry.rpartition(b".")
            raw = _b64(signature)
            found.append(Signed(entry, message, raw, key.public))
        return found


def _b64(text: bytes) -> bytes:
    import base64  # noqa: PLC0415 - beside its only use

    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


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
    found: dict[str, Any] = {}
    for algorithm, goal in GOAL.items():
        limits, ours = [], []
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


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    results = {"P1": in_process(arguments.rounds)}
    print(json.dumps(results, indent=2))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
