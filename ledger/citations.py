"""Sums of readings that a report cites, made before the log's write lock is held.

Entries never change: a range whose every seq is a logged reading has the same sum for ever. A range that is not whole
yet has none here, and is looked at again under the lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from attestation.context import CitedReadings
from attestation.errors import AttestationError
from attestation.statements import Report, Statement
from ledger.bodies import sum_readings
from ledger.db.entries import EntryRepository
from ledger.db.identities import IdentityRepository

Range = tuple[str, str, int, int]
"""Issuer, stream, first and last seq, both included."""
Sums = Mapping[Range, CitedReadings]


def sum_of(entries: EntryRepository, stream_id: int, first_seq: int, last_seq: int) -> CitedReadings | None:
    """The readings of a stream's range summed, ``None`` unless every seq of it is a logged reading in one unit."""
    if entries.count_readings(stream_id, first_seq - 1, last_seq) != last_seq - first_seq + 1:
        return None
    return sum_readings(entries.span(stream_id, first_seq, last_seq))


def cited_ranges(statement: Statement) -> set[Range]:
    """The ranges that a report cites; of any other statement, and of what is none, nothing."""
    try:
        body = statement.body if statement.type == "report" else None
    except AttestationError:
        return set()
    if not isinstance(body, Report):
        return set()
    cited = (one for line in body.lines for one in line.evidence)
    return {(one.issuer, one.stream, one.first_seq, one.last_seq) for one in cited}


def sums_cited(session: Session, statements: Iterable[Statement]) -> dict[Range, CitedReadings]:
    """The sums of the ranges that are whole, as far as a signer may cite them: its own and its devices'."""
    entries, identities = EntryRepository(session), IdentityRepository(session)
    found = {}
    for signer, (issuer, stream, first_seq, last_seq) in {
        (statement.iss, place) for statement in statements for place in cited_ranges(statement)
    }:
        device = identities.identifier(issuer)
        if issuer != signer and (device is None or device.parent != signer):
            continue
        row = entries.stream(issuer, stream)
        if row is None or not 0 < first_seq <= last_seq <= row.last_seq:
            continue
        readings = sum_of(entries, row.id, first_seq, last_seq)
        if readings is not None:
            found[issuer, stream, first_seq, last_seq] = readings
    return found
