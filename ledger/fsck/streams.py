"""Where each stream stands, counted from its entries."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.db.entries import CLOSE, READING
from ledger.fsck.faults import Findings
from ledger.fsck.store import Store

Name = tuple[str, str]


@dataclass(slots=True)
class Standing:
    """The columns of ``streams`` that follow from the entries."""

    last_seq: int = 0
    count: int = 0
    closed_seq: int = 0
    closed_until: int = 0
    head_seq: int = 0
    head_start: int = 0
    head_end: int = 0

    def take(self, kind: str, seq: int, period: tuple[int, int] | None) -> None:
        """Count one entry in."""
        self.count += 1
        self.last_seq = max(self.last_seq, seq)
        if kind == READING and period is not None and seq > self.head_seq:
            self.head_seq, (self.head_start, self.head_end) = seq, period
        elif kind == CLOSE and period is not None:
            self.closed_seq, self.closed_until = seq, period[1]


class Streams:
    """Counts entries by stream, and compares with the table at the end."""

    def __init__(self, store: Store, findings: Findings) -> None:
        self._store = store
        self._findings = findings
        self._standings: dict[Name, Standing] = {}
        self._names: dict[int, Name | None] = {}
        self._true_names: dict[int, Name] = {}

    def name_of(self, stream_id: int) -> Name | None:
        """Issuer and name that the table has for an id."""
        if stream_id not in self._names:
            row = self._store.one("SELECT issuer, name FROM streams WHERE id = ?", stream_id)
            self._names[stream_id] = None if row is None else (row[0], row[1])
        return self._names[stream_id]

    def belongs(self, index: int, stream_id: int, name: Name) -> None:
        """Judge an entry's ``stream_id`` by the issuer and stream that its signer wrote."""
        found = self.name_of(stream_id)
        if found == name or self._true_names.get(stream_id) == name:
            return
        right = self._store.scalar("SELECT id FROM streams WHERE issuer = ? AND name = ?", *name)
        if right is not None:
            self._findings.fault("entries", index, "stream_id", stream_id, right)
            return
        # No row has this name: the row of the id lost it, or is not there. Said once, not for each entry.
        self._true_names[stream_id] = name
        if found is None:
            self._findings.fault("streams", stream_id, "row", "missing", f"{name[0]} {name[1]}")
            return
        for column, value, wanted in zip(("issuer", "name"), found, name, strict=True):
            self._findings.compare("streams", stream_id, column, value, wanted)

    def take(self, name: Name | None, kind: str, seq: int, period: tuple[int, int] | None) -> None:
        """Count an entry in."""
        if name is not None:
            self._standings.setdefault(name, Standing()).take(kind, seq, period)

    def compare(self) -> None:
        """Compare every row of the table with what was counted."""
        columns = Standing.__slots__
        for stream_id, issuer, name, *values in self._store.stream(
            f"SELECT id, issuer, name, {', '.join(columns)} FROM streams ORDER BY id"  # noqa: S608 - our own names
        ):
            self._findings.looked_at("streams")
            standing = self._standings.get(self._true_names.get(stream_id, (issuer, name)))
            if standing is None:
                self._findings.fault("streams", stream_id, "row", f"{issuer} {name}", "a stream of an entry")
                continue
            for column, value in zip(columns, values, strict=True):
                self._findings.compare("streams", stream_id, column, value, getattr(standing, column))
