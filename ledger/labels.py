"""Carbon efficiency codes as the log holds them: what an enterprise, a bank or a visitor is shown (DOMAIN 48)."""

from __future__ import annotations

from dataclasses import dataclass

from attestation.bodies import Label
from ledger.bodies import body_of
from ledger.db.base import Database
from ledger.db.labels import LabelRepository

LABELS_SHOWN = 100
"""A page holds at most this many."""


@dataclass(frozen=True, slots=True)
class LabelView:
    """A logged label: its log position, statement id (32 bytes), acceptance (unix seconds), the position of the label
    that supersedes it or None, and the signed body."""

    index: int
    statement_id: bytes
    accepted_at: int
    superseded_by: int | None
    body: Label


def labels_of(
    database: Database,
    enterprise: str,
    *,
    year: int | None = None,
    before: int | None = None,
    limit: int = LABELS_SHOWN,
) -> list[LabelView]:
    """An enterprise's labels, newest first, at most ``limit`` below the log position ``before``; of one ``year`` where
    that is given. One snapshot of the store."""
    with database.read() as session:
        found = LabelRepository(session).page(enterprise, year=year, before=before, limit=limit)
        return [
            LabelView(
                row.entry_index, row.statement_id, entry.accepted_at, row.superseded_by, body_of(entry.entry, Label)
            )
            for row, entry in found
        ]
