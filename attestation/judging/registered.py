"""``registration`` and ``determination``: a case's figure, from a verdict or by two persons (DOMAIN 2, 10, 44)."""

from __future__ import annotations

from attestation.bodies import Determination, Registration
from attestation.bodies.registered import CAUSES
from attestation.context import Context
from attestation.envelope import Statement
from attestation.facts.cases import VerdictRecord
from attestation.identifiers import account_id
from attestation.instants import format_instant
from attestation.judging.approvals import check_approvals, check_form
from attestation.judging.cases import (
    EMITTERS,
    REJECTED,
    check_case,
    check_digest,
    check_statement_id,
    counted_figures,
    find_assignment,
    find_enrolled,
    objection_until,
    standing_verdict,
)
from attestation.judging.common import (
    Facts,
    check_choice,
    check_integer,
    check_name,
    check_place,
    check_reason,
    check_time,
)
from attestation.judging.eligibility import check_eligible
from attestation.judging.newcomers import check_signature_hex
from attestation.judging.positions import active_accounts
from attestation.judging.words import check_word
from attestation.keys import Purpose
from attestation.policies import Deadline
from attestation.refusals import refuse
from attestation.typed_data import Domain, emissions_determination_digest, verified_emissions_digest

MOST_TONNES = 2**53 - 1
MOST_REVISIONS = 1_000


def judge_registration(statement: Statement, body: Registration, context: Context) -> Facts:
    """Steps 9 to 12 of a registration."""
    # 9: body schema, units, bounds
    verdict_id = check_statement_id(body.verification, "body.verification")
    _check_figure(body.enterprise, body.year, body.tonnes, body.revision)
    check_signature_hex(body.signature, "body.signature")

    # 10: time
    check_time(statement, context)

    # 11: the verdict, whose word this is, and that nothing waits
    domain = _find_domain(body.enterprise, context)
    verdict = _find_registrable(statement, verdict_id, context)
    revision = len(counted_figures(verdict.enterprise, verdict.year, context)) + 1
    for name, found, expected in (
        ("enterprise", body.enterprise, verdict.enterprise),
        ("year", body.year, verdict.year),
        ("tonnes", body.tonnes, verdict.tonnes),
        ("revision", body.revision, revision),
    ):
        if found != expected:
            raise refuse("registration.content", found, expected, at=f"body.{name}")
    gap = check_place(statement, context)

    # 12: recomputation: the verifier's word for the registry contract
    report = context.report(verdict.report)
    if report is None:
        raise RuntimeError(f"verdict {verdict.index} is of a report that is not there")  # step 11 saw to that
    digest = verified_emissions_digest(
        domain,
        account_id(body.enterprise),
        body.year,
        body.tonnes,
        report.leaf_hash,
        verdict.leaf_hash,
        body.revision,
    )
    accounts = active_accounts(verdict.verifier, context)
    speaking = {address: record for address, record in accounts.items() if Purpose.STATEMENT in record.purposes}
    check_word("registration.signature", body.signature, digest, speaking)
    return Facts(opens_gap=gap)


def judge_determination(statement: Statement, body: Determination, context: Context) -> Facts:
    """Steps 9 to 12 of a determination."""
    # 9: body schema, units, bounds
    _check_figure(body.enterprise, body.year, body.tonnes, body.revision)
    check_choice(body.cause, CAUSES, "body.cause")
    check_name(body.method, "body.method")
    document_hash = check_digest(body.document_hash, "body.document_hash")
    if not any(document_hash):
        raise refuse("bytes32.format", body.document_hash, "the SHA-256 of a document", at="body.document_hash")
    check_reason(body.reason, "body.reason")
    check_form(body.approvals)

    # 10: time
    check_time(statement, context)

    # 11: that nobody verified, that the deadline of the cause has passed, and that the cause is one
    domain = _find_domain(body.enterprise, context)
    find_enrolled(body.enterprise, EMITTERS, "body.enterprise", context)
    registered = counted_figures(body.enterprise, body.year, context)
    if any(one.verdict is not None for one in registered):
        raise refuse("determination.verified", f"{body.enterprise} {body.year}")
    if body.revision != len(registered) + 1:
        raise refuse("registration.content", body.revision, len(registered) + 1, at="body.revision")
    _check_cause(body, context)
    gap = check_place(statement, context)

    # 12: recomputation: two persons of two bodies
    digest = emissions_determination_digest(
        domain, account_id(body.enterprise), body.year, body.tonnes, document_hash, body.revision
    )
    check_approvals(body.approvals, digest, context)
    return Facts(opens_gap=gap)


def _check_figure(enterprise: str, year: int, tonnes: int, revision: int) -> None:
    check_case(enterprise, year)
    check_integer(tonnes, 0, MOST_TONNES, "body.tonnes")
    check_integer(revision, 1, MOST_REVISIONS, "body.revision")


def _find_domain(enterprise: str, context: Context) -> Domain:
    """Step 11: the contract that figures are signed for (``registration.no_registry``)."""
    if context.emissions_domain is None:
        raise refuse("registration.no_registry", enterprise)
    return context.emissions_domain


def _find_registrable(statement: Statement, verdict_id: bytes, context: Context) -> VerdictRecord:
    """Step 11: a verdict that can be registered now, signed by its verifier or by the registrar."""
    verdict = context.verdict(verdict_id)
    if verdict is None:
        raise refuse("verdict.unknown", verdict_id.hex())
    if statement.iss not in {verdict.verifier, context.registrar_identifier}:
        raise refuse("registration.party", statement.iss, f"{verdict.verifier} or {context.registrar_identifier}")
    if verdict.conclusion == REJECTED or verdict.void:
        found = "void" if verdict.void else "rejected"
        raise refuse("registration.verdict", f"{found} {verdict_id.hex()}")
    for one in counted_figures(verdict.enterprise, verdict.year, context):
        if one.verdict == verdict_id:
            raise refuse("registration.repeated", f"{verdict_id.hex()}, entry {one.index}")
    standing = context.standing_report(verdict.enterprise, verdict.year)
    if standing is None or standing.statement_id != verdict.report:
        named = "none" if standing is None else standing.statement_id.hex()
        raise refuse("registration.outdated", verdict.report.hex(), f"a verdict on {named}")
    counts = standing_verdict(standing, context)
    if counts is not None and counts.statement_id != verdict_id:
        raise refuse("registration.verdict", f"replaced {verdict_id.hex()}", f"the verdict {counts.statement_id.hex()}")
    objection = context.objection_to(verdict_id)
    if objection is not None and objection.upheld is None:
        raise refuse("registration.objection", f"{verdict_id.hex()}, entry {objection.index}")
    until = objection_until(verdict, context)
    if context.now < until:
        since = format_instant(until)
        now = format_instant(context.now)
        raise refuse("registration.early", now, f"from {since} on", expected_zh=f"自 {since} 起")
    # The contract asks the same at the moment when it is told.
    find_assignment(verdict.verifier, verdict.enterprise, verdict.year, context)
    check_eligible(verdict.verifier, verdict.enterprise, verdict.year, context)
    return verdict


def _check_cause(body: Determination, context: Context) -> None:
    """Step 11: no registrable report by its deadline, or no verdict by that of registration (``determination.early``,
    ``determination.cause``)."""
    name = Deadline.REPORT if body.cause == "no-report" else Deadline.REGISTRATION
    deadline = context.calendar(body.year).deadline(name)
    if context.now < deadline:
        since = format_instant(deadline)
        now = format_instant(context.now)
        raise refuse("determination.early", now, f"from {since} on", expected_zh=f"自 {since} 起")
    standing = context.standing_report(body.enterprise, body.year)
    verdict = None if standing is None else standing_verdict(standing, context)
    rejected = verdict is not None and verdict.conclusion == REJECTED
    if standing is None or rejected:
        if body.cause != "no-report":
            raise refuse("determination.cause", body.cause, "no-report: no registrable report stands")
    elif body.cause == "no-report":
        raise refuse("determination.cause", body.cause, f"no report; {standing.statement_id.hex()} stands")
    elif verdict is not None:
        raise refuse("determination.cause", body.cause, f"no verdict; {verdict.statement_id.hex()} can be registered")
