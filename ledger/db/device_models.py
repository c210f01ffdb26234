"""What ``device`` entries say of meters (DOMAIN 42)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt


class DeviceEventRow(Base):
    """One event: ``device`` is which it is about, ``replaced_by`` what measures in its place, ``body`` as signed."""

    __tablename__ = "device_events"
    __table_args__ = (
        Index("ix_device_events_device", "device"),
        Index("ix_device_events_replaced_by", "replaced_by"),
    )

    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), primary_key=True, autoincrement=False)
    device: Mapped[str] = mapped_column(ForeignKey("identifiers.identifier"))
    replaced_by: Mapped[str | None] = mapped_column(ForeignKey("identifiers.identifier"))
    event: Mapped[str] = mapped_column(String(16))
    at: Mapped[int] = mapped_column(BigInt)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
