"""``admission``: review, second approval, accreditation, ties (DOMAIN 8, 23, 47)."""

from __future__ import annotations

import re
from datetime import timedelta

from attestation.bodies import STATEMENT_ID_PATTERN
from attestation.bodies.admissions import (
    APPLICANT_KINDS,
    SHA256_PATTERN,
    Accredit,
    AccreditationPart,
    Admission,
    ApproveApplication,
    DeclareTie,
    ReviewApplication,
)
from attestation.context import Context
from attestation.credit_codes import check_credit_code
from attestation.envelope import Statement
from attestation.facts.admissions import Accreditation, ReviewRecord
from attestation.identifiers import parse_identifier
from attestation.instants import format_instant, parse_date, start_of_day
from attestation.judging.common import Facts, check_choice, check_name, check_place, check_reason, check_time
from attestation.keys import Kind
from attestation.refusals import refuse

TIED_WITH_A_VERIFIER = (Kind.ENTERPRISE, Kind.PARK)
"""Whom a verifier could be asked to verify, and may not where the two are tied."""

_STATEMENT_ID = re.compile(STATEMENT_ID_PATTERN)
_SHA256 = re.compile(SHA256_PATTERN)


def judge_admission(statement: Statement, body: Admission, context: Context) -> Facts:
    """Steps 9 to 11 of an admission; there is nothing to recompute."""
    match body:
        case ReviewApplication():
            _judge_review(statement, body, context)
        case ApproveApplication():
            _judge_approval(statement, body, context)
        case Accredit():
            _judge_accreditation(statement, body, context)
        case DeclareTie():
            _judge_tie(statement, body, context)
    return Facts(opens_gap=check_place(statement, context))


def check_sha256(text: str, at: str) -> None:
    """Step 9: a SHA-256 hash (``sha256.format``)."""
    if _SHA256.fullmatch(text) is None:
        raise refuse("sha256.format", text, at=at)


def read_accreditation(part: AccreditationPart | Accredit, at: str) -> Accreditation:
    """Step 9: number and last day (``body.name``, ``date.format``). The day is whole: it ends at midnight, UTC+8."""
    check_name(part.number, f"{at}.number")
    return Accreditation(part.number, start_of_day(parse_date(part.until) + timedelta(days=1)))


def check_good(accreditation: Accreditation | None, now: int, at: str) -> None:
    """Step 11: the accreditation, where there is one, is not over (``admission.expired``)."""
    if accreditation is not None and accreditation.until <= now:
        ended = format_instant(accreditation.until)
        raise refuse(
            "admission.expired", f"{accreditation.number} until {ended}", f"good at {format_instant(now)}", at=at
        )


def check_standing(review: ReviewRecord, context: Context) -> None:
    """Step 11: nobody reviewed an application for the identifier again (``admission.superseded``)."""
    last = context.last_review(review.identifier)
    if last is not None and last.statement_id != review.statement_id:
        raise refuse(
            "admission.superseded",
            review.statement_id.hex(),
            f"the review {last.statement_id.hex()}, entry {last.index}",
        )


def _check_of_park(statement: Statement, context: Context) -> None:
    person = context.identifier(statement.iss)
    parent = None if person is None else person.parent
    if parent != context.registrar_identifier:
        raise refuse("admission.body", f"{statement.iss} of {parent}", f"a person of {context.registrar_identifier}")


def _judge_review(statement: Statement, body: ReviewApplication, context: Context) -> None:
    # 9: body schema, units, bounds
    check_sha256(body.application, "body.application")
    parse_identifier(body.identifier, step=9)
    check_choice(body.kind, APPLICANT_KINDS, "body.kind")
    if body.group is not None:
        check_name(body.group, "body.group")
    check_credit_code(body.credit_code, "body.credit_code")
    if (body.accreditation is not None) != (body.kind == Kind.VERIFIER.value):
        found = "an" if body.accreditation is not None else "no"
        raise refuse("admission.accreditation", f"{found} accreditation for kind {body.kind}")
    accreditation = None
    if body.accreditation is not None:
        accreditation = read_accreditation(body.accreditation, "body.accreditation")
    check_reason(body.reason, "body.reason")

    # 10: time
    check_time(statement, context)

    # 11: sequence: who says it, and what the log already holds of the identifier
    _check_of_park(statement, context)
    _check_new(body.identifier, context)
    if body.recommended:
        check_good(accreditation, context.now, "body.accreditation")


def _judge_approval(statement: Statement, body: ApproveApplication, context: Context) -> None:
    # 9: body schema, units, bounds
    if _STATEMENT_ID.fullmatch(body.review) is None:
        raise refuse("statement_id.format", body.review, at="body.review")
    check_sha256(body.code_hash, "body.code_hash")

    # 10: time
    check_time(statement, context)

    # 11: sequence: who says it, and the review that it is about
    _check_of_park(statement, context)
    review = context.review(bytes.fromhex(body.review))
    if review is None:
        raise refuse("admission.unknown", body.review, "the statement id of a logged review", at="body.review")
    if review.reviewer == statement.iss:
        raise refuse("admission.same_person", statement.iss)
    if not review.recommended:
        raise refuse("admission.not_recommended", body.review)
    approved = context.approval_of(review.statement_id)
    if approved is not None:
        raise refuse("admission.approved", body.review, at=f"entry {approved.index}")
    check_standing(review, context)
    _check_new(review.identifier, context)
    check_good(review.accreditation, context.now, "the review")
    if context.code_promised(body.code_hash):
        raise refuse("admission.code_repeated", body.code_hash)


def _judge_accreditation(statement: Statement, body: Accredit, context: Context) -> None:
    # 9: body schema, units, bounds
    parse_identifier(body.verifier, step=9)
    read_accreditation(body, "body")
    check_sha256(body.document_hash, "body.document_hash")

    # 10: time
    check_time(statement, context)

    # 11: sequence: who says it, and about whom
    _check_of_park(statement, context)
    record = context.identifier(body.verifier)
    if record is None or record.kind is not Kind.VERIFIER:
        found = "unknown" if record is None else record.kind.value
        raise refuse("accreditation.verifier", f"{found} {body.verifier}")


def _judge_tie(statement: Statement, body: DeclareTie, context: Context) -> None:
    # 9: body schema, units, bounds
    parse_identifier(body.a, step=9)
    parse_identifier(body.b, step=9)
    check_reason(body.reason, "body.reason")

    # 10: time
    check_time(statement, context)

    # 11: sequence: who says it, and what the log already holds of the two
    _check_of_park(statement, context)
    kinds = []
    for name, identifier in (("a", body.a), ("b", body.b)):
        record = context.identifier(identifier)
        if record is None:
            raise refuse("tie.unknown", identifier, at=f"body.{name}")
        kinds.append(record.kind)
    if not any(one is Kind.VERIFIER and other in TIED_WITH_A_VERIFIER for one, other in (kinds, kinds[::-1])):
        raise refuse("tie.kind", f"{kinds[0].value} {body.a} and {kinds[1].value} {body.b}")
    if context.tied(body.a, body.b):
        raise refuse("tie.repeated", f"{body.a} and {body.b}")


def _check_new(identifier: str, context: Context) -> None:
    known = context.identifier(identifier)
    if known is not None:
        raise refuse("admission.known", f"{identifier}, entry {known.enrolled_index}")
