"""From an intent to the contract call that makes it true now, judged by what the chain and the log say at this moment.

An anchor is never stored as a call: its consistency proof starts at the size the contract has when it is sent, which a
reorg, a forgetful chain or somebody else's anchor changes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.chain.answer import Answer, Call, Impossible, Wait
from ledger.chain.asset_calls import AssetCalls
from ledger.chain.asset_intents import stored_intent
from ledger.chain.contracts import Deployment, EvidenceLog, IdentifierRegistry
from ledger.chain.emission_calls import EmissionCalls
from ledger.chain.emission_intents import emission_intent
from ledger.chain.errors import AnchorConflict
from ledger.chain.intents import AnchorIntent, Kind, RegistryIntent, registry_intent, require_same_root
from ledger.chain.operations import ASSET_KINDS, EMISSION_KINDS
from ledger.chain.rpc import Rpc
from ledger.checkpoint import Note, cosigner_lines
from ledger.db.chain_models import ChainEventRow, OutboxRow
from ledger.db.checkpoints import CheckpointRepository

_ANCHOR_GAS = 200_000
_GAS_PER_COSIGNATURE = 15_000
_GAS_PER_PROOF_NODE = 5_000
_REGISTRY_GAS = 800_000


class ProofSource(Protocol):
    """The log's tree (``ledger.merkle.Tree``)."""

    @property
    def size(self) -> int:
        """Leaves."""

    def root(self, size: int | None = None) -> bytes:
        """Root of the first ``size`` leaves, 32 bytes."""

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """RFC 9162 §2.1.3 path of a leaf to the root of ``size`` leaves, hashes of 32 bytes."""

    def consistency_proof(self, old: int, new: int | None = None) -> list[bytes]:
        """RFC 9162 §2.1.4 proof between two sizes, hashes of 32 bytes."""


class CallBuilder:
    """Builds calls for one round: the chain's head is read once, sizes of calls already given out are counted in.

    Parameters
    ----------
    rpc, deployment
        Where the contracts are.
    session
        One in which nothing was read yet: its snapshot of the log must not be older than the chain's head.
    in_flight_size
        The largest size among anchors that are sent and not mined, 0 for none.

    Raises
    ------
    AnchorConflict
        The chain's head is not in this log.
    """

    def __init__(
        self,
        rpc: Rpc,
        deployment: Deployment,
        session: Session,
        tree_of: Callable[[Session], ProofSource],
        *,
        in_flight_size: int,
    ) -> None:
        self._deployment = deployment
        self._session = session
        self._log = EvidenceLog(rpc, deployment.addresses["EvidenceLog"])
        self._registry = IdentifierRegistry(rpc, deployment.addresses["IdentifierRegistry"])
        # The chain first: what it holds at this moment was in the log before, so a snapshot that begins now has it.
        head = self._log.head()
        self._tree = tree_of(session)
        self._epoch = head if isinstance(head, int) else head.epoch
        self._head_size = 0 if isinstance(head, int) else head.size
        self._planned_size = max(self._head_size, in_flight_size)
        if not isinstance(head, int):
            self._require_ours(head)
        self._emissions = EmissionCalls(rpc, deployment, self._tree, None if isinstance(head, int) else head)
        self._assets = AssetCalls(rpc, deployment, session)

    def look_ahead(self, rows: Iterable[OutboxRow]) -> None:
        """The rows that this round builds: what is asked for all of them at once costs less."""
        self._assets.look_ahead(stored_intent(row.kind, row.payload) for row in rows if row.kind in ASSET_KINDS)

    def build(self, row: OutboxRow) -> Answer:
        """The call for an intent, or why there is none."""
        if row.kind in ASSET_KINDS:
            return self._assets.build(row.op_id, stored_intent(row.kind, row.payload))
        kind, payload = Kind(row.kind), json.loads(row.payload)
        if kind in EMISSION_KINDS:
            return self._emissions.build(row.op_id, emission_intent(kind, payload))
        if kind is not Kind.ANCHOR:
            return self._tell(row.op_id, registry_intent(kind, payload))
        answer = self._anchor(AnchorIntent.from_payload(payload))
        if isinstance(answer, Call) and answer.grows_to is not None:
            self._planned_size = answer.grows_to
        return answer

    def _tell(self, op_id: bytes, intent: RegistryIntent) -> Answer:
        if self._registry.op_used(op_id):
            return Wait("")
        return Call(self._registry.address, self._registry.tell(op_id, intent), _REGISTRY_GAS)

    def _anchor(self, intent: AnchorIntent) -> Answer:
        if intent.epoch > self._epoch:
            return Wait(f"epoch {intent.epoch} is not open; the contract is in epoch {self._epoch}")
        known = self._log.root_at(intent.epoch, intent.size)
        if known is not None:
            require_same_root(intent, known)
            return Wait("")
        signatures = self._cosignatures(intent)
        if isinstance(signatures, Wait):
            return signatures
        if intent.epoch < self._epoch or intent.size < self._head_size:
            return self._backfill(intent, signatures)
        if intent.size <= self._planned_size:
            return Wait("a larger anchor is on its way")
        old = self._planned_size
        proof = self._tree.consistency_proof(old, intent.size) if old else []
        data = self._log.anchor(intent, proof, signatures)
        return Call(self._log.address, data, _checkpoint_gas(proof, signatures), grows_to=intent.size)

    def _cosignatures(self, intent: AnchorIntent) -> list[bytes] | Wait:
        checkpoint = CheckpointRepository(self._session).get(intent.epoch, intent.size)
        if checkpoint is None or checkpoint.note is None:
            return Wait(f"no signed checkpoint of epoch {intent.epoch} and size {intent.size}")
        require_same_root(intent, checkpoint.root)
        lines = cosigner_lines(
            Note.parse(checkpoint.note.encode()), self._deployment.cosigners, self._deployment.checkpoint_domain
        )
        needed = self._deployment.threshold
        if len(lines) < needed:
            return Wait(f"{len(lines)} of {needed} cosignatures")
        return list(lines.values())[:needed]

    def _backfill(self, intent: AnchorIntent, signatures: Sequence[bytes]) -> Answer:
        if intent.epoch == self._epoch:
            # The proof leads to the head at the moment of execution: nothing that moves it may be on its way.
            if self._planned_size > self._head_size:
                return Wait("backfilled when no anchor is on its way")
            end = self._head_size
        else:
            end = self._end_of(intent.epoch)
            if intent.size >= end:
                return Impossible(f"epoch {intent.epoch} ended at size {end}")
        proof = self._tree.consistency_proof(intent.size, end)
        data = self._log.backfill(intent, proof, signatures)
        return Call(self._log.address, data, _checkpoint_gas(proof, signatures))

    def _end_of(self, epoch: int) -> int:
        """Where the line of an ended epoch stops: the smallest start of a later epoch."""
        opened = self._session.scalars(select(ChainEventRow.args).where(ChainEventRow.name == "EpochOpened"))
        starts = [int(args["goodSize"]) for args in map(json.loads, opened) if args["epoch"] > epoch]
        return min(starts, default=0)

    def _require_ours(self, head: AnchorIntent) -> None:
        if head.size > self._tree.size:
            raise AnchorConflict(
                "the chain is ahead of this log: entries that were anchored are not here",
                rule="anchor.ahead",
                value=f"anchored size {head.size}",
                expected=f"at most {self._tree.size}",
                message_zh="链上锚定的规模超过本日志",
            )
        require_same_root(head, self._tree.root(head.size))


def _checkpoint_gas(proof: Sequence[bytes], signatures: Sequence[bytes]) -> int:
    return _ANCHOR_GAS + _GAS_PER_PROOF_NODE * len(proof) + _GAS_PER_COSIGNATURE * len(signatures)
