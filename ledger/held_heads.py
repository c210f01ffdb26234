"""Heads that must stay true: those that others hold, and the last one that this process signed.

A database can be replaced under a running process: restored from a copy, failed over to a server that lags. Whoever
signs therefore compares what it is about to sign with what was signed before, in memory, and not only with rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from ledger.db.log_models import CheckpointRow, LogState
from ledger.db.tiles import SqlTileStore
from ledger.errors import EpochBehind, HistoryDiverged
from ledger.merkle import Tree


@dataclass(frozen=True, slots=True)
class HeldHead:
    """A head that somebody outside this process holds: the chain's contract, or a witness.

    ``root`` is ``None`` where only the size is known, ``epoch`` where the holder does not tell.
    """

    holder: str
    size: int
    root: bytes | None
    epoch: int | None = None


def require_extends(held: HeldHead, session: Session, state: LogState) -> None:
    """Pass if the log in ``session`` extends ``held``; a head of an epoch that ended binds nobody any more.

    Raises ``HistoryDiverged``, which names both heads, and ``EpochBehind`` where the holder is in a later epoch.
    """
    if held.epoch is not None and held.epoch < state.epoch:
        return
    own = _root(session, state, held.size)
    if own is None or held.root not in {None, own}:
        raise HistoryDiverged(
            f"The {held.holder} holds a tree head that this log does not extend; nothing is signed.",
            rule="sequencer.start",
            value=f"{held.holder}: size {held.size}, root {_shown(held.root)}",
            expected=f"a head of this log, {_head_of(session, state)}{_at(held.size, own)}",
            message_zh="对方持有的树头不是本日志的前身，拒绝签名。",
        )
    if held.epoch is not None:
        require_epoch(held.holder, held.epoch, state)


def require_epoch(holder: str, epoch: int, state: LogState) -> None:
    """Raise ``EpochBehind`` if ``holder`` is in a later epoch than the log."""
    if epoch > state.epoch:
        raise EpochBehind(
            f"The {holder} is in a later epoch; nothing is signed until `tanlu epoch adopt` carries the log over.",
            rule="sequencer.epoch",
            value=f"{holder}: epoch {epoch}",
            expected=f"epoch {state.epoch}, that of the log",
            message_zh="对方已进入新纪元；在 tanlu epoch adopt 之前不签名。",
        )


@dataclass(slots=True)
class LastSigned:
    """The last signed head that this process knows of, and how far the log was accepted then."""

    epoch: int = 0
    size: int = 0
    root: bytes | None = None
    accepted: int = 0

    def remember(self, head: CheckpointRow | None, accepted: int) -> None:
        """Keep a signed head, if it goes beyond what is kept; entries accepted so far in any case."""
        self.accepted = max(self.accepted, accepted)
        if head is not None and (self.root is None or (head.epoch, head.size) > (self.epoch, self.size)):
            self.epoch, self.size, self.root = head.epoch, head.size, head.root

    def enter(self, epoch: int) -> None:
        """Two persons ended the epoch: from another history, if they said so. What was signed in it binds no more."""
        self.epoch, self.size, self.root, self.accepted = epoch, 0, None, 0

    def contradiction(self, session: Session, state: LogState) -> HistoryDiverged | None:
        """The error if the database in ``session`` is not the one that the last head was signed over, grown since."""
        if state.epoch < self.epoch:
            return self._replaced(f"a log in epoch {state.epoch}", session, state)
        if state.next_index < self.accepted:
            return self._replaced(f"a log of {state.next_index} accepted entries", session, state)
        if self.root is None or state.epoch > self.epoch:
            return None
        own = _root(session, state, self.size)
        if own == self.root:
            return None
        return self._replaced(f"a log whose head is {_head_of(session, state)}{_at(self.size, own)}", session, state)

    def _replaced(self, found: str, session: Session, state: LogState) -> HistoryDiverged:
        return HistoryDiverged(
            "The database is not the one that was signed over before: it was restored or replaced under this process.",
            rule="sequencer.replaced",
            value=f"{found}; head {_head_of(session, state)}",
            expected=f"what extends epoch {self.epoch}, size {self.size}, root {_shown(self.root)} and "
            f"{self.accepted} accepted entries",
            message_zh="数据库与此前签名时的不同：运行期间被恢复或替换。",
        )


def require_root(head: CheckpointRow, session: Session, state: LogState) -> None:
    """Raise ``HistoryDiverged`` unless the stored head has the root of the tree at its size."""
    own = _root(session, state, head.size)
    if own != head.root:
        raise HistoryDiverged(
            "A stored head has another root than the tree; it is not signed.",
            rule="sequencer.root",
            value=f"size {head.size}, root {head.root.hex()}",
            expected=f"root {_shown(own)}",
            message_zh="存储的树头与树的根不符，拒绝签名。",
        )


def _root(session: Session, state: LogState, size: int) -> bytes | None:
    """The tree's root at a size, ``None`` beyond its own."""
    return Tree(SqlTileStore(session), state.tree_size).root(size) if size <= state.tree_size else None


def _head_of(session: Session, state: LogState) -> str:
    return f"size {state.tree_size}, root {_shown(_root(session, state, state.tree_size))}"


def _at(size: int, own: bytes | None) -> str:
    return "" if own is None else f" (root {own.hex()} at size {size})"


def _shown(root: bytes | None) -> str:
    return "?" if root is None else root.hex()
