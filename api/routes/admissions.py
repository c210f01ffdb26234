"""Applications to be let in, which are no part of the log; and the openings that are (DOMAIN 24, 47)."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.access.guard import Asked, AskedDep, count_application
from api.admission_models import Admission, Application, ApplicationReceived, Applications, CarriedIn, Opening
from api.bodies import read_application
from api.deps import Service, ServiceDep
from api.describe import failures, raw_body
from api.models import HASH
from api.problems import Refused
from api.routes.parameters import absent, identifier_in
from ledger.answers.admissions import AdmissionAnswers
from ledger.db.admissions import AdmissionRepository
from ledger.db.identities import IdentityRepository

router = APIRouter(tags=["admission"])

JSON_TYPE = "application/json"
_MOST = 100
_CURSOR = re.compile(r"([0-9]{1,12})-([0-9a-f]{64})")

ApplicationPath = Annotated[str, Path(pattern=HASH, description="SHA-256 of the application.")]


def _now(service: Service) -> int:
    return int(service.access.clock())


@router.post(
    "/applications",
    operation_id="sendApplication",
    summary="Apply to be let in",
    status_code=201,
    responses={
        200: {"model": ApplicationReceived, "description": "It was kept already."},
        **failures(400, 408, 409, 413, 415, 503),
    },
    openapi_extra=raw_body("The application (docs/admission.md), at most 32 KiB.", JSON_TYPE),
)
async def send_application(
    request: Request, response: Response, service: ServiceDep, asked: AskedDep
) -> ApplicationReceived:
    """Nobody has to sign in: the key request inside proves who has the key. Nothing of it enters the log."""
    count_application(request, asked)
    document = await read_application(request, JSON_TYPE)
    received = await service.write(service.applications.receive, document, _now(service))
    response.status_code = 200 if received.repeated else 201
    response.headers["Location"] = f"/v1/applications/{received.application}"
    return ApplicationReceived.of(received)


@router.get(
    "/applications",
    operation_id="listApplications",
    summary="Applications, oldest first",
    responses=failures(401, 403, 503),
)
async def list_applications(
    service: ServiceDep,
    asked: AskedDep,
    after: Annotated[str | None, Query(max_length=80, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST, description="At most so many.")] = _MOST,
) -> Applications:
    """For the park that keeps the register; they hold personal data, and every look is noted."""
    asked.object = f"applications after {after or 'none'}"
    page = await service.read(service.applications.page, _place(after), limit, _now(service))
    last = page[-1] if len(page) == limit else None
    return Applications(
        applications=[Application.of(view) for view in page],
        next=None if last is None else f"{last.received_at}-{last.application}",
    )


@router.get(
    "/applications/{application}",
    operation_id="getApplication",
    summary="One application",
    responses=failures(401, 403, 404, 503),
)
async def get_application(application: ApplicationPath, service: ServiceDep, asked: AskedDep) -> Application:
    """With what the log says of it."""
    asked.object = f"application {application}"
    view = await service.read(service.applications.find, application, _now(service))
    if view is None:
        raise _unknown(application)
    return Application.of(view)


@router.delete(
    "/applications/{application}",
    operation_id="eraseApplication",
    summary="Erase an application",
    status_code=204,
    responses=failures(401, 403, 404, 503),
)
async def erase_application(application: ApplicationPath, service: ServiceDep, asked: AskedDep) -> Response:
    """The personal data is gone; what the log says of its hash stays."""
    asked.object = f"application {application}"
    if not await service.write(service.applications.erase, application, _now(service)):
        raise _unknown(application)
    return Response(status_code=204)


@router.get(
    "/admissions/{statement_id}",
    operation_id="getAdmission",
    summary="What the log says of a review or approval",
    responses=failures(401, 403, 404, 503),
)
async def get_admission(
    statement_id: Annotated[str, Path(pattern=HASH, description="Statement id of a review or of its approval.")],
    service: ServiceDep,
    asked: AskedDep,
) -> Admission:
    """For the park's persons, before they approve or enrol."""
    asked.object = f"admission {statement_id}"
    return await service.read(_admission, service, statement_id)


def _admission(service: Service, statement_id: str) -> Admission:
    with service.access.database.read() as session:
        answers = AdmissionAnswers(AdmissionRepository(session))
        named = bytes.fromhex(statement_id)
        approval = answers.approval(named) or answers.approval_of(named)
        review = answers.review(named) if approval is None else approval.review
        last = None if review is None else answers.last_review(review.identifier)
        if review is None or last is None:
            raise absent("admissions.unknown", statement_id, "review or approval", "审查或批准")
        return Admission.of(review, approval, last)


@router.get(
    "/openings/{identifier:path}",
    operation_id="getOpening",
    summary="Base years that were carried in",
    responses=failures(400, 401, 403, 404, 503),
)
async def get_opening(identifier: str, service: ServiceDep, asked: AskedDep) -> Opening:
    """For the enterprise, its assigned verifier, the park and the regulator."""
    return await service.read(_opening, service, asked, identifier_in(identifier))


def _opening(service: Service, asked: Asked, identifier: str) -> Opening:
    asked.object = f"opening of {identifier}"
    with service.access.database.read() as session:
        enrolled = IdentityRepository(session).identifier(identifier)
        asked.require_reader(None if enrolled is None else identifier)
        if enrolled is None:
            raise absent("identifiers.unknown", identifier, "identifier", "标识")
        row = AdmissionRepository(session).opening(identifier)
        return Opening(identifier=identifier, opening=None if row is None else CarriedIn.of(row))


def _place(after: str | None) -> tuple[int, str]:
    if after is None:
        return -1, ""
    found = _CURSOR.fullmatch(after)
    if found is None:
        raise Refused(
            422,
            "page.cursor",
            after,
            "`next` of a page of applications",
            ("This is no cursor of the listing of applications.", "这不是准入申请列表的分页标记。"),
            parameter="query.after",
        )
    return int(found[1]), found[2]


def _unknown(application: str) -> Refused:
    return absent("applications.unknown", application, "application", "准入申请")
