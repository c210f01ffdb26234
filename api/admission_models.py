"""Answers about applications and openings. Hashes are lowercase hexadecimal, times Unix seconds."""

from __future__ import annotations

import json
from typing import Any, Literal, Self

from pydantic import Field

from api.models import HASH, Answer
from attestation.facts.admissions import ApprovalRecord, ReviewRecord
from ledger.applications import ApplicationView, Received, State
from ledger.db.admission_models import OpeningRow


class ApplicationReceived(Answer):
    """An application is kept."""

    application: str = Field(pattern=HASH, description="SHA-256 of the canonical document: its name from here on.")
    received_at: int
    repeated: bool = Field(description="It was kept already.")

    @classmethod
    def of(cls, received: Received) -> Self:
        """From the desk's outcome."""
        return cls(application=received.application, received_at=received.received_at, repeated=received.repeated)


class Review(Answer):
    """What the log says of an application: a review, its approval, the enrolment that showed the code."""

    statement_id: str = Field(pattern=HASH)
    index: int
    reviewer: str
    recommended: bool
    approval_id: str | None = Field(description="Statement id of the approval: `admission` of the enrolment.")
    approval_index: int | None
    approver: str | None
    enrolled_index: int | None


class Application(Answer):
    """An application and what became of it."""

    application: str = Field(pattern=HASH)
    received_at: int
    identifier: str
    kind: Literal["enterprise", "verifier"]
    state: State
    reviews: list[Review]
    document: dict[str, Any] = Field(description="As it was sent (docs/admission.md); holds personal data.")

    @classmethod
    def of(cls, view: ApplicationView) -> Self:
        """From the desk's view."""
        return cls.model_validate(
            {
                "application": view.application,
                "received_at": view.received_at,
                "identifier": view.identifier,
                "kind": view.kind,
                "state": view.state,
                "reviews": [Review.model_validate(review, from_attributes=True) for review in view.reviews],
                "document": json.loads(view.document),
            }
        )


class Applications(Answer):
    """Oldest first. `next` goes into `after`, until it is null."""

    applications: list[Application]
    next: str | None


class Accreditation(Answer):
    """A verifier's accreditation as it was reviewed."""

    number: str
    until: int = Field(description="The end of its last good day.")


class LoggedReview(Answer):
    """A review as its statement says."""

    statement_id: str = Field(pattern=HASH)
    index: int
    identifier: str
    kind: Literal["enterprise", "verifier"]
    group: str | None
    accreditation: Accreditation | None
    recommended: bool
    reviewer: str

    @classmethod
    def of(cls, record: ReviewRecord) -> Self:
        """From the log's record."""
        found = record.accreditation
        return cls.model_validate(
            {
                "statement_id": record.statement_id.hex(),
                "index": record.index,
                "identifier": record.identifier,
                "kind": record.kind.value,
                "group": record.group,
                "accreditation": None if found is None else {"number": found.number, "until": found.until},
                "recommended": record.recommended,
                "reviewer": record.reviewer,
            }
        )


class LoggedApproval(Answer):
    """An approval and the enrolment that showed its code, if one did."""

    statement_id: str = Field(pattern=HASH)
    index: int
    code_hash: str = Field(pattern=HASH)
    used_index: int | None


class Admission(Answer):
    """A review, its approval, and the last review about the same identifier: only that one lets anybody in."""

    review: LoggedReview
    approval: LoggedApproval | None
    last_review: LoggedReview

    @classmethod
    def of(cls, review: ReviewRecord, approval: ApprovalRecord | None, last: ReviewRecord) -> Self:
        """From the log's records."""
        told = None
        if approval is not None:
            told = LoggedApproval(
                statement_id=approval.statement_id.hex(),
                index=approval.index,
                code_hash=approval.code_hash,
                used_index=approval.used_index,
            )
        return cls(review=LoggedReview.of(review), approval=told, last_review=LoggedReview.of(last))


class BaseOutput(Answer):
    """What was made in a base year."""

    product: str
    quantity: str
    unit: str


class BaseYear(Answer):
    """Whole tonnes of CO2e of a year before the log."""

    year: int
    tonnes: int
    output: BaseOutput | None = None


class CarriedIn(Answer):
    """Base years that the log took over. They are carried in, not proved here (DOMAIN 24)."""

    index: int
    statement_id: str = Field(pattern=HASH)
    base_years: list[BaseYear]
    document_hash: str = Field(pattern=HASH)
    reason: str
    proved: Literal[False] = Field(description="Always false: no reading in this log stands behind these figures.")
    note: str
    note_zh: str

    @classmethod
    def of(cls, row: OpeningRow) -> Self:
        """From its row."""
        return cls(
            index=row.entry_index,
            statement_id=row.statement_id.hex(),
            base_years=[BaseYear.model_validate(year) for year in row.base_years],
            document_hash=row.document_hash.hex(),
            reason=row.reason,
            proved=False,
            note="Carried in, not proved here.",
            note_zh="期初结转，本日志未予证明。",
        )


class Opening(Answer):
    """What an identifier carried in; `opening` is null where it carried in nothing."""

    identifier: str
    opening: CarriedIn | None
