"""What verification asks about admissions (``attestation.facts.admissions``), told by a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attestation.facts.admissions import Accreditation, ApprovalRecord, ReviewRecord
from attestation.instants import day_of
from attestation.keys import Kind
from attestation.policies import RULES, Rules, read_rules
from tanlu.client.admission_types import AdmissionTold, ApprovalDetail, ReviewDetail

if TYPE_CHECKING:
    from tanlu.client.client import Client


class ToldAdmissions:
    """Part of ``ServiceContext``. What only the log knows (ties, other codes) is left to it: it judges again."""

    _client: Client
    _last_reviews: dict[str, ReviewDetail]
    now: int

    def rules(self, year: int, /) -> Rules:
        """The rules in force for that compliance year, or the defaults."""
        document = self._client.policy_in_force(RULES, year, day_of(self.now))
        return Rules(year) if document is None else read_rules(document)

    def review(self, statement_id: bytes, /) -> ReviewRecord | None:
        """The review of that statement id, or None."""
        told = self._told(statement_id)
        return None if told is None or told.review.statement_id != statement_id.hex() else _review(told.review)

    def last_review(self, identifier: str, /) -> ReviewRecord | None:
        """The latest review about an identifier of which a review or an approval was asked before, or None."""
        told = self._last_reviews.get(identifier)
        return None if told is None else _review(told)

    def approval(self, statement_id: bytes, /) -> ApprovalRecord | None:
        """The approval of that statement id, or None."""
        told = self._told(statement_id)
        if told is None or told.approval is None or told.approval.statement_id != statement_id.hex():
            return None
        return _approval(told, told.approval)

    def approval_of(self, review: bytes, /) -> ApprovalRecord | None:
        """The approval of that review, or None."""
        told = self._told(review)
        return None if told is None or told.approval is None else _approval(told, told.approval)

    def code_promised(self, _code_hash: str, /) -> bool:
        """Not told: 128 random bits do not come twice."""
        return False

    def accreditation(self, _verifier: str, /) -> Accreditation | None:
        """Not told."""
        return None

    def tied(self, _a: str, _b: str, /) -> bool:
        """Not told."""
        return False

    def opening(self, enterprise: str, /) -> int | None:
        """The index of the enterprise's opening, or None."""
        found = self._client.opening(enterprise)
        return None if found is None else found.index

    def _told(self, statement_id: bytes) -> AdmissionTold | None:
        told = self._client.admission(statement_id.hex())
        if told is not None:
            self._last_reviews[told.review.identifier] = told.last_review
        return told


def _review(told: ReviewDetail) -> ReviewRecord:
    return ReviewRecord(
        bytes.fromhex(told.statement_id),
        told.index,
        told.identifier,
        Kind(told.kind),
        told.group,
        None if told.accreditation is None else Accreditation(told.accreditation.number, told.accreditation.until),
        told.recommended,
        told.reviewer,
    )


def _approval(told: AdmissionTold, approval: ApprovalDetail) -> ApprovalRecord:
    statement_id = bytes.fromhex(approval.statement_id)
    return ApprovalRecord(statement_id, approval.index, _review(told.review), approval.code_hash, approval.used_index)
