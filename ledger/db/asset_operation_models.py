"""What entries about units asked the asset contracts for (``holding``, ``compliance``, ``intent``)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.base import Base, BigInt


class AssetOperationRow(Base):
    """One operation of an entry, as it was signed; what became of it is in ``outbox`` by the same ``op_id``.

    ``kind`` is that of ``ledger.chain.operations.Kind``. ``account``, ``receiver`` are identifiers; ``tonnes`` of
    ``asset`` (``attestation.assets``) leave or reach ``account``, or go to ``receiver``. ``year``: the compliance year
    or vintage. ``freeze``: the operation of the freeze that this one changes. ``suspended``: of a suspension.
    ``details``: the members of terms or of a price beside these; of a transfer that undoes a trade, that trade's
    operation (``reverses``).
    """

    __tablename__ = "asset_operations"
    __table_args__ = (
        Index("ix_asset_operations_account", "account", "kind"),
        Index("ix_asset_operations_receiver", "receiver"),
        Index("ix_asset_operations_freeze", "freeze"),
        Index("ix_asset_operations_year", "kind", "year"),
    )

    op_id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    entry_index: Mapped[int] = mapped_column(ForeignKey("entries.idx"), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    accepted_at: Mapped[int] = mapped_column(BigInt)
    account: Mapped[str | None] = mapped_column(String(255))
    receiver: Mapped[str | None] = mapped_column(String(255))
    asset: Mapped[int | None] = mapped_column(BigInt)
    tonnes: Mapped[int | None] = mapped_column(BigInt)
    year: Mapped[int | None] = mapped_column(BigInt)
    freeze: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    document_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    suspended: Mapped[bool | None] = mapped_column(Boolean)
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class OffsetSerialsRow(Base):
    """The serials of CCER that an entry brought, both ends included, and the cancellation that it names (DOMAIN 4).

    Not unique: what the contract finally refused is entered anew.
    """

    __tablename__ = "offset_serials"
    __table_args__ = (Index("ix_offset_serials_series", "series", "first_serial"),)

    op_id: Mapped[bytes] = mapped_column(ForeignKey("asset_operations.op_id"), primary_key=True)
    series: Mapped[str] = mapped_column(String(128))
    first_serial: Mapped[int] = mapped_column(BigInt)
    last_serial: Mapped[int] = mapped_column(BigInt)
    cancellation: Mapped[str] = mapped_column(String(128), index=True)
