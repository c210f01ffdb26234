"""What is established of cases: an enterprise's compliance year from the monitoring plan to the registered figure
(DOMAIN 2, 8, 10, 42 to 45). Rows are keyed by the entry that made them; statement ids have 32 bytes."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, ForeignKey, Index, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt


class PlanRow(Base):
    """A version of an enterprise's monitoring plan."""

    __tablename__ = "plans"
    __table_args__ = (UniqueConstraint("enterprise", "version", name="uq_plans_enterprise_version"),)

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    enterprise: Mapped[str] = mapped_column(String(255))
    version: Mapped[str] = mapped_column(String(128))
    effective_from: Mapped[str] = mapped_column(String(10))


class AssignmentRow(Base):
    """A verifier assigned to a case for ``[start_at, until_at)`` (unix seconds) until ``ended_index``; ``draw_index``:
    the draw that chose it, if one did."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index("ix_assignments_case", "enterprise", "year"),
        Index("ix_assignments_verifier", "verifier"),
    )

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    enterprise: Mapped[str] = mapped_column(String(255))
    year: Mapped[int] = mapped_column(BigInt)
    verifier: Mapped[str] = mapped_column(String(255))
    start_at: Mapped[int] = mapped_column(BigInt)
    until_at: Mapped[int] = mapped_column(BigInt)
    draw_index: Mapped[int | None] = mapped_column(ForeignKey("draws.entry_index"))
    ended_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))


class DrawRow(Base):
    """A draw that was opened; ``contribution`` are the enterprise's 32 bytes, ``drawn_index`` the entry that chose."""

    __tablename__ = "draws"
    __table_args__ = (Index("ix_draws_case", "enterprise", "year"),)

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    enterprise: Mapped[str] = mapped_column(String(255))
    year: Mapped[int] = mapped_column(BigInt)
    candidates: Mapped[list[str]] = mapped_column(JSON)
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32))
    start_at: Mapped[int] = mapped_column(BigInt)
    until_at: Mapped[int] = mapped_column(BigInt)
    contribute_until: Mapped[int] = mapped_column(BigInt)
    contribution: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    contributed_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))
    drawn_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))


class FindingRow(Base):
    """What a verifier found in a report; ``items`` are id, kind and, where there is one, line of each."""

    __tablename__ = "findings"
    __table_args__ = (Index("ix_findings_case", "enterprise", "year"),)

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    enterprise: Mapped[str] = mapped_column(String(255))
    year: Mapped[int] = mapped_column(BigInt)
    report: Mapped[bytes] = mapped_column(LargeBinary(32))
    verifier: Mapped[str] = mapped_column(String(255))
    accepted_at: Mapped[int] = mapped_column(BigInt)
    items: Mapped[list[list[str | None]]] = mapped_column(JSON)


class VerdictRow(Base):
    """A verifier's verdict on a report. ``tonnes`` is what it verified, None where it rejected; ``resolved`` the
    nonconformities that it closes, pairs of the finding's statement id in hex and the item; ``voided_index`` the
    decision that upheld an objection."""

    __tablename__ = "verdicts"
    __table_args__ = (
        Index("ix_verdicts_case", "enterprise", "year"),
        Index("ix_verdicts_year", "year"),
        Index("ix_verdicts_factor_set", "factor_set"),
    )

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    enterprise: Mapped[str] = mapped_column(String(255))
    year: Mapped[int] = mapped_column(BigInt)
    report: Mapped[bytes] = mapped_column(LargeBinary(32))
    verifier: Mapped[str] = mapped_column(String(255))
    conclusion: Mapped[str] = mapped_column(String(16))
    tonnes: Mapped[int | None] = mapped_column(BigInt)
    factor_set: Mapped[str] = mapped_column(String(128))
    accepted_at: Mapped[int] = mapped_column(BigInt)
    resolved: Mapped[list[list[str]]] = mapped_column(JSON)
    voided_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))


class ObjectionRow(Base):
    """An enterprise's objection to a verdict, and what was decided."""

    __tablename__ = "objections"

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    verdict_index: Mapped[int] = mapped_column(ForeignKey("verdicts.entry_index"), unique=True)
    accepted_at: Mapped[int] = mapped_column(BigInt)
    decided_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))
    upheld: Mapped[bool | None] = mapped_column(Boolean)


class RegistrationRow(Base):
    """The figure of a case, version by version: registered from a verdict, or determined (``verdict_index`` None)."""

    __tablename__ = "registrations"
    __table_args__ = (
        UniqueConstraint("enterprise", "year", "revision", name="uq_registrations_revision"),
        Index("ix_registrations_year", "year"),
    )

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    enterprise: Mapped[str] = mapped_column(String(255))
    year: Mapped[int] = mapped_column(BigInt)
    revision: Mapped[int] = mapped_column(SmallInteger)
    tonnes: Mapped[int] = mapped_column(BigInt)
    verdict_index: Mapped[int | None] = mapped_column(ForeignKey("verdicts.entry_index"), unique=True)
    accepted_at: Mapped[int] = mapped_column(BigInt)


class ReplacedFigureRow(Base):
    """A version of a figure that the emissions registry finally refused, and that the entry ``replaced_index``
    registered anew: what ``RegistrationRow`` held of it before."""

    __tablename__ = "replaced_figures"
    __table_args__ = (Index("ix_replaced_figures_case", "enterprise", "year"),)

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    enterprise: Mapped[str] = mapped_column(String(255))
    year: Mapped[int] = mapped_column(BigInt)
    revision: Mapped[int] = mapped_column(SmallInteger)
    tonnes: Mapped[int] = mapped_column(BigInt)
    verdict_index: Mapped[int | None] = mapped_column(ForeignKey("verdicts.entry_index"))
    accepted_at: Mapped[int] = mapped_column(BigInt)
    replaced_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"))


class GreenCertificateRow(Base):
    """The serial of a green certificate, and the case whose report named it first: once for ever (DOMAIN 40)."""

    __tablename__ = "green_certificates"

    serial: Mapped[str] = mapped_column(String(128), primary_key=True)
    enterprise: Mapped[str] = mapped_column(String(255))
    year: Mapped[int] = mapped_column(BigInt)
    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"))
