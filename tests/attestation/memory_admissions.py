"""The part of the log in memory that answers `attestation.facts.admissions`."""

from __future__ import annotations

from datetime import timedelta

from attestation.bodies import Accredit, ApproveApplication, DeclareTie, EnrolKey, Opening, ReviewApplication
from attestation.facts.admissions import Accreditation, ApprovalRecord, ReviewRecord
from attestation.instants import parse_date, start_of_day
from attestation.keys import Kind


class MemoryAdmissionFacts:
    """Recomputes every answer from the entries."""

    def accreditation(self, verifier: str, /) -> Accreditation | None:
        last = None
        for logged in self.entries:
            body = logged.statement.body
            if isinstance(body, Accredit) and body.verifier == verifier:
                last = _good_until(body)
            if isinstance(body, EnrolKey) and body.admission is not None and body.subject.identifier == verifier:
                last = self.approval(bytes.fromhex(body.admission)).review.accreditation or last
        return last

    def tied(self, a: str, b: str, /) -> bool:
        return any({body.a, body.b} == {a, b} for _, body in self._of(DeclareTie))

    def _reviews(self) -> list[ReviewRecord]:
        return [
            ReviewRecord(
                logged.statement.statement_id,
                logged.index,
                body.identifier,
                Kind(body.kind),
                body.group,
                None if body.accreditation is None else _good_until(body.accreditation),
                body.recommended,
                logged.statement.iss,
            )
            for logged, body in self._of(ReviewApplication)
        ]

    def review(self, statement_id: bytes, /) -> ReviewRecord | None:
        return next((review for review in self._reviews() if review.statement_id == statement_id), None)

    def last_review(self, identifier: str, /) -> ReviewRecord | None:
        return next((review for review in reversed(self._reviews()) if review.identifier == identifier), None)

    def _approvals(self) -> list[ApprovalRecord]:
        used = {body.admission: logged.index for logged, body in self._of(EnrolKey)}
        return [
            ApprovalRecord(
                logged.statement.statement_id,
                logged.index,
                self.review(bytes.fromhex(body.review)),
                body.code_hash,
                used.get(logged.statement.statement_id.hex()),
            )
            for logged, body in self._of(ApproveApplication)
        ]

    def approval(self, statement_id: bytes, /) -> ApprovalRecord | None:
        return next((approval for approval in self._approvals() if approval.statement_id == statement_id), None)

    def approval_of(self, review: bytes, /) -> ApprovalRecord | None:
        return next((found for found in self._approvals() if found.review.statement_id == review), None)

    def code_promised(self, code_hash: str, /) -> bool:
        return any(body.code_hash == code_hash for _, body in self._of(ApproveApplication))

    def opening(self, enterprise: str, /) -> int | None:
        return next((logged.index for logged, body in self._of(Opening) if body.enterprise == enterprise), None)


def _good_until(part) -> Accreditation:
    return Accreditation(part.number, start_of_day(parse_date(part.until) + timedelta(days=1)))
