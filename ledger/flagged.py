"""What a compromised key puts in doubt: its entries from the position on, those of keys that it brought from there on,
reports that cite such readings or were judged by such policies, and what rests on such reports: verdicts,
registrations, labels; and who was let in by such reviews and approvals.

Entries are found by their issuers' streams and the ``kid`` in their header, page by page; no index is kept for what is
asked once in a key's life.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from heapq import merge
from itertools import groupby, islice
from operator import attrgetter

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.accounting.evidence import citations_of
from attestation.encoding import b64url_decode
from attestation.statements import Report
from ledger.bodies import body_of
from ledger.db.admission_models import ApprovalRow, ReviewRow
from ledger.db.case_models import VerdictRow
from ledger.db.identities import IdentityRepository
from ledger.db.log_models import Entry, KeyRow, Policy, ReportRow, Stream
from ledger.resting import admitted_by, judged_by, resting_on

_BATCH = 1_000
_index = attrgetter("index")


class Why(StrEnum):
    """Why an entry is flagged."""

    DIRECT = "direct"
    """The compromised key signed it."""
    DERIVED = "derived"
    """A key signed it that the compromised one brought."""
    CITING = "citing"
    """A report that cites such readings."""
    RESTING = "resting"
    """A report judged by a policy in doubt; a verdict, registration or label on a report or verdict in doubt; an
    approval or enrolment by a review or approval in doubt."""


@dataclass(frozen=True, slots=True)
class FlaggedEntry:
    """An entry in doubt."""

    index: int
    type: str
    issuer: str
    stream: str
    seq: int
    why: Why


def flagged(session: Session, key: KeyRow, *, after: int, limit: int) -> list[FlaggedEntry]:
    """The next flagged entries above ``after`` in log order, at most ``limit``; none for a key that is not flagged."""
    keys = {each.thumbprint: each for each in _family(IdentityRepository(session), key)}
    if not keys:
        return []
    doubtful = list(_reports(session, keys, key))
    sources = (
        _signed(session, keys, key, after),
        (each for each in doubtful if each.why in {Why.CITING, Why.RESTING} and each.index > after),
        _resting(session, keys, doubtful, after),
    )
    # Of several reasons the first counts: merging keeps the order of the sources.
    merged = (next(same) for _, same in groupby(merge(*sources, key=_index), key=_index))
    return list(islice(merged, limit))


def _family(identities: IdentityRepository, key: KeyRow) -> Iterator[KeyRow]:
    if key.compromised_since is None:
        return
    yield key
    for child in identities.authorised_by(key.thumbprint, key.compromised_since):
        yield from _family(identities, child)


def _signed(session: Session, keys: dict[str, KeyRow], origin: KeyRow, after: int) -> Iterator[FlaggedEntry]:
    issuers = {key.identifier for key in keys.values()}
    since = min(key.compromised_since for key in keys.values() if key.compromised_since is not None)
    query = (
        select(Entry, Stream)
        .join(Stream, Stream.id == Entry.stream_id)
        .where(Stream.issuer.in_(issuers), Entry.index > after, Entry.index >= since)
        .order_by(Entry.index)
        .execution_options(yield_per=_BATCH)
    )
    for entry, stream in session.execute(query):
        why = _why(keys, origin, entry)
        if why is not None:
            yield FlaggedEntry(entry.index, entry.type, stream.issuer, stream.name, entry.seq, why)


def _reports(session: Session, keys: dict[str, KeyRow], origin: KeyRow) -> Iterator[FlaggedEntry]:
    """The reports in doubt, in log order: signed by such a key, citing such readings, or judged by such a policy.
    Reports are few beside readings; each is looked at."""
    issuers = {key.identifier for key in keys.values()}
    published = session.scalars(select(Entry).join(Policy, Policy.entry_index == Entry.index))
    misled = judged_by(session, [entry.index for entry in published if _flags(keys, entry)])
    query = (
        select(Entry, Stream)
        .join(ReportRow, ReportRow.entry_index == Entry.index)
        .join(Stream, Stream.id == Entry.stream_id)
        .order_by(Entry.index)
        .execution_options(yield_per=_BATCH)
    )
    for entry, stream in session.execute(query):
        why = _why(keys, origin, entry)
        if why is None and any(
            citation.issuer in issuers
            and _has_flagged(session, keys, citation.issuer, citation.stream, citation.first_seq, citation.last_seq)
            for _, citation in citations_of(body_of(entry.entry, Report))
        ):
            why = Why.CITING
        if why is None and entry.index in misled:
            why = Why.RESTING
        if why is not None:
            yield FlaggedEntry(entry.index, entry.type, stream.issuer, stream.name, entry.seq, why)


def _resting(
    session: Session, keys: dict[str, KeyRow], reports: list[FlaggedEntry], after: int
) -> Iterator[FlaggedEntry]:
    ids = set(
        session.scalars(
            select(ReportRow.statement_id).where(ReportRow.entry_index.in_({each.index for each in reports}))
        )
    )
    verdicts = session.scalars(select(Entry).join(VerdictRow, VerdictRow.entry_index == Entry.index))
    doubtful = [entry.index for entry in verdicts if _flags(keys, entry)]
    said = select(ReviewRow.entry_index).union_all(select(ApprovalRow.entry_index))
    admitting = session.scalars(select(Entry).where(Entry.index.in_(said)))
    let_in = admitted_by(session, [entry.index for entry in admitting if _flags(keys, entry)])
    for index in sorted({*resting_on(session, ids, doubtful), *let_in}):
        if index > after:
            entry = session.get_one(Entry, index)
            stream = session.get_one(Stream, entry.stream_id)
            yield FlaggedEntry(index, entry.type, stream.issuer, stream.name, entry.seq, Why.RESTING)


def _has_flagged(  # noqa: PLR0917 - one cited range
    session: Session, keys: dict[str, KeyRow], issuer: str, stream: str, first: int, last: int
) -> bool:
    query = (
        select(Entry)
        .join(Stream, Stream.id == Entry.stream_id)
        .where(Stream.issuer == issuer, Stream.name == stream, Entry.seq >= first, Entry.seq <= last)
        .order_by(Entry.seq.desc())
        .execution_options(yield_per=_BATCH)
    )
    return any(_flags(keys, entry) for entry in session.scalars(query))


def _flags(keys: dict[str, KeyRow], entry: Entry) -> KeyRow | None:
    """The compromised key that signed the entry when it was not believed any more, or None."""
    key = keys.get(_kid(entry.entry))
    flagged_from = None if key is None else key.compromised_since
    return key if flagged_from is not None and entry.index >= flagged_from else None


def _why(keys: dict[str, KeyRow], origin: KeyRow, entry: Entry) -> Why | None:
    key = _flags(keys, entry)
    if key is None:
        return None
    return Why.DIRECT if key.thumbprint == origin.thumbprint else Why.DERIVED


def _kid(entry: bytes) -> str:
    """The thumbprint in the header of a logged entry."""
    return str(json.loads(b64url_decode(entry.partition(b".")[0]))["kid"]).rpartition("#")[2]
