"""What the projection says of anchors: which anchored size covers an entry, and whether its block is final."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.chain.rpc import BlockRef
from ledger.db.chain_models import ChainAnchorRow, ChainHeadRow

_HEAD = 1


@dataclass(frozen=True, slots=True)
class AnchorRecord:
    """An anchored size; ``root`` and ``tx_hash`` have 32 bytes. ``final``: its block cannot be forgotten any more."""

    epoch: int
    size: int
    root: bytes
    tx_hash: bytes
    block: BlockRef
    final: bool

    @property
    def state(self) -> str:
        """``anchored`` or ``final``."""
        return "final" if self.final else "anchored"


def final_block(session: Session) -> BlockRef | None:
    """The newest block known to be final."""
    row = session.get(ChainHeadRow, _HEAD)
    if row is None or row.final_number is None or row.final_hash is None:
        return None
    return BlockRef(row.final_number, row.final_hash)


def anchor_for(session: Session, epoch: int, index: int) -> AnchorRecord | None:
    """The smallest anchored size that contains the entry at ``index`` (size > index), ``None`` while there is none.

    Epochs up to ``epoch`` count, as far as a later epoch went on from above that size. Only what a checkpoint was
    cosigned for: the size an epoch starts from is known under its old epoch.
    """
    query = (
        select(ChainAnchorRow)
        .where(
            ChainAnchorRow.size > index,
            ChainAnchorRow.epoch <= epoch,
            ChainAnchorRow.voided_number.is_(None),
            ChainAnchorRow.origin != "EpochOpened",
        )
        .order_by(ChainAnchorRow.size, ChainAnchorRow.epoch.desc())
        .limit(1)
    )
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        return None
    final = final_block(session)
    return AnchorRecord(
        epoch=row.epoch,
        size=row.size,
        root=row.root,
        tx_hash=row.tx_hash,
        block=BlockRef(row.block_number, row.block_hash),
        final=final is not None and row.block_number <= final.number,
    )
