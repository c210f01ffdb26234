"""An enrolment by admission: an approved application, and the one-time code that only its applicant has (DOMAIN 47)."""

from __future__ import annotations

import re

from attestation.admission_codes import code_hash
from attestation.bodies import STATEMENT_ID_PATTERN, EnrolKey
from attestation.context import Context
from attestation.instants import day_of
from attestation.judging.admissions import check_good, check_standing
from attestation.keys import Kind
from attestation.refusals import refuse

ADMITTED = frozenset({Kind.ENTERPRISE, Kind.VERIFIER})
"""Who applies. Devices and persons come with the body they belong to, parks and regulators are none."""

_STATEMENT_ID = re.compile(STATEMENT_ID_PATTERN)


def check_form(body: EnrolKey) -> str | None:
    """Step 9: admission and code come together (``admission.pair``, ``statement_id.format``, ``admission.code_form``).

    Gives the hash of the code, or None where there is neither.
    """
    if (body.admission is None) != (body.code is None):
        raise refuse("admission.pair", "a code alone" if body.admission is None else "an admission alone")
    if body.admission is None or body.code is None:
        return None
    if _STATEMENT_ID.fullmatch(body.admission) is None:
        raise refuse("statement_id.format", body.admission, at="body.admission")
    return code_hash(body.code)


def check_shown(body: EnrolKey, shown: str | None, context: Context) -> None:
    """Step 11: the code of hash ``shown`` opens this admission, for what was approved, for the first time.

    Raises SequenceRefused (``admission.unknown``, ``.code_used``, ``.superseded``, ``.content``, ``.code``,
    ``.expired``). Nothing to check where there is no admission.
    """
    if body.admission is None or shown is None:
        return
    approval = context.approval(bytes.fromhex(body.admission))
    if approval is None:
        raise refuse("admission.unknown", body.admission, "the statement id of a logged approval", at="body.admission")
    if approval.used_index is not None:
        raise refuse("admission.code_used", body.admission, at=f"entry {approval.used_index}")
    review, subject = approval.review, body.subject
    check_standing(review, context)
    for name, found, approved in (
        ("identifier", subject.identifier, review.identifier),
        ("kind", subject.kind, review.kind.value),
        ("group", subject.group or "no group", review.group or "no group"),
    ):
        if found != approved:
            raise refuse("admission.content", found, approved, at=f"body.subject.{name}")
    if shown != approval.code_hash:
        # The code itself may be nearly right: it is not repeated.
        raise refuse("admission.code", f"a code of hash {shown}")
    check_good(review.accreditation, context.now, "the review")


def check_needed(body: EnrolKey, kind: Kind, context: Context) -> None:
    """Step 11: an admission where the rules of the year of acceptance ask for one (``admission.required``)."""
    if body.admission is None and kind in ADMITTED:
        year = day_of(context.now).year
        if context.rules(year).admission_required:
            raise refuse("admission.required", f"{kind.value} {body.subject.identifier}", at=f"rules of {year}")
