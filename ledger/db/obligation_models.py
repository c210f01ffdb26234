"""What the book of obligations and the book of scores say. Projection, as all ``chain_*`` tables.

Every row is one that an event added, none is ever changed; of terms, prices, assessments and scores the last counts.
Accounts, assets, amounts and instants as in ``ledger.db.asset_models``.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db.asset_models import ChainPlace
from ledger.db.base import Base, BigInt


class ChainTermsRow(ChainPlace, Base):
    """Terms of a compliance year, as in ``attestation.asset_messages.YearTerms``."""

    __tablename__ = "chain_terms"

    year: Mapped[int] = mapped_column(BigInt, index=True)
    offset_cap_bps: Mapped[int] = mapped_column(BigInt)
    surrender_deadline: Mapped[int] = mapped_column(BigInt)
    carry_over_until: Mapped[int] = mapped_column(BigInt)
    closes_at: Mapped[int] = mapped_column(BigInt)
    carry_base_bps: Mapped[int] = mapped_column(BigInt)
    carry_multiple_bps: Mapped[int] = mapped_column(BigInt)
    charge_multiple_bps: Mapped[int] = mapped_column(BigInt)
    amendment_seconds: Mapped[int] = mapped_column(BigInt)
    earlier_vintages: Mapped[bool] = mapped_column(Boolean)
    document_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class ChainPriceRow(ChainPlace, Base):
    """The price of a missing tonne of a year, in fen."""

    __tablename__ = "chain_prices"

    year: Mapped[int] = mapped_column(BigInt, index=True)
    fen_per_tonne: Mapped[int] = mapped_column(BigInt)
    document_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class ChainSurrenderRow(ChainPlace, Base):
    """Units surrendered for a year; ``due``, ``offsets_used``: after it, at that block."""

    __tablename__ = "chain_surrenders"
    __table_args__ = (Index("ix_chain_surrenders_case", "account", "year"),)

    account: Mapped[bytes] = mapped_column(LargeBinary(32))
    year: Mapped[int] = mapped_column(BigInt)
    asset: Mapped[int] = mapped_column(BigInt)
    tonnes: Mapped[int] = mapped_column(BigInt)
    due: Mapped[int] = mapped_column(BigInt)
    offsets_used: Mapped[int] = mapped_column(BigInt)


class ChainCarryOverRow(ChainPlace, Base):
    """Units of a vintage that became the next one's (DOMAIN 6)."""

    __tablename__ = "chain_carry_overs"
    __table_args__ = (Index("ix_chain_carry_overs_case", "account", "vintage"),)

    account: Mapped[bytes] = mapped_column(LargeBinary(32))
    vintage: Mapped[int] = mapped_column(BigInt)
    tonnes: Mapped[int] = mapped_column(BigInt)
    net_sold: Mapped[int] = mapped_column(BigInt)


class ChainAssessmentRow(ChainPlace, Base):
    """What was found missing of a year, and charged (DOMAIN 7): ``charge_fen`` as text, since it may pass 63 bits."""

    __tablename__ = "chain_assessments"
    __table_args__ = (Index("ix_chain_assessments_case", "account", "year"),)

    account: Mapped[bytes] = mapped_column(LargeBinary(32))
    year: Mapped[int] = mapped_column(BigInt)
    emissions: Mapped[int] = mapped_column(BigInt)
    revision: Mapped[int] = mapped_column(BigInt)
    missed: Mapped[int] = mapped_column(BigInt)
    price_fen: Mapped[int] = mapped_column(BigInt)
    charge_fen: Mapped[str] = mapped_column(String(20))


class ChainCreditRow(ChainPlace, Base):
    """What was surrendered beyond a year's obligation, and counts for the next (DOMAIN 2)."""

    __tablename__ = "chain_credits"
    __table_args__ = (Index("ix_chain_credits_case", "account", "year"),)

    account: Mapped[bytes] = mapped_column(LargeBinary(32))
    year: Mapped[int] = mapped_column(BigInt)
    tonnes: Mapped[int] = mapped_column(BigInt)


class ChainClosureRow(Base):
    """A year was closed for an account: what it held free of the vintage is cancelled (DOMAIN 6, 11). ``part``: the
    account's place in the call."""

    __tablename__ = "chain_closures"
    __table_args__ = (Index("ix_chain_closures_case", "account", "year"),)

    block_number: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    log_index: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    tx_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    op_id: Mapped[bytes] = mapped_column(LargeBinary(32))
    entry_index: Mapped[int] = mapped_column(BigInt)
    account: Mapped[bytes] = mapped_column(LargeBinary(32))
    year: Mapped[int] = mapped_column(BigInt)


class ChainScoreRow(ChainPlace, Base):
    """A step of a score (DOMAIN 49).

    ``step``: ``proposed`` (with ``comments_until``), ``published`` (with ``revision``) or ``withdrawn``, which ends the
    proposal that stands or, where none does, the published score (``published`` then). The score's own members are
    empty where it is withdrawn. ``at``: the block's time.
    """

    __tablename__ = "chain_scores"
    __table_args__ = (Index("ix_chain_scores_case", "account", "year"),)

    step: Mapped[str] = mapped_column(String(16))
    account: Mapped[bytes] = mapped_column(LargeBinary(32))
    year: Mapped[int] = mapped_column(BigInt)
    at: Mapped[int] = mapped_column(BigInt)
    points_bps: Mapped[int | None] = mapped_column(BigInt)
    grade: Mapped[int | None] = mapped_column(SmallInteger)
    formula: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    input_root: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    comments_until: Mapped[int | None] = mapped_column(BigInt)
    revision: Mapped[int | None] = mapped_column(BigInt)
    published: Mapped[bool | None] = mapped_column(Boolean)
