"""What a compromised key puts in doubt: its entries from the position on, those of keys that it brought from there on,
and reports that cite such readings.

Entries are found by their issuers' streams and the ``kid`` in their header, page by page; no index is kept for what is
asked once in a key's life.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.encoding import b64url_decode
from attestation.statements import Report
from ledger.bodies import body_of
from ledger.db.identities import IdentityRepository
from ledger.db.log_models import Entry, KeyRow, ReportRow, Stream

_BATCH = 1_000


class Why(StrEnum):
    """Why an entry is flagged."""

    DIRECT = "direct"
    """The compromised key signed it."""
    DERIVED = "derived"
    """A key signed it that the compromised one brought."""
    CITING = "citing"
    """A report that cites such readings."""


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
    signed = _signed(session, keys, key, after)
    citing = iter(sorted(_citing(session, keys, key, after), key=lambda each: each.index))
    found: list[FlaggedEntry] = []
    one, other = next(signed, None), next(citing, None)
    while len(found) < limit and (one is not None or other is not None):
        if other is None or (one is not None and one.index <= other.index):
            assert one is not None  # noqa: S101 - told to mypy: the loop's condition
            if other is not None and one.index == other.index:
                other = next(citing, None)
            found.append(one)
            one = next(signed, None)
        else:
            found.append(other)
            other = next(citing, None)
    return found


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
        key = keys.get(_kid(entry.entry))
        if key is not None and key.compromised_since is not None and entry.index >= key.compromised_since:
            why = Why.DIRECT if key.thumbprint == origin.thumbprint else Why.DERIVED
            yield FlaggedEntry(entry.index, entry.type, stream.issuer, stream.name, entry.seq, why)


def _citing(session: Session, keys: dict[str, KeyRow], origin: KeyRow, after: int) -> Iterator[FlaggedEntry]:
    """Reports are few beside readings; each is looked at."""
    issuers = {key.identifier for key in keys.values()}
    query = (
        select(Entry, Stream)
        .join(ReportRow, ReportRow.entry_index == Entry.index)
        .join(Stream, Stream.id == Entry.stream_id)
        .where(Entry.index > after)
        .order_by(Entry.index)
        .execution_options(yield_per=_BATCH)
    )
    for entry, stream in session.execute(query):
        for line in body_of(entry.entry, Report).lines:
            if any(
                citation.issuer in issuers
                and _has_flagged(session, keys, citation.issuer, citation.stream, citation.first_seq, citation.last_seq)
                for citation in line.evidence
            ):
                yield FlaggedEntry(entry.index, entry.type, stream.issuer, stream.name, entry.seq, Why.CITING)
                break


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
    for entry in session.scalars(query):
        key = keys.get(_kid(entry.entry))
        if key is not None and key.compromised_since is not None and entry.index >= key.compromised_since:
            return True
    return False


def _kid(entry: bytes) -> str:
    """The thumbprint in the header of a logged entry."""
    return str(json.loads(b64url_decode(entry.partition(b".")[0]))["kid"]).rpartition("#")[2]
