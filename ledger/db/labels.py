"""Queries over carbon efficiency codes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.db.label_models import LabelRow
from ledger.db.log_models import Entry


class LabelRepository:
    """Reads and writes of ``labels`` in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: LabelRow) -> None:
        """Add a label and send it, so that the next statement of the same transaction sees it."""
        self._session.add(row)
        self._session.flush()

    def standing(self, enterprise: str, year: int) -> LabelRow | None:
        """The label of that enterprise and year that no other supersedes."""
        query = select(LabelRow).where(LabelRow.enterprise == enterprise, LabelRow.year == year)
        return self._session.scalars(query.where(LabelRow.superseded_by.is_(None))).one_or_none()

    def page(
        self, enterprise: str, *, year: int | None, before: int | None, limit: int
    ) -> Sequence[tuple[LabelRow, Entry]]:
        """An enterprise's labels with their entries, newest first, at most ``limit`` below the log position ``before``;
        of one ``year`` where that is given."""
        query = select(LabelRow, Entry).join(Entry, Entry.index == LabelRow.entry_index)
        query = query.where(LabelRow.enterprise == enterprise)
        if year is not None:
            query = query.where(LabelRow.year == year)
        if before is not None:
            query = query.where(LabelRow.entry_index < before)
        found = self._session.execute(query.order_by(LabelRow.entry_index.desc()).limit(limit))
        return [(row, entry) for row, entry in found]
