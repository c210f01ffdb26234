"""Allocations and credit scores that entries established (DOMAIN 26 to 31, 49)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt


class AllocationRow(Base):
    """An allocation as it was signed; what became of it is in ``outbox`` by ``op_id``. ``round``: ``pre`` or ``final``;
    ``tonnes``: all that it grants, to ``accounts`` rows of its table."""

    __tablename__ = "allocations"
    __table_args__ = (Index("ix_allocations_year", "year", "round"),)

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    op_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    year: Mapped[int] = mapped_column(BigInt)
    round: Mapped[str] = mapped_column(String(8))
    reserve: Mapped[str] = mapped_column(String(255))
    tonnes: Mapped[int] = mapped_column(BigInt)
    accounts: Mapped[int] = mapped_column(BigInt)
    input_root: Mapped[bytes] = mapped_column(LargeBinary(32))
    return_due: Mapped[int] = mapped_column(BigInt)
    accepted_at: Mapped[int] = mapped_column(BigInt)


class ScoreRow(Base):
    """A proposed credit score and the entries that ended or published it. ``replaced_index``: of the proposal that took
    the place of this one, or of the publication that took the place of this published one. ``size``, ``block``: the
    moment whose facts it states."""

    __tablename__ = "scores"
    __table_args__ = (Index("ix_scores_case", "enterprise", "year"),)

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    enterprise: Mapped[str] = mapped_column(String(255))
    year: Mapped[int] = mapped_column(BigInt)
    size: Mapped[int] = mapped_column(BigInt)
    block: Mapped[int | None] = mapped_column(BigInt)
    input_root: Mapped[bytes] = mapped_column(LargeBinary(32))
    points_bps: Mapped[int | None] = mapped_column(SmallInteger)
    grade: Mapped[str] = mapped_column(String(8))
    comments_until: Mapped[int] = mapped_column(BigInt)
    proposed_at: Mapped[int] = mapped_column(BigInt)
    replaced_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))
    published_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"), index=True)
    withdrawn_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"), index=True)


class ScoreCommentRow(Base):
    """What an enterprise said to the score that the entry ``score_index`` proposed; the words are in the entry."""

    __tablename__ = "score_comments"

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    score_index: Mapped[int] = mapped_column(ForeignKey("scores.entry_index"), index=True)
    accepted_at: Mapped[int] = mapped_column(BigInt)
