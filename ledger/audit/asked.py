"""What an auditor asks besides: promises that somebody holds, and an enterprise's year in whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from attestation.keys import Kind as Holder
from ledger.audit.completeness import Dossier, dossier_of, losses_of, whole_streams
from ledger.audit.evidence import LogEvidence
from ledger.audit.findings import Area, Divergences
from ledger.audit.overdue import cosigned_heads, hold_promise
from ledger.audit.places import Places
from ledger.db.identities import IdentityRepository
from ledger.errors import PromiseNotKept
from ledger.promises import Promise
from ledger.trust import Trust

_WHOSE: Final = frozenset({Holder.ENTERPRISE.value, Holder.PARK.value})


@dataclass(frozen=True, slots=True)
class Held:
    """A promise, read and signed by the log; ``source``: whoever asks calls it so."""

    source: str
    promise: Promise


@dataclass(frozen=True, slots=True)
class Asked:
    """``promises`` are held against the tree, ``now`` (unix seconds) by the auditor's clock where no checkpoint tells
    the time. ``years``: enterprise and year."""

    promises: tuple[Held, ...] = ()
    years: tuple[tuple[str, int], ...] = ()
    now: int | None = None


def hold_promises(asked: Asked, trust: Trust, log: LogEvidence, divergences: Divergences) -> int:
    """Name every promise that was not kept. Returns how many were."""
    known = cosigned_heads(log.heads(), trust) if asked.promises else []
    kept = 0
    for held in asked.promises:
        promise = held.promise
        last = promise.first_index + promise.count - 1
        try:
            hold_promise(promise, log, known, now=asked.now)
        except PromiseNotKept as error:
            place = f"{held.source}, entries {promise.first_index} to {last}"
            divergences.refused(Area.PROMISE, place, error, leaves_root=promise.leaves_root)
        else:
            kept += 1
    return kept


def dossiers(
    session: Session, places: Places, years: Iterable[tuple[str, int]], divergences: Divergences
) -> tuple[list[Dossier], list[str]]:
    """The years that were asked for, and what could not be told of them. ``session``: of the store that entries and
    chain gave. What has an event and no entry is named where events are held against entries; here, numbers of
    figures that are missing."""
    found: list[Dossier] = []
    left_out: list[str] = []
    streams = whole_streams(places, losses_of(session)) if years else ()
    for enterprise, year in years:
        row = IdentityRepository(session).identifier(enterprise)
        if row is None or row.kind not in _WHOSE:
            left_out.append(f"year {year} of {enterprise}: no enterprise of that name in the log")
            continue
        dossier = dossier_of(session, streams, enterprise, year)
        for revision in dossier.revisions_missing:
            wanted = "every revision up to the highest on chain"
            divergences.add(Area.OBLIGATION, f"{enterprise} {year}", "complete.revision", f"no {revision}", wanted)
        found.append(dossier)
    return found, left_out
