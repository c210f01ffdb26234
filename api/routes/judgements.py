"""Judgements: what the log would refuse of an act, before anybody signs it."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request

from api.access.callers import OVERSEERS, Role
from api.access.guard import Asked, AskedDep
from api.access.refusals import not_yours
from api.access.rights import HOLDERS_TYPES
from api.bodies import JUDGED_TYPES, read_judged
from api.deps import Service, ServiceDep
from api.describe import failures, raw_body
from api.judgement_models import Judgement
from api.problems import Refused
from attestation.encoding import strict_object
from attestation.powers import needs_registrar
from attestation.prepared import prepared
from attestation.statements import Body, parse_body
from ledger.foresight import Foresight

router = APIRouter(tags=["statements"])

_BODY_STEP = 9
_JUDGED = HOLDERS_TYPES | {"market"}
"""What is said of units and of the market: whoever signs it cannot know all that it is judged by."""


class _Unsigned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    body: dict[str, object]


# Read by threads.
prepared(_Unsigned)


def _read(body: bytes) -> tuple[str, Body]:
    try:
        given = msgspec.convert(strict_object(body, step=_BODY_STEP), _Unsigned)
    except msgspec.ValidationError as error:
        raise _unfit("judgement.form", str(error), '{"type", "body": {…}}') from None
    if given.type not in _JUDGED:
        raise _unfit("judgement.type", given.type, ", ".join(sorted(_JUDGED)))
    return given.type, parse_body(given.type, given.body)


def _unfit(rule: str, value: str, expected: str) -> Refused:
    text = ("This is no body that is judged before it is signed.", "这不是可在签署前预审的内容。")
    return Refused(422, rule, value, expected, text)


def _judge(service: Service, asked: Asked, given: bytes) -> Judgement:
    asked.object, caller = "judgement", asked.caller
    if caller is None or caller.role is Role.DEVICE:
        raise not_yours()
    type_, body = _read(given)
    issuer = caller.body
    if needs_registrar(type_, body):
        # A refusal may name what an account holds: what the registrar alone signs is judged for who oversees accounts.
        if caller.role not in OVERSEERS:
            raise not_yours()
        issuer = service.log.parameters.registrar_identifier
    foresight = Foresight(service.access.database, service.log.parameters)
    entries = foresight.judge(type_, body, issuer, int(service.access.clock()))
    return Judgement(type=type_, issuer=issuer, entries=entries)


@router.post(
    "/judgements",
    operation_id="judgeBody",
    summary="What the log would refuse of a body that nobody signed yet",
    responses=failures(400, 403, 408, 409, 413, 415, 503),
    openapi_extra=raw_body('`{"type", "body"}`, at most 65,535 bytes.', *JUDGED_TYPES),
)
async def judge_body(request: Request, service: ServiceDep, asked: AskedDep) -> Judgement:
    """Judged by the log's own rules as it stands, as the caller's statement, or for who oversees as the registrar's;
    nothing is kept, and the log judges again what is signed. The refusal is the one that the statement would meet;
    approvals and signatures within the body come last, so that stand-ins for them hide no other refusal."""
    given = await read_judged(request)
    return await service.read_long(_judge, service, asked, given)
