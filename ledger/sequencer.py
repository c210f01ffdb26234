"""The sequencer: accepted entries become a signed, cosigned tree head, and the outbox is asked to anchor it.

Order of effects, each durable before the next: the new head by compare-and-swap, **then** the operator's signatures,
**then** the witnesses' cosignatures, **then** the wish to anchor. A crash between any two is taken up at the next step:
a head without signature was shown to nobody, and two sequencers that run by mistake compute the same head of the same
rows, so neither can sign another one.

Nothing is signed that does not extend what chain and witnesses hold, and what this process signed before: a database
restored from an old copy, before the start or under the running process, ends it with ``HistoryDiverged``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from attestation.typed_data import Domain
from ledger import checkpoint
from ledger.chain import outbox
from ledger.chain.intents import AnchorIntent, Kind
from ledger.checkpoint import Checkpoint, Note, SignerKey
from ledger.context import LogParameters
from ledger.cosigning import Cosigning, Witness
from ledger.db.base import Database
from ledger.db.chain_models import ChainAnchorRow
from ledger.db.checkpoints import CheckpointRepository
from ledger.db.entries import EntryRepository
from ledger.db.log_models import CheckpointRow
from ledger.db.tiles import SqlTileStore
from ledger.errors import (
    HistoryDiverged,
    Retryable,
)
from ledger.held_heads import HeldHead, LastSigned, require_epoch, require_extends, require_root
from ledger.merkle import Tree

LEAVES_PER_STEP = 20_000
"""Most entries that one head takes in: bounds memory and how long the write lock is held."""


@dataclass(frozen=True, slots=True)
class OperatorKeys:
    """The log key (Ed25519) and, where heads are anchored, the operator's cosigner key (secp256k1)."""

    log: SignerKey
    cosigner: SignerKey | None


class Sequencer:
    """Moves the log from accepted to integrated.

    Parameters
    ----------
    database, parameters
        The log.
    operator
        What signs a head.
    witnesses
        All of them must cosign before a head is shown.
    domain
        EIP-712 domain of ``EvidenceLog``; ``None`` where heads are not anchored.
    holders
        Asked before anything is signed, and again when the database was replaced or the log entered another epoch;
        each answers with the head it holds, ``None`` for none yet.
    clock
        Unix seconds.
    """

    def __init__(
        self,
        database: Database,
        parameters: LogParameters,
        operator: OperatorKeys,
        witnesses: Sequence[Witness],
        *,
        domain: Domain | None,
        holders: Sequence[Callable[[], HeldHead | None]] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._parameters = parameters
        self._operator = operator
        self._cosigning = Cosigning(database, witnesses, self.check_extends, self._ask_holders)
        self._unwitnessed = not witnesses
        self._domain = domain
        self._holders = tuple(holders)
        self._checked_epoch: int | None = None
        self._last = LastSigned()
        self._clock = clock

    def check_start(self) -> None:
        """Pass if this database may be signed over.

        Asks every holder before the first signature, and again when the database was replaced or the log entered
        another epoch. Raises ``HistoryDiverged`` where the log does not extend what a holder has or what this process
        signed before; ``Retryable`` while a holder does not answer (unasked, nothing is signed) or is in a later epoch.
        """
        with self._database.read() as session:
            state = EntryRepository(session).state()
            replaced = self._last.contradiction(session, state)
            signed = CheckpointRepository(session).latest(state.epoch, signed=True)
            opened = _projected_epoch(session)
        if replaced is not None or self._checked_epoch != state.epoch:
            self._ask_holders()
        if replaced is not None:
            # Whatever the others hold, or have not seen yet: this process signed what is not here any more.
            raise replaced
        require_epoch("chain", opened, state)
        if self._last.epoch != state.epoch:
            self._last.enter(state.epoch)
        self._last.remember(signed, state.next_index)
        self._checked_epoch = state.epoch

    def check_extends(self, held: HeldHead) -> None:
        """Raise ``HistoryDiverged`` if this log does not extend ``held``, ``EpochBehind`` if that is of a later
        epoch."""
        with self._database.read() as session:
            require_extends(held, session, EntryRepository(session).state())

    def _ask_holders(self) -> None:
        for ask in self._holders:
            held = ask()
            if held is not None:
                self.check_extends(held)

    def step(self) -> bool:
        """Integrate what is accepted, finish what an earlier step left, and say whether more is waiting."""
        self.check_start()
        more = self._integrate()
        self._sign()
        try:
            self._cosign()
        except Retryable:
            # The head before this one may still wait to be asked for.
            self._ask_to_anchor()
            raise
        self._ask_to_anchor()
        return more

    def _integrate(self) -> bool:
        with self._database.read() as session:
            state = EntryRepository(session).state()
            begun = state.tree_size == 0 or CheckpointRepository(session).latest(state.epoch) is not None
            if state.next_index == state.tree_size and begun:
                return False
        with self._database.write() as session:
            entries = EntryRepository(session)
            state = entries.state(lock=True)
            old = state.tree_size
            end = min(state.next_index, old + LEAVES_PER_STEP)
            leaves = entries.leaf_hashes(old, end)
            if len(leaves) != end - old:
                raise HistoryDiverged(
                    "Accepted entries are missing from the store.",
                    rule="sequencer.entries",
                    value=f"{len(leaves)} of positions {old} to {end - 1}",
                    expected=f"{end - old} entries",
                    message_zh="存储中缺少已受理的记录。",
                )
            tree = Tree(SqlTileStore(session), old)
            now = int(self._clock())
            if not leaves:
                # A new epoch is shown at once, not with the next entry.
                CheckpointRepository(session).begin_epoch(state.epoch, old, tree.root(), now)
                return False
            tree.append_leaves(leaves)
            advanced = CheckpointRepository(session).advance(
                epoch=state.epoch, old_size=old, new_size=end, root=tree.root(), now=now
            )
            if not advanced:
                # Only a writer that ignores the row lock could be here; nothing of this transaction may stay.
                raise HistoryDiverged(
                    "The tree head moved under this sequencer.",
                    rule="sequencer.swap",
                    value=f"tree size is not {old} any more",
                    expected="one sequencer",
                    message_zh="树头被其他进程移动。",
                )
            return state.next_index > end

    def _newest(self) -> CheckpointRow | None:
        with self._database.read() as session:
            return CheckpointRepository(session).latest(EntryRepository(session).state().epoch)

    def _sign(self) -> None:
        with self._database.read() as session:
            state = EntryRepository(session).state()
            head = CheckpointRepository(session).latest(state.epoch)
            if head is None or head.note is not None:
                return
            replaced = self._last.contradiction(session, state)
            if replaced is None:
                require_root(head, session, state)
        if replaced is not None:
            self.check_start()
            raise replaced
        self._last.remember(head, state.next_index)
        body = Checkpoint(self._parameters.origin, head.size, head.root, head.epoch)
        signers = [key for key in (self._operator.log, self._operator.cosigner) if key is not None]
        note = checkpoint.sign(body, signers, time=int(self._clock()), domain=self._domain)
        with self._database.write() as session:
            CheckpointRepository(session).set_note(
                head.epoch, head.size, note.format().decode(), cosigned=self._unwitnessed
            )

    def _cosign(self) -> None:
        head = self._newest()
        if head is None or head.note is None or head.cosigned:
            return
        note = self._cosigning.complete(head, Note.parse(head.note.encode()))
        if note is None:
            return
        with self._database.write() as session:
            CheckpointRepository(session).set_note(head.epoch, head.size, note.format().decode(), cosigned=True)

    def _ask_to_anchor(self) -> None:
        if self._domain is None:
            return
        with self._database.read() as session:
            heads = CheckpointRepository(session)
            epoch = EntryRepository(session).state().epoch
            head = heads.latest(epoch, cosigned=True)
            # One anchor at a time on its way: while the chain is slow or away, heads are not queued up but skipped.
            if head is None or heads.anchor_on_its_way(epoch):
                return
            intent = AnchorIntent(head.epoch, head.size, head.root)
            if outbox.state_of(session, intent.operation_id(self._parameters.deployment_id), Kind.ANCHOR) is not None:
                return
        with self._database.write() as session:
            outbox.enqueue_anchor(session, self._parameters.deployment_id, intent, now=int(self._clock()))


def _projected_epoch(session: Session) -> int:
    """The latest epoch that the chain was seen in."""
    return session.scalar(select(func.max(ChainAnchorRow.epoch))) or 0
