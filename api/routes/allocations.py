"""Allocations: who was given how much of a year's quota."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.access.callers import OVERSEERS
from api.access.guard import Asked, AskedDep
from api.allocation_models import AllocationAnswer, Allocations, AllocationTotals
from api.deps import Service, ServiceDep
from api.describe import failures
from api.routes.labels import BeforeQuery, YearQuery
from api.routes.parameters import absent
from ledger.allocation_views import ALLOCATIONS_SHOWN, own_share
from ledger.merkle import MAX_SIZE

router = APIRouter(tags=["allocations"])

IndexPath = Annotated[int, Path(ge=0, le=MAX_SIZE, description="Log position of the allocation.")]

StepsQuery = Annotated[bool, Query(description="With the asking enterprise's own inputs and each step of its share.")]


def _page(service: Service, asked: Asked, *, year: int | None, before: int | None, limit: int) -> Allocations:
    asked.object = "allocations"
    # One more than asked for says whether there is another page.
    found = service.view.allocations.page(year=year, before=before, limit=limit + 1)
    shown, more = found[:limit], found[limit:]
    return Allocations(
        allocations=[AllocationTotals.of(view) for view in shown], next=shown[-1].index if more else None
    )


def _allocation(service: Service, asked: Asked, index: int, *, steps: bool) -> AllocationAnswer:
    asked.object = f"allocation {index}"
    found = service.view.allocations.at(index)
    if found is None:
        asked.require_holder()
        raise absent("allocations.unknown", index, "allocation", "配额分配")
    body = None if asked.caller is None else asked.caller.body
    named = body is not None and any(row.identifier == body for row in found.body.table)
    asked.require_holder(*([body] if body is not None and named else []))
    if asked.role in OVERSEERS:
        return AllocationAnswer.of_row(found, None)
    return AllocationAnswer.of_row(found, body, own_share(found.body, body) if steps and body is not None else None)


@router.get(
    "/allocations",
    operation_id="listAllocations",
    summary="Allocations of quota",
    responses=failures(400, 503),
)
async def list_allocations(
    *,
    service: ServiceDep,
    asked: AskedDep,
    year: YearQuery = None,
    before: BeforeQuery = None,
    limit: Annotated[int, Query(ge=1, le=ALLOCATIONS_SHOWN, description="At most so many.")] = ALLOCATIONS_SHOWN,
) -> Allocations:
    """Newest first: totals, roots, and how far the chain has carried each out."""
    return await service.read(_page, service, asked, year=year, before=before, limit=limit)


@router.get(
    "/allocations/{index}",
    operation_id="getAllocation",
    summary="An allocation with its table",
    responses=failures(400, 403, 404, 503),
)
async def get_allocation(
    *, index: IndexPath, service: ServiceDep, asked: AskedDep, steps: StepsQuery = False
) -> AllocationAnswer:
    """An enterprise sees its own row, with `steps` its own inputs and how its share follows; who oversees sees all of
    them, with rules and inputs to recompute them from."""
    return await service.read(_allocation, service, asked, index, steps=steps)
