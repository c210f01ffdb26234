"""P3: appending to the Merkle log against pymerkle, and what a proof costs as the log grows to ten million leaves.

``python -m bench.merkle_log`` appends the same entries here and to pymerkle in turns, in memory and on disk, and prints
the ratio of the medians. Then it grows one log on disk (SQLite, the service's own table) from 10³ to 10⁷ leaves
(``--leaves``) and times inclusion and consistency proofs at each size, leaves and old sizes at random, one read
transaction each. JSON goes to ``build/bench/merkle_log.json``. The store takes 64 bytes a leaf while it runs.

What is compared: hashing entries, keeping the log, and the root of the result. pymerkle keeps leaves and computes nodes
when it is asked, so its append is timed with and without one root at the end; ours computes every node at once.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymerkle

from ledger.db.base import Base, Database
from ledger.db.tiles import SqlTileStore
from ledger.merkle import MemoryTileStore, Tree, leaf_hashes, verify_consistency, verify_inclusion

GOAL_RATIO = 5.0
GOAL_PROOF_MS = 1.0
ROUNDS = 7
BATCH = 10_000
DISK_BATCH = 2_000
CHUNK = 100_000
PROOFS = 400
ENTRY = b"x" * 500
SEED = 9162
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "merkle_log.json"


def entries(start: int, count: int) -> list[bytes]:
    """Entries of about 500 bytes, the size of a signed reading."""
    return [ENTRY + b"%d" % number for number in range(start, start + count)]


def timed(work: Callable[[], Any]) -> float:
    """Seconds that ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleaved(count: int, contenders: dict[str, Callable[[list[bytes]], Any]]) -> dict[str, float]:
    """Median rate (entries per second) of each contender; every round gives each the same new entries in turn."""
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(ROUNDS):
        batch = entries(turn * count, count)
        order = list(contenders.items())
        for name, append in order if turn % 2 else order[::-1]:
            rates[name].append(count / timed(lambda append=append, batch=batch: append(batch)))  # type: ignore[misc]  # mypy cannot infer a lambda's defaults
    return {name: statistics.median(values) for name, values in rates.items()}


def in_memory() -> dict[str, float]:
    """Batches into growing trees in memory."""
    ours = Tree(MemoryTileStore())
    peer = pymerkle.InmemoryTree(algorithm="sha256")
    peer_with_root = pymerkle.InmemoryTree(algorithm="sha256")

    def append(batch: list[bytes]) -> None:
        ours.append_leaves(leaf_hashes(batch))
        ours.root()

    def append_and_root(batch: list[bytes]) -> None:
        peer_with_root.append_entries(batch)
        peer_with_root.get_root()

    rates = interleaved(
        BATCH, {"tanlu": append, "pymerkle": peer.append_entries, "pymerkle_with_root": append_and_root}
    )
    if ours.root() != peer.get_root():
        raise SystemExit("the two trees have different roots")
    return rates


def on_disk(folder: Path) -> dict[str, float]:
    """Batches into growing trees on disk, each batch durable."""
    database = create(folder / "ours.sqlite3")
    size = 0

    def append(batch: list[bytes]) -> None:
        nonlocal size
        with database.write() as session:
            tree = Tree(SqlTileStore(session), size)
            tree.append_leaves(leaf_hashes(batch))
            tree.root()
        size = tree.size

    with pymerkle.SqliteTree(str(folder / "peer.sqlite3"), algorithm="sha256") as peer:
        rates = interleaved(DISK_BATCH, {"tanlu": append, "pymerkle": peer.append_entries})
    database.close()
    return rates


def create(path: Path) -> Database:
    """A database with the service's tables."""
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    return database


def growth(folder: Path, leaves: int) -> Iterator[dict[str, float]]:
    """Append and proof times of one log on disk at 10³, 10⁴ … ``leaves``."""
    chance = random.Random(SEED)
    database = create(folder / "growing.sqlite3")
    size = 0
    goal = 1_000
    while goal <= leaves:
        start, before = time.perf_counter(), size
        while size < goal:
            batch = leaf_hashes(b"%d" % number for number in range(size, min(size + CHUNK, goal)))
            with database.write() as session:
                tree = Tree(SqlTileStore(session), size)
                tree.append_leaves(batch)
            size = tree.size
        rate = (size - before) / (time.perf_counter() - start)
        yield {"leaves": size, "append_per_s": rate, **proofs(database, size, chance)}
        goal *= 10
    database.close()


def proofs(database: Database, size: int, chance: random.Random) -> dict[str, float]:
    """Milliseconds of a proof from the store (median and 99th percentile), each checked outside the clock.

    The processor's time is told apart: neighbours on the machine lengthen the other, not this one.
    """
    inclusion, processor, consistency, lengths = [], [], [], []
    with database.read() as session:
        root = Tree(SqlTileStore(session), size).root()
    for index in (chance.randrange(size) for _ in range(PROOFS)):
        start, busy = time.perf_counter(), time.process_time()
        with database.read() as session:
            proof = Tree(SqlTileStore(session), size).inclusion_proof(index)
        processor.append(1000 * (time.process_time() - busy))
        inclusion.append(1000 * (time.perf_counter() - start))
        lengths.append(len(proof))
        verify_inclusion(leaf_hashes([b"%d" % index])[0], index, size, proof, root)
    for old in (chance.randrange(1, size) for _ in range(PROOFS)):
        start = time.perf_counter()
        with database.read() as session:
            proof = Tree(SqlTileStore(session), size).consistency_proof(old)
        consistency.append(1000 * (time.perf_counter() - start))
        with database.read() as session:
            verify_consistency(old, size, Tree(SqlTileStore(session), size).root(old), root, proof)
    return {
        "inclusion_ms": statistics.median(inclusion),
        "inclusion_p99_ms": statistics.quantiles(inclusion, n=100)[98],
        "inclusion_cpu_ms": statistics.median(processor),
        "consistency_ms": statistics.median(consistency),
        "consistency_p99_ms": statistics.quantiles(consistency, n=100)[98],
        "inclusion_hashes": max(lengths),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write JSON; 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--leaves", type=int, default=10_000_000, help="size to grow to (10,000,000)")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    chosen = parser.parse_args(arguments)

    memory = in_memory()
    print(f"append, in memory, batches of {BATCH:,} entries of 500 bytes, median of {ROUNDS} interleaved rounds:")
    for name, rate in memory.items():
        print(f"  {name:20} {rate:>12,.0f} entries/s")
    ratio = memory["tanlu"] / memory["pymerkle"]
    ratio_root = memory["tanlu"] / memory["pymerkle_with_root"]
    print(f"  ratio to pymerkle    {ratio:>12.2f}  (goal: at least {GOAL_RATIO:g}); with its root {ratio_root:.2f}")
    with tempfile.TemporaryDirectory(prefix="tanlu-bench-") as name:
        disk = on_disk(Path(name))
        disk_ratio = disk["tanlu"] / disk["pymerkle"]
        print(f"append, on disk (SQLite), durable batches of {DISK_BATCH:,}:")
        for contender, rate in disk.items():
            print(f"  {contender:20} {rate:>12,.0f} entries/s")
        print(f"  ratio to pymerkle    {disk_ratio:>12.2f}")
        print("one log on disk as it grows (milliseconds: median, 99th percentile):")
        print("      leaves   append/s   inclusion         (cpu)    consistency        hashes")
        rows = []
        for row in growth(Path(name), chosen.leaves):
            rows.append(row)
            print(
                f"  {row['leaves']:>10,.0f} {row['append_per_s']:>10,.0f}   "
                f"{row['inclusion_ms']:>6.3f} {row['inclusion_p99_ms']:>8.3f} ({row['inclusion_cpu_ms']:.3f})   "
                f"{row['consistency_ms']:>6.3f} {row['consistency_p99_ms']:>8.3f}   {row['inclusion_hashes']:>6.0f}",
                flush=True,
            )
    proof_ms = rows[-1]["inclusion_ms"]
    result = {
        "goal": {"append_ratio": GOAL_RATIO, "proof_ms": GOAL_PROOF_MS},
        "append_ratio": ratio,
        "append_ratio_with_root": ratio_root,
        "append_ratio_on_disk": disk_ratio,
        "in_memory_per_s": memory,
        "on_disk_per_s": disk,
        "proof_ms": proof_ms,
        "proof_leaves": rows[-1]["leaves"],
        "growth": rows,
    }
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    met = ratio >= GOAL_RATIO and proof_ms <= GOAL_PROOF_MS
    print(f"proof at {rows[-1]['leaves']:,.0f} leaves: {proof_ms:.3f} ms (goal: at most {GOAL_PROOF_MS:g}); ", end="")
    print("goals met" if met else "GOALS MISSED")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
