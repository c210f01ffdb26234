"""Is an answer one that the document describes?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
from jsonschema import Draft202012Validator


class Judge:
    """Compares answers with the OpenAPI document. Raises AssertionError that says what is not as described."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._components = document["components"]
        self._validators: dict[tuple[str, str, str], Draft202012Validator] = {}

    def check(self, operation: Mapping[str, Any], answer: httpx.Response) -> None:
        """Status, media type, headers and body."""
        name, status = operation["operationId"], str(answer.status_code)
        assert answer.status_code < 500, f"{name}: {status} {answer.text[:500]}"
        assert status in operation["responses"], f"{name}: {status} is not described: {answer.text[:500]}"
        described = operation["responses"][status]
        assert answer.headers.get("x-request-id"), f"{name}: no X-Request-Id"
        for header in described.get("headers", {}):
            assert header.lower() in answer.headers, f"{name}: {status} without {header}"
        content = described.get("content")
        if not content:
            assert not answer.content, f"{name}: {status} should have no body: {answer.text[:200]}"
            return
        kind = answer.headers.get("content-type", "").partition(";")[0].strip()
        assert kind in content, f"{name}: {status} comes as {kind!r}, described {sorted(content)}"
        if kind in {"application/json", "application/problem+json"}:
            self._check_json(name, status, kind, content[kind]["schema"], answer)
        elif kind == "application/x-ndjson":
            for line in answer.text.splitlines():
                assert isinstance(json.loads(line), dict), f"{name}: a line that is no object: {line[:200]}"

    def _check_json(self, name: str, status: str, kind: str, schema: Mapping[str, Any], answer: httpx.Response) -> None:
        body = json.loads(answer.content)
        if schema == {"type": "string"}:
            return  # raw bytes of a document that another schema describes
        validator = self._validators.get((name, status, kind))
        if validator is None:
            whole = dict(schema) | {"components": self._components}
            validator = self._validators[name, status, kind] = Draft202012Validator(whole)
        found = next(iter(validator.iter_errors(body)), None)
        assert found is None, f"{name}: {status} is not as described: {found.message[:500] if found else ''}"
        if "problem" in kind:
            assert body["status"] == answer.status_code, f"{name}: a problem of another status"
            assert body["request_id"] == answer.headers["x-request-id"], f"{name}: another request's problem"


def accepted(operation: str, answer: httpx.Response) -> int:
    """How many entries an answer says were added to the log by its request."""
    if operation in {"submitStatement", "enrolIdentifier"}:
        return int(answer.status_code == 201)
    if operation == "submitStatements" and answer.status_code == 200:
        return int(json.loads(answer.text.splitlines()[-1])["summary"]["accepted"])
    return 0
