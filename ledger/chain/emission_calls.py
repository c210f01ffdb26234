"""From what the log says of verifiers and figures to the call that tells the emissions registry.

A figure's inclusion proofs are never stored: they lead to a root that the contract knows when the call is sent, which a
reorg, a forgetful chain or a new epoch changes.
"""

from __future__ import annotations

from typing import Protocol

from ledger.chain.answer import Answer, Call, Wait
from ledger.chain.contracts import EMISSIONS_REGISTRY, Deployment
from ledger.chain.emission_intents import EmissionIntent, RegisterIntent
from ledger.chain.emissions_registry import EmissionsRegistry, Inclusion
from ledger.chain.intents import AnchorIntent
from ledger.chain.rpc import Rpc

_GAS = 600_000
_GAS_PER_PROOF_NODE = 5_000


class PathSource(Protocol):
    """The log's tree, as far as leaves are proved to be in it."""

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """RFC 9162 §2.1.3 path of a leaf to the root of ``size`` leaves, hashes of 32 bytes."""


class EmissionCalls:
    """Builds calls for one round.

    Parameters
    ----------
    rpc, deployment
        Where the contract is, if the deployment has one.
    tree
        The log's tree, which holds ``head``.
    head
        The last checkpoint that the evidence log knows, ``None`` while nothing is anchored in its epoch.
    """

    def __init__(self, rpc: Rpc, deployment: Deployment, tree: PathSource, head: AnchorIntent | None) -> None:
        address = deployment.addresses.get(EMISSIONS_REGISTRY)
        self._registry = None if address is None else EmissionsRegistry(rpc, address)
        self._tree = tree
        self._head = head

    def build(self, op_id: bytes, intent: EmissionIntent) -> Answer:
        """The call for an intent, or why there is none now."""
        if self._registry is None:
            return Wait("this deployment has no emissions registry")
        if isinstance(intent, RegisterIntent):
            return self._register(self._registry, op_id, intent)
        if self._registry.op_used(op_id):
            return Wait("")
        return Call(self._registry.address, self._registry.tell(op_id, intent), _GAS)

    def _register(self, registry: EmissionsRegistry, op_id: bytes, intent: RegisterIntent) -> Answer:
        needed, head = max(intent.report_index, intent.statement_index), self._head
        # Before the node is asked: of those that wait for an anchor there may be hundreds.
        if head is None or head.size <= needed:
            known = "no size" if head is None else f"size {head.size} of epoch {head.epoch}"
            return Wait(f"entry {needed} is not anchored; the contract knows {known}")
        if registry.op_used(op_id):
            return Wait("")
        inclusion = Inclusion(
            head.epoch,
            head.size,
            self._tree.inclusion_proof(intent.report_index, head.size),
            self._tree.inclusion_proof(intent.statement_index, head.size),
        )
        gas = _GAS + _GAS_PER_PROOF_NODE * (len(inclusion.report) + len(inclusion.statement))
        return Call(registry.address, registry.register(op_id, intent, inclusion), gas)
