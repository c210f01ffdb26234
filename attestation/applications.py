"""Applications to be let in (DOMAIN 47): a document that is no statement, known to the log by its hash alone.

It holds personal data: representatives, a bank account. So it stays outside of the log, where it can be erased, while
the review that stays names its SHA-256.
"""

from __future__ import annotations

import hashlib
from typing import Annotated

from attestation.bodies import EnrolKey
from attestation.bodies.admissions import APPLICANT_KINDS, AccreditationPart, ApplicantKindText, CreditCodeText
from attestation.bodies.admissions import Sha256Text as Sha256
from attestation.bodies.texts import IdentifierText, NameText, Part, published
from attestation.credit_codes import check_credit_code
from attestation.diagnosis import parse_struct
from attestation.encoding import compact_json, strict_object
from attestation.handed_keys import check_newcomer
from attestation.identifiers import parse_identifier
from attestation.judging.admissions import check_good, check_sha256, read_accreditation
from attestation.judging.common import check_choice, check_name
from attestation.judging.newcomers import check_purposes, read_newcomer
from attestation.keys import Kind
from attestation.refusals import refuse
from attestation.typed_data import Domain

VERSION = 1
TYPE = "application"
REQUEST_TYPE = "enrolment-request"
MAX_BYTES = 32 * 1024
"""A longer document is refused before it is read."""
MAX_REPRESENTATIVES = 10
MAX_RELATED = 50


class Representative(Part, frozen=True, kw_only=True):
    """Who speaks for the applicant, in which role; personal data."""

    name: NameText
    role: NameText
    phone: NameText | None = None
    email: NameText | None = None


class BankAccount(Part, frozen=True, kw_only=True):
    """Where payments go: an account in the applicant's own name (DOMAIN 21)."""

    holder: NameText
    bank: NameText
    number: NameText


class RelatedEnterprise(Part, frozen=True, kw_only=True):
    """An enterprise with the same owner, management or control; ``relation`` in words."""

    name: NameText
    credit_code: CreditCodeText
    relation: NameText


class KeyRequest(Part, frozen=True, kw_only=True):
    """What ``tanlu keys request`` writes: the enrolment to be, with proof that the applicant has the private key."""

    v: int
    type: str
    log: str
    body: EnrolKey


class Application(Part, frozen=True, kw_only=True):
    """Who applies to be what. Its hash is over its compact JSON, members in this order."""

    v: int
    type: str
    log: str
    identifier: IdentifierText
    kind: ApplicantKindText
    group: NameText | None = None
    name: NameText
    credit_code: CreditCodeText
    licence_hash: Sha256
    representatives: Annotated[tuple[Representative, ...], published(minItems=1, maxItems=MAX_REPRESENTATIVES)]
    bank_account: BankAccount | None = None
    related: Annotated[tuple[RelatedEnterprise, ...], published(maxItems=MAX_RELATED)] = ()
    accreditation: AccreditationPart | None = None
    request: KeyRequest


def canonical(application: Application) -> bytes:
    """The bytes whose SHA-256 names the application: compact JSON, members in declared order, absent ones left out."""
    return compact_json(application)


def application_id(document: bytes) -> str:
    """Hex SHA-256 of the canonical document."""
    return hashlib.sha256(document).hexdigest()


def read_application(document: bytes, *, log: str, domain: Domain | None, now: int) -> Application:
    """The application of a JSON document, for the log of that origin; ``now`` in Unix seconds, ``domain`` that of the
    identifier registry.

    Raises StatementMalformed (``json.*``), SchemaRefused (``application.*``, ``body.*``, ``credit_code.*`` and others
    of step 9), SequenceRefused (``admission.expired``) and RecomputationRefused (``possession.*``).
    """
    application = parse_struct(strict_object(document), Application, "application")
    for found, wanted, at in (
        (application.v, VERSION, "v"),
        (application.type, TYPE, "type"),
        (application.log, log, "log"),
        (application.request.v, VERSION, "request.v"),
        (application.request.type, REQUEST_TYPE, "request.type"),
        (application.request.log, log, "request.log"),
    ):
        if found != wanted:
            raise refuse("application.form", found, wanted, at=at)
    _check_names(application)
    _check_who(application, now)
    _check_request(application, log, domain, now)
    return application


def _check_who(application: Application, now: int) -> None:
    parse_identifier(application.identifier, step=9)
    check_choice(application.kind, APPLICANT_KINDS, "kind")
    check_credit_code(application.credit_code, "credit_code")
    check_sha256(application.licence_hash, "licence_hash")
    if (application.accreditation is not None) != (application.kind == Kind.VERIFIER.value):
        found = "an" if application.accreditation is not None else "no"
        raise refuse("admission.accreditation", f"{found} accreditation for kind {application.kind}")
    if application.accreditation is not None:
        check_good(read_accreditation(application.accreditation, "accreditation"), now, "accreditation")
    account = application.bank_account
    if account is None and application.kind == Kind.ENTERPRISE.value:
        raise refuse("application.account", "no bank account")
    if account is not None and account.holder != application.name:
        raise refuse("application.account", account.holder, application.name, at="bank_account.holder")


def _check_names(application: Application) -> None:
    check_name(application.name, "name")
    if application.group is not None:
        check_name(application.group, "group")
    people, related = application.representatives, application.related
    if not 1 <= len(people) <= MAX_REPRESENTATIVES or len(related) > MAX_RELATED:
        raise refuse("application.count", f"{len(people)} representatives, {len(related)} related enterprises")
    for number, person in enumerate(people):
        _check_texts(person, f"representatives[{number}]")
    if application.bank_account is not None:
        _check_texts(application.bank_account, "bank_account")
    for number, enterprise in enumerate(related):
        _check_texts(enterprise, f"related[{number}]")
        check_credit_code(enterprise.credit_code, f"related[{number}].credit_code")


def _check_texts(part: Part, at: str) -> None:
    for name in part.__struct_fields__:
        text = getattr(part, name)
        if text is not None:
            check_name(text, f"{at}.{name}")


def _check_request(application: Application, log: str, domain: Domain | None, now: int) -> None:
    """The key that would be enrolled is the applicant's, for what it applies to be."""
    body = application.request.body
    subject = body.subject
    for found, applied, at in (
        (subject.identifier, application.identifier, "identifier"),
        (subject.kind, application.kind, "kind"),
        (subject.group or "no group", application.group or "no group", "group"),
    ):
        if found != applied:
            raise refuse("application.request", found, applied, at=f"request.body.subject.{at}")
    if body.admission is not None or body.code is not None:
        raise refuse("application.request", "an admission", "no admission and no code yet", at="request.body")
    check_purposes(read_newcomer(body).purposes, Kind(subject.kind))
    check_newcomer(body, subject.identifier, log, domain, now=now)
