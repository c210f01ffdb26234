"""How far the log is: the numbers that health and metrics show, each found without reading what grows with the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from ledger.db.chain_models import ChainAnchorRow, ChainHeadRow, OutboxRow
from ledger.db.log_models import CheckpointRow, Entry, LogState

_FLYING = "sent"


@dataclass(frozen=True, slots=True)
class Figures:
    """Sizes of the log (``accepted``, ``integrated``, ``cosigned``, ``anchored``) and what waits.

    ``*_at``: when the oldest entry beyond that size was accepted (unix seconds), None where there is none. ``outbox``:
    intents by kind and state. ``fee``: wei per gas of the newest transaction on its way, None without one. ``head``,
    ``final``: blocks that the projection has read.
    """

    accepted: int
    integrated: int
    anchored: int
    not_integrated_at: int | None
    not_anchored_at: int | None
    outbox: Mapping[tuple[str, str], int]
    fee: int | None
    head: int | None
    final: int | None
    cosigned: int

    def overdue(self, now: float, within: int) -> int:
        """Seconds by which the oldest promise is late, 0 if none is."""
        return 0 if self.not_integrated_at is None else max(0, int(now) - self.not_integrated_at - within)


def read(session: Session) -> Figures:
    """The figures of one snapshot."""
    state = session.execute(select(LogState)).scalar_one()
    anchored = session.scalar(
        select(func.max(ChainAnchorRow.size)).where(
            ChainAnchorRow.epoch == state.epoch, ChainAnchorRow.voided_number.is_(None)
        )
    )
    cosigned = session.scalar(
        select(func.max(CheckpointRow.size)).where(CheckpointRow.epoch == state.epoch, CheckpointRow.cosigned.is_(True))
    )
    intents = session.execute(select(OutboxRow.kind, OutboxRow.state, func.count()).group_by("kind", "state"))
    fee = session.scalar(select(OutboxRow.fee).where(OutboxRow.state == _FLYING).order_by(OutboxRow.id.desc()).limit(1))
    head = session.scalar(select(ChainHeadRow))
    return Figures(
        accepted=state.next_index,
        integrated=state.tree_size,
        anchored=anchored or 0,
        not_integrated_at=_accepted_at(session, state.tree_size, state.next_index),
        not_anchored_at=_accepted_at(session, anchored or 0, state.next_index),
        outbox={(kind, found): count for kind, found, count in intents},
        fee=None if fee is None else int(fee),
        head=None if head is None else head.number,
        final=None if head is None else head.final_number,
        cosigned=cosigned or 0,
    )


def database_bytes(session: Session) -> int:
    """How much the store holds, in bytes, as the database itself counts it (SQLite: without its write-ahead log)."""
    if session.get_bind().dialect.name == "postgresql":
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    pages, size = session.scalar(text("PRAGMA page_count")), session.scalar(text("PRAGMA page_size"))
    return int(pages or 0) * int(size or 0)


def _accepted_at(session: Session, index: int, end: int) -> int | None:
    return None if index >= end else session.scalar(select(Entry.accepted_at).where(Entry.index == index))
