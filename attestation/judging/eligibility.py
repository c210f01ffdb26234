"""Whether a verifier may verify a case: independent, accredited, not voided in it before (DOMAIN 8, 44).

The registry contract asks the same of kinds, groups and ties when it registers a figure; compilers of reports, terms of
accreditation and voided verdicts are the log's to know.
"""

from __future__ import annotations

from attestation.context import Context
from attestation.instants import format_instant
from attestation.judging.cases import EMITTERS, find_enrolled
from attestation.keys import Kind
from attestation.refusals import refuse


def check_eligible(verifier: str, enterprise: str, year: int, context: Context, at: str = "") -> None:
    """Step 11. ``at`` is the member that names the verifier, if one does.

    Raises SequenceRefused (``assignment.unknown``, ``assignment.kind``, ``eligibility.accreditation``,
    ``eligibility.group``, ``eligibility.tie``, ``eligibility.compiled``, ``eligibility.voided``).
    """
    emitter = find_enrolled(enterprise, EMITTERS, "enterprise", context)
    # A verifier is no emitter, so that nobody verifies itself.
    record = find_enrolled(verifier, (Kind.VERIFIER,), at or "verifier", context)
    accreditation = context.accreditation(verifier)
    if accreditation is not None and accreditation.until <= context.now:
        ended = format_instant(accreditation.until)
        raise refuse("eligibility.accreditation", f"{verifier}, accredited until {ended}", at=at)
    if record.group is not None and record.group == emitter.group:
        raise refuse("eligibility.group", f"{verifier} and {enterprise} of {record.group}", at=at)
    if context.tied(verifier, enterprise):
        raise refuse("eligibility.tie", f"{verifier} and {enterprise}", at=at)
    for report in context.reports_of(enterprise, year):
        compiler = report.body.compiled_by
        if compiler is not None and verifier in compilers(compiler, context):
            raise refuse("eligibility.compiled", f"{verifier}, by {compiler} of entry {report.index}", at=at)
    for verdict in context.verdicts_of(enterprise, year):
        if verdict.void and verdict.verifier == verifier:
            raise refuse("eligibility.voided", f"{verifier}, entry {verdict.index}", at=at)


def assigned_until(verifier: str, until: int, context: Context) -> int:
    """When an assignment until ``until`` (unix seconds) ends at the latest: with the accreditation."""
    accreditation = context.accreditation(verifier)
    return until if accreditation is None else min(until, accreditation.until)


def compilers(compiler: str, context: Context) -> frozenset[str | None]:
    """Who compiled a report that names that identifier: a person's body as well (DOMAIN 8)."""
    record = context.identifier(compiler)
    return frozenset({compiler, record.parent if record is not None and record.kind is Kind.PERSON else compiler})
