"""Queries over who was let in: reviews, approvals, accreditations, ties, openings."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.db.admission_models import AccreditationRow, ApprovalRow, OpeningRow, ReviewRow, TieRow


class AdmissionRepository:
    """Reads and writes of the tables of admission in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def review(self, statement_id: bytes) -> ReviewRow | None:
        """The review with this statement id (32 bytes)."""
        return self._session.get(ReviewRow, statement_id)

    def last_review(self, identifier: str) -> ReviewRow | None:
        """The latest review about the identifier."""
        query = select(ReviewRow).where(ReviewRow.identifier == identifier).order_by(ReviewRow.entry_index.desc())
        return self._session.scalars(query.limit(1)).one_or_none()

    def reviews_of(self, application: bytes) -> Sequence[ReviewRow]:
        """The reviews of the application with this SHA-256, in log order."""
        query = select(ReviewRow).where(ReviewRow.application == application).order_by(ReviewRow.entry_index)
        return self._session.scalars(query).all()

    def approval(self, statement_id: bytes) -> ApprovalRow | None:
        """The approval with this statement id (32 bytes)."""
        return self._session.get(ApprovalRow, statement_id)

    def require_approval(self, statement_id: bytes) -> ApprovalRow:
        """The approval that a judged entry names."""
        return self._session.get_one(ApprovalRow, statement_id)

    def require_review(self, statement_id: bytes) -> ReviewRow:
        """The review that a logged approval names."""
        return self._session.get_one(ReviewRow, statement_id)

    def approval_of(self, review: bytes) -> ApprovalRow | None:
        """The approval of the review with this statement id."""
        return self._session.scalars(select(ApprovalRow).where(ApprovalRow.review_id == review)).one_or_none()

    def code_promised(self, code_hash: bytes) -> bool:
        """Whether an approval has this code hash (32 bytes)."""
        query = select(ApprovalRow.entry_index).where(ApprovalRow.code_hash == code_hash)
        return self._session.scalars(query).one_or_none() is not None

    def accreditation(self, verifier: str) -> AccreditationRow | None:
        """The last word on the verifier's accreditation."""
        query = select(AccreditationRow).where(AccreditationRow.verifier == verifier)
        return self._session.scalars(query.order_by(AccreditationRow.entry_index.desc()).limit(1)).one_or_none()

    def tie(self, a: str, b: str) -> TieRow | None:
        """The tie of these two, in either order."""
        first, second = sorted((a, b), key=str.encode)
        return self._session.scalars(select(TieRow).where(TieRow.a == first, TieRow.b == second)).one_or_none()

    def ties_of(self, identifier: str) -> Sequence[TieRow]:
        """The ties that name the identifier, in log order."""
        query = select(TieRow).where((TieRow.a == identifier) | (TieRow.b == identifier))
        return self._session.scalars(query.order_by(TieRow.entry_index)).all()

    def opening(self, enterprise: str) -> OpeningRow | None:
        """The enterprise's opening."""
        return self._session.get(OpeningRow, enterprise)

    def add(self, row: ReviewRow | ApprovalRow | AccreditationRow | TieRow | OpeningRow) -> None:
        """Add a row and send it, so that the next statement of the same transaction sees it."""
        self._session.add(row)
        self._session.flush()
