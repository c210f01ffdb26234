"""What the steps of a case share (DOMAIN 44): forms of its members, who may speak for it, what is open, until when."""

from __future__ import annotations

import re
from collections.abc import Collection

from attestation.bodies import FIRST_YEAR, LAST_YEAR, STATEMENT_ID_PATTERN
from attestation.bodies.words import DIGEST_PATTERN, WORDS_LIMIT
from attestation.context import Context, IdentifierRecord
from attestation.facts.cases import (
    AssignmentRecord,
    FindingRecord,
    FoundItem,
    RegistrationRecord,
    ReportRecord,
    VerdictRecord,
)
from attestation.identifiers import parse_identifier
from attestation.instants import format_instant
from attestation.judging.common import check_integer
from attestation.keys import Kind
from attestation.refusals import refuse

NONCONFORMITY = "nonconformity"
REJECTED = "rejected"
EMITTERS = (Kind.ENTERPRISE, Kind.PARK)
"""Kinds of identifiers that report emissions; the registry contract lets no other one be registered."""

_STATEMENT_ID = re.compile(STATEMENT_ID_PATTERN)
_DIGEST = re.compile(DIGEST_PATTERN)


def check_words(text: str, at: str) -> None:
    """Step 9: 1 to 4,000 printable characters and line feeds, without space at the ends (``body.words``)."""
    printable = all(line.isprintable() for line in text.split("\n"))
    if not 1 <= len(text) <= WORDS_LIMIT or not printable or text != text.strip():
        raise refuse("body.words", text, at=at)


def check_statement_id(text: str, at: str) -> bytes:
    """Step 9: the 32 bytes of a statement id (``statement_id.format``)."""
    if _STATEMENT_ID.fullmatch(text) is None:
        raise refuse("statement_id.format", text, at=at)
    return bytes.fromhex(text)


def check_digest(text: str, at: str) -> bytes:
    """Step 9: 32 bytes in lowercase hex (``bytes32.format``)."""
    if _DIGEST.fullmatch(text) is None:
        raise refuse("bytes32.format", text, at=at)
    return bytes.fromhex(text)


def check_case(enterprise: str, year: int) -> None:
    """Step 9: the two members that name a case (``identifier.*``, ``body.integer``)."""
    parse_identifier(enterprise, step=9)
    check_integer(year, FIRST_YEAR, LAST_YEAR, "body.year")


def find_enrolled(identifier: str, kinds: Collection[Kind], at: str, context: Context) -> IdentifierRecord:
    """Step 11: an enrolled identifier of one of the kinds (``assignment.unknown``, ``assignment.kind``)."""
    record = context.identifier(identifier)
    if record is None:
        raise refuse("assignment.unknown", identifier, at=at)
    if record.kind not in kinds:
        allowed = " or ".join(kind.value for kind in kinds)
        raise refuse("assignment.kind", f"{record.kind.value} {identifier}", allowed, at=at)
    return record


def current_assignment(enterprise: str, year: int, context: Context) -> AssignmentRecord | None:
    """The assignment of the case that is not ended, in its days or not."""
    found = context.assignments_of(enterprise, year)
    return found[-1] if found and found[-1].ended_index is None else None


def find_assignment(verifier: str, enterprise: str, year: int, context: Context) -> AssignmentRecord:
    """Step 11: the verifier's current assignment to the case, in its days.

    Raises SequenceRefused: ``case.unassigned`` for one that never was assigned, ``case.replaced`` for one whose
    assignment was ended, ``case.expired`` before the first and after the last day.
    """
    case = f"{enterprise} {year}"
    current = current_assignment(enterprise, year, context)
    if current is None or current.verifier != verifier:
        past = [one for one in context.assignments_of(enterprise, year) if one.verifier == verifier]
        if past:
            raise refuse("case.replaced", f"{verifier}, ended by entry {past[-1].ended_index}", at=case)
        raise refuse("case.unassigned", verifier, at=case)
    if not current.start <= context.now < current.until:
        start, until = format_instant(current.start), format_instant(current.until)
        found = f"{verifier} at {format_instant(context.now)}"
        days_zh = f"自 {start} 起，至 {until} 之前"
        raise refuse("case.expired", found, f"from {start} until {until}", at=case, expected_zh=days_zh)
    return current


def find_standing(report: bytes, context: Context) -> ReportRecord:
    """Step 11: the report of that statement id, which nothing supersedes (``case.report``, ``case.outdated``)."""
    record = context.report(report)
    if record is None:
        raise refuse("case.report", report.hex())
    if record.superseded:
        standing = context.standing_report(record.enterprise, record.year)
        wanted = "a standing report" if standing is None else standing.statement_id.hex()
        raise refuse("case.outdated", report.hex(), wanted)
    return record


def standing_verdict(report: ReportRecord, context: Context) -> VerdictRecord | None:
    """The verdict on that very revision that counts: that was registered, else that of the current assignee. One of a
    verifier that was replaced stands in nobody's way, and counts again when it is assigned again."""
    given = context.verdicts_of(report.enterprise, report.year)
    found = {one.statement_id: one for one in given if one.report == report.statement_id and not one.void}
    for figure in counted_figures(report.enterprise, report.year, context):
        if figure.verdict in found:
            return found[figure.verdict]
    current = current_assignment(report.enterprise, report.year, context)
    return next((one for one in found.values() if current is not None and one.verifier == current.verifier), None)


def counted_figures(enterprise: str, year: int, context: Context) -> list[RegistrationRecord]:
    """The registered versions of the case's figure by revision, without those at its end that the emissions registry
    finally refused: they are nobody's figure, and are registered anew under the same revision."""
    found = list(context.registrations_of(enterprise, year))
    while found and context.figure_refused(found[-1].index):
        found.pop()
    return found


def open_nonconformities(enterprise: str, year: int, context: Context) -> dict[tuple[bytes, str], FindingRecord]:
    """The non-conformities of the case that no standing verdict closed, by finding (statement id) and item."""
    closed = {pair for one in context.verdicts_of(enterprise, year) if not one.void for pair in one.resolved}
    return {
        (finding.statement_id, item.id): finding
        for finding in context.findings_of(enterprise, year)
        for item in finding.items
        if item.kind == NONCONFORMITY and (finding.statement_id, item.id) not in closed
    }


def item_of(finding: FindingRecord, item_id: str) -> FoundItem:
    """The item of that id, which the finding has."""
    return next(item for item in finding.items if item.id == item_id)


def correction_until(finding: FindingRecord, context: Context) -> int:
    """Until when the enterprise may correct before it is estimated (DOMAIN 44), in unix seconds."""
    days = context.rules(finding.year).correction_days
    return context.calendar(finding.year).after_working_days(finding.at, days)


def objection_until(verdict: VerdictRecord, context: Context) -> int:
    """The end of the objection window (DOMAIN 44), in unix seconds: from then on the verdict can be registered."""
    days = context.rules(verdict.year).objection_days
    return context.calendar(verdict.year).after_working_days(verdict.at, days)
