"""Carbon efficiency codes that ``label`` entries established (DOMAIN 48)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt


class LabelRow(Base):
    """A label and, once replaced, the entry that supersedes it. ``k`` is the printed one, four decimals."""

    __tablename__ = "labels"
    __table_args__ = (Index("ix_labels_case", "enterprise", "year"),)

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    enterprise: Mapped[str] = mapped_column(ForeignKey("identifiers.identifier"))
    year: Mapped[int] = mapped_column(BigInt)
    basis: Mapped[str] = mapped_column(String(16))
    tonnes: Mapped[int] = mapped_column(BigInt)
    k: Mapped[str] = mapped_column(String(64))
    level: Mapped[int] = mapped_column(SmallInteger)
    grade: Mapped[str] = mapped_column(String(8))
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))
