"""How a request reaches its route: on the event loop, which hands to threads what blocks, within limits of its own."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.access.guard import enter
from api.routes import ROUTERS


def _calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for one in dependant.dependencies:
        yield from _calls(one)


def test_neither_a_route_nor_what_it_depends_on_is_run_in_a_thread_of_its_own() -> None:
    """A plain function would be: beyond the service's readers, and waiting for its turn among them."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    called = {call for route in routes for call in _calls(route.dependant)}
    assert len(routes) > 50
    assert enter in called
    assert {call for call in called if not inspect.iscoroutinefunction(call)} == set()
