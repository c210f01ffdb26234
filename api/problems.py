"""Problem documents (RFC 9457) and how they leave the service.

Members beyond the standard's ``type``, ``title``, ``status``, ``detail``, ``instance``: ``rule`` (a stable dotted
code), ``value`` (what was found), ``expected``, ``step`` (the step of verification, where there is one) and
``message_zh`` (the detail in Chinese). ``type`` is a URN made of the rule, so that nothing must be fetched to read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:tanlu:problem:"


TITLES: Mapping[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
"""RFC 9110 §15; the standard library's phrases differ between Python versions."""


class Refused(Exception):
    """A refusal that belongs to HTTP itself: limits, media types, routes, parameters.

    ``text`` is the sentence in English and Chinese, ``members`` are further members of the problem document,
    ``headers`` further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        rule: str,
        value: object,
        expected: str,
        text: tuple[str, str],
        *,
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        super().__init__(text[0])
        self.status = status
        self.rule = rule
        self.value = str(value)[:200]
        self.expected = expected
        self.text = text
        self.headers = dict(headers or {})
        self.members = members


def document(
    status: int,
    rule: str,
    text: tuple[str, str],
    instance: str | None = None,
    members: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """The members of a problem document in their order; ``None`` members are left out."""
    body: dict[str, object] = {
        "type": TYPE_PREFIX + rule,
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": text[0],
        "instance": instance,
        "rule": rule,
        **(members or {}),
        "message_zh": text[1],
    }
    return {name: value for name, value in body.items() if value is not None}


class ProblemResponse(Response):
    """A problem document as the answer."""

    media_type = MEDIA_TYPE

    def __init__(self, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(msgspec.json.encode(body), status_code=int(str(body["status"])), headers=dict(headers or {}))


def schema() -> dict[str, Any]:
    """JSON Schema of a problem document, for the OpenAPI document."""
    text = {"type": "string"}
    return {
        "type": "object",
        "title": "Problem",
        "description": "RFC 9457 problem document.",
        "required": ["type", "title", "status", "detail", "instance", "rule", "message_zh"],
        "properties": {
            "type": {"type": "string", "format": "uri", "description": f"`{TYPE_PREFIX}` and the rule."},
            "title": text,
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "One sentence in English."},
            "instance": {"type": "string", "description": "The path that was asked."},
            "rule": {"type": "string", "description": "Stable dotted code."},
            "value": {"type": "string", "description": "What was found, at most 200 characters."},
            "expected": text,
            "step": {"type": "integer", "description": "The step of verification that refused (docs/design.md §3)."},
            "message_zh": {"type": "string", "description": "The detail in Chinese."},
            "request_id": {"type": "string", "description": "`X-Request-Id` of the answer; the service's log has it."},
        },
    }
