"""How a route's answers and bodies are said in the OpenAPI document, and how the application makes that document.

The framework derives the most from the routes; what it cannot know (problem documents, raw bodies) is said here.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import problems
from api.access.table import ROUTES, Need

_PROBLEM = {"content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_RETRY = {"Retry-After": {"description": "Seconds until it may work.", "schema": {"type": "integer"}}}

Responses = dict[int | str, dict[str, Any]]


def failures(*statuses: int) -> Responses:
    """The ``responses`` of a route that answers these statuses with a problem document, and always 422, 429 and 500."""
    found: Responses = {}
    for status in sorted({*statuses, 422, 429, 500}):
        found[status] = {"description": problems.TITLES[status], **_PROBLEM}
        if status in {429, 503}:
            found[status]["headers"] = _RETRY
    return found


def raw(media_type: str, description: str) -> dict[str, Any]:
    """A 200 whose body is not JSON of a model."""
    return {"description": description, "content": {media_type: {"schema": {"type": "string"}}}}


def raw_body(description: str, *media_types: str) -> dict[str, Any]:
    """``openapi_extra`` of a route that reads its body itself."""
    content = {kind: {"schema": {"type": "string"}} for kind in media_types}
    return {"requestBody": {"required": True, "description": description, "content": content}}


def _say_who(operation: dict[str, Any]) -> None:
    # From the table that is enforced: a token, and what is answered without one, with a wrong one, to a wrong role.
    responses, need = operation["responses"], ROUTES.get(operation["operationId"])
    # A token that is given is judged also where none is needed.
    responses["401"] = failures(401)[401]
    operation["security"] = [{}, {"session": []}] if need is Need.ANYONE else [{"session": []}]
    if need in {Need.OWN, Need.HOLDER, Need.OVERSEER, Need.PARK}:
        responses["403"] = failures(403)[403]
    operation["responses"] = dict(sorted(responses.items()))


def _say_data(operation: dict[str, Any]) -> None:
    # The framework calls whatever is not JSON a string; of a stream the events' data are described.
    content = operation["responses"].get("200", {}).get("content", {})
    for told in content.values():
        if "anyOf" in told.get("schema", {}):
            told["schema"].pop("type", None)


def install(app: FastAPI) -> None:
    """Let the application answer with this document."""

    def build() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            components = found.setdefault("components", {})
            components.setdefault("schemas", {})["Problem"] = problems.schema()
            components["securitySchemes"] = {"session": {"type": "http", "scheme": "bearer"}}
            for item in found["paths"].values():
                for operation in item.values():
                    _say_who(operation)
                    _say_data(operation)
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]  # the framework's documented way
