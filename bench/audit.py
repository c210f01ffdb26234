"""P7, P9: a whole audit of the log against the bare time of its hashes and signatures, on as many cores.

``python -m bench.audit [--statements 1000000] [--processes 2]`` makes a store with so many readings by real acceptance,
integrated and cosigned; then, in turn, two rounds of

* bare: so many processes, each over its share, that check every signature (libsodium) and hash every leaf and inner
  node, with the entries already in memory;
* the audit: ``ledger.audit`` over that store with as many workers, from its bytes to every head.

The audit reads, parses, judges keys, places and periods besides. The chain's part is measured by ``bench.projection``.
Resident memory of the audit's own process is read at every tenth. JSON goes to ``build/bench/audit.json``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from attestation.examination import examine
from attestation.judging.newcomers import new_key
from attestation.keys import PublicKey
from attestation.statements import EnrolKey
from bench.memory import grow, resident_mib
from ledger.audit import audit, store_evidence
from ledger.trust import Trust, parse

GOAL = 1.5
MEMORY_GOAL = 1.1
ROUNDS = 2
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "audit.json"
_CHUNK = 20_000


def bare(url: str, origin: str, first: int, last: int) -> float:
    """Seconds for signatures and hashes of entries ``first`` to ``last``; reading and parsing are not counted."""
    keys: dict[str, PublicKey] = {}
    spent = 0.0
    with store_evidence(url) as log:
        for row in log.others():
            body = examine(row.entry, origin).body
            if isinstance(body, EnrolKey):
                key = new_key(body.key.jwk)
                keys[key.kid_name] = key
        for start in range(first, last + 1, _CHUNK):
            work = []
            for row in log.entries(start, min(start + _CHUNK - 1, last)):
                statement = examine(row.entry, origin)
                work.append((keys[statement.kid_key], statement.jws.signing_input, statement.jws.signature, row.entry))
            began = time.perf_counter()
            for key, message, signature, entry in work:
                key.verify(message, signature)
                node = sha256(b"\\0" + entry).digest()
                sha256(b"\\1" + node + node).digest()
            spent += time.perf_counter() - began
    return spent


def bare_round(url: str, origin: str, count: int, processes: int) -> float:
    """Seconds of the slowest of so many processes that share the work."""
    share = -(-count // processes)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as executor:
        parts = [
            executor.submit(bare, url, origin, first, min(first + share, count) - 1) for first in range(0, count, share)
        ]
        return max(part.result() for part in parts)


def audit_round(url: str, trust: Trust, workers: int, memory: list[float]) -> float:
    """Seconds of a whole audit; resident memory of this process at every tenth."""

    def progress(_step: str, done: int, every: int) -> None:
        if len(memory) < 10 and done * 10 >= every * (len(memory) + 1):
            memory.append(round(resident_mib(), 1))

    began = time.perf_counter()
    with store_evidence(url, columns=False) as log:
        report = audit(log, trust, workers=workers, progress=progress)
    if report.divergences:
        raise RuntimeError(f"the store has a divergence: {report.first}")
    return time.perf_counter() - began


def main() -> int:
    """Make the store, measure in turn, print; 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tanlu-bench-audit-") as name:
        path = Path(name) / "log.sqlite3"
        began = time.perf_counter()
        grow(path, given.statements)
        print(f"{given.statements} readings taken in within {time.perf_counter() - began:.0f} s", flush=True)
        trust, url = parse(path.with_name("trust.json").read_bytes()), f"sqlite:///{path}"
        figures: dict[str, Any] = {"statements": given.statements, "bare_s": [], "audit_s": []}
        memory: list[float] = []
        for _ in range(ROUNDS):
            figures["bare_s"].append(round(bare_round(url, trust.log, given.statements, given.processes), 2))
            memory.clear()
            figures["audit_s"].append(round(audit_round(url, trust, given.processes, memory), 2))
            print(f"bare {figures['bare_s'][-1]} s, audit {figures['audit_s'][-1]} s", flush=True)
    figures["ratio"] = round(min(figures["audit_s"]) / min(figures["bare_s"]), 3)
    figures["memory_mib"] = memory
    figures["memory_ratio"] = round(memory[-1] / memory[0], 3) if memory else None
    figures["passed"] = figures["ratio"] <= GOAL and (figures["memory_ratio"] or 0) <= MEMORY_GOAL
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(figures, indent=1) + "\\n")
    print(json.dumps(figures, indent=1))
    return 0 if figures["passed"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
