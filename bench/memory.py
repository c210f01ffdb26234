"""P9, the part of ingest: memory of a process that takes in and integrates, while the log grows.

``python -m bench.memory [--readings 200000]``: readings in chunks of 1,000, each integrated at once; resident memory is
read at every tenth. JSON goes to ``build/bench/memory.json``. What the whole service needs over a day, each process by
itself, is measured by ``bench.park_day``; what ``tanlu fsck`` needs, by its tests.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from bench.signers import PARK, Park
from ledger.checkpoint import SignatureKind, SignerKey
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.db.migrate import upgrade
from ledger.log import Accepted, Log
from ledger.sequencer import OperatorKeys, Sequencer

GOAL = 1.1
CHUNK = 1_000
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "memory.json"


def resident_mib() -> float:
    """This process's resident memory."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS in /proc/self/status")


def grow(path: Path, readings: int) -> list[float]:
    """Take in and integrate; resident memory at every tenth."""
    deployment = os.urandom(32)
    registrar, log_key = PrivateKey.generate(Algorithm.ED25519), PrivateKey.generate(Algorithm.ED25519)
    park = Park(f"bench.example/log/{deployment.hex()}", registrar)
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    parameters = LogParameters(park.origin, deployment, PARK, registrar.public, None)
    log = Log(database, parameters, log_key)
    log.open()
    operator = OperatorKeys(SignerKey(park.origin, SignatureKind.ED25519, log_key), None)
    sequencer = Sequencer(database, parameters, operator, (), domain=None)
    log.submit([park.key(PARK, Kind.PARK, registrar, Purpose.ADMINISTRATION), *park.enrolments(Algorithm.ED25519)])
    found = []
    for done in range(CHUNK, readings + 1, CHUNK):
        entries = [one.entry for one in park.readings(Algorithm.ED25519, CHUNK)]
        if not all(isinstance(outcome, Accepted) for outcome in log.submit(entries).outcomes):
            raise RuntimeError("not taken in")
        while sequencer.step():
            pass
        if done % (readings // 10) == 0:
            found.append(round(resident_mib(), 1))
    database.close()
    return found


def in_process(*arguments: str) -> Any:
    """This file's other half in a fresh process; its JSON answer."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.memory", *arguments], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--readings", type=int, default=200_000)
    parser.add_argument("--grow", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.grow is not None:
        print(json.dumps(grow(arguments.grow, arguments.readings)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "log.sqlite3"
        tenths = in_process("--grow", str(store), "--readings", str(arguments.readings))
    results = {
        "readings": arguments.readings,
        "ingest_and_integrate_mib_by_tenths": tenths,
        "end_against_first_tenth": round(tenths[-1] / tenths[0], 3),
        "goal": GOAL,
    }
    print(json.dumps(results, indent=2))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
