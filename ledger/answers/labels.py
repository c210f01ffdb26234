"""Answers ``attestation.facts.labels`` from the tables."""

from __future__ import annotations

from attestation.context import EntryRef
from ledger.db.entries import EntryRepository
from ledger.db.labels import LabelRepository


class LabelAnswers:
    """Part of ``ledger.context.LedgerContext``."""

    labels: LabelRepository
    entries: EntryRepository

    def standing_label(self, enterprise: str, year: int, /) -> EntryRef | None:
        """See ``Context``."""
        row = self.labels.standing(enterprise, year)
        if row is None:
            return None
        entry = self.entries.require(row.entry_index)
        return EntryRef(entry.index, entry.statement_id, entry.leaf_hash)
