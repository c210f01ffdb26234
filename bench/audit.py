"""P7, P9: a whole audit of log and chain against the bare time of its hashes and signatures, on as many cores.

``python -m bench.audit [--statements 1000000] [--events 100000] [--processes 2] [--rounds 2] [--keep DIR]`` makes a
store with so many readings by real acceptance, integrated and cosigned, and an archive of a chain with so many events
of trading (``bench.sealed_chain``); then, in turn, so many rounds of

* bare: so many processes, each over its share, that check every signature (libsodium) and hash every leaf and inner
  node, with the entries already in memory; and the Keccak hashes of headers and receipts, encoded before;
* the audit: ``ledger.audit`` in a process of its own with as many workers, from the bytes of the store and of the
  archive to every head, every block, every row that events give, and the laws.

The audit reads, parses, judges keys, places and periods, and projects besides. No entry of this log asks for what that
chain did, so that events are told as unasked, and moves of units that its repeated blocks did not bring in as
negative; anything else is an error. Statements that events follow from are judged and applied one by one
(docs/audit.md) and are not in these figures.

Both are told by the clock and by the seconds of processors, of all processes together: on a machine that does other
work too the clock says little. Memory is the highest of the audit's own process and of its largest worker, and the same
over a tenth of statements and events. JSON goes to ``build/bench/audit.json``. ``--keep``: where store and archive are
kept for the next time.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import msgspec

from attestation.examination import examine
from attestation.judging.newcomers import new_key
from attestation.keccak import keccak256
from attestation.keys import PublicKey
from attestation.statements import EnrolKey
from bench.memory import grow
from bench.peak import peak_mib
from bench.projection import BLOCKS, recorded
from bench.sealed_chain import SealedChain
from bench.traded_chain import EVENTS_PER_TURN, TURNS_PER_BLOCK
from ledger.archive.writing import write_archive
from ledger.audit import audit, store_evidence
from ledger.audit.blocks import header_fields, receipt_bytes
from ledger.audit.of_archive import archive_evidence
from ledger.audit.rlp_bytes import encode
from ledger.chain.contracts import Deployment
from ledger.trust import Trust, parse

GOAL = 1.5
MEMORY_GOAL = 1.1
ROUNDS = 2
TENTH = 10
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "audit.json"
_CHUNK = 20_000
_EXPECTED: Final = {
    "audit.unasked",
    "audit.trading_negative",
    "audit.free_negative",
    "audit.cash_trading_negative",
}
_LATER: Final = {
    "emissions_registry": "EmissionsRegistry",
    "carbon_ledger": "CarbonLedger",
    "compliance": "Compliance",
    "credit_scores": "CreditScores",
    "exchange": "Exchange",
}


@dataclass(slots=True)
class Spent:
    """Seconds by the clock, and of the processor."""

    clock: float = 0.0
    processor: float = 0.0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what is done inside."""
        began, used = time.perf_counter(), time.process_time()
        yield
        self.clock += time.perf_counter() - began
        self.processor += time.process_time() - used


def bare(url: str, origin: str, first: int, last: int) -> Spent:
    """Seconds by the clock and of the processor for signatures and hashes of entries ``first`` to ``last``; reading and
    parsing are not counted."""
    keys: dict[str, PublicKey] = {}
    spent = Spent()
    with store_evidence(url, columns=False) as log:
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
            with spent.counted():
                for key, message, signature, entry in work:
                    key.verify(message, signature)
                    node = sha256(b"\0" + entry).digest()
                    sha256(b"\1" + node + node).digest()
    return spent


def bare_chain(archive: Path) -> Spent:
    """The same for the hashes of headers, and of receipts without the inner nodes over them."""
    spent = Spent()
    with archive_evidence(archive) as evidence:
        chain = evidence.chain
        if chain is None:
            raise RuntimeError("the archive has no chain")
        for header in chain.raw_headers(0, chain.head().number):
            receipts = chain.raw_receipts(int(header["number"], 16)) or ()
            work = [encode(header_fields(header)), *map(receipt_bytes, receipts)]
            with spent.counted():
                for one in work:
                    keccak256(one)
    return spent


def bare_round(url: str, origin: str, count: int, processes: int) -> Spent:
    """So many processes that share the work: by the clock the slowest of them, of the processor all."""
    share = -(-count // processes)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as executor:
        parts = [
            executor.submit(bare, url, origin, first, min(first + share, count) - 1) for first in range(0, count, share)
        ]
        found = [part.result() for part in parts]
    return Spent(max(one.clock for one in found), sum(one.processor for one in found))


def audit_here(store: Path, archive: Path, workers: int) -> dict[str, Any]:
    """A whole audit: seconds, those of its processors, those by step, and the most memory (MiB) of this process and of
    its largest worker."""
    found: Counter[str] = Counter()
    began, used = time.perf_counter(), time.process_time()
    with ExitStack() as opened:
        log = opened.enter_context(store_evidence(f"sqlite:///{store / 'log.sqlite3'}", columns=False))
        recorded_chain = opened.enter_context(archive_evidence(archive))
        report = audit(
            log,
            _trusted(store, recorded_chain.deployment),
            chain=recorded_chain.chain,
            deployment=recorded_chain.deployment,
            workers=workers,
            found=lambda one: found.update([one.rule]),
        )
    if not found.keys() <= _EXPECTED:
        raise RuntimeError(f"the evidence has divergences: {dict(found)}; the first one is {report.first}")
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "processor_s": round(time.process_time() - used, 2),
        "workers_processor_s": round(others.ru_utime + others.ru_stime, 2),
        "by_step": {name: round(taken, 2) for name, taken in report.seconds.items() if taken > 0.01},
        "statements": report.statements,
        "heads": report.heads,
        "blocks": report.blocks,
        "events": report.events,
        "told": report.told,
        "lawful": report.lawful,
        "mib": peak_mib(),
        "worker_mib": round(others.ru_maxrss / 1024, 1),
    }


def _trusted(store: Path, deployment: Deployment) -> Trust:
    trust = parse((store / "trust.json").read_bytes())
    later: dict[str, Any] = {member: deployment.addresses[name] for member, name in _LATER.items()}
    return replace(trust, **later)


def audited(store: Path, archive: Path, workers: int) -> dict[str, Any]:
    """The same in a fresh process."""
    command = [sys.executable, "-m", "bench.audit", "--part", str(store), str(archive), "--processes", str(workers)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def make_store(folder: Path, statements: int) -> Path:
    """A folder with a log of so many readings, its trust file beside it."""
    store = folder / f"log-{statements}"
    if not (store / "made").exists():
        store.mkdir(parents=True)
        began = time.perf_counter()
        grow(store / "log.sqlite3", statements)
        print(f"{statements} readings taken in within {time.perf_counter() - began:.0f} s", flush=True)
        (store / "made").touch()
    return store


def make_archive(folder: Path, store: Path, events: int) -> Path:
    """An archive of a chain with so many events."""
    path = folder / f"chain-{events}.tar"
    if path.exists():
        return path
    if not (folder / "chain.json").exists():
        recorded(folder)
    deployment = msgspec.json.decode((folder / "deployment.json").read_bytes(), type=Deployment)
    chain = SealedChain(folder / "chain.json", -(-events // (BLOCKS * TURNS_PER_BLOCK * EVENTS_PER_TURN)))
    trust = (store / "trust.json").read_bytes()
    with store_evidence(f"sqlite:///{store / 'log.sqlite3'}", columns=False) as log:
        first = min(head.size for head in log.heads() if head.cosigned)
        # No other process opens the chain while an archive is written: it has no locator.
        write_archive(path, log, chain, deployment, trust=trust, origin=parse(trust).log, until=first)  # type: ignore[arg-type]
    print(f"a chain of {chain.events} events", flush=True)
    return path


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="tanlu-bench-audit-") as name:
        yield Path(name)


def measure(folder: Path, statements: int, events: int, processes: int, turns: int) -> dict[str, Any]:
    """Bare and audit in turn, then the audit of a tenth."""
    store = make_store(folder, statements)
    archive = make_archive(folder, store, events)
    smaller = make_store(folder, statements // TENTH), make_archive(folder, store, events // TENTH)
    url, origin = f"sqlite:///{store / 'log.sqlite3'}", parse((store / "trust.json").read_bytes()).log
    rounds = []
    for _ in range(turns):
        chain = bare_chain(archive)
        entries = bare_round(url, origin, statements, processes)
        clock, processor = entries.clock + chain.clock / processes, entries.processor + chain.processor
        found = audited(store, archive, processes)
        used = found["processor_s"] + found["workers_processor_s"]
        rounds.append({
            "bare_s": round(clock, 2),
            "bare_processor_s": round(processor, 2),
            "ratio": round(found["seconds"] / clock, 3),
            "processor_ratio": round(used / processor, 3),
            "audit": found,
        })  # fmt: skip
        print(f"bare {clock:.2f} s ({processor:.2f} s), audit {found['seconds']} s ({used:.2f} s)", flush=True)
    tenth, whole = audited(*smaller, processes), rounds[-1]["audit"]
    return {
        "ratio": min(one["ratio"] for one in rounds),
        "processor_ratio": min(one["processor_ratio"] for one in rounds),
        "rounds": rounds,
        "tenth": tenth,
        "memory_ratio": round(whole["mib"] / tenth["mib"], 3),
        "worker_memory_ratio": round(whole["worker_mib"] / tenth["worker_mib"], 3),
    }


def main() -> int:
    """Make what is audited, measure, print; 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--part", nargs=2, type=Path, metavar=("STORE", "ARCHIVE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part is not None:
        store, archive = given.part
        print(json.dumps(audit_here(store, archive, given.processes)))
        return 0
    with _folder(given.keep) as folder:
        figures = measure(folder, given.statements, given.events, given.processes, given.rounds)
    memory = max(figures["memory_ratio"], figures["worker_memory_ratio"])
    figures["passed"] = figures["ratio"] <= GOAL and memory <= MEMORY_GOAL
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(json.dumps(figures, indent=1))
    return 0 if figures["passed"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
