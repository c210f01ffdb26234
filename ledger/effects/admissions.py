"""``admission``: reviews, approvals, accreditations and ties; ties are told to the emissions registry as well."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.bodies.admissions import Accredit, Admission, ApproveApplication, DeclareTie, ReviewApplication
from attestation.judging.admissions import read_accreditation
from attestation.statements import EnrolKey, Statement
from ledger.chain.emission_intents import TieIntent
from ledger.context import LedgerContext
from ledger.db.admission_models import AccreditationRow, ApprovalRow, ReviewRow, TieRow
from ledger.effects.emissions import tell_emissions


def record_admission(
    session: Session, context: LedgerContext, statement: Statement, body: Admission, index: int
) -> None:
    """Write what an admission establishes."""
    match body:
        case ReviewApplication():
            _review(context, statement, body, index)
        case ApproveApplication():
            context.admissions.add(
                ApprovalRow(
                    statement_id=statement.statement_id,
                    entry_index=index,
                    review_id=bytes.fromhex(body.review),
                    code_hash=bytes.fromhex(body.code_hash),
                    approver=statement.iss,
                )
            )
        case Accredit():
            accreditation = read_accreditation(body, "body")
            context.admissions.add(
                AccreditationRow(
                    entry_index=index,
                    verifier=body.verifier,
                    number=accreditation.number,
                    until=accreditation.until,
                    document_hash=bytes.fromhex(body.document_hash),
                )
            )
        case DeclareTie():
            a, b = sorted((body.a, body.b), key=str.encode)
            context.admissions.add(TieRow(entry_index=index, a=a, b=b, reason=body.reason))
            tell_emissions(session, context, TieIntent(statement.leaf_hash, index, a, b))


def _review(context: LedgerContext, statement: Statement, body: ReviewApplication, index: int) -> None:
    accreditation = None
    if body.accreditation is not None:
        accreditation = read_accreditation(body.accreditation, "body.accreditation")
    context.admissions.add(
        ReviewRow(
            statement_id=statement.statement_id,
            entry_index=index,
            application=bytes.fromhex(body.application),
            identifier=body.identifier,
            kind=body.kind,
            group=body.group,
            credit_code=body.credit_code,
            accreditation_number=None if accreditation is None else accreditation.number,
            accreditation_until=None if accreditation is None else accreditation.until,
            recommended=body.recommended,
            reviewer=statement.iss,
        )
    )


def record_activation(context: LedgerContext, body: EnrolKey, index: int) -> None:
    """An enrolment showed the code of its admission: the code is used up, and a verifier is accredited as approved."""
    if body.admission is None:
        return
    approval = context.admissions.require_approval(bytes.fromhex(body.admission))
    approval.used_index = index
    review = context.admissions.require_review(approval.review_id)
    if review.accreditation_number is not None and review.accreditation_until is not None:
        context.admissions.add(
            AccreditationRow(
                entry_index=index,
                verifier=review.identifier,
                number=review.accreditation_number,
                until=review.accreditation_until,
            )
        )
