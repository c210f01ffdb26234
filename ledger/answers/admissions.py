"""Answers ``attestation.facts.admissions`` from the tables."""

from __future__ import annotations

from attestation.facts.admissions import Accreditation, ApprovalRecord, ReviewRecord
from attestation.keys import Kind
from ledger.db.admission_models import ApprovalRow, ReviewRow
from ledger.db.admissions import AdmissionRepository


class AdmissionAnswers:
    """Part of ``ledger.context.LedgerContext``; by itself where only these questions are asked."""

    def __init__(self, admissions: AdmissionRepository) -> None:
        self.admissions = admissions

    def accreditation(self, verifier: str, /) -> Accreditation | None:
        """See ``AdmissionFacts``."""
        row = self.admissions.accreditation(verifier)
        return None if row is None else Accreditation(row.number, row.until)

    def tied(self, a: str, b: str, /) -> bool:
        """See ``AdmissionFacts``."""
        return self.admissions.tie(a, b) is not None

    def review(self, statement_id: bytes, /) -> ReviewRecord | None:
        """See ``AdmissionFacts``."""
        row = self.admissions.review(statement_id)
        return None if row is None else review_record(row)

    def last_review(self, identifier: str, /) -> ReviewRecord | None:
        """See ``AdmissionFacts``."""
        row = self.admissions.last_review(identifier)
        return None if row is None else review_record(row)

    def approval(self, statement_id: bytes, /) -> ApprovalRecord | None:
        """See ``AdmissionFacts``."""
        row = self.admissions.approval(statement_id)
        return None if row is None else self._approval(row)

    def approval_of(self, review: bytes, /) -> ApprovalRecord | None:
        """See ``AdmissionFacts``."""
        row = self.admissions.approval_of(review)
        return None if row is None else self._approval(row)

    def code_promised(self, code_hash: str, /) -> bool:
        """See ``AdmissionFacts``."""
        return self.admissions.code_promised(bytes.fromhex(code_hash))

    def opening(self, enterprise: str, /) -> int | None:
        """See ``AdmissionFacts``."""
        row = self.admissions.opening(enterprise)
        return None if row is None else row.entry_index

    def _approval(self, row: ApprovalRow) -> ApprovalRecord:
        review = review_record(self.admissions.require_review(row.review_id))
        return ApprovalRecord(row.statement_id, row.entry_index, review, row.code_hash.hex(), row.used_index)


def review_record(row: ReviewRow) -> ReviewRecord:
    """The review of a row."""
    accreditation = None
    if row.accreditation_number is not None and row.accreditation_until is not None:
        accreditation = Accreditation(row.accreditation_number, row.accreditation_until)
    return ReviewRecord(
        row.statement_id,
        row.entry_index,
        row.identifier,
        Kind(row.kind),
        row.group,
        accreditation,
        row.recommended,
        row.reviewer,
    )
