"""Whom an entry is about, where that is somebody else than its signer: what is said of an enterprise is its to read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger.db.admission_models import OpeningRow
from ledger.db.asset_operation_models import AssetOperationRow
from ledger.db.case_models import (
    AssignmentRow,
    DrawRow,
    FindingRow,
    ObjectionRow,
    RegistrationRow,
    ReplacedFigureRow,
    VerdictRow,
)
from ledger.db.label_models import LabelRow
from ledger.db.market_models import MarketOperationRow
from ledger.db.quota_models import ScoreRow

_Column = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
_Index = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]

_FIGURES: tuple[tuple[_Column, _Index], ...] = (
    (RegistrationRow.enterprise, RegistrationRow.entry_index),
    (ReplacedFigureRow.enterprise, ReplacedFigureRow.entry_index),
)
_TABLES: Mapping[str, tuple[tuple[_Column, _Index], ...]] = MappingProxyType(
    {
        "assignment": (
            (AssignmentRow.enterprise, AssignmentRow.entry_index),
            (AssignmentRow.enterprise, AssignmentRow.ended_index),
            (DrawRow.enterprise, DrawRow.entry_index),
        ),
        "cash": ((MarketOperationRow.account, MarketOperationRow.entry_index),),
        "compliance": ((AssetOperationRow.account, AssetOperationRow.entry_index),),
        "determination": _FIGURES,
        "finding": ((FindingRow.enterprise, FindingRow.entry_index),),
        "holding": (
            (AssetOperationRow.account, AssetOperationRow.entry_index),
            (AssetOperationRow.receiver, AssetOperationRow.entry_index),
        ),
        "label": ((LabelRow.enterprise, LabelRow.entry_index),),
        "opening": ((OpeningRow.enterprise, OpeningRow.entry_index),),
        "registration": _FIGURES,
        "score": (
            (ScoreRow.enterprise, ScoreRow.entry_index),
            (ScoreRow.enterprise, ScoreRow.published_index),
            (ScoreRow.enterprise, ScoreRow.withdrawn_index),
        ),
        "verification": ((VerdictRow.enterprise, VerdictRow.entry_index),),
    }
)


def about(session: Session, type_: str, index: int) -> tuple[str, ...]:
    """Whom the entry at ``index`` is about; nobody for entries that are about nobody but their signer. A transfer is
    about both of its accounts."""
    if type_ == "objection":
        mine = (ObjectionRow.entry_index == index) | (ObjectionRow.decided_index == index)
        verdict = select(VerdictRow.enterprise).join(ObjectionRow, ObjectionRow.verdict_index == VerdictRow.entry_index)
        raised = session.scalar(verdict.where(mine))
        return () if raised is None else (raised,)
    found: dict[str, None] = {}
    for enterprise, position in _TABLES.get(type_, ()):
        found.update(
            dict.fromkeys(name for name in session.scalars(select(enterprise).where(position == index)) if name)
        )
    return tuple(found)


def entries_about(session: Session, identifier: str) -> set[int]:
    """Log positions of the entries that ``about`` names the identifier for."""
    found: set[int | None] = set()
    for columns in _TABLES.values():
        for enterprise, position in columns:
            found.update(session.scalars(select(position).where(enterprise == identifier)))
    row = ObjectionRow
    raised = select(row.entry_index, row.decided_index).join(VerdictRow, row.verdict_index == VerdictRow.entry_index)
    for places in session.execute(raised.where(VerdictRow.enterprise == identifier)):
        found.update(places)
    return {index for index in found if index is not None}
