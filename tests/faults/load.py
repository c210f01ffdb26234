"""The client of a kill round, a process of its own: signs readings and submits them without pause, until SIGTERM.

    python -m tests.faults.load --home HOME --url URL --log FILE --seed N --meters N --pause SECONDS

Each meter is a thread with a stream of its own. A statement is signed once; whatever was not acknowledged is sent
again, the same bytes, until it is. Some meters send one by one, some in bulk; now and then one gives up waiting after
a moment and sends again while the first request is still being answered, or sends what was acknowledged long ago.
An acknowledgement counts when its leaf hash is that of the client's own bytes and the log's key signed the promise.
Beside them one thread brings the figures of a few enterprises' cases to the registry (`case_work`).
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from attestation.keys import Algorithm, PrivateKey, PublicKey
from ledger.notes.keys import VerifierKey
from tests.faults.case_work import CaseWork
from tests.faults.client_log import ClientLog
from tests.faults.installation import Installation
from tests.faults.sign_in import SignedIn
from tests.faults.signers import PARK, Registrar, Signer
from tests.faults.submitting import PATIENCE_SECONDS, Submitter

_BULK_MOST = 12


class Load:
    """All threads of the client."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._installation = Installation(arguments.home, 0, 0, 0)
        self._url: str = arguments.url
        self._log = ClientLog(arguments.log)
        self._seed: int = arguments.seed
        self._meters: int = arguments.meters
        self._pause: float = arguments.pause
        self._stop = threading.Event()
        self._counters: Counter[str] = Counter()
        self._signed = Counter[str]()
        self._failures: list[BaseException] = []
        self._registrar = Registrar(self._installation)

    def run(self) -> int:
        """Enrol, say that the load begins, and go on until told to stop; the exit status."""
        signal.signal(signal.SIGTERM, lambda _number, _frame: self._stop.set())
        office = self._submitter(PARK, self._installation.registrar())
        office.one(self._installation.first_entry(), "/v1/identifiers")
        _, entry = self._registrar.enterprise()
        office.one(entry, "/v1/identifiers")
        self._signed["key"] += 2
        cases = CaseWork(self._installation, self._submitter, self._signed, random.Random(f"{self._seed}/cases"))
        cases.prepare(office)
        meters = [self._new_meter(office, number) for number in range(self._meters)]
        print(json.dumps({"ready": True}), flush=True)
        jobs = [
            threading.Thread(target=self._guarded, args=(self._measure, number, meter))
            for number, meter in enumerate(meters)
        ]
        jobs += [
            threading.Thread(target=self._guarded, args=(self._watch,)),
            threading.Thread(target=self._guarded, args=(self._enrol_more, office)),
            threading.Thread(target=self._guarded, args=(cases.run, self._stop)),
        ]
        for job in jobs:
            job.start()
        for job in jobs:
            job.join()
        self._log.append([{"kind": "end", "counters": dict(self._counters), "signed": self._signed.total()}])
        for failure in self._failures:
            print(f"{type(failure).__name__}: {failure}", flush=True)
        return 1 if self._failures else 0

    def _submitter(self, identifier: str, private: PrivateKey) -> Submitter:
        trust = self._installation.trust
        key = PublicKey(Algorithm.ED25519, VerifierKey.parse(trust["log_key"]).material)
        return Submitter(SignedIn(self._url, identifier, private), self._log, key, trust["log"], self._counters)

    def _guarded(self, job: Any, *arguments: Any) -> None:
        try:
            job(*arguments)
        except BaseException as error:
            self._failures.append(error)
            self._stop.set()

    def _new_meter(self, office: Submitter, number: int) -> Signer:
        meter, entry = self._registrar.meter(number)
        self._signed["key"] += 1
        office.one(entry, "/v1/identifiers")
        return meter

    def _measure(self, number: int, meter: Signer) -> None:
        chance = random.Random(f"{self._seed}/{number}")
        way = self._submitter(meter.identifier, meter.key)
        seq = 0
        kept: list[bytes] = []
        while not self._stop.is_set():
            count = chance.randint(1, _BULK_MOST) if number % 2 == 0 else 1
            entries = [meter.reading(seq + place, _quantity(chance)) for place in range(1, count + 1)]
            seq += count
            self._signed["reading"] += count
            # An impatient client leaves a request that the service may still carry out, and comes again.
            patience = chance.uniform(0.005, 0.1) if chance.random() < 0.1 else PATIENCE_SECONDS
            if count > 1:
                if kept and chance.random() < 0.2:
                    entries.insert(chance.randrange(len(entries)), chance.choice(kept))
                way.many(entries, patience=patience)
            else:
                way.one(entries[0], patience=patience)
                if kept and chance.random() < 0.1:
                    way.one(chance.choice(kept))
            kept.append(chance.choice(entries))
            self._stop.wait(chance.uniform(0.0, 2 * self._pause))

    def _watch(self) -> None:
        way = self._submitter(PARK, self._installation.registrar())
        while not self._stop.wait(0.4):
            way.checkpoint()

    def _enrol_more(self, office: Submitter) -> None:
        number = self._meters
        while not self._stop.wait(3.0):
            self._new_meter(office, number)
            number += 1


def _quantity(chance: random.Random) -> str:
    return f"{chance.randint(0, 99)}.{chance.randint(0, 99):02d}"


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--meters", type=int, default=6)
    parser.add_argument("--pause", type=float, default=0.8)
    return Load(parser.parse_args()).run()


if __name__ == "__main__":
    raise SystemExit(main())
