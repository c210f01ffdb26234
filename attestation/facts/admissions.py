"""What verification asks about who was admitted: reviews, codes, accreditation, ties, openings (DOMAIN 8, 24, 47)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from attestation.keys import Kind


class Accreditation(Struct, frozen=True):
    """A verifier's accreditation as of the last word on it. It is good at an instant ``t`` (Unix seconds) where
    ``t < until``: ``until`` is the end of its last day in China Standard Time."""

    number: str
    until: int


class ReviewRecord(Struct, frozen=True):
    """A logged review of an application, and who is let in if it is approved. ``reviewer`` is the person."""

    statement_id: bytes
    index: int
    identifier: str
    kind: Kind
    group: str | None
    accreditation: Accreditation | None
    recommended: bool
    reviewer: str


class ApprovalRecord(Struct, frozen=True):
    """A logged approval of a review. ``code_hash`` is lowercase hex; ``used_index`` the enrolment that showed the code,
    or None."""

    statement_id: bytes
    index: int
    review: ReviewRecord
    code_hash: str
    used_index: int | None


class AdmissionFacts(Protocol):
    """Part of ``attestation.context.Context``."""

    def accreditation(self, verifier: str, /) -> Accreditation | None:
        """The verifier's accreditation, good or over, as of the last entry about it; None where none was logged."""

    def tied(self, a: str, b: str, /) -> bool:
        """Whether a logged tie names these two, in either order."""

    def review(self, statement_id: bytes, /) -> ReviewRecord | None:
        """The review of that statement id, or None."""

    def last_review(self, identifier: str, /) -> ReviewRecord | None:
        """The latest logged review about the identifier, or None."""

    def approval(self, statement_id: bytes, /) -> ApprovalRecord | None:
        """The approval of that statement id, or None."""

    def approval_of(self, review: bytes, /) -> ApprovalRecord | None:
        """The approval of the review of that statement id, or None."""

    def code_promised(self, code_hash: str, /) -> bool:
        """Whether a logged approval has that hash (lowercase hex)."""

    def opening(self, enterprise: str, /) -> int | None:
        """The index of the enterprise's logged opening, or None."""
