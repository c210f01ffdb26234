"""Identifiers: enrolment by a signed ``key`` statement, and resolution."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.access.guard import Asked, AskedDep
from api.bodies import STATEMENT_TYPES, read_statement
from api.deps import Service, ServiceDep
from api.describe import failures, raw_body
from api.models import Enrolment, Flagged, FlaggedEntries, Identifier
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
    "/keys/{thumbprint}/flagged",
    operation_id="getFlagged",
    summary="What a compromised key puts in doubt",
    responses=failures(401, 403, 404, 503),
)
async def get_flagged(
    thumbprint: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$", description="RFC 7638 thumbprint, base64url.")],
    service: ServiceDep,
    asked: AskedDep,
    after: Annotated[int, Query(ge=-1, le=2**53 - 1, description="Only entries above this log position.")] = -1,
    limit: Annotated[int, Query(ge=1, le=1_000, description="At most so many entries.")] = 100,
) -> FlaggedEntries:
    """Its entries from the declared position on, those of keys that it brought, and reports that cite such readings."""
    return await service.read(_flagged, service, asked, thumbprint, after, limit)


def _flagged(service: Service, asked: Asked, thumbprint: str, after: int, limit: int) -> FlaggedEntries:
    key = service.view.key(thumbprint)
    asked.object = f"flagged by {thumbprint}"
    asked.require_reader(None if key is None else key.identifier)
    if key is None:
        raise absent("keys.unknown", thumbprint, "key", "密钥")
    found = service.view.flagged(thumbprint, after=after, limit=limit)
    return FlaggedEntries(
        thumbprint=thumbprint,
        identifier=key.identifier,
        compromised_since=key.compromised_since,
        entries=[Flagged.model_validate(one, from_attributes=True) for one in found],
        next=found[-1].index if len(found) == limit else None,
    )


@router.get(
    "/identifiers/{identifier:path}",
    operation_id="resolveIdentifier",
    summary="Resolve an identifier",
    responses=failures(400, 404, 503),
)
async def resolve_identifier(identifier: str, service: ServiceDep) -> Identifier:
    """Typed, indexed values (DOMAIN 51)."""
    return await service.read(_resolve, service, identifier)
