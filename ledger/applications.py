"""Where applications wait (DOMAIN 47): kept beside the log, erased on demand and when their time is over.

What the log says about one is looked up by its hash when it is shown. A document is stored in the one spelling that its
hash is over, so that the same application sent twice is one, and a changed one is another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from attestation.applications import application_id, canonical, read_application
from attestation.refusals import refuse
from ledger.context import LogParameters
from ledger.db.admission_models import ApplicationRow, ReviewRow
from ledger.db.admissions import AdmissionRepository
from ledger.db.applications import ApplicationRepository
from ledger.db.base import Database
from ledger.db.identities import IdentityRepository
from ledger.errors import ApplicationsFull

DAY = 86_400

State = Literal["received", "recommended", "rejected", "approved", "enrolled"]


@dataclass(frozen=True, slots=True)
class Terms:
    """``days``: how long an application is kept. ``most``: how many at a time."""

    days: int = 365
    most: int = 10_000


@dataclass(frozen=True, slots=True)
class Received:
    """An application that is kept. ``repeated``: it was kept already."""

    application: str
    received_at: int
    repeated: bool


@dataclass(frozen=True, slots=True)
class ReviewView:
    """What the log says: a review, and its approval where there is one. Statement ids are hexadecimal."""

    statement_id: str
    index: int
    reviewer: str
    recommended: bool
    approval_id: str | None
    approval_index: int | None
    approver: str | None
    enrolled_index: int | None


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application and what became of it; ``document`` is its canonical JSON."""

    application: str
    received_at: int
    identifier: str
    kind: str
    state: State
    reviews: tuple[ReviewView, ...]
    document: bytes


class Applications:
    """The desk of one log. ``now`` is Unix seconds everywhere."""

    def __init__(self, database: Database, parameters: LogParameters, terms: Terms) -> None:
        self._database = database
        self._parameters = parameters
        self._terms = terms

    def receive(self, document: bytes, now: int) -> Received:
        """Keep an application.

        Raises AttestationError for one that is not good (``attestation.applications``), for an identifier that is
        enrolled already (``admission.known``), and ApplicationsFull.
        """
        parameters = self._parameters
        application = read_application(document, log=parameters.origin, domain=parameters.registry_domain, now=now)
        kept = canonical(application)
        name = application_id(kept)
        with self._database.write() as session:
            self._forget(session, now)
            applications = ApplicationRepository(session)
            row = applications.get(bytes.fromhex(name))
            if row is not None:
                return Received(name, row.received_at, repeated=True)
            known = IdentityRepository(session).identifier(application.identifier)
            if known is not None:
                raise refuse("admission.known", f"{application.identifier}, entry {known.enrolled_index}")
            if applications.count() >= self._terms.most:
                raise ApplicationsFull(self._terms.most)
            applications.add(
                ApplicationRow(
                    application=bytes.fromhex(name),
                    received_at=now,
                    identifier=application.identifier,
                    kind=application.kind,
                    document=kept,
                )
            )
        return Received(name, now, repeated=False)

    def find(self, application: str, now: int) -> ApplicationView | None:
        """The application of that hexadecimal SHA-256, unless its time is over."""
        with self._database.read() as session:
            row = ApplicationRepository(session).get(bytes.fromhex(application))
            return None if row is None or row.received_at < self._oldest(now) else _view(session, row)

    def page(self, after: tuple[int, str], limit: int, now: int) -> Sequence[ApplicationView]:
        """At most ``limit`` applications after (received at, hexadecimal SHA-256), oldest first."""
        first = max((self._oldest(now), b""), (after[0], bytes.fromhex(after[1])))
        with self._database.read() as session:
            return [_view(session, row) for row in ApplicationRepository(session).page(first, limit)]

    def erase(self, application: str, now: int) -> bool:
        """Whether there was one to erase. What the log says of it stays."""
        with self._database.write() as session:
            self._forget(session, now)
            return ApplicationRepository(session).erase(bytes.fromhex(application))

    def _oldest(self, now: int) -> int:
        return now - self._terms.days * DAY

    def _forget(self, session: Session, now: int) -> None:
        ApplicationRepository(session).erase_before(self._oldest(now))


def _view(session: Session, row: ApplicationRow) -> ApplicationView:
    admissions = AdmissionRepository(session)
    reviews = tuple(_review(admissions, review) for review in admissions.reviews_of(row.application))
    return ApplicationView(
        application=row.application.hex(),
        received_at=row.received_at,
        identifier=row.identifier,
        kind=row.kind,
        state=_state(reviews),
        reviews=reviews,
        document=row.document,
    )


def _review(admissions: AdmissionRepository, row: ReviewRow) -> ReviewView:
    approval = admissions.approval_of(row.statement_id)
    return ReviewView(
        statement_id=row.statement_id.hex(),
        index=row.entry_index,
        reviewer=row.reviewer,
        recommended=row.recommended,
        approval_id=None if approval is None else approval.statement_id.hex(),
        approval_index=None if approval is None else approval.entry_index,
        approver=None if approval is None else approval.approver,
        enrolled_index=None if approval is None else approval.used_index,
    )


def _state(reviews: Sequence[ReviewView]) -> State:
    if any(review.enrolled_index is not None for review in reviews):
        return "enrolled"
    if not reviews:
        return "received"
    last = reviews[-1]
    if not last.recommended:
        return "rejected"
    return "recommended" if last.approval_id is None else "approved"
