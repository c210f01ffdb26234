"""Coverage of reports: readings per second, and memory at ten times the input.

``python -m bench.coverage [--enterprises 10] [--streams 100] [--hours 720] [--processes 2]`` fills a store with a month
of hourly readings of so many streams for so many enterprises, and one report of each that cites them all; then asks for
the coverage of every report, as processes of the service would: each takes reports in turn. ``--enterprises 100`` is a
park of 7,200,000 readings, and takes some minutes to fill. JSON goes to ``build/bench/coverage.json``.

Readings are real entries at real places with their leaf hashes, in the order in which a gateway brings them (an hour of
all streams after the other); their signatures are random bytes, since coverage does not look at signatures (``tanlu
fsck`` does). Enrolments, factor set and reports go through the log. Memory: the peak of a process that covers a tenth
of the reports, and of one that covers all; and the same for one report with a tenth of the hours, and with all.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from attestation.accounting import Activity, CitedRange, LineKind, build_report, load_bundled
from attestation.encoding import b64url_encode
from attestation.instants import format_instant
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Policy, Reading, build, encode_payload, parse_body, prove_key
from bench.peak import peak_mib
from bench.signers import PARK
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.db.entries import EntryRepository
from ledger.db.log_models import Stream
from ledger.db.migrate import upgrade
from ledger.log import Accepted, Log
from ledger.merkle import leaf_hash
from ledger.view import LogView

START, HOUR = 1_700_000_000, 3_600
FACTORS = ("cets-steel", "03.01-v01-2024")
GOAL = {"readings_per_s": 200_000, "memory_at_ten_times": 1.1}
ROUNDS = 3
OUTPUT = Path(__file__).resolve().parent.parent / "build" / "bench" / "coverage.json"
_CHUNK = 5_000
_DEADLINE = 1_800


class Store:
    """A log that is filled past its own acceptance, save for what must be judged."""

    def __init__(self, path: Path) -> None:
        self.database = Database(f"sqlite:///{path}")
        upgrade(self.database)
        deployment = bytes(32)
        self.registrar = PrivateKey(Algorithm.ED25519, hashlib.sha256(b"registrar").digest())
        origin = f"bench.example/log/{deployment.hex()}"
        self.parameters = LogParameters(origin, deployment, PARK, self.registrar.public, None)
        self.log = Log(self.database, self.parameters, PrivateKey.generate(Algorithm.ED25519))
        self.log.open()
        self._seqs: dict[tuple[str, str], int] = {}

    def take(self, kind: str, iss: str, key: PrivateKey, stream: str, body: Any) -> int:
        """Sign and accept one statement; its index."""
        seq = self._seqs[iss, stream] = self._seqs.get((iss, stream), 0) + 1
        iat = int(time.time())
        entry = build(kind, log=self.parameters.origin, iss=iss, key=key, iat=iat, stream=stream, seq=seq, body=body)
        (outcome,) = self.log.submit([entry]).outcomes
        if not isinstance(outcome, Accepted):
            raise RuntimeError(f"not taken in: {outcome}")
        return outcome.ref.index

    def enrol(self, identifier: str, kind: Kind, purpose: Purpose, parent: str | None = None) -> PrivateKey:
        """A new identifier with a key."""
        seed = hashlib.sha256(identifier.encode()).digest()
        key = self.registrar if identifier == PARK else PrivateKey(Algorithm.ED25519, seed)
        iat, log = int(time.time()), self.parameters.origin
        body = prove_key(log=log, identifier=identifier, kind=kind, key=key, purposes=purpose, iat=iat, parent=parent)
        self.take("key", PARK, self.registrar, "keys", body)
        return key

    def fill(self, meters: list[tuple[str, PrivateKey]], hours: int) -> list[Decimal]:
        """An hourly reading of each meter, hour after hour; the sum of each."""
        sums = [Decimal(0)] * len(meters)
        with self.database.write() as session:
            entries = EntryRepository(session)
            state = entries.state(lock=True)
            streams = [entries.add_stream(identifier, "energy") for identifier, _ in meters]
            rows: list[dict[str, Any]] = []
            for hour in range(1, hours + 1):
                for place, (identifier, key) in enumerate(meters):
                    quantity = f"{40 + (hour * 7 + place * 13) % 61}.{(hour * place) % 100:02d}"
                    sums[place] += Decimal(quantity)
                    row = self._row(identifier, key, streams[place], hour, quantity)
                    rows.append(row | {"idx": state.next_index})
                    state.next_index += 1
                if len(rows) >= _CHUNK or hour == hours:
                    entries.insert_entries(rows)
                    rows.clear()
            for stream in streams:
                stream.last_seq = stream.count = stream.head_seq = hours
                stream.head_start, stream.head_end = START + (hours - 1) * HOUR, START + hours * HOUR
        return sums

    def _row(self, iss: str, key: PrivateKey, stream: Stream, seq: int, quantity: str) -> dict[str, Any]:
        start, end = START + (seq - 1) * HOUR, START + seq * HOUR
        body = Reading(start=format_instant(start), end=format_instant(end), quantity=quantity, unit="kWh")
        payload = encode_payload(
            "reading", log=self.parameters.origin, iss=iss, iat=end, stream="energy", seq=seq, body=body
        )
        header = {"alg": "Ed25519", "kid": f"{iss}#{key.public.kid_name}", "typ": "tanlu-reading+jws"}
        signed = (
            f"{b64url_encode(json.dumps(header, separators=(',', ':')).encode())}.{b64url_encode(payload)}".encode()
        )
        entry = signed + b"." + b64url_encode(os.urandom(64)).encode()
        return {
            "stream_id": stream.id,
            "seq": seq,
            "type": "reading",
            "statement_id": hashlib.sha256(signed).digest(),
            "leaf_hash": leaf_hash(entry),
            "accepted_at": end + 60,
            "period_start": start,
            "period_end": end,
            "entry": entry,
        }

    def report(self, works: str, key: PrivateKey, meters: list[str], sums: list[Decimal], hours: int) -> int:
        """A report that cites every reading; its index."""
        cited = tuple(
            CitedRange(meter, "energy", 1, hours, str(total), "kWh") for meter, total in zip(meters, sums, strict=True)
        )
        built = build_report(
            year=2023,
            period_from=format_instant(START),
            period_to=format_instant(START + hours * HOUR),
            activities=[Activity("grid", LineKind.ELECTRICITY, "ets_constant/2022", evidence=cited)],
            factor_set=load_bundled(*FACTORS),
            obligation_base="direct",
        )
        return self.take("report", works, key, "reports", parse_body("report", built.body))


def make(path: Path, enterprises: int, streams: int, hours: int) -> list[int]:
    """Fill a store; the indexes of its reports. The last one is of an enterprise with a tenth of the hours."""
    store = Store(path)
    store.enrol(PARK, Kind.PARK, Purpose.STATEMENT | Purpose.ADMINISTRATION)
    factors = load_bundled(*FACTORS)
    document = factors.document()
    body = Policy(
        policy="factor-set", id=factors.id, version=factors.version, effective_from="2020-01-01", document=document
    )
    store.take("policy", PARK, store.registrar, "policies", body)
    found = []
    for number in range(enterprises + 1):
        works = f"88.608.{number + 10}/W"
        key = store.enrol(works, Kind.ENTERPRISE, Purpose.STATEMENT)
        names = [f"{works}_{place}" for place in range(streams)]
        meters = [(name, store.enrol(name, Kind.DEVICE, Purpose.DEVICE, works)) for name in names]
        length = hours if number < enterprises else hours // 10
        sums = store.fill(meters, length)
        found.append(store.report(works, key, names, sums, length))
    (path.with_name("reports.json")).write_text(json.dumps(found))
    store.database.close()
    return found


def cover(path: Path, reports: list[int]) -> dict[str, float]:
    """Ask for the coverage of reports: readings, seconds, peak memory of this process in MiB."""
    deployment = bytes(32)
    registrar = PrivateKey(Algorithm.ED25519, hashlib.sha256(b"registrar").digest())
    parameters = LogParameters(f"bench.example/log/{deployment.hex()}", deployment, PARK, registrar.public, None)
    database = Database(f"sqlite:///{path}")
    view = LogView(database, parameters)
    begun, cpu, readings = time.perf_counter(), time.process_time(), 0
    for index in reports:
        found = view.report_coverage(index)
        if found is None or found.backed != 100 or found.findings:
            raise RuntimeError(f"report {index} is not covered: {found}")
        readings += found.readings
    seconds = time.perf_counter() - begun
    database.close()
    return {
        "readings": readings,
        "seconds": seconds,
        "cpu_seconds": time.process_time() - cpu,
        "begun": begun,
        "peak_mib": peak_mib(),
    }


def in_processes(path: Path, reports: list[int], processes: int) -> list[dict[str, float]]:
    """The same shared out among fresh processes that run at once."""
    shares = [reports[place::processes] for place in range(processes)]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.coverage", "--part", str(path), json.dumps(share)], stdout=subprocess.PIPE
        )
        for share in shares
        if share
    ]
    return [json.loads(process.communicate(timeout=_DEADLINE)[0].splitlines()[-1]) for process in started]


def rate(parts: list[dict[str, float]]) -> float:
    """Readings per second from when the first began until the last ended; clocks of one machine."""
    begun = min(part["begun"] for part in parts)
    ended = max(part["begun"] + part["seconds"] for part in parts)
    return sum(part["readings"] for part in parts) / (ended - begun)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--enterprises", type=int, default=10)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--hours", type=int, default=720)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--part", nargs=2, metavar=("PATH", "REPORTS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part is not None:
        print(json.dumps(cover(Path(arguments.part[0]), json.loads(arguments.part[1]))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.sqlite3"
        *reports, tenth = make(path, arguments.enterprises, arguments.streams, arguments.hours)
        singles = [in_processes(path, reports, 1) for _ in range(ROUNDS)]
        alone = [rate(parts) for parts in singles]
        by_cpu = [parts[0]["readings"] / parts[0]["cpu_seconds"] for parts in singles]
        together = [rate(in_processes(path, reports, arguments.processes)) for _ in range(ROUNDS)]
        few = in_processes(path, reports[: max(1, len(reports) // 10)], 1)[0]["peak_mib"]
        many = max(parts[0]["peak_mib"] for parts in singles)
        short = in_processes(path, [tenth], 1)[0]["peak_mib"]
        long = in_processes(path, reports[:1], 1)[0]["peak_mib"]
        size = path.stat().st_size
    results = {
        "enterprises": arguments.enterprises,
        "streams": arguments.streams,
        "hours": arguments.hours,
        "readings": arguments.enterprises * arguments.streams * arguments.hours,
        "store_mib": round(size / 1024 / 1024),
        "readings_per_s_one_process": round(max(alone)),
        "readings_per_cpu_second": round(max(by_cpu)),
        "processes": arguments.processes,
        "readings_per_s": round(max(together)),
        "peak_mib": {"tenth_of_reports": few, "all_reports": many, "tenth_of_hours": short, "all_hours": long},
        "memory_at_ten_times": {"reports": round(many / few, 3), "hours": round(long / short, 3)},
        "goal": GOAL,
    }
    print(json.dumps(results, indent=2))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
