"""The chain's part of a mirror: from a node of one's own, held against what the service says of it."""

from __future__ import annotations

from typing import Final

from ledger.audit import NodeEvidence
from ledger.chain.contracts import Deployment
from ledger.chain.rpc import Rpc
from tanlu.mirror.lies import another_chain
from tanlu.mirror.taking import Mirrored

_RANGE: Final = 10_000


def own_chain(rpc: Rpc, taken: Mirrored, deployment: Deployment, block: int | None) -> NodeEvidence | None:
    """The node's blocks up to ``block``, by default the one that the service calls final; None where nothing is final.

    Raises PromiseBroken (``mirror.chain``) where the node knows that block by another hash, or events of the contracts
    before what the service calls their first block; ChainUnavailable.
    """
    rpc.require_chain(deployment.chain_id)
    final = taken.begun.standing.final
    if final is not None:
        found = rpc.block(final.number)
        if found is None or found.hash.hex() != final.hash:
            raise another_chain(
                f"block {final.number} is {final.hash}", "no such block here" if found is None else found.hash.hex()
            )
    last = block if block is not None else None if final is None else final.number
    if last is None:
        return None
    addresses = list(deployment.addresses.values())
    for first in range(0, deployment.first_block, _RANGE):
        logs = rpc.logs(addresses, first, min(first + _RANGE, deployment.first_block) - 1)
        if logs:
            at = f"an event in block {logs[0].block_number}"
            raise another_chain(f"the contracts begin with block {deployment.first_block}", at)
    return NodeEvidence(rpc, last)
