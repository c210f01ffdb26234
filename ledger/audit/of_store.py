"""Evidence of a database.

Of it only the bytes of entries, the signed notes and what was kept of refusals are evidence; every other column
is what the audit holds against them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from ledger.audit.evidence import EntryRow, HeadRow, LogEvidence, RefusedRow
from ledger.fsck.store import Store, open_store
from ledger.merkle import HASH_SIZE, TILE_WIDTH

_COLUMNS: Final = ("stream_id", "seq", "type", "statement_id", "leaf_hash", "period_start", "period_end")
_BARE: Final = "SELECT idx, accepted_at, entry"
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class StoreEvidence:
    """The log's part, of one snapshot of a database."""

    def __init__(self, store: Store, url: str, *, columns: bool = True) -> None:
        """``columns``: whether entries come with what the database says of them besides."""
        self.store = store
        self._url = url
        self._columns = _COLUMNS if columns else ()
        self._read = f"{', '.join((_BARE, *self._columns))} FROM entries"

    def count(self) -> int:
        """See ``LogEvidence``: what the log's state says, or the highest index where there is more."""
        highest = self.store.scalar("SELECT max(idx) FROM entries")
        stated = self.store.scalar("SELECT next_index FROM log_state WHERE id = 1")
        return max(-1 if highest is None else highest, (stated or 0) - 1) + 1

    def entries(self, first: int, last: int) -> Iterator[EntryRow]:
        """See ``LogEvidence``."""
        yield from self._rows("WHERE idx BETWEEN ? AND ? ORDER BY idx", first, last)

    def others(self) -> Iterator[EntryRow]:
        """See ``LogEvidence``."""
        yield from self._rows("WHERE type <> 'reading' AND type <> 'close' ORDER BY idx")

    def _rows(self, where: str, *parameters: object) -> Iterator[EntryRow]:
        names = self._columns
        for index, accepted_at, entry, *said in self.store.stream(f"{self._read} {where}", *parameters):
            yield EntryRow(index, accepted_at, entry, dict(zip(names, said, strict=True)) if said else _NOTHING)

    def leaf(self, index: int) -> bytes | None:
        """See ``LogEvidence``."""
        tile, place = divmod(index, TILE_WIDTH)
        blob = self.store.scalar("SELECT blob FROM tiles WHERE level = 0 AND idx = ?", tile)
        leaf = blob[place * HASH_SIZE : (place + 1) * HASH_SIZE] if isinstance(blob, bytes) else b""
        return leaf if len(leaf) == HASH_SIZE else None

    def streams(self) -> Mapping[int, tuple[str, str]]:
        """See ``LogEvidence``."""
        return {row[0]: (row[1], row[2]) for row in self.store.stream("SELECT id, issuer, name FROM streams")}

    def heads(self) -> Iterator[HeadRow]:
        """See ``LogEvidence``."""
        for row in self.store.stream("SELECT epoch, size, note, cosigned, root FROM checkpoints ORDER BY size, epoch"):
            yield HeadRow(row[0], row[1], row[2], bool(row[3]), row[4])

    def equivocations(self) -> Iterator[tuple[int, bytes]]:
        """See ``LogEvidence``."""
        for row in self.store.stream("SELECT entry_index, entry FROM equivocations ORDER BY id"):
            yield row[0], row[1]

    def refused(self) -> Iterator[RefusedRow]:
        """See ``LogEvidence``."""
        query = "SELECT op_id, kind, last_error FROM outbox WHERE state = 'refused' ORDER BY id"
        for op_id, kind, reason in self.store.stream(query):
            yield RefusedRow(op_id, kind, reason or "")

    def locator(self) -> StoreLocator:
        """See ``LogEvidence``."""
        return StoreLocator(self._url, columns=bool(self._columns))


@dataclass(frozen=True, slots=True)
class StoreLocator:
    """Opens the database again. Entries never change and nothing is read beyond those that were there."""

    url: str
    columns: bool = True

    @contextmanager
    def open(self) -> Iterator[LogEvidence]:
        """See ``Locator``. Raises ``StoreUnavailable``."""
        with open_store(self.url) as store:
            yield StoreEvidence(store, self.url, columns=self.columns)


@contextmanager
def store_evidence(url: str, *, columns: bool = True) -> Iterator[StoreEvidence]:
    """The evidence of the database at a SQLAlchemy URL, one snapshot; ``columns``: of entries too, to be held against
    them. Raises ``StoreRefused``, ``StoreUnavailable``."""
    with open_store(url) as store:
        yield StoreEvidence(store, url, columns=columns)
