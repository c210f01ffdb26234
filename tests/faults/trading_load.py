"""The trading client of a kill round, a process of its own: enterprises trade without pause, until SIGTERM.

    python -m tests.faults.trading_load --home HOME --url URL --log FILE --seed N [--pause SECONDS] [--day SECONDS]

Another client enrols the registrar. Six enterprises get units and cash, then each is a thread that posts, accepts,
takes back and moves; one thread is the office, which opens, halts and closes the days, auctions lots and pays out. What
is not acknowledged is sent again, the same bytes, as in `load`; what is acknowledged is on disk before the client goes
on.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from attestation.keys import Algorithm, Kind, PrivateKey, PublicKey, Purpose
from ledger.notes.keys import VerifierKey
from tests.faults.client_log import ClientLog
from tests.faults.installation import Installation
from tests.faults.sign_in import SignedIn
from tests.faults.signers import PARK, Registrar, Signer
from tests.faults.submitting import Submitter
from tests.faults.trader import Board, Trader
from tests.faults.trading_office import Office
from tests.faults.trading_party import Party

TRADERS = tuple(f"88.608.56{number:02}/T" for number in range(6))
_BUREAU = "88.608.3001/B"
_FIRST_SECONDS = 60.0


class TradingLoad:
    """All threads of the trading client."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._installation = Installation(arguments.home, 0, 0, 0)
        self._url: str = arguments.url
        self._log = ClientLog(arguments.log)
        self._seed: int = arguments.seed
        self._pause: float = arguments.pause
        self._day: float = arguments.day
        self._stop = threading.Event()
        self._counters: Counter[str] = Counter()
        self._signed: Counter[str] = Counter()
        self._epochs: Counter[str] = Counter()
        self._failures: list[BaseException] = []

    def run(self) -> int:
        """Enrol and endow, say that trading begins, and go on until told to stop; the exit status."""
        signal.signal(signal.SIGTERM, lambda _number, _frame: self._stop.set())
        registrar = Registrar(self._installation, "keys-of-trading", 0)
        office = self._submitter(PARK, self._installation.registrar())

        limit = time.monotonic() + _FIRST_SECONDS
        while office.ask("/v1/entries/0") is None:
            if time.monotonic() > limit:
                raise TimeoutError(f"nobody enrolled the registrar within {_FIRST_SECONDS:g} s")
            time.sleep(0.1)

        def enrol(identifier: str, kind: Kind, purposes: Purpose, parent: str | None = None) -> Signer:
            signer, entry = registrar.enrol(identifier, kind, purposes, Algorithm.ES256K, parent=parent)
            office.one(entry, "/v1/identifiers")
            self._signed["key"] += 1
            return signer

        enrol(_BUREAU, Kind.REGULATOR, Purpose.STATEMENT)
        persons = (
            enrol("88.608.1/WANG", Kind.PERSON, Purpose.ADMINISTRATION, PARK),
            enrol("88.608.3001/LI", Kind.PERSON, Purpose.ADMINISTRATION, _BUREAU),
        )
        signers = {name: enrol(name, Kind.ENTERPRISE, Purpose.STATEMENT | Purpose.ASSET) for name in TRADERS}
        board = Board()
        desk = Office(
            self._installation,
            self._party(Signer(registrar.log, PARK, self._installation.registrar()), "office"),
            persons,
            {name: self._party(signer, "office") for name, signer in signers.items()},
            board,
            random.Random(f"{self._seed}/office"),
            self._day,
        )
        desk.prepare()
        print(json.dumps({"ready": True}), flush=True)
        jobs: list[Callable[[], None]] = [lambda: desk.run(self._stop)]
        for name, signer in signers.items():
            others = [other for other in TRADERS if other != name]
            chance = random.Random(f"{self._seed}/{name}")
            trader = Trader(self._party(signer, "trader"), others, board, chance, self._pause)
            jobs.append(lambda trader=trader: trader.run(self._stop))  # type: ignore[misc]
        threads = [threading.Thread(target=self._guarded, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._log.append([{"kind": "end", "counters": dict(self._counters), "signed": self._signed.total()}])
        for failure in self._failures:
            print(f"{type(failure).__name__}: {failure}", flush=True)
        return 1 if self._failures else 0

    def _party(self, signer: Signer, stream: str) -> Party:
        way = self._submitter(signer.identifier, signer.key)
        return Party(signer, way, self._installation.exchange, self._log, self._signed, self._epochs, stream)

    def _submitter(self, identifier: str, private: PrivateKey) -> Submitter:
        trust = self._installation.trust
        key = PublicKey(Algorithm.ED25519, VerifierKey.parse(trust["log_key"]).material)
        return Submitter(SignedIn(self._url, identifier, private), self._log, key, trust["log"], self._counters)

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:
            self._failures.append(error)
            self._stop.set()


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--pause", type=float, default=1.0)
    parser.add_argument("--day", type=float, default=25.0)
    return TradingLoad(parser.parse_args()).run()


if __name__ == "__main__":
    raise SystemExit(main())
