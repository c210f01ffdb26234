"""Queries over applications, which are no part of the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, tuple_
from sqlalchemy.orm import Session

from ledger.db.admission_models import ApplicationRow


class ApplicationRepository:
    """Reads and writes of ``applications`` in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, application: bytes) -> ApplicationRow | None:
        """The application with this SHA-256."""
        return self._session.get(ApplicationRow, application)

    def page(self, after: tuple[int, bytes], limit: int) -> Sequence[ApplicationRow]:
        """At most ``limit`` applications after (received at, hash), oldest first."""
        place = ApplicationRow.received_at, ApplicationRow.application
        query = select(ApplicationRow).where(tuple_(*place) > after).order_by(*place).limit(limit)
        return self._session.scalars(query).all()

    def count(self) -> int:
        """How many are kept."""
        return self._session.scalar(select(func.count()).select_from(ApplicationRow)) or 0

    def add(self, row: ApplicationRow) -> None:
        """Keep one."""
        self._session.add(row)
        self._session.flush()

    def erase(self, application: bytes) -> bool:
        """Whether there was one to erase."""
        return self._deleted(delete(ApplicationRow).where(ApplicationRow.application == application)) > 0

    def erase_before(self, received_at: int) -> int:
        """How many were older than that and are gone."""
        return self._deleted(delete(ApplicationRow).where(ApplicationRow.received_at < received_at))

    def _deleted(self, statement: Any) -> int:
        result: CursorResult[Any] = self._session.execute(statement)  # type: ignore[assignment]  # what a delete gives
        return result.rowcount
