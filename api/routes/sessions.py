"""Signing in and out, and who read what."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from api.access.bearer import bearer_token
from api.access.callers import OVERSEERS
from api.access.guard import Asked, AskedDep
from api.access.proving import Proved
from api.access.refusals import wrong_role
from api.bodies import read_sign_in
from api.deps import Service, ServiceDep
from api.describe import failures, raw_body
from api.models import Read, Reads, Session, SessionChallenge
from api.problems import Refused
from attestation.encoding import strict_object
from attestation.identifiers import parse_identifier
from attestation.prepared import prepared
from attestation.uris import HEXADECIMAL, check_characters_of
from ledger.db.access import AccessRepository

router = APIRouter(tags=["sessions"])

JWS_TYPE, JSON_TYPE = "application/jose", "application/json"
_MOST = 1_000


class _WithEthereum(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    identifier: str
    message: str
    signature: str


# Read by threads.
prepared(_WithEthereum)


def _prove(service: Service, media_type: str, body: bytes) -> Proved:
    proving = service.access.proving
    if media_type == JWS_TYPE:
        return proving.prove(body)
    members = strict_object(body, step=1)
    try:
        given = msgspec.convert(members, _WithEthereum)
        digits = given.signature.removeprefix("0x")
        check_characters_of("hexadecimal digits", digits, HEXADECIMAL)
        signature = bytes.fromhex(digits)
    except (msgspec.ValidationError, ValueError) as error:
        raise Refused(
            400,
            "sign_in.json",
            error,
            '{"identifier", "message", "signature": "0x…"}',
            ("This is no EIP-4361 sign-in.", "这不是 EIP-4361 登录请求。"),
        ) from None
    return proving.prove_with_ethereum(str(parse_identifier(given.identifier)), given.message, signature)


@router.post(
    "/sessions/challenge",
    operation_id="challengeSession",
    summary="A nonce to sign in with",
    responses=failures(503),
)
async def challenge_session(service: ServiceDep) -> SessionChallenge:
    """Good for five minutes and for one sign-in; names what the signature must name."""
    made = service.access.proving.challenge()
    return SessionChallenge(
        nonce=made.nonce,
        expires_at=made.expires_at,
        log=made.log,
        audience=made.audience,
        domain=made.domain,
        chain_id=made.chain_id,
        resource=f"urn:tanlu:log:{made.log}",
    )


@router.post(
    "/sessions",
    operation_id="openSession",
    summary="Sign in",
    status_code=201,
    responses=failures(400, 401, 413, 415, 503),
    openapi_extra=raw_body(
        "A sign-in JWS (`application/jose`), or an EIP-4361 message with its signature: "
        '`{"identifier": …, "message": …, "signature": "0x…"}` (docs/access.md).',
        JWS_TYPE,
        JSON_TYPE,
    ),
)
async def open_session(request: Request, response: Response, service: ServiceDep) -> Session:
    """A token for some minutes. It dies with the key that signed."""
    media_type, body = await read_sign_in(request, JWS_TYPE, JSON_TYPE)
    proved = await service.read(_prove, service, media_type, body)
    opened = await service.write(service.access.sessions.open, proved)
    response.headers["Cache-Control"] = "no-store"
    return Session.of(opened.caller, opened.expires_at, opened.token)


@router.get("/sessions", operation_id="getSession", summary="Who I am", responses=failures(401, 503))
async def get_session(asked: AskedDep) -> Session:
    """The identifier, key and role of the token."""
    assert asked.caller is not None  # noqa: S101 - told to mypy: the table asks for a sign-in
    return Session.of(asked.caller)


@router.delete(
    "/sessions", operation_id="endSession", summary="Sign out", status_code=204, responses=failures(401, 503)
)
async def end_session(request: Request, service: ServiceDep) -> Response:
    """The token is worth nothing any more; other processes of the service know it two seconds later."""
    token = bearer_token(request.headers)
    assert token is not None  # noqa: S101 - told to mypy: the table asks for a sign-in
    await service.write(service.access.sessions.end, token)
    return Response(status_code=204)


@router.get("/reads", operation_id="getReads", summary="Who read what", responses=failures(401, 403, 503))
async def get_reads(
    service: ServiceDep,
    asked: AskedDep,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="Only rows with a higher id.")] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST, description="At most so many rows.")] = 100,
) -> Reads:
    """Oldest first. Regulator and administration see all reads, an enterprise those of its own things."""
    return await service.read(_reads, service, asked, after, limit)


def _reads(service: Service, asked: Asked, after: int, limit: int) -> Reads:
    caller = asked.caller
    assert caller is not None  # noqa: S101 - told to mypy: the table asks for a sign-in
    if asked.role.value == "device":
        raise wrong_role(asked.role.value, "a body, not a device")
    asked.object = f"reads after {after}"
    service.access.reads.write()
    body = None if asked.role in OVERSEERS else caller.body
    with service.access.database.read() as session:
        rows = AccessRepository(session).reads(after=after, limit=limit, owner_body=body)
        return Reads(reads=[Read.model_validate(row, from_attributes=True) for row in rows])
