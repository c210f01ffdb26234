"""The client's own log: what the service acknowledged, in a file that no other process writes.

One JSON object per line, on disk before the client goes on. What counts as acknowledged afterwards is read from this
file alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class ClientLog:
    """Appends records; several threads may."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._lock = threading.Lock()

    def append(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Write records; on disk on return."""
        data = b"".join(json.dumps(record).encode() + b"\n" for record in records)
        with self._lock:
            self._file.write(data)
            self._file.flush()
            os.fsync(self._file.fileno())


@dataclass(frozen=True)
class Acknowledgement:
    """One answer of the service: this statement is in the log at this index. `at` is unix seconds by the client."""

    statement_id: str
    index: int
    leaf_hash: str
    status: str
    integrate_by: int | None
    at: float


@dataclass
class Client:
    """What a client's log holds. `broken` are answers that contradict the client's own bytes or the log's key;
    `declined` refusals that a good client may meet, by statement id and rule; `orders` the hashes by which the client
    knows its acknowledged orders, with their statements' ids."""

    acknowledgements: list[Acknowledgement] = field(default_factory=list)
    checkpoints: dict[str, float] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    broken: list[dict[str, Any]] = field(default_factory=list)
    declined: dict[str, str] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    signed: int = 0

    @property
    def statements(self) -> set[str]:
        """Ids of the acknowledged statements."""
        return {item.statement_id for item in self.acknowledgements}

    def joined(self, other: Client) -> Client:
        """What both clients have together."""
        return Client(
            [*self.acknowledgements, *other.acknowledgements],
            self.checkpoints | other.checkpoints,
            [*self.refused, *other.refused],
            [*self.broken, *other.broken],
            self.declined | other.declined,
            self.orders | other.orders,
            dict(Counter(self.counters) + Counter(other.counters)),
            self.signed + other.signed,
        )


def read(path: Path) -> Client:
    """The content of a client's log; every line must be whole."""
    client = Client()
    for line in path.read_bytes().splitlines():
        record = json.loads(line)
        kind = record.pop("kind")
        if kind == "ack":
            client.acknowledgements.append(Acknowledgement(**record))
        elif kind == "checkpoint":
            client.checkpoints.setdefault(record["note"], record["at"])
        elif kind == "refused":
            client.refused.append(record)
        elif kind == "broken":
            client.broken.append(record)
        elif kind == "declined":
            own_id = hashlib.sha256(record["statement"].encode().rpartition(b".")[0]).hexdigest()
            client.declined[own_id] = str(record["problem"]["rule"])
        elif kind == "order":
            client.orders[record["order"]] = record["statement_id"]
        elif kind == "end":
            client.counters, client.signed = record["counters"], record["signed"]
        elif kind != "promise":
            raise ValueError(f"unknown record {kind}")
    return client
