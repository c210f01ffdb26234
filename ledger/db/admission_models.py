"""Tables of who was let in: reviews, approvals, accreditations, ties, openings; apart from the log, applications."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt


class ReviewRow(Base):
    """A logged review of an application. ``accreditation_until``: Unix seconds, the end of the last good day."""

    __tablename__ = "admission_reviews"
    __table_args__ = (Index("ix_admission_reviews_identifier", "identifier", "entry_index"),)

    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), unique=True)
    application: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    identifier: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(16))
    group: Mapped[str | None] = mapped_column("group_name", String(255))
    credit_code: Mapped[str] = mapped_column(String(18))
    accreditation_number: Mapped[str | None] = mapped_column(String(128))
    accreditation_until: Mapped[int | None] = mapped_column(BigInt)
    recommended: Mapped[bool]
    reviewer: Mapped[str] = mapped_column(String(255))


class ApprovalRow(Base):
    """A logged approval of a review, and the enrolment that showed its code, if one did."""

    __tablename__ = "admission_approvals"

    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), unique=True)
    review_id: Mapped[bytes] = mapped_column(ForeignKey("admission_reviews.statement_id"), unique=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    approver: Mapped[str] = mapped_column(String(255))
    used_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))


class AccreditationRow(Base):
    """What an entry says of a verifier's accreditation; the highest ``entry_index`` counts. ``until``: Unix seconds,
    the end of the last good day. ``document_hash`` is absent where the accreditation came with the enrolment."""

    __tablename__ = "accreditations"
    __table_args__ = (Index("ix_accreditations_verifier", "verifier", "entry_index"),)

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    verifier: Mapped[str] = mapped_column(ForeignKey("identifiers.identifier"))
    number: Mapped[str] = mapped_column(String(128))
    until: Mapped[int] = mapped_column("until_at", BigInt)
    document_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class TieRow(Base):
    """Two of whom the verifier never verifies the other one; ``a`` comes before ``b`` by their bytes."""

    __tablename__ = "ties"
    __table_args__ = (
        UniqueConstraint("a", "b", name="uq_ties_a_b"),
        CheckConstraint("a <> b", name="two"),
    )

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    a: Mapped[str] = mapped_column(ForeignKey("identifiers.identifier"))
    b: Mapped[str] = mapped_column(ForeignKey("identifiers.identifier"), index=True)
    reason: Mapped[str] = mapped_column(String(500))


class OpeningRow(Base):
    """Base years that an enterprise carried in (DOMAIN 24): not proved here. ``base_years`` as they were signed."""

    __tablename__ = "openings"

    enterprise: Mapped[str] = mapped_column(ForeignKey("identifiers.identifier"), primary_key=True)
    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), unique=True)
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32))
    base_years: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    document_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    reason: Mapped[str] = mapped_column(String(500))


class ApplicationRow(Base):
    """An application as it was sent: personal data, no part of the log, erased when its time is over.

    ``application`` is the SHA-256 of ``document``, so that a changed document is another application.
    """

    __tablename__ = "applications"
    __table_args__ = (Index("ix_applications_received", "received_at"),)

    application: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    received_at: Mapped[int] = mapped_column(BigInt)
    identifier: Mapped[str] = mapped_column(String(255), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    document: Mapped[bytes] = mapped_column(LargeBinary)
