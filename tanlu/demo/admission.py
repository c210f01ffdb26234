"""Step 1: who is let in. An application, a review, a second person's approval, a one-time code, an enrolment; meters
and persons by the registrar (DOMAIN 47)."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

from msgspec.structs import replace

from attestation.admission_codes import CODE_BYTES, code_hash, code_text
from attestation.applications import (
    REQUEST_TYPE,
    TYPE,
    VERSION,
    Application,
    BankAccount,
    KeyRequest,
    Representative,
    canonical,
)
from attestation.bodies import EnrolKey
from attestation.bodies.admissions import AccreditationPart, ApproveApplication, ReviewApplication
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import prove_key
from tanlu.demo import inputs
from tanlu.demo.actors import Actors, Holder, Said

KEYS = "keys"
ADMISSIONS = "admissions"


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies, with the key that it made itself."""

    holder: Holder
    kind: Kind
    name: str
    credit_code: str
    purposes: Purpose
    accreditation: AccreditationPart | None = None


def enrol(  # noqa: PLR0917 - who, and with which key
    actors: Actors, identifier: str, kind: Kind, algorithm: Algorithm, purposes: Purpose, parent: str | None
) -> Holder:
    """A meter, a person or the regulator, enrolled by the registrar under its parent."""
    holder = Holder(identifier, PrivateKey.generate(algorithm))
    actors.submit(actors.registrar, "key", KEYS, _prove(actors, holder, kind, purposes, parent))
    actors.holders[identifier] = holder
    return holder


def staff(actors: Actors) -> None:
    """Two persons of the park who admit, and the regulator with a person of its own, each with a key of their own."""
    for person in inputs.OFFICERS:
        enrol(actors, person, Kind.PERSON, Algorithm.ES256K, Purpose.ADMINISTRATION, inputs.PARK)
    enrol(actors, inputs.REGULATOR, Kind.REGULATOR, Algorithm.ED25519, Purpose.STATEMENT, None)
    enrol(actors, inputs.INSPECTOR, Kind.PERSON, Algorithm.ES256K, Purpose.ADMINISTRATION, inputs.REGULATOR)


def admit(actors: Actors) -> None:
    """Enterprises and verifiers, each by application; then the enterprises' meters."""
    for enterprise in inputs.ENTERPRISES:
        holder = Holder(enterprise.identifier, PrivateKey.generate(Algorithm(enterprise.algorithm)))
        name, code = enterprise.name, enterprise.credit_code
        # Administration too: its holder brings the key for assets itself.
        purposes = Purpose.STATEMENT | Purpose.ADMINISTRATION
        _admit_one(actors, Applicant(holder, Kind.ENTERPRISE, name, code, purposes))
    for verifier in inputs.VERIFIERS:
        holder = Holder(verifier.identifier, PrivateKey.generate(Algorithm.ES256K))
        accreditation = AccreditationPart(number=verifier.accreditation, until=verifier.accredited_until)
        _admit_one(
            actors,
            Applicant(holder, Kind.VERIFIER, verifier.name, verifier.credit_code, Purpose.STATEMENT, accreditation),
        )
    meters = 0
    for enterprise in inputs.ENTERPRISES:
        for meter in enterprise.meters():
            for generation in meter.generations:
                device = enterprise.device(meter, generation)
                enrol(actors, device, Kind.DEVICE, Algorithm.ED25519, Purpose.DEVICE, enterprise.identifier)
                meters += 1
    organisations = len(inputs.ENTERPRISES) + len(inputs.VERIFIERS)
    actors.say(
        f"{len(inputs.ENTERPRISES)} enterprises and {len(inputs.VERIFIERS)} verifiers applied, were reviewed, approved "
        f"by a second person and enrolled with {organisations} one-time codes; {meters} meters enrolled",
        f"{len(inputs.ENTERPRISES)} 家企业、{len(inputs.VERIFIERS)} 家核查机构经申请、审核、第二人批准，"
        f"凭 {organisations} 个一次性验证码注册；另注册 {meters} 台计量器具",
    )


def _admit_one(actors: Actors, applicant: Applicant) -> None:
    reviewer, approver = (actors.holders[person] for person in inputs.OFFICERS)
    first = not any(refusal.rule.startswith("admission.") for refusal in actors.refusals)
    document = _application(actors, applicant)
    received = actors.client.apply(document)
    review = ReviewApplication(
        application=received.application,
        identifier=applicant.holder.identifier,
        kind=applicant.kind.value,
        credit_code=applicant.credit_code,
        accreditation=applicant.accreditation,
        recommended=True,
        reason="licence, account and representatives examined",
    )
    reviewed = actors.submit(reviewer, "admission", ADMISSIONS, review)
    code = code_text(secrets.token_bytes(CODE_BYTES))
    approval = ApproveApplication(review=reviewed.statement_id, code_hash=code_hash(code))
    if first:
        actors.expect_refusal(
            "an application approved by the person who reviewed it",
            "由审核人本人批准申请",
            actors.sign(reviewer, "admission", ADMISSIONS, approval),
        )
    approved = actors.submit(approver, "admission", ADMISSIONS, approval)
    _activate(actors, applicant, approved, code)
    if first:
        again = Holder(f"{applicant.holder.identifier}-2", PrivateKey.generate(Algorithm.ES256K))
        body = _prove(actors, again, applicant.kind, applicant.purposes, None)
        actors.expect_refusal(
            "a one-time code used a second time",
            "一次性验证码重复使用",
            actors.sign(actors.registrar, "key", KEYS, _with_code(body, approved, code)),
        )


def _activate(actors: Actors, applicant: Applicant, approved: Said, code: str) -> None:
    """The registrar enrols whoever shows the code of the approval."""
    body = _prove(actors, applicant.holder, applicant.kind, applicant.purposes, None)
    actors.submit(actors.registrar, "key", KEYS, _with_code(body, approved, code))
    actors.holders[applicant.holder.identifier] = applicant.holder


def _application(actors: Actors, applicant: Applicant) -> bytes:
    body = _prove(actors, applicant.holder, applicant.kind, applicant.purposes, None)
    request = KeyRequest(v=VERSION, type=REQUEST_TYPE, log=actors.log, body=body)
    application = Application(
        v=VERSION,
        type=TYPE,
        log=actors.log,
        identifier=applicant.holder.identifier,
        kind=applicant.kind.value,
        name=applicant.name,
        credit_code=applicant.credit_code,
        licence_hash=hashlib.sha256(applicant.name.encode()).hexdigest(),
        representatives=(Representative(name="Representative 代表", role="legal representative 法定代表人"),),
        bank_account=BankAccount(holder=applicant.name, bank="Park Bank 园区银行", number="62000000000000"),
        accreditation=applicant.accreditation,
        request=request,
    )
    return canonical(application)


def _prove(actors: Actors, holder: Holder, kind: Kind, purposes: Purpose, parent: str | None) -> EnrolKey:
    return prove_key(
        log=actors.log,
        identifier=holder.identifier,
        kind=kind,
        key=holder.key,
        purposes=purposes,
        iat=int(time.time()),
        domain=actors.registry,
        parent=parent,
    )


def _with_code(body: EnrolKey, approved: Said, code: str) -> EnrolKey:
    return replace(body, admission=approved.statement_id, code=code)
