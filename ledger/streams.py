"""Heads of streams while one transaction runs: plain values, read together and written back together.

A bulk transaction moves a few heads thousands of times; doing that on mapped rows would cost more than judging.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ledger.db.entries import EntryRepository
from ledger.db.log_models import Stream


@dataclass(slots=True)
class Head:
    """Where a stream stands; the words are those of the table ``streams``."""

    id: int
    last_seq: int
    count: int
    closed_seq: int
    closed_until: int
    head_seq: int
    head_start: int
    head_end: int
    moved: bool = False


class Heads:
    """The heads that a transaction met."""

    def __init__(self, entries: EntryRepository) -> None:
        self._entries = entries
        self._known: dict[tuple[str, str], Head | None] = {}
        self._given: Mapping[tuple[str, str], Head] = {}

    def know(self, heads: Mapping[tuple[str, str], Head]) -> None:
        """Take these as where their streams stand, without asking for them."""
        self._given = heads

    def read_ahead(self, places: Iterable[tuple[str, str]]) -> None:
        """Read the heads of many (issuer, name) in one query."""
        wanted = {place for place in places if place not in self._known}
        if not wanted:
            return
        found = {(row.issuer, row.name): _head(row) for row in self._entries.streams_named(wanted)}
        self._known.update({place: found.get(place) for place in wanted})

    def get(self, issuer: str, name: str) -> Head | None:
        """The head of a stream; None for one without entries."""
        place = issuer, name
        if place not in self._known and (given := self._given.get(place)) is not None:
            return given
        if place not in self._known:
            row = self._entries.stream(issuer, name)
            self._known[place] = None if row is None else _head(row)
        return self._known[place]

    def open(self, issuer: str, name: str) -> Head:
        """A new stream, with its row."""
        opened = self._known[issuer, name] = _head(self._entries.add_stream(issuer, name))
        return opened

    def write_back(self) -> None:
        """Write the heads that moved."""
        moved = [head for head in self._known.values() if head is not None and head.moved]
        self._entries.move_heads(moved)
        for head in moved:
            head.moved = False


def _head(row: Stream) -> Head:
    return Head(
        id=row.id,
        last_seq=row.last_seq,
        count=row.count,
        closed_seq=row.closed_seq,
        closed_until=row.closed_until,
        head_seq=row.head_seq,
        head_start=row.head_start,
        head_end=row.head_end,
    )
