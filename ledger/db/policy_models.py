"""Tables of what policies correct, of what reports used of them, and of reminders sent."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt


class CorrectionRow(Base):
    """A version of a factor set, and the one (``by_version``, at ``entry_index``) that took its place."""

    __tablename__ = "corrections"

    policy_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    version: Mapped[str] = mapped_column(String(128), primary_key=True)
    by_version: Mapped[str] = mapped_column(String(128))
    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"))
    reason: Mapped[str] = mapped_column(String(500))


class UsedPolicyRow(Base):
    """A policy by which the report at ``entry_index`` was judged: the factor set that it names, and what was in force
    for its year at its acceptance."""

    __tablename__ = "used_policies"
    __table_args__ = (Index("ix_used_policies_policy", "policy", "policy_id", "version", "entry_index"),)

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    policy: Mapped[str] = mapped_column(String(32), primary_key=True)
    policy_id: Mapped[str] = mapped_column(String(128))
    version: Mapped[str] = mapped_column(String(128))


class ReminderRow(Base):
    """A reminder over one channel: ``key`` names it for ever, so that none goes out twice for one cause.

    ``sent_at`` is when the channel took it. Until then: ``attempts`` so far, and ``next_at``, before which it is not
    tried again. ``cancelled_at``: what it would have reminded of was done, or moved.
    """

    __tablename__ = "reminders"
    __table_args__ = (Index("ix_reminders_open", "sent_at", "cancelled_at", "next_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    enterprise: Mapped[str | None] = mapped_column(String(255))
    year: Mapped[int] = mapped_column(SmallInteger)
    deadline: Mapped[str] = mapped_column(String(32))
    due_at: Mapped[int] = mapped_column(BigInt)
    days: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[int] = mapped_column(BigInt)
    next_at: Mapped[int] = mapped_column(BigInt)
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    sent_at: Mapped[int | None] = mapped_column(BigInt)
    cancelled_at: Mapped[int | None] = mapped_column(BigInt)
    error: Mapped[str | None] = mapped_column(String(500))
