"""Identifiers: enrolment by a signed ``key`` statement, and resolution."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.bodies import STATEMENT_TYPES, read_statement
from api.deps import Service, ServiceDep
from api.describe import failures, raw_body
from api.identity_models import Enrolment, Identifier
from api.problems import Refused
from api.routes.parameters import absent, identifier_in
from api.routes.statements import accept
from attestation.bodies import Key, subject_of
from attestation.verification import examine

router = APIRouter(tags=["identifiers"])


def _enrol(service: Service, entry: bytes) -> Enrolment:
    statement = examine(entry, service.origin)
    if statement.type != "key":
        raise Refused(
            422,
            "identifiers.statement_type",
            statement.type,
            "key",
            (
                "Only a key statement enrols an identifier; other statements go to /v1/statements.",
                "只有 key 声明可以注册标识；其他声明请提交到 /v1/statements。",
            ),
        )
    accepted = accept(service, entry)
    body = statement.body
    subject = subject_of(body, statement.iss) if isinstance(body, Key) else statement.iss
    return Enrolment(**accepted.model_dump(), identifier=_resolve(service, subject))


def _resolve(service: Service, identifier: str) -> Identifier:
    found = service.view.identifier(identifier_in(identifier))
    if found is None:
        raise absent("identifiers.unknown", identifier, "identifier", "标识")
    return Identifier.of(found)


@router.post(
    "/identifiers",
    operation_id="enrolIdentifier",
    summary="Enrol an identifier or add a key to one",
    status_code=201,
    responses={
        200: {"model": Enrolment, "description": "It was in the log already."},
        **failures(400, 403, 408, 409, 413, 415, 503),
    },
    openapi_extra=raw_body("A `key` statement signed by the registrar.", *STATEMENT_TYPES),
)
async def enrol_identifier(request: Request, response: Response, service: ServiceDep) -> Enrolment:
    """Answers the identifier as it resolves after the statement."""
    entry = await read_statement(request)
    enrolment = await service.write(_enrol, service, entry)
    response.status_code = 200 if enrolment.repeated else 201
    response.headers["Location"] = f"/v1/identifiers/{enrolment.identifier.identifier}"
    return enrolment


@router.get(
    "/identifiers/{identifier:path}",
    operation_id="resolveIdentifier",
    summary="Resolve an identifier",
    responses=failures(400, 404, 503),
)
async def resolve_identifier(identifier: str, service: ServiceDep) -> Identifier:
    """Typed, indexed values (DOMAIN 51)."""
    return await service.read(_resolve, service, identifier)
