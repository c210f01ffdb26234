"""The OpenAPI document: what the framework derives from the routes, plus problem documents and raw bodies.

``docs/openapi.json`` is this document, committed; ``python -m api.openapi`` writes it and a test compares the two.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import problems

PATH = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"

_PROBLEM = {"content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_RETRY = {"Retry-After": {"description": "Seconds until it may work.", "schema": {"type": "integer"}}}

Responses = dict[int | str, dict[str, Any]]


def failures(*statuses: int) -> Responses:
    """The ``responses`` of a route that answers these statuses with a problem document, and always 422 and 500."""
    found: Responses = {}
    for status in sorted({*statuses, 422, 500}):
        found[status] = {"description": problems.TITLES[status], **_PROBLEM}
        if status == 503:
            found[status]["headers"] = _RETRY
    return found


def raw(media_type: str, description: str) -> dict[str, Any]:
    """A 200 whose body is not JSON of a model."""
    return {"description": description, "content": {media_type: {"schema": {"type": "string"}}}}


def raw_body(description: str, *media_types: str) -> dict[str, Any]:
    """``openapi_extra`` of a route that reads its body itself."""
    content = {kind: {"schema": {"type": "string"}} for kind in media_types}
    return {"requestBody": {"required": True, "description": description, "content": content}}


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
            found.setdefault("components", {}).setdefault("schemas", {})["Problem"] = problems.schema()
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]  # the framework's documented way


def text(app: FastAPI) -> str:
    """The document as it is committed."""
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Write the committed document."""
    from api.app import create_app  # noqa: PLC0415 - the application imports this module

    PATH.write_text(text(create_app(None)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
