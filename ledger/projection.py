"""What the chain says, as SQL rows that can be dropped and rebuilt to the same rows (law 5).

Events are applied in chain order, a block range per transaction. Every range starts where the last one ended, by
hash: if the chain no longer has that block, everything above the common ancestor is rolled back first, and the
intents of the outbox that had taken effect there go back to be sent again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ledger.chain import outbox_blocks
from ledger.chain.contracts import Deployment
from ledger.chain.errors import ChainMoved
from ledger.chain.events import EventRange
from ledger.chain.finality import Finality
from ledger.chain.reading_ahead import WORTH_A_PROCESS, RangeReader
from ledger.chain.rpc import BlockRef, Rpc
from ledger.db.base import Database
from ledger.db.chain_models import ChainBlockRow, ChainEventRow, ChainHeadRow, ChainReadRow
from ledger.heap import without_collector
from ledger.market import withdrawals
from ledger.projection_rows import PROJECTED, apply_events, undo_above

_LOG = logging.getLogger(__name__)
_HEAD = 1
_MANY_EVENTS = 500
_CACHE_KIB = 16_384
"""Of one connection, while it reads many events: rows find their place in indexes over hashes, anywhere in the file."""
RANGE_BLOCKS = 10_000
"""At most so many blocks per request and transaction, fewer where they hold many events or a node refuses them."""
SECONDS_PER_NOTE = 5
"""How often it is noted when the chain was read last."""
EFFECTS_PER_UNDO = 500
"""Chain writes that one transaction takes back when the chain forgot them."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one :meth:`Projection.sync` did. ``rolled_back_to``: the common ancestor's number, if blocks were gone."""

    head: BlockRef
    final: BlockRef | None
    events: int
    rolled_back_to: int | None
    reopened: int
    finalised: int


class Projection:
    """Follows one deployment's events.

    Parameters
    ----------
    database, rpc
        Where to write, what to read.
    deployment
        Addresses, and the block to start from.
    finality
        Which block is final.
    guard
        Runs first in every write transaction; raises if this process may not write (the relayer's lease).
    clock
        Unix seconds, for the outbox's time stamps and the time of reading; no projected row depends on it.
    range_blocks
        At most so many blocks at once.
    read_ahead_from
        Where about so many events are still to be read, a process beside this one reads them.
    """

    def __init__(
        self,
        database: Database,
        rpc: Rpc,
        deployment: Deployment,
        finality: Finality,
        *,
        guard: Callable[[Session], None] | None = None,
        clock: Callable[[], float] = time.time,
        range_blocks: int = RANGE_BLOCKS,
        read_ahead_from: int = WORTH_A_PROCESS,
    ) -> None:
        self._database = database
        self._rpc = rpc
        self._deployment = deployment
        self._finality = finality
        self._guard = guard or (lambda _session: None)
        self._clock = clock
        self._ranges = RangeReader(rpc, deployment, range_blocks, worth=read_ahead_from)

    def sync(self) -> SyncReport:
        """Bring the rows to the chain's head.

        Raises ``ChainUnavailable`` where the chain did not answer, or moved meanwhile (what is written so far is
        consistent, call again), ``OutboxConflict`` where the contract knows another root than ours for a size.
        """
        ancestor, reopened = self._roll_back()
        began = int(self._clock())
        tip = self._rpc.head()
        applied = 0
        with self._ranges:
            while True:
                with self._database.read() as session:
                    stored = head(session)
                first = self._deployment.first_block if stored is None else stored.number + 1
                if first > tip.number:
                    break
                with without_collector():
                    found = self._ranges.read(first, tip.number)
                    _require_next(stored, found)
                    self._apply(stored, found)
                applied += len(found.events)
        if stored is None:
            raise ChainMoved(
                "the chain is shorter than the deployment",
                rule="chain.moved",
                value=f"head {tip.number}",
                expected=f"at least block {self._deployment.first_block}",
                message_zh="链短于部署所在区块",
            )
        final, finalised = self._update_final(stored, began)
        return SyncReport(stored, final, applied, ancestor, reopened, finalised)

    def drop(self) -> None:
        """Delete every projected row; the next :meth:`sync` rebuilds them. The outbox stays."""
        with self._database.write() as session:
            self._guard(session)
            session.execute(delete(ChainReadRow))
            for table in PROJECTED:
                session.execute(delete(table))

    def _roll_back(self) -> tuple[int | None, int]:
        with self._database.read() as session:
            stored = head(session)
        if stored is not None and self._on_chain(stored):
            return None, 0
        # Without a head (rebuilding) nothing that the outbox believes is known to be on chain still: the events that
        # are read again say what is.
        ancestor = None if stored is None else self._common_ancestor(stored.number)
        number = -1 if ancestor is None else ancestor.number
        reopened, place, at = 0, stored, number + 1
        while at > number:
            place, at, undone = self._undo_some(place, number)
            reopened += undone
        if stored is None:
            return None, reopened
        _LOG.warning(
            "the chain forgot block %d: back to %d, %d effects to be repeated", stored.number, number, reopened
        )
        return number, reopened

    def _common_ancestor(self, top: int) -> BlockRef | None:
        """The highest stored block up to number ``top`` that the chain still has, found by bisection."""
        # On chain or not is monotone in the number: everything below a block that is there is there too.
        low, high, found = -1, top, None
        while low < high:
            middle = (low + high + 1) // 2
            with self._database.read() as session:
                candidate = _block_at_or_below(session, middle)
            if candidate is None or candidate.number <= low:
                low = middle
            elif self._on_chain(candidate):
                low, found = middle, candidate
            else:
                high = candidate.number - 1
        return found

    def _undo_some(self, stored: BlockRef | None, number: int) -> tuple[BlockRef | None, int, int]:
        """Undo the topmost effects above block ``number`` in one short transaction. Returns where the projection stands
        now, above which number all is undone, and how many effects were. Stopped between two of these it stands at a
        block that the chain does not have, and goes on the next time."""
        with self._database.write() as session:
            self._guard(session)
            self._require_head(session, stored)
            floor, top = outbox_blocks.effect_block(session, EFFECTS_PER_UNDO), outbox_blocks.effect_block(session, 0)
            target = number if floor is None or top is None else max(number, min(floor, top - 1))
            place = _block_at_or_below(session, target)
            # Until all is read again, a proposal may stand here without the veto that follows it.
            session.execute(delete(ChainReadRow))
            undo_above(session, target)
            now = int(self._clock())
            undone = outbox_blocks.reopen_above(session, target, now=now)
            withdrawals.note_all(session, now=now)
            _move_head(session, place)
        return place, target, undone

    def _on_chain(self, block: BlockRef) -> bool:
        found = self._rpc.block(block.number)
        return found is not None and found.hash == block.hash

    def _apply(self, stored: BlockRef | None, found: EventRange) -> None:
        with self._database.write() as session:
            self._guard(session)
            self._require_head(session, stored)
            if stored is not None:
                _forget_if_empty(session, stored)
            for block in found.blocks:
                session.add(ChainBlockRow(number=block.number, hash=block.hash, parent=block.parent))
            if self._database.is_sqlite and len(found.events) >= _MANY_EVENTS:
                session.connection().exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KIB}")
            given, domain = self._deployment.deployment_id, self._deployment.exchange_domain
            apply_events(session, found.events, given, now=int(self._clock()), exchange=domain)
            _move_head(session, found.last.ref)

    def _update_final(self, stored: BlockRef, read_at: int) -> tuple[BlockRef | None, int]:
        final = self._finality.final_block(self._rpc)
        if final is not None and final.number > stored.number:
            final = stored
        with self._database.write() as session:
            self._guard(session)
            self._require_head(session, stored)
            row = session.get_one(ChainHeadRow, _HEAD)
            row.final_number = None if final is None else final.number
            row.final_hash = None if final is None else final.hash
            known = session.get(ChainReadRow, _HEAD)
            # Not every round: each would be a write that waits for the disk.
            if known is None or not known.read_at <= read_at < known.read_at + SECONDS_PER_NOTE:
                session.merge(ChainReadRow(id=_HEAD, read_at=read_at))
            finalised = outbox_blocks.mark_final(session, final, now=int(self._clock()))
        return final, finalised

    def _require_head(self, session: Session, expected: BlockRef | None) -> None:
        found = head(session)
        if found != expected:
            raise ChainMoved(
                "another process moved the projection",
                rule="chain.projection",
                value=found,
                expected=expected,
                message_zh="另一进程移动了投影",
            )


def _require_next(stored: BlockRef | None, found: EventRange) -> None:
    # Each range is of one chain; that it is the chain of the one before, its first block says.
    if stored is not None and found.parent != stored.hash:
        raise ChainMoved(
            "the chain moved below the blocks that were read",
            rule="chain.moved",
            value=f"block {found.first} after 0x{found.parent.hex()}",
            expected=f"after 0x{stored.hash.hex()}",
            message_zh="已读区块之下的链发生了变化",
        )


def head(session: Session) -> BlockRef | None:
    """The block up to which the projection has read."""
    row = session.get(ChainHeadRow, _HEAD)
    return None if row is None else BlockRef(row.number, row.hash)


def _block_at_or_below(session: Session, number: int) -> BlockRef | None:
    query = select(ChainBlockRow).where(ChainBlockRow.number <= number).order_by(ChainBlockRow.number.desc()).limit(1)
    row = session.scalars(query).one_or_none()
    return None if row is None else BlockRef(row.number, row.hash)


def _forget_if_empty(session: Session, block: BlockRef) -> None:
    # The end of the last range is kept for its hash only; without this an idle chain would fill the table.
    eventful = select(ChainEventRow.block_number).where(ChainEventRow.block_number == block.number).limit(1)
    if session.execute(eventful).first() is None:
        session.execute(delete(ChainBlockRow).where(ChainBlockRow.number == block.number))


def _move_head(session: Session, block: BlockRef | None) -> None:
    row = session.get(ChainHeadRow, _HEAD)
    if block is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(ChainHeadRow(id=_HEAD, number=block.number, hash=block.hash))
    else:
        row.number, row.hash = block.number, block.hash
        if row.final_number is not None and row.final_number > block.number:
            row.final_number = row.final_hash = None
