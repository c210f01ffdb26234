"""``admission``: who is let in, with which accreditation, and who may not verify whom (DOMAIN 8, 47). One struct per
``action``."""

from __future__ import annotations

from typing import Annotated

from attestation.bodies.texts import (
    DateText,
    IdentifierText,
    NameText,
    Part,
    ReasonText,
    StatementIdText,
    published,
    whole,
)
from attestation.credit_codes import PATTERN as CREDIT_CODE_PATTERN

SHA256_PATTERN = r"[0-9a-f]{64}"
APPLICANT_KINDS = ("enterprise", "verifier")

Sha256Text = Annotated[str, published(pattern=whole(SHA256_PATTERN))]
CreditCodeText = Annotated[str, published(pattern=whole(CREDIT_CODE_PATTERN))]
ApplicantKindText = Annotated[str, published(enum=list(APPLICANT_KINDS))]


class AccreditationPart(Part, frozen=True, kw_only=True):
    """A verifier's accreditation: its number, and the last day on which it is good (China Standard Time)."""

    number: NameText
    until: DateText


class AdmissionAction(Part, frozen=True, kw_only=True, tag_field="action"):
    """What every body of ``admission`` is; ``action`` stands first in its JSON."""

    @property
    def action(self) -> str:
        """The member ``action``."""
        return str(self.__struct_config__.tag)


class ReviewApplication(AdmissionAction, frozen=True, kw_only=True, tag="review"):
    """A person of the park has examined the application document of this SHA-256. What is enrolled later is what stands
    here; the document itself, with its personal data, never enters the log."""

    application: Sha256Text
    identifier: IdentifierText
    kind: ApplicantKindText
    group: NameText | None = None
    credit_code: CreditCodeText
    accreditation: AccreditationPart | None = None
    recommended: bool
    reason: ReasonText


class ApproveApplication(AdmissionAction, frozen=True, kw_only=True, tag="approve"):
    """Another person of the park agrees with a review. ``code_hash`` is that of the one-time code which the applicant
    gets outside of the log (``attestation.admission_codes``)."""

    review: StatementIdText
    code_hash: Sha256Text


class Accredit(AdmissionAction, frozen=True, kw_only=True, tag="accredit"):
    """From here on this is the verifier's accreditation; a day that is over ends it."""

    verifier: IdentifierText
    number: NameText
    until: DateText
    document_hash: Sha256Text


class DeclareTie(AdmissionAction, frozen=True, kw_only=True, tag="tie"):
    """A relation for which the verifier among the two never verifies the other one."""

    a: IdentifierText
    b: IdentifierText
    reason: ReasonText


Admission = ReviewApplication | ApproveApplication | Accredit | DeclareTie
"""Body of ``admission``: one of the actions."""
