"""Queries over tree heads, and the compare-and-swap that makes a new one."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from ledger.db.chain_models import OutboxRow
from ledger.db.log_models import CheckpointRow, LogState


class CheckpointRepository:
    """Reads and writes of ``checkpoints`` in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def advance(self, *, epoch: int, old_size: int, new_size: int, root: bytes, now: int) -> bool:
        """Move the tree head if it still stands at ``old_size``; the new head is stored unsigned.

        Returns whether this caller moved it. A caller that did not must sign nothing.
        """
        moved = update(LogState).where(LogState.id == 1, LogState.tree_size == old_size, LogState.epoch == epoch)
        result = cast("CursorResult[Any]", self._session.execute(moved.values(tree_size=new_size)))
        if result.rowcount != 1:
            return False
        self._session.add(
            CheckpointRow(epoch=epoch, size=new_size, root=root, note=None, cosigned=False, created_at=now)
        )
        self._session.flush()
        return True

    def begin_epoch(self, epoch: int, size: int, root: bytes, now: int) -> None:
        """Store the first head of an epoch, unsigned, unless the epoch has one. The caller holds the lock on the log's
        state."""
        if self.latest(epoch) is None:
            self._session.add(
                CheckpointRow(epoch=epoch, size=size, root=root, note=None, cosigned=False, created_at=now)
            )
            self._session.flush()

    def get(self, epoch: int, size: int) -> CheckpointRow | None:
        """The tree head of this size."""
        return self._session.get(CheckpointRow, (epoch, size))

    def latest(self, epoch: int, *, cosigned: bool | None = None, signed: bool | None = None) -> CheckpointRow | None:
        """The largest head of an epoch, among all, the signed or the cosigned ones."""
        query = select(CheckpointRow).where(CheckpointRow.epoch == epoch)
        if cosigned is not None:
            query = query.where(CheckpointRow.cosigned.is_(cosigned))
        if signed is not None:
            query = query.where(CheckpointRow.note.is_not(None) if signed else CheckpointRow.note.is_(None))
        return self._session.scalars(query.order_by(CheckpointRow.size.desc()).limit(1)).one_or_none()

    def smallest_covering(self, epoch: int, index: int) -> CheckpointRow | None:
        """The smallest cosigned head that contains the entry at ``index``."""
        query = (
            select(CheckpointRow)
            .where(CheckpointRow.epoch == epoch, CheckpointRow.size > index, CheckpointRow.cosigned.is_(True))
            .order_by(CheckpointRow.size)
            .limit(1)
        )
        return self._session.scalars(query).one_or_none()

    def anchor_on_its_way(self, epoch: int) -> bool:
        """Whether the outbox has an anchor of this epoch that has not reached the chain."""
        query = select(OutboxRow.id).where(
            OutboxRow.kind == "anchor",
            OutboxRow.state.in_(("pending", "sent")),
            # The outbox writes payloads with sorted members: the epoch comes first.
            OutboxRow.payload.startswith(f'{{"epoch":{epoch},', autoescape=True),
        )
        return self._session.execute(query.limit(1)).first() is not None

    def set_note(self, epoch: int, size: int, note: str, *, cosigned: bool) -> None:
        """Store the signed note of a head. A head never loses signatures: who comes late changes nothing."""
        head = update(CheckpointRow).where(CheckpointRow.epoch == epoch, CheckpointRow.size == size)
        open_ = head.where(CheckpointRow.cosigned.is_(False))
        self._session.execute(
            (open_ if cosigned else open_.where(CheckpointRow.note.is_(None))).values(note=note, cosigned=cosigned)
        )
