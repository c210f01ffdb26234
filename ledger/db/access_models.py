"""Tables of access: who is signed in, which nonces are spent, who read what. None of it is evidence: the log and the
chain can be rebuilt without, and a store without these rows only asks everybody to sign in again."""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt


class SessionRow(Base):
    """A token that was handed out, by its SHA-256. ``body`` is the organisation whose rights it carries."""

    __tablename__ = "sessions"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    identifier: Mapped[str] = mapped_column(String(255))
    thumbprint: Mapped[str] = mapped_column(String(43))
    role: Mapped[str] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[int] = mapped_column(BigInt)
    expires_at: Mapped[int] = mapped_column(BigInt, index=True)


class SpentNonce(Base):
    """A nonce that somebody signed in with; kept until it would have expired."""

    __tablename__ = "spent_nonces"

    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[int] = mapped_column(BigInt, index=True)


class ReadRow(Base):
    """Somebody asked for something that is not public. ``owner`` is whose thing it is, where that is known, and
    ``owner_body`` the organisation it belongs to."""

    __tablename__ = "reads"
    __table_args__ = (Index("ix_reads_owner_body", "owner_body", "id"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=True)
    at: Mapped[int] = mapped_column(BigInt)
    identifier: Mapped[str] = mapped_column(String(255))
    thumbprint: Mapped[str] = mapped_column(String(43))
    role: Mapped[str] = mapped_column(String(16))
    route: Mapped[str] = mapped_column(String(64))
    object: Mapped[str] = mapped_column(String(400))
    owner: Mapped[str | None] = mapped_column(String(255))
    owner_body: Mapped[str | None] = mapped_column(String(255))
    status: Mapped[int] = mapped_column(SmallInteger)
    request_id: Mapped[str] = mapped_column(String(64))
