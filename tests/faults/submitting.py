"""One thread's way to the service of a kill round: what is signed is sent until it is acknowledged.

It speaks HTTP by itself: nothing of the SDK is between this client and the service.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Container, Sequence
from typing import Any

import httpx

from attestation.keys import PublicKey
from ledger import promises
from ledger.errors import LedgerError
from tests.faults.client_log import ClientLog
from tests.faults.merkle import leaf_hash, root
from tests.faults.sign_in import SignedIn

PATIENCE_SECONDS = 40.0
_GIVE_UP_SECONDS = 180.0
_READ_SECONDS = 5.0


class Submitter:
    """One thread's way to the service: sends until everything is acknowledged, and writes it down."""

    def __init__(self, who: SignedIn, log: ClientLog, key: PublicKey, origin: str, counters: Counter[str]) -> None:
        self._http = httpx.Client(base_url=who.base, timeout=PATIENCE_SECONDS, auth=who)
        self._log = log
        self._key = key
        self._origin = origin
        self._counters = counters

    def one(
        self,
        entry: bytes,
        path: str = "/v1/statements",
        *,
        patience: float = PATIENCE_SECONDS,
        may_refuse: Container[str] = (),
    ) -> str | None:
        """Submit one statement until it is acknowledged or refused; the rule that refused it. A refusal by a rule of
        ``may_refuse`` is no fault of the service: the statement must not be in the log then."""
        answer = self._until_answered(path, entry, "application/jose", patience)
        body = answer.json()
        if answer.status_code not in {200, 201}:
            rule = str(body.get("rule"))
            kind = "declined" if rule in may_refuse else "refused"
            self._log.append([{"kind": kind, "problem": body, "statement": entry.decode()}])
            return rule
        acknowledged = self._acknowledgement(entry, body, answer.status_code == 200)
        self._log.append([*self._promised(body["promise"], [acknowledged]), acknowledged])
        return None

    def ask(self, path: str, **params: str | int) -> dict[str, Any] | None:
        """What the service answers to a read; None if it does not, or refuses."""
        try:
            answer = self._http.get(path, params=params, timeout=_READ_SECONDS)
            return dict(answer.json()) if answer.status_code == httpx.codes.OK else None
        except (httpx.HTTPError, ValueError):
            return None

    def many(self, entries: Sequence[bytes], *, patience: float = PATIENCE_SECONDS) -> None:
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
            patience = PATIENCE_SECONDS
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
