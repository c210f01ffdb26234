"""The committed OpenAPI document is the code's own, and complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api import openapi
from api.app import create_app
from api.version import version

API_PAGE = Path(__file__).parents[2] / "docs" / "api.md"
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads(openapi.text(create_app(None)))


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_the_committed_document_is_the_codes_own(document: dict[str, Any]) -> None:
    assert json.loads(openapi.PATH.read_text("utf-8")) == document, "run `python -m api.openapi`"
    assert document["info"]["version"] == version()


def test_every_error_of_every_route_is_a_problem_document(document: dict[str, Any]) -> None:
    for path, method, operation in _operations(document):
        errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert {"422", "500"} <= set(errors), (path, method)
        for status, answer in errors.items():
            assert answer["content"] == {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            }, (path, method, status)


def test_route_ids_are_unique_and_said_by_hand(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in _operations(document)]
    assert len(ids) == len(set(ids))
    assert not [name for name in ids if "_v1_" in name]


def test_posts_say_which_body_they_take(document: dict[str, Any]) -> None:
    bodies = {
        path: set(op["requestBody"]["content"]) for path, method, op in _operations(document) if "requestBody" in op
    }
    assert bodies == {
        "/v1/statements": {"application/jose", "text/plain"},
        "/v1/statements/bulk": {"application/x-ndjson"},
        "/v1/judgements": {"application/json"},
        "/v1/identifiers": {"application/jose", "text/plain"},
        "/v1/sessions": {"application/jose", "application/json"},
        "/v1/applications": {"application/json"},
    }


def test_every_route_is_on_the_page(document: dict[str, Any]) -> None:
    page = API_PAGE.read_text("utf-8")
    for path, _, _ in _operations(document):
        shown = path.replace("/v1/tile/{path}", "/v1/tile/{L}/{N}")
        assert f"`{shown}`" in page or f" {shown}`" in page or f" {shown}?" in page or f" {shown}[" in page, path
