"""Queries of access: sessions, spent nonces, the log of reads, and whose things are whose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ledger.db.access_models import ReadRow, SessionRow, SpentNonce

CLOCKS_APART_SECONDS = 300
"""A spent nonce is kept so much longer: where a clock is behind, or was set back, it would be good once more."""


class AccessRepository:
    """Reads and writes of ``sessions``, ``spent_nonces`` and ``reads`` in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def spend(self, nonce: str, expires_at: int) -> bool:
        """Spend a nonce; False if somebody did before."""
        dialect = sqlite if self._session.get_bind().dialect.name == "sqlite" else postgresql
        query = dialect.insert(SpentNonce).values(nonce=nonce, expires_at=expires_at).on_conflict_do_nothing()
        # Not rowcount: drivers disagree on it for an insert that did nothing.
        return self._session.execute(query.returning(SpentNonce.nonce)).first() is not None

    def open(self, row: SessionRow) -> None:
        """Keep a new session."""
        self._session.add(row)
        self._session.flush()

    def session(self, token_hash: bytes) -> SessionRow | None:
        """The session of a token (32 bytes of SHA-256)."""
        return self._session.get(SessionRow, token_hash)

    def end(self, token_hash: bytes) -> None:
        """Forget a session."""
        self._session.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash))

    def forget_expired(self, now: int) -> None:
        """Drop sessions and spent nonces that have no meaning any more."""
        self._session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
        apart = now - CLOCKS_APART_SECONDS
        self._session.execute(delete(SpentNonce).where(SpentNonce.expires_at <= apart))

    def add_reads(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep what was read. Keys are the columns of ``reads`` but for ``id``."""
        if rows:
            self._session.execute(insert(ReadRow), list(rows))

    def reads(self, *, after: int, limit: int, owner_body: str | None = None) -> Sequence[ReadRow]:
        """Reads with an id above ``after``, oldest first; of one organisation's things, or of everybody's."""
        query = select(ReadRow).where(ReadRow.id > after).order_by(ReadRow.id).limit(limit)
        if owner_body is not None:
            query = query.where(ReadRow.owner_body == owner_body)
        return self._session.scalars(query).all()
