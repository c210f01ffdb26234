"""Applications, admissions and openings as the service answers. Hashes and statement ids are lowercase hexadecimal,
times Unix seconds."""

from __future__ import annotations

import msgspec

from attestation.applications import Application
from attestation.bodies.openings import BaseYear


class Received(msgspec.Struct, frozen=True):
    """An application that the service keeps, by its SHA-256. ``repeated``: it had it already."""

    application: str
    received_at: int
    repeated: bool


class ReviewTold(msgspec.Struct, frozen=True):
    """A logged review of an application, with its approval and the enrolment that showed the code, where there are."""

    statement_id: str
    index: int
    reviewer: str
    recommended: bool
    approval_id: str | None
    approval_index: int | None
    approver: str | None
    enrolled_index: int | None


class ApplicationTold(msgspec.Struct, frozen=True):
    """An application and what became of it: ``received``, ``recommended``, ``rejected``, ``approved`` or
    ``enrolled``."""

    application: str
    received_at: int
    identifier: str
    kind: str
    state: str
    reviews: tuple[ReviewTold, ...]
    document: Application


class CarriedIn(msgspec.Struct, frozen=True):
    """Base years that an enterprise carried in. ``proved`` is False: nothing in the log stands behind them."""

    index: int
    statement_id: str
    base_years: tuple[BaseYear, ...]
    document_hash: str
    reason: str
    proved: bool


class AccreditationTold(msgspec.Struct, frozen=True):
    """Number, and the end of the last good day in Unix seconds."""

    number: str
    until: int


class ReviewDetail(msgspec.Struct, frozen=True):
    """A logged review, as its statement says."""

    statement_id: str
    index: int
    identifier: str
    kind: str
    group: str | None
    accreditation: AccreditationTold | None
    recommended: bool
    reviewer: str


class ApprovalDetail(msgspec.Struct, frozen=True):
    """A logged approval and whether its code was shown."""

    statement_id: str
    index: int
    code_hash: str
    used_index: int | None


class AdmissionTold(msgspec.Struct, frozen=True):
    """A review with its approval, and whether it is the last word on its identifier."""

    review: ReviewDetail
    approval: ApprovalDetail | None
    last_review: ReviewDetail
