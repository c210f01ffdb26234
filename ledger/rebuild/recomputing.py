"""What entries and chain give, in a scratch store; and whether the evidence itself holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ledger.audit.chain import known_roots, project
from ledger.audit.entries import LogPass
from ledger.audit.evidence import ChainEvidence
from ledger.audit.findings import Area, Divergence, Divergences
from ledger.audit.heads import Heads
from ledger.chain.contracts import Deployment
from ledger.chain.finality import Finality
from ledger.context import parameters_of
from ledger.errors import LedgerError
from ledger.fsck.replay import Replay
from ledger.rebuild.kept import KeptEvidence
from ledger.trust import Trust

Progress = Callable[[str, int, int], None]
_ENTRIES = "entries "
_HEADS = "checkpoints "


@dataclass(slots=True)
class Recomputed:
    """``roots``: by size, of every head. ``columns``: indexes of entries of which a derived column is another one.
    ``events``: of the chain, None where it was not asked. ``broken``: what is wrong with the evidence."""

    roots: dict[int, bytes] = field(default_factory=dict)
    columns: set[int] = field(default_factory=set)
    events: int | None = None
    broken: list[Divergence] = field(default_factory=list)


def recompute(
    replay: Replay,
    evidence: KeptEvidence,
    trust: Trust,
    *,
    chain: ChainEvidence | None,
    deployment: Deployment,
    finality: Finality | None,
    workers: int,
    progress: Progress,
) -> Recomputed:
    """Establish everything in the replay's store. ``chain``: None leaves it out.

    Raises ``ChainUnavailable``, ``ChainMoved``.
    """
    result = Recomputed()

    def take(divergence: Divergence) -> None:
        place = divergence.place
        if divergence.area is Area.ROW and place.startswith(_ENTRIES):
            result.columns.add(int(place.removeprefix(_ENTRIES).partition(",")[0]))
        elif divergence.area is not Area.ROW or not place.startswith(_HEADS):
            result.broken.append(divergence)

    divergences = Divergences(take)
    known = {} if chain is None else known_roots(chain, deployment)
    _walk(replay, evidence, trust, known, divergences, result=result, workers=workers, progress=progress)
    replay.commit()
    if chain is not None and not result.broken:
        try:
            report = project(
                replay.database, chain, deployment, lambda done, every: progress("chain", done, every), finality
            )
        except LedgerError as error:
            if not error.rule.startswith("outbox."):
                raise
            divergences.refused(Area.CHAIN, "projection", error)
        else:
            result.events = report.events
    return result


def _walk(
    replay: Replay,
    evidence: KeptEvidence,
    trust: Trust,
    known: Mapping[int, list[tuple[str, bytes]]],
    divergences: Divergences,
    *,
    result: Recomputed,
    workers: int,
    progress: Progress,
) -> None:
    heads = Heads(evidence.heads(), trust, divergences)

    def reached(size: int, root: bytes) -> None:
        result.roots[size] = root
        heads.reached(size, root)
        for place, said in known.get(size, ()):
            if said != root:
                divergences.add(Area.CHAIN, place, "audit.anchor", said, root, size=size)

    walk = LogPass(evidence, parameters_of(trust), replay, divergences, heads=[*heads.sizes(), *known], reached=reached)
    walk.run(workers=workers, progress=lambda done, every: progress("log", done, every))
    heads.finish()
