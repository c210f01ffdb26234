"""Statements go in: one by one, or many as NDJSON."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from api.access.guard import AskedDep
from api.bodies import NDJSON_TYPES, STATEMENT_TYPES, read_statement
from api.bulk import Bulk, BulkResponse
from api.deps import Service, ServiceDep
from api.describe import failures, raw, raw_body
from api.models import Acceptance
from api.together import TogetherDep, described
from ledger.log import Refused

router = APIRouter(tags=["statements"])

_REFUSALS = failures(400, 403, 408, 409, 413, 415, 503)


def accept(service: Service, entry: bytes) -> Acceptance:
    """Submit one entry and describe its acceptance; raises the refusal. Blocking."""
    (outcome,) = service.log.submit([entry]).outcomes
    if isinstance(outcome, Refused):
        raise outcome.error
    return described(service, outcome)


@router.post(
    "/statements",
    operation_id="submitStatement",
    summary="Submit one signed statement",
    status_code=201,
    responses={200: {"model": Acceptance, "description": "It was in the log already."}, **_REFUSALS},
    openapi_extra=raw_body("A JWS in compact serialisation, at most 65,535 bytes.", *STATEMENT_TYPES),
)
async def submit_statement(request: Request, response: Response, together: TogetherDep) -> Acceptance:
    """Durable when answered. The same statement again is answered with its first acceptance."""
    entry = await read_statement(request)
    accepted = await together.accept(entry)
    response.status_code = 200 if accepted.repeated else 201
    response.headers["Location"] = f"/v1/entries/{accepted.index}"
    return accepted


@router.post(
    "/statements/bulk",
    operation_id="submitStatements",
    summary="Submit many signed statements",
    response_class=StreamingResponse,
    responses={
        200: raw(NDJSON_TYPES[0], "A result per line, a promise after each chunk, a summary; see docs/api.md."),
        **failures(400, 408, 413, 415, 503),
    },
    openapi_extra=raw_body("One JSON string per line, each a compact JWS; 100,000 lines, 64 MiB.", *NDJSON_TYPES),
)
async def submit_statements(request: Request, service: ServiceDep, asked: AskedDep) -> Response:
    """Lines become durable in chunks and in order; a bad line is refused alone."""
    carrier = asked.identifier
    bulk = Bulk(service.log, service.limits, partial(service.access.lines.take, carrier))
    try:
        with service.access.bulk.one(carrier):
            await bulk.run(request, service)
    except BaseException:
        bulk.answer.close()
        raise
    finally:
        service.metrics.bulk(bulk.summary())
    return BulkResponse(bulk)
