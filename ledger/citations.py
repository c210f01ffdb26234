"""Sums of readings that reports cite, made before the log's write lock is held.

Entries never change: a range whose every seq is a logged reading has the same sum for ever, or for ever none where the
units are mixed. A range that is not whole yet is left out here, and is looked at again under the lock. Ranges of one
stream are summed together in one pass, so that a thousand reports about a meter's year read that year once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy.orm import Session

from attestation.accounting.evidence import check_citations, citations_of
from attestation.bodies import STATEMENT_ID_PATTERN
from attestation.context import CitedReadings
from attestation.decimals import exact_context, parse_decimal
from attestation.errors import AttestationError
from attestation.judging.verdicts import verified_report
from attestation.keys import Purpose
from attestation.statements import Citation, Reading, Report, Statement, Verification
from ledger.bodies import body_of
from ledger.db.case_models import AssignmentRow
from ledger.db.cases import CaseRepository
from ledger.db.entries import READING, EntryRepository
from ledger.db.identities import IdentityRepository

Range = tuple[str, str, int, int]
"""Issuer, stream, first and last seq, both included."""
Sums = Mapping[Range, CitedReadings | None]
"""Whole ranges; ``None`` for one whose readings have more than one unit."""

_STATEMENT_ID = re.compile(STATEMENT_ID_PATTERN)
_BRIDGED = 1000  # seqs between two ranges up to which reading on is cheaper than asking again
_ASKED = 1000  # streams in one query; engines bound how many values a query may have


class _Named(NamedTuple):
    """The meter that the last readings name, the one named before, and since which seq it is so."""

    meter: str | None
    before: str | None
    since: int

    def within(self, first: int) -> tuple[str | None, ...]:
        """As ``CitedReadings.meters`` has it, for a range that begins at ``first``."""
        return (self.meter,) if self.since <= first else (self.before, self.meter)


def sum_ranges(
    entries: EntryRepository, stream_id: int, ranges: Collection[tuple[int, int]]
) -> dict[tuple[int, int], CitedReadings | None]:
    """The sums of those ranges (first, last) of a stream that are whole, ``None`` for mixed units, in one pass."""
    firsts, lasts = {first for first, _ in ranges}, {last for _, last in ranges}
    opened: dict[int, tuple[int, Decimal, int]] = {}
    closed: dict[int, tuple[int, Decimal, str, int, int, _Named]] = {}
    exact = exact_context()
    count, total, unit, same_since = 0, Decimal(0), "", 0
    named = _Named(None, None, 0)
    for first, last in _merged(ranges):
        for row in entries.span(stream_id, first, last):
            if row.type != READING:
                continue
            if row.seq in firsts:
                opened[row.seq] = count, total, row.period_start or 0
            body = body_of(row.entry, Reading)
            if body.unit != unit:
                unit, same_since = body.unit, row.seq
            if body.meter != named.meter:
                named = _Named(body.meter, named.meter, row.seq)
            total = exact.add(total, parse_decimal(body.quantity))
            count += 1
            if row.seq in lasts:
                closed[row.seq] = count, total, unit, same_since, row.period_end or 0, named
    found: dict[tuple[int, int], CitedReadings | None] = {}
    for first, last in ranges:
        if first not in opened or last not in closed:
            continue
        (before, sum_before, start), (after, sum_after, unit, same_since, end, named) = opened[first], closed[last]
        if after - before == last - first + 1:
            total = exact.subtract(sum_after, sum_before)
            summed = CitedReadings(after - before, total, unit, start, end, named.within(first))
            found[first, last] = summed if same_since <= first else None
    return found


def cited_ranges(statement: Statement) -> set[Range]:
    """The ranges that a report cites, or that a verdict cites anew; nothing of any other statement, and of a report
    that step 9 refuses for what it cites: ranges that meet would be summed in vain."""
    body = statement.content
    if isinstance(body, Report):
        return _ranges(body)
    if isinstance(body, Verification):
        lines = [one.replacement for one in body.adjustments if one.replacement is not None]
        return {_range(one) for line in lines for one in line.evidence}
    return set()


def _ranges(report: Report) -> set[Range]:
    try:
        check_citations(report)
    except AttestationError:
        return set()
    return {_range(citation) for _, citation in citations_of(report)}


def _range(one: Citation) -> Range:
    return one.issuer, one.stream, one.first_seq, one.last_seq


def sums_cited(session: Session, statements: Iterable[Statement]) -> dict[Range, CitedReadings | None]:
    """The sums of ranges that are whole, as far as a signer may cite them: its own and its devices'.

    Nothing is summed for a report that steps 6 to 8 will refuse or answer: one whose place is taken, or whose key has
    ended or signs no reports.
    """
    entries, identities = EntryRepository(session), IdentityRepository(session)
    wanted: dict[tuple[str, str], dict[tuple[int, int], None]] = defaultdict(dict)
    for statement in statements:
        if not cited_ranges(statement) or not _may_enter(statement, entries, identities):
            continue
        owner, ranges = _cited_for(statement, CaseRepository(session))
        devices = {row.identifier: row.parent for row in identities.identifiers({issuer for issuer, *_ in ranges})}
        for issuer, stream, first_seq, last_seq in ranges:
            if owner in (issuer, devices.get(issuer)):
                wanted[issuer, stream][first_seq, last_seq] = None
    found: dict[Range, CitedReadings | None] = {}
    places = list(wanted)
    for row in (row for at in range(0, len(places), _ASKED) for row in entries.streams_named(places[at : at + _ASKED])):
        place = row.issuer, row.name
        within = [one for one in wanted[place] if one[1] <= row.last_seq]
        sums = sum_ranges(entries, row.id, within)
        found.update({(*place, first, last): summed for (first, last), summed in sums.items()})
    return found


def _cited_for(statement: Statement, cases: CaseRepository) -> tuple[str, set[Range]]:
    """Whose readings are cited, and all the ranges that have to be looked at: of a verdict that cites anew those of the
    whole report as adjusted, where its signer is assigned, since no hour counts twice in it."""
    body = statement.content
    if not isinstance(body, Verification):
        return statement.iss, cited_ranges(statement)
    found = cases.report(bytes.fromhex(body.report)) if _STATEMENT_ID.fullmatch(body.report) else None
    if found is None:
        return statement.iss, set()
    row, entry = found
    assigned = [one.verifier for one in cases.of_case(AssignmentRow, row.issuer, row.year) if one.ended_index is None]
    if statement.iss not in assigned:
        return row.issuer, set()
    return row.issuer, _ranges(verified_report(body_of(entry.entry, Report), body))


def _may_enter(statement: Statement, entries: EntryRepository, identities: IdentityRepository) -> bool:
    key = identities.key(statement.kid_key)
    if key is None or key.revoked_index is not None or Purpose.STATEMENT not in Purpose(key.purposes):
        return False
    stream = entries.stream(statement.iss, statement.stream)
    return stream is None or entries.at(stream.id, statement.seq) is None


def _merged(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    low = high = 0
    for first, last in sorted(ranges):
        if high and first > high + _BRIDGED:
            yield low, high
            high = 0
        low, high = (low, max(high, last)) if high else (first, last)
    if high:
        yield low, high
