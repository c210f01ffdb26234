"""What a mirror is handed page by page: the log's part of an archive, out of the service's own database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.archive.lines import entry_lines, equivocation_lines, head_lines, refused_lines
from ledger.audit.of_store import StoreEvidence
from ledger.chain.rpc import BlockRef
from ledger.db.base import Database
from ledger.fsck.store import Store

PAGE_ENTRIES: Final = 1_024
"""Entries of one page: whole tiles of the tree, so that a page is checked against the signed head as it comes."""


class Part(StrEnum):
    """What there is besides entries."""

    HEADS = "heads"
    EQUIVOCATIONS = "equivocations"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the log is cosigned, and which block is final; None before the first."""

    size: int
    final: BlockRef | None


class Pages:
    """Reads of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self) -> Standing:
        """What can be mirrored now."""
        with self._store() as store:
            size = store.scalar("SELECT max(size) FROM checkpoints WHERE cosigned AND note IS NOT NULL")
            row = store.one("SELECT final_number, final_hash FROM chain_head WHERE final_number IS NOT NULL")
            return Standing(size or 0, None if row is None else BlockRef(row[0], row[1]))

    def entries(self, page: int, size: int) -> bytes | None:
        """The lines of a page of a log of ``size`` entries; None where there is none, or not all of it."""
        first = page * PAGE_ENTRIES
        last = min(first + PAGE_ENTRIES, size) - 1
        if first > last:
            return None
        with self._log() as log:
            lines = entry_lines(log, first, last)
        return b"".join(lines) if len(lines) == last - first + 1 else None

    def part(self, part: Part, size: int) -> bytes:
        """The lines of what there is besides."""
        with self._log() as log:
            if part is Part.HEADS:
                return head_lines(log, size)
            return equivocation_lines(log, size) if part is Part.EQUIVOCATIONS else refused_lines(log)

    @contextmanager
    def _store(self) -> Iterator[Store]:
        with self._database.read() as session:
            yield Store(session.connection())

    @contextmanager
    def _log(self) -> Iterator[StoreEvidence]:
        with self._store() as store:
            yield StoreEvidence(store, self._database.url, columns=False)
