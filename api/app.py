"""The application: routes, problem documents, OpenAPI."""

from __future__ import annotations

from fastapi import FastAPI

from api import describe, errors
from api.deps import Service
from api.routes import ROUTERS
from api.version import version


def create_app(service: Service | None) -> FastAPI:
    """The application over ``service``; None is enough to describe the interface."""
    app = FastAPI(
        title="Tanlu 碳录",
        version=version(),
        description="Carbon evidence ledger: signed statements in, receipts that anyone can verify out.",
        openapi_url="/v1/openapi.json",
        # Pages that load scripts from elsewhere have no place here.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    errors.install(app)
    describe.install(app)
    return app
