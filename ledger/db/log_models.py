"""Tables of the log: what was accepted, the tree over it, its checkpoints, and what the entries established.

``entries`` carries one unique index besides its key, (stream, seq): it finds both the same statement sent again and
another statement at the same place, since issuer, stream and sequence number are inside what is signed. Two partial
ones hold the few rows that are asked for apart: what is no reading, and readings that came late by DOMAIN 43.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt

DEVICE_CATCH_UP = 40 * 86_400
"""Seconds after the end of its period within which a meter's own reading counts as ``device`` (DOMAIN 43)."""
# Engines use a partial index only where a query repeats its condition word for word: both take it from here.
NOT_A_READING = "type <> 'reading'"
BACKFILLED = f"type = 'reading' AND accepted_at - period_end > {DEVICE_CATCH_UP}"


class LogState(Base):
    """The one row that orders all writers: how far the log is accepted and integrated."""

    __tablename__ = "log_state"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("tree_size <= next_index", name="tree_within_log"),
    )

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    origin: Mapped[str] = mapped_column(String(255))
    epoch: Mapped[int] = mapped_column(BigInt)
    next_index: Mapped[int] = mapped_column(BigInt)
    tree_size: Mapped[int] = mapped_column(BigInt)


class Stream(Base):
    """One issuer's sequence and where it stands; ``head_*`` is the reading with the highest sequence number."""

    __tablename__ = "streams"
    __table_args__ = (UniqueConstraint("issuer", "name", name="uq_streams_issuer_name"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=True)
    issuer: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(64))
    last_seq: Mapped[int] = mapped_column(BigInt)
    count: Mapped[int] = mapped_column(BigInt)
    closed_seq: Mapped[int] = mapped_column(BigInt)
    closed_until: Mapped[int] = mapped_column(BigInt)
    head_seq: Mapped[int] = mapped_column(BigInt)
    head_start: Mapped[int] = mapped_column(BigInt)
    head_end: Mapped[int] = mapped_column(BigInt)


class Entry(Base):
    """One accepted statement, byte for byte. ``period_*`` is filled for readings, closes and reports (unix seconds)."""

    __tablename__ = "entries"
    __table_args__ = (
        Index("uq_entries_stream_seq", "stream_id", "seq", unique=True),
        Index(
            "ix_entries_no_reading",
            *("stream_id", "seq"),
            sqlite_where=text(NOT_A_READING),
            postgresql_where=text(NOT_A_READING),
        ),
        Index(
            "ix_entries_backfilled",
            *("stream_id", "seq"),
            sqlite_where=text(BACKFILLED),
            postgresql_where=text(BACKFILLED),
        ),
    )

    index: Mapped[int] = mapped_column("idx", BigInt, primary_key=True, autoincrement=False)
    stream_id: Mapped[int] = mapped_column(ForeignKey("streams.id"))
    seq: Mapped[int] = mapped_column(BigInt)
    type: Mapped[str] = mapped_column(String(16))
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32))
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    accepted_at: Mapped[int] = mapped_column(BigInt)
    period_start: Mapped[int | None] = mapped_column(BigInt)
    period_end: Mapped[int | None] = mapped_column(BigInt)
    entry: Mapped[bytes] = mapped_column(LargeBinary)


class SkipRow(Base):
    """Seqs that a statement passed over when it became its stream's highest: what was logged of them came late.

    Written once, never changed; ranges of one stream do not meet.
    """

    __tablename__ = "skips"

    stream_id: Mapped[int] = mapped_column(ForeignKey("streams.id"), primary_key=True, autoincrement=False)
    first_seq: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    last_seq: Mapped[int] = mapped_column(BigInt)


class GapRow(Base):
    """Open seqs of a stream, neither logged nor declared lost; ranges as long as they can be."""

    __tablename__ = "gaps"

    stream_id: Mapped[int] = mapped_column(ForeignKey("streams.id"), primary_key=True, autoincrement=False)
    first_seq: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    last_seq: Mapped[int] = mapped_column(BigInt)


class LossRow(Base):
    """Seqs of a stream that the ``loss`` statement at ``entry_index`` declared lost, and its reason."""

    __tablename__ = "losses"
    __table_args__ = (Index("uq_losses_stream_first", "stream_id", "first_seq", unique=True),)

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    stream_id: Mapped[int] = mapped_column(ForeignKey("streams.id"))
    first_seq: Mapped[int] = mapped_column(BigInt)
    last_seq: Mapped[int] = mapped_column(BigInt)
    reason: Mapped[str] = mapped_column(String(500))


class Equivocation(Base):
    """A second, different statement at a place already taken: refused, kept as evidence with the first one's index."""

    __tablename__ = "equivocations"
    __table_args__ = (UniqueConstraint("entry_index", "statement_id", name="uq_equivocations"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=True)
    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"))
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32))
    entry: Mapped[bytes] = mapped_column(LargeBinary)
    refused_at: Mapped[int] = mapped_column(BigInt)


class IdentifierRow(Base):
    """An enrolled identifier; ``enrolled_index`` is the entry that introduced it."""

    __tablename__ = "identifiers"
    __table_args__ = (Index("ix_identifiers_parent", "parent"),)

    identifier: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    parent: Mapped[str | None] = mapped_column(String(255))
    group: Mapped[str | None] = mapped_column("group_name", String(255))
    enrolled_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"))


class KeyRow(Base):
    """A public key bound to an identifier between two log positions. One thumbprint belongs to one identifier.

    ``revoked_index`` and ``compromised_index`` are the entries that ended and flagged it, ``compromised_since`` the
    position from which it is flagged. ``authorised_by`` signed its entry (None: the root key).
    """

    __tablename__ = "keys"

    thumbprint: Mapped[str] = mapped_column(String(43), primary_key=True)
    identifier: Mapped[str] = mapped_column(ForeignKey("identifiers.identifier"), index=True)
    algorithm: Mapped[str] = mapped_column(String(16))
    raw: Mapped[bytes] = mapped_column(LargeBinary(65))
    purposes: Mapped[int] = mapped_column(SmallInteger)
    activated_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"))
    revoked_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))
    compromised_since: Mapped[int | None] = mapped_column(BigInt)
    compromised_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))
    authorised_by: Mapped[str | None] = mapped_column(ForeignKey("keys.thumbprint"), index=True)
    depth: Mapped[int] = mapped_column(SmallInteger, server_default="1")


class RecoveryRow(Base):
    """A proposed recovery, and the entry that vetoed or completed it, if one did."""

    __tablename__ = "recoveries"

    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    proposed_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"))
    subject: Mapped[str] = mapped_column(ForeignKey("identifiers.identifier"), index=True)
    replaces: Mapped[str] = mapped_column(ForeignKey("keys.thumbprint"))
    thumbprint: Mapped[str] = mapped_column(String(43), unique=True)
    algorithm: Mapped[str] = mapped_column(String(16))
    raw: Mapped[bytes] = mapped_column(LargeBinary(65))
    purposes: Mapped[int] = mapped_column(SmallInteger)
    proposed_at: Mapped[int] = mapped_column(BigInt)
    vetoed_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))
    completed_index: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))


class Policy(Base):
    """A published parameter set; ``document`` is the signed body's, as JSON."""

    __tablename__ = "policies"

    policy: Mapped[str] = mapped_column(String(32), primary_key=True)
    policy_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    version: Mapped[str] = mapped_column(String(128), primary_key=True)
    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"))
    effective_from: Mapped[str] = mapped_column(String(10))
    year: Mapped[int | None] = mapped_column(BigInt, index=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)


class ReportRow(Base):
    """An accepted report and, once corrected, the entry that supersedes it. ``issuer`` and ``year`` are its case;
    ``plan`` is the statement id of the monitoring plan that it names, ``compiled_by`` who put it together."""

    __tablename__ = "reports"
    __table_args__ = (
        Index("ix_reports_stream_period", "stream_id", "period_start"),
        Index("ix_reports_case", "issuer", "year"),
    )

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    stream_id: Mapped[int] = mapped_column(ForeignKey("streams.id"))
    statement_id: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    year: Mapped[int] = mapped_column(BigInt)
    period_start: Mapped[int] = mapped_column(BigInt)
    period_end: Mapped[int] = mapped_column(BigInt)
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("entries.idx"))
    issuer: Mapped[str] = mapped_column(String(255), server_default="")
    plan: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    compiled_by: Mapped[str | None] = mapped_column(String(255))


class Tile(Base):
    """All levels of one tile of height 8 of the Merkle tree (layout: ``ledger.merkle.tiles``)."""

    __tablename__ = "tiles"

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    index: Mapped[int] = mapped_column("idx", BigInt, primary_key=True)
    width: Mapped[int] = mapped_column(SmallInteger)
    blob: Mapped[bytes] = mapped_column(LargeBinary)


class CheckpointRow(Base):
    """A tree head. ``note`` is empty until the compare-and-swapped head is signed; ``cosigned``: the witness agreed."""

    __tablename__ = "checkpoints"

    epoch: Mapped[int] = mapped_column(BigInt, primary_key=True)
    size: Mapped[int] = mapped_column(BigInt, primary_key=True)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str | None] = mapped_column(Text)
    cosigned: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[int] = mapped_column(BigInt)
