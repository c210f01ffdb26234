"""Carbon efficiency codes as the log holds them: what an enterprise, a bank or a visitor is shown (DOMAIN 48)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from attestation.bodies import Label
from ledger.bodies import body_of
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
    session: Session, enterprise: str, *, year: int | None, before: int | None, limit: int
) -> list[LabelView]:
    """An enterprise's labels, newest first, at most ``limit`` below the log position ``before``."""
    return [
        LabelView(row.entry_index, row.statement_id, entry.accepted_at, row.superseded_by, body_of(entry.entry, Label))
        for row, entry in LabelRepository(session).page(enterprise, year=year, before=before, limit=limit)
    ]
