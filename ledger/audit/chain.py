"""The chain's part: headers that follow each other, events projected anew by the product's own projection.

The scratch store holds what the entries ask of the contracts by then, so that projecting marks which of it took effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from ledger.audit.evidence import ChainEvidence
from ledger.chain.contracts import EVIDENCE_LOG, Deployment
from ledger.chain.events import EventReader
from ledger.chain.finality import Finality
from ledger.chain.rpc import BlockRef, Rpc
from ledger.db.base import Database
from ledger.projection import Projection, SyncReport
from ledger.trust import Trust

_RANGE = 2_000


@dataclass(frozen=True, slots=True)
class Anchored:
    """A root that the evidence log made known, or a new epoch from a size on."""

    epoch: int
    size: int
    root: bytes
    block: int
    voids: bool
    """Whether sizes of earlier epochs above this one are known no more."""


class _AllIsFinal:
    """Evidence is what was final when it was taken."""

    def final_block(self, rpc: Rpc) -> BlockRef | None:
        return rpc.head().ref


def deployment_of(trust: Trust, extra: Deployment | None = None) -> Deployment:
    """The deployment that the trust file names. ``extra``: contracts and the first block as the source has them; where
    it contradicts the trust file, that decides."""
    named = {
        "EvidenceLog": trust.evidence_log,
        "IdentifierRegistry": trust.identifier_registry,
        "EmissionsRegistry": trust.emissions_registry,
        "CarbonLedger": trust.carbon_ledger,
        "Compliance": trust.compliance,
        "CreditScores": trust.credit_scores,
        "Exchange": trust.exchange,
    }
    addresses = {} if extra is None else dict(extra.addresses)
    addresses |= {name: address for name, address in named.items() if address is not None}
    return Deployment(
        chain_id=trust.chain_id,
        deployment_id=trust.deployment_id,
        addresses=addresses,
        cosigners=trust.cosigners,
        threshold=trust.cosigner_threshold,
        first_block=0 if extra is None else extra.first_block,
    )


def anchors(chain: ChainEvidence, deployment: Deployment) -> Iterator[Anchored]:
    """What the evidence log said, in chain order. Raises ``ChainUnavailable``, ``ChainMoved``."""
    address = deployment.addresses[EVIDENCE_LOG]
    reader = EventReader(_as_rpc(chain), {address: deployment.readable()[address]})
    last = chain.head().number
    for first in range(deployment.first_block, last + 1, _RANGE):
        for event in reader.read(first, min(first + _RANGE - 1, last)).events:
            args = event.args
            if event.name in {"Anchored", "Backfilled"}:
                yield Anchored(args["epoch"], args["size"], args["root"], event.block.number, voids=False)
            elif event.name == "EpochOpened":
                yield Anchored(args["epoch"], args["goodSize"], args["goodRoot"], event.block.number, voids=True)


def known_roots(chain: ChainEvidence, deployment: Deployment) -> Mapping[int, list[tuple[str, bytes]]]:
    """By size, the roots that the chain holds the log to, each with its place; those that a new epoch voided are left
    out. Raises ``ChainUnavailable``, ``ChainMoved``."""
    known: dict[tuple[int, int], tuple[str, bytes]] = {}
    for one in anchors(chain, deployment):
        if one.voids:
            known = {place: said for place, said in known.items() if place[1] <= one.size}
        if one.size:
            known[one.epoch, one.size] = (f"block {one.block}, size {one.size}", one.root)
    by_size: dict[int, list[tuple[str, bytes]]] = {}
    for (_, size), said in known.items():
        by_size.setdefault(size, []).append(said)
    return by_size


def project(
    database: Database,
    chain: ChainEvidence,
    deployment: Deployment,
    progress: Callable[[int, int], None],
    finality: Finality | None = None,
) -> SyncReport:
    """Project every event into the scratch store; without ``finality`` all of it is final, as evidence is that was
    taken. Raises ``ChainUnavailable``, ``ChainMoved``, ``OutboxConflict``."""
    last = chain.head().number
    progress(0, last)
    report = Projection(database, _as_rpc(chain), deployment, finality or _AllIsFinal(), clock=lambda: 0).sync()
    progress(last, last)
    return report


def _as_rpc(chain: ChainEvidence) -> Rpc:
    # Reader and projection ask a node for headers and logs only; recorded answers are as good.
    return cast("Rpc", chain)
