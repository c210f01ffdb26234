"""The application: routes, problem documents, OpenAPI, and what stands around every request."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from starlette.types import ASGIApp

from api import describe, errors
from api.access.guard import enter
from api.access.noting import Noting
from api.deps import Service
from api.feeds.hub import Hub
from api.metrics import Metrics
from api.observing import PREFIX, Observing
from api.routes import ROUTERS
from api.version import version
from ledger.serving import BodyPatience


class Application(FastAPI):
    """FastAPI with request ids, figures and patience outside of everything else, also of its own error pages.

    ``patience`` is told when the service is about to end.
    """

    patience: BodyPatience

    def build_middleware_stack(self) -> ASGIApp:
        """The framework's own stack, inside of ours."""
        service: Service | None = self.state.service
        self.patience = BodyPatience(Noting(super().build_middleware_stack()))
        return Observing(self.patience, Metrics() if service is None else service.metrics)


def create_app(service: Service | None) -> Application:
    """The application over ``service``; None is enough to describe the interface."""
    app = Application(
        title="Tanlu 碳录",
        version=version(),
        description="Carbon evidence ledger: signed statements in, receipts that anyone can verify out.",
        openapi_url=f"{PREFIX}/openapi.json",
        # Pages that load scripts from elsewhere have no place here.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.state.hub = None if service is None else Hub(service.access.database, service.feed_limits)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX, dependencies=[Depends(enter)])
    errors.install(app)
    describe.install(app)
    app.middleware_stack = app.build_middleware_stack()
    return app
