"""The log page by page, for those who may read all of it: the same bytes that an archive has."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.access.guard import Asked, AskedDep
from api.deps import Service, ServiceDep
from api.describe import failures, raw
from api.mirror_models import Mirror
from api.routes.parameters import SizeQuery, absent
from ledger.archive.pages import PAGE_ENTRIES, Pages, Part
from ledger.merkle import MAX_SIZE

router = APIRouter(tags=["mirror"])

LINES_TYPE = "application/x-ndjson"
PagePath = Annotated[int, Path(ge=0, le=MAX_SIZE // PAGE_ENTRIES, description="Number of the page, from 0.")]


def _mirror(service: Service, asked: Asked) -> Mirror:
    asked.object = "mirror"
    return Mirror.of(service.origin, Pages(service.access.database).standing(), service.deployment())


def _page(service: Service, asked: Asked, page: int, size: int) -> bytes:
    asked.object = f"entries {page * PAGE_ENTRIES} to {min((page + 1) * PAGE_ENTRIES, max(size, 1)) - 1}"
    found = Pages(service.access.database).entries(page, size)
    if found is None:
        raise absent("mirror.page", f"{page} of {size} entries", "page", "分页")
    return found


def _part(service: Service, asked: Asked, part: Part, size: int) -> bytes:
    asked.object = f"{part.value} of {size} entries"
    return Pages(service.access.database).part(part, size)


@router.get("/mirror", operation_id="getMirror", summary="What can be mirrored", responses=failures(403, 503))
async def get_mirror(service: ServiceDep, asked: AskedDep) -> Mirror:
    """How far the log is cosigned, which block is final, where the contracts are. Who mirrors asks a node of its own
    for the chain."""
    return await service.read(_mirror, service, asked)


@router.get(
    "/mirror/entries/{page}",
    operation_id="getMirrorPage",
    summary="A page of entries",
    response_class=Response,
    responses={200: raw(LINES_TYPE, "Lines of `index`, `accepted_at`, `entry` (compact JWS)."), **failures(404, 503)},
)
async def get_mirror_page(page: PagePath, size: SizeQuery, service: ServiceDep, asked: AskedDep) -> Response:
    """Of the first `size` entries; a page is 1,024 of them, the last one what is left. Its leaf hashes are those of
    four tiles (`/v1/tile/0/…`), so that it is checked as it comes. 404 for a page that is not whole."""
    return Response(await service.read(_page, service, asked, page, size), media_type=LINES_TYPE)


@router.get(
    "/mirror/{part}",
    operation_id="getMirrorPart",
    summary="What there is besides entries",
    response_class=Response,
    responses={200: raw(LINES_TYPE, "Lines as in an archive (docs/audit.md)."), **failures(503)},
)
async def get_mirror_part(part: Part, size: SizeQuery, service: ServiceDep, asked: AskedDep) -> Response:
    """`heads`: cosigned checkpoints up to `size`; `equivocations`: second statements at a place that was taken;
    `refused`: operations that a contract finally refused, on the operator's word."""
    return Response(await service.read(_part, service, asked, part, size), media_type=LINES_TYPE)
