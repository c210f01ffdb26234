"""The sequencer: accepted entries become a signed, cosigned tree head, and the outbox is asked to anchor it.

Order of effects, each durable before the next: the new head by compare-and-swap, **then** the operator's signatures,
**then** the witnesses' cosignatures, **then** the wish to anchor. A crash between any two is taken up at the next step:
a head without signature was shown to nobody, and two sequencers that run by mistake compute the same head of the same
rows, so neither can sign another one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from attestation.typed_data import Domain
from ledger import checkpoint
from ledger.chain import outbox
from ledger.chain.intents import AnchorIntent
from ledger.checkpoint import Checkpoint, Note, SignatureLine, SignerKey
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.db.checkpoints import CheckpointRepository
from ledger.db.entries import EntryRepository
from ledger.db.log_models import CheckpointRow
from ledger.db.tiles import SqlTileStore
from ledger.errors import HistoryDiverged, Retryable, WitnessConflict, WitnessUnavailable
from ledger.merkle import Tree
from ledger.view import integrated_tree

_LOG = logging.getLogger(__name__)

LEAVES_PER_STEP = 20_000
"""Most entries that one head takes in: bounds memory and how long the write lock is held."""


_ATTEMPTS = 2


class WitnessClient(Protocol):
    """Asks one witness (C2SP tlog-witness); ``ledger.witness.client`` does it over HTTP."""

    def add_checkpoint(self, old_size: int, proof: Sequence[bytes], note: Note, /) -> Sequence[SignatureLine]:
        """The witness's lines, one by each of its keys, verified.

        Raises ``WitnessConflict`` with its size, ``WitnessUnavailable``, ``WitnessRefused``, ``SignatureInvalid``.
        """


@dataclass(slots=True)
class Witness:
    """One witness: how to ask it, and the size it cosigned last as far as we know."""

    client: WitnessClient
    size: int = 0


@dataclass(frozen=True, slots=True)
class HeldHead:
    """A head that somebody outside this process holds: the chain's contract, or a witness."""

    holder: str
    size: int
    root: bytes


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
        Asked once before anything is signed; each answers with the head it holds, ``None`` for none yet.
    interval
        Seconds between two heads.
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
        interval: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._parameters = parameters
        self._operator = operator
        self._witnesses = tuple(witnesses)
        self._domain = domain
        self._holders = tuple(holders)
        self._checked = False
        self._interval = interval
        self._clock = clock

    def check_start(self) -> None:
        """Ask every holder, once. A database restored from before what they hold raises ``HistoryDiverged``; a holder
        that does not answer is ``Retryable``: unasked, nothing is signed."""
        if self._checked:
            return
        for ask in self._holders:
            held = ask()
            if held is not None:
                self.check_extends(held.holder, held.size, held.root)
        self._checked = True

    def check_extends(self, holder: str, size: int, root: bytes | None) -> None:
        """Raise ``HistoryDiverged`` if this log does not extend the head that ``holder`` (named in the error) holds.

        ``root`` is ``None`` where only the size is known.
        """
        with self._database.read() as session:
            tree = integrated_tree(session)
            own = tree.root(size) if size <= tree.size else None
        if own is None or root not in {None, own}:
            raise HistoryDiverged(
                f"The {holder} holds a tree head that this log does not extend; nothing is signed.",
                rule="sequencer.start",
                value=f"{holder}: size {size}, root {'?' if root is None else root.hex()}",
                expected=f"a head of this log (size {tree.size}{'' if own is None else ', root ' + own.hex()})",
                message_zh="对方持有的树头不是本日志的前身，拒绝签名。",
            )

    def run(self, stop: threading.Event) -> None:
        """Step until ``stop``; what can be retried is retried, an integrity error is raised."""
        while not stop.is_set():
            try:
                busy = self.step()
            except Retryable as error:
                _LOG.warning("sequencer waits: %s", error)
                busy = False
            stop.wait(self._interval if not busy else min(self._interval, 0.05))

    def step(self) -> bool:
        """Integrate what is accepted, finish what an earlier step left, and say whether more is waiting."""
        self.check_start()
        more = self._integrate()
        self._sign()
        self._cosign()
        self._ask_to_anchor()
        return more

    def _integrate(self) -> bool:
        with self._database.read() as session:
            state = EntryRepository(session).state()
            if state.next_index == state.tree_size:
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
            tree.append_leaves(leaves)
            now = int(self._clock())
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
        head = self._newest()
        if head is None or head.note is not None:
            return
        body = Checkpoint(self._parameters.origin, head.size, head.root, head.epoch)
        signers = [key for key in (self._operator.log, self._operator.cosigner) if key is not None]
        note = checkpoint.sign(body, signers, time=int(self._clock()), domain=self._domain)
        with self._database.write() as session:
            CheckpointRepository(session).set_note(
                head.epoch, head.size, note.format().decode(), cosigned=not self._witnesses
            )

    def _cosign(self) -> None:
        head = self._newest()
        if head is None or head.note is None or head.cosigned:
            return
        note = Note.parse(head.note.encode())
        for witness in self._witnesses:
            lines = self._ask(witness, head, note)
            if lines is None:
                return
            note = note.with_signatures(*lines)
        with self._database.write() as session:
            CheckpointRepository(session).set_note(head.epoch, head.size, note.format().decode(), cosigned=True)

    def _ask(self, witness: Witness, head: CheckpointRow, note: Note) -> Sequence[SignatureLine] | None:
        for _ in range(_ATTEMPTS):
            try:
                lines = witness.client.add_checkpoint(witness.size, self._proof(witness.size, head.size), note)
            except WitnessConflict as conflict:
                witness.size = conflict.size
                self.check_extends("witness", conflict.size, None)
                if conflict.size > head.size:
                    return None  # a sequencer that runs beside this one is further: the next head is for both
            else:
                witness.size = head.size
                return lines
        # Sizes of this log each time: a sequencer beside this one moves the witness between question and answer.
        raise WitnessUnavailable(
            "The witness's size changed while it was asked.",
            rule="witness.moved",
            value=witness.size,
            expected=f"the same size for two requests, then {head.size}",
            message_zh="询问期间见证人的大小发生了变化。",
        )

    def _proof(self, old: int, new: int) -> list[bytes]:
        if old in {0, new}:
            return []
        with self._database.read() as session:
            return integrated_tree(session).consistency_proof(old, new)

    def _ask_to_anchor(self) -> None:
        if self._domain is None:
            return
        with self._database.read() as session:
            heads = CheckpointRepository(session)
            head = heads.latest(EntryRepository(session).state().epoch, cosigned=True)
            # One anchor at a time on its way: while the chain is slow or away, heads are not queued up but skipped.
            if head is None or heads.anchor_on_its_way():
                return
            intent = AnchorIntent(head.epoch, head.size, head.root)
            if outbox.state_of(session, intent.operation_id(self._parameters.deployment_id)) is not None:
                return
        with self._database.write() as session:
            outbox.enqueue_anchor(session, self._parameters.deployment_id, intent, now=int(self._clock()))
