"""What the service says about itself: trust file, schemas, health."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, Response

from api.deps import Service, ServiceDep
from api.describe import failures, raw
from api.models import Health, SchemaNames
from api.problems import Refused
from api.routes.parameters import absent
from api.version import version
from attestation.statements import json_schemas

router = APIRouter(tags=["about"])


@cache
def _schemas() -> dict[str, dict[str, Any]]:
    return dict(json_schemas())


def _health(service: Service) -> Health:
    return Health.model_validate({"version": version(), "log": service.origin, **service.findings()})


@router.get(
    "/trust",
    operation_id="getTrust",
    summary="The trust file as this service has it",
    response_class=Response,
    responses={200: raw("application/json", "The trust file (docs/design.md §6)."), **failures()},
)
async def get_trust(service: ServiceDep) -> Response:
    """For comparison only: a verifier gets its trust file by another way than from whom it verifies."""
    return Response(service.trust, media_type="application/json")


@router.get("/schemas", operation_id="listSchemas", summary="Names of the schemas", responses=failures())
async def list_schemas() -> SchemaNames:
    """What `/v1/schemas/{name}` answers."""
    return SchemaNames(schemas=sorted(_schemas()))


@router.get(
    "/schemas/{name}",
    operation_id="getSchema",
    summary="JSON Schema of a statement type",
    responses=failures(404),
)
async def get_schema(name: str) -> dict[str, Any]:
    """JSON Schema 2020-12."""
    found = _schemas().get(name)
    if found is None:
        raise absent("schemas.unknown", name, "schema", "模式")
    return found


@router.get("/health", operation_id="getHealth", summary="Liveness, with all findings", responses=failures())
async def get_health(service: ServiceDep) -> Health:
    """200 as long as the process answers; `status` says the rest."""
    return await service.probe(_health, service)


@router.get("/health/ready", operation_id="getReady", summary="Readiness", responses=failures(503))
async def get_ready(service: ServiceDep) -> Health:
    """503 while no statement can be accepted."""
    health = await service.probe(_health, service)
    if health.status == "unavailable":
        raise Refused(
            503,
            "health.unavailable",
            health.status,
            "ok or degraded",
            ("The service cannot accept statements now.", "服务暂时无法接收声明。"),
            headers={"Retry-After": "2"},
            database=health.database,
        )
    return health
