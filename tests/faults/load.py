"""The client of a kill round, a process of its own: signs readings and submits them without pause, until SIGTERM.

    python -m tests.faults.load --home HOME --url URL --log FILE --seed N --meters N --pause SECONDS

Each meter is a thread with a stream of its own. A statement is signed once; whatever was not acknowledged is sent
again, the same bytes, until it is. Some meters send one by one, some in bulk; now and then one gives up waiting after
a moment and sends again while the first request is still being answered, or sends what was acknowledged long ago.
An acknowledgement counts when its leaf hash is that of the client's own bytes and the log's key signed the promise.
It speaks HTTP by itself: nothing of the SDK is between this client and the service.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from attestation.keys import Algorithm, PrivateKey, PublicKey
from ledger import promises
from ledger.errors import LedgerError
from ledger.notes.keys import VerifierKey
from tests.faults.client_log import ClientLog
from tests.faults.installation import Installation
from tests.faults.merkle import leaf_hash, root
from tests.faults.sign_in import SignedIn
from tests.faults.signers import PARK, Registrar, Signer

_TIMEOUT = 40.0
_GIVE_UP_SECONDS = 180.0
_BULK_MOST = 12


class Submitter:
    """One thread's way to the service: sends until everything is acknowledged, and writes it down."""

    def __init__(self, who: SignedIn, log: ClientLog, key: PublicKey, origin: str, counters: Counter[str]) -> None:
        self._http = httpx.Client(base_url=who.base, timeout=_TIMEOUT, auth=who)
        self._log = log
        self._key = key
        self._origin = origin
        self._counters = counters

    def one(self, entry: bytes, path: str = "/v1/statements", *, patience: float = _TIMEOUT) -> None:
        """Submit one statement until it is acknowledged or refused."""
        answer = self._until_answered(path, entry, "application/jose", patience)
        body = answer.json()
        if answer.status_code not in {200, 201}:
            self._log.append([{"kind": "refused", "problem": body, "statement": entry.decode()}])
            return
        acknowledged = self._acknowledgement(entry, body, answer.status_code == 200)
        self._log.append([*self._promised(body["promise"], [acknowledged]), acknowledged])

    def many(self, entries: Sequence[bytes], *, patience: float = _TIMEOUT) -> None:
        """Submit in bulk until every line is acknowledged or refused."""
        body = b"".join(b'"' + entry + b'"\n' for entry in entries)
        answer = self._until_answered("/v1/statements/bulk", body, "application/x-ndjson", patience)
        if answer.status_code != 200:
            self._log.append([{"kind": "refused", "problem": answer.json(), "statement": ""}])
            return
        records: list[dict[str, Any]] = []
        fresh: list[dict[str, Any]] = []
        for line in answer.text.splitlines():
            item = json.loads(line)
            if item.get("status") in {"accepted", "repeated"}:
                record = self._acknowledgement(entries[item["line"] - 1], item, item["status"] == "repeated")
                (fresh if item["status"] == "accepted" else records).append(record)
            elif "problem" in item:
                entry = entries[item["line"] - 1]
                records.append({"kind": "refused", "problem": item["problem"], "statement": entry.decode()})
            elif "promise" in item:
                records += [*self._promised(item["promise"], fresh), *fresh]
                fresh = []
        # Accepted without a promise is no acknowledgement: the service owes one.
        records += [{"kind": "broken", "why": "no promise", "answer": record} for record in fresh]
        self._log.append(records)

    def checkpoint(self) -> None:
        """Write down the newest checkpoint, if the service answers."""
        try:
            answer = self._http.get("/v1/checkpoint", timeout=5.0)
        except httpx.HTTPError:
            return
        if answer.status_code == 200:
            self._log.append([{"kind": "checkpoint", "note": answer.text, "at": time.time()}])

    def _until_answered(self, path: str, content: bytes, media: str, patience: float) -> httpx.Response:
        limit = time.monotonic() + _GIVE_UP_SECONDS
        while True:
            try:
                answer = self._http.post(path, content=content, headers={"Content-Type": media}, timeout=patience)
                if answer.status_code < 500 and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                    return answer
                what = f"{answer.status_code} {answer.json().get('rule')}"
            except (httpx.HTTPError, ValueError) as error:
                what = type(error).__name__
            self._counters[what] += 1
            if time.monotonic() > limit:
                raise TimeoutError(f"not acknowledged within {_GIVE_UP_SECONDS:g} s; last: {what}")
            patience = _TIMEOUT
            time.sleep(0.15)

    def _acknowledgement(self, entry: bytes, answer: dict[str, Any], repeated: bool) -> dict[str, Any]:
        own_id = hashlib.sha256(entry.rpartition(b".")[0]).hexdigest()
        own_leaf = leaf_hash(entry).hex()
        kind = "ack" if (answer["statement_id"], answer["leaf_hash"]) == (own_id, own_leaf) else "broken"
        if kind == "broken":
            return {"kind": kind, "why": "not the bytes that were sent", "answer": answer, "statement": entry.decode()}
        return {
            "kind": "ack",
            "statement_id": own_id,
            "index": answer["index"],
            "leaf_hash": own_leaf,
            "status": "repeated" if repeated else "accepted",
            "integrate_by": None,
            "at": time.time(),
        }

    def _promised(self, token: str, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        try:
            promise = promises.verify(token, self._key, self._origin)
        except LedgerError as error:
            return [{"kind": "broken", "why": str(error), "promise": token}]
        own = [bytes.fromhex(record["leaf_hash"]) for record in records if record["kind"] == "ack"]
        indexes = [record["index"] for record in records if record["kind"] == "ack"]
        covered = list(range(promise.first_index, promise.first_index + promise.count))
        if indexes != covered or root(own) != promise.leaves_root:
            return [{"kind": "broken", "why": "the promise covers something else", "promise": token}]
        for record in records:
            record["integrate_by"] = promise.integrate_by
        return [{"kind": "promise", "promise": token}]


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
        meters = [self._new_meter(office, number) for number in range(self._meters)]
        print(json.dumps({"ready": True}), flush=True)
        jobs = [
            threading.Thread(target=self._guarded, args=(self._measure, number, meter))
            for number, meter in enumerate(meters)
        ]
        jobs += [
            threading.Thread(target=self._guarded, args=(self._watch,)),
            threading.Thread(target=self._guarded, args=(self._enrol_more, office)),
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
            patience = chance.uniform(0.005, 0.1) if chance.random() < 0.1 else _TIMEOUT
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
