"""From an error of the packages below to an HTTP answer: one table, and the handlers that use it.

The table in words: what the bytes are not (a statement) is 400; who signed is 403; what is in the log already and
stands against it is 409; what was understood and is wrong in itself is 422; what may work in a while is 503 with
``Retry-After``; what a person must look at is 500 and stops the service. Input never leads to a 5xx.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.logs import REQUEST_ID
from api.problems import ProblemResponse, Refused, document
from attestation import errors as attestation
from ledger import errors as ledger

_logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 2

STATUS: Mapping[type[Exception], int] = {
    attestation.StatementMalformed: 400,
    attestation.IdentifierUnknown: 403,
    attestation.KeyRefused: 403,
    attestation.SignatureRefused: 403,
    attestation.Equivocation: 409,
    attestation.PurposeRefused: 403,
    attestation.SchemaRefused: 422,
    attestation.TimeRefused: 422,
    attestation.SequenceRefused: 409,
    attestation.RecomputationRefused: 422,
    attestation.AttestationError: 422,
    ledger.ReceiptNotReady: 409,
    ledger.OutOfRange: 404,
    ledger.Malformed: 400,
    ledger.Refusal: 422,
    ledger.Retryable: 503,
    ledger.Integrity: 500,
    ledger.LedgerError: 500,
}
"""HTTP status by class; the closest class in the method resolution order counts."""

RULE_STATUS: Mapping[str, int] = {"entry.size": 413}
"""Rules whose status says more than their family's."""


def status_of(error: Exception) -> int:
    """The HTTP status of an error; 500 for one that is in no family."""
    by_rule = RULE_STATUS.get(getattr(error, "rule", ""))
    if by_rule is not None:
        return by_rule
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def problem_of(error: Exception, instance: str | None = None) -> dict[str, object]:
    """The problem document of an error.

    An error of no known family says nothing of itself: its text may hold what is not for strangers.
    """
    if isinstance(error, Refused):
        return document(
            error.status,
            error.rule,
            error.text,
            instance,
            {"value": error.value, "expected": error.expected, **error.members},
        )
    status = status_of(error)
    if isinstance(error, attestation.AttestationError | ledger.Refusal | ledger.Retryable):
        members = dict(error.as_dict())
        rule, message, message_zh = (str(members.pop(name)) for name in ("rule", "message", "message_zh"))
        return document(status, rule, (message, message_zh), instance, members)
    if isinstance(error, ledger.Integrity):
        return document(
            500,
            error.rule,
            (
                "The service found its own records in contradiction and stops; nothing of this request was decided.",
                "服务发现自身记录互相矛盾，已停止；本次请求未作任何处理。",
            ),
            instance,
            # Whoever may read a report may know which of its readings it was.
            {"value": error.value, "expected": error.expected} if isinstance(error, ledger.ReadingAltered) else {},
        )
    return document(
        500,
        "internal.error",
        ("The service failed; the cause is in its log.", "服务内部错误，原因见服务日志。"),
        instance,
    )


def headers_of(error: Exception) -> dict[str, str]:
    """Headers that belong to an error's answer."""
    if isinstance(error, Refused):
        return error.headers
    if isinstance(error, ledger.Retryable):
        return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return {}


def _answer(error: Exception, request: Request) -> ProblemResponse:
    named = {"request_id": found} if (found := REQUEST_ID.get()) else {}
    return ProblemResponse({**problem_of(error, request.url.path), **named}, headers_of(error))


async def _known(request: Request, error: Exception) -> ProblemResponse:
    if isinstance(error, ledger.Integrity):
        _logger.critical("%s", error, exc_info=error)
        request.app.state.service.fail(error)
    return _answer(error, request)


async def _unknown(request: Request, error: Exception) -> ProblemResponse:
    # The server's own middleware logs the trace and raises on; the client gets the document only.
    return _answer(error, request)


async def _http(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    path = request.url.path
    if error.status_code == 404:
        refusal = Refused(
            404, "http.route", path, "a path of docs/api.md", ("There is nothing at this path.", "该路径不存在。")
        )
    elif error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        refusal = Refused(
            405,
            "http.method",
            request.method,
            allowed,
            (
                f"{request.method} is not allowed here; allowed: {allowed}.",
                f"此处不允许 {request.method}；允许：{allowed}。",
            ),
            headers=error.headers,
        )
    else:
        refusal = Refused(
            error.status_code,
            "http.request",
            error.detail,
            "",
            (str(error.detail), "请求不正确。"),
            headers=error.headers,
        )
    return _answer(refusal, request)


async def _parameters(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    refusal = Refused(
        422,
        "request.parameter",
        first.get("input") if first["type"] != "missing" else "",
        first["msg"],
        (f"{name}: {first['msg']}.", f"请求参数 {name} 不正确：{first['msg']}。"),
        parameter=name,
    )
    return _answer(refusal, request)


def install(app: FastAPI) -> None:
    """Give every error of the service its problem document."""
    for kind in (attestation.AttestationError, ledger.LedgerError, Refused):
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(Exception, _unknown)
