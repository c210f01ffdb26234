"""The tree for everybody: checkpoints, consistency proofs, hash tiles. The C2SP prefix of the log is ``/v1``."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import Service, ServiceDep
from api.describe import failures, raw
from api.models import Consistency
from api.routes.parameters import SizePath, SizeQuery, absent
from ledger.merkle import parse_tile_path

router = APIRouter(tags=["tree"])

NOTE_TYPE = "text/plain"
TILE_TYPE = "application/octet-stream"
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


def _checkpoint(service: Service, size: int | None) -> str:
    note = service.view.checkpoint(size)
    if note is None:
        raise absent("checkpoints.none", "" if size is None else size, "cosigned checkpoint", "已共签的检查点")
    return note


def _consistency(service: Service, old: int, new: int) -> Consistency:
    proof = service.view.consistency(old, new)
    return Consistency(old=old, new=new, proof=[node.hex() for node in proof])


def _tile(service: Service, path: str) -> bytes:
    tile = parse_tile_path(path)
    return service.view.tile(tile.level, tile.index, tile.width)


@router.get(
    "/checkpoint",
    operation_id="getCheckpoint",
    summary="The newest cosigned checkpoint",
    response_class=Response,
    responses={200: raw(NOTE_TYPE, "A C2SP signed note."), **failures(404, 503)},
)
async def get_checkpoint(service: ServiceDep) -> Response:
    """Signed by the log, cosigned by the witness."""
    note = await service.read(_checkpoint, service, None)
    return Response(note, media_type=f"{NOTE_TYPE}; charset=utf-8", headers={"Cache-Control": "no-store"})


@router.get(
    "/checkpoints/{size}",
    operation_id="getCheckpointOfSize",
    summary="The cosigned checkpoint of a size",
    response_class=Response,
    responses={200: raw(NOTE_TYPE, "A C2SP signed note."), **failures(404, 503)},
)
async def get_checkpoint_of_size(size: SizePath, service: ServiceDep) -> Response:
    """404 for a size that no checkpoint has."""
    note = await service.read(_checkpoint, service, size)
    return Response(note, media_type=f"{NOTE_TYPE}; charset=utf-8")


@router.get(
    "/consistency",
    operation_id="getConsistency",
    summary="Consistency proof between two sizes",
    responses=failures(404, 503),
)
async def get_consistency(old: SizeQuery, new: SizeQuery, service: ServiceDep) -> Consistency:
    """RFC 9162 §2.1.4."""
    return await service.read(_consistency, service, old, new)


@router.get(
    "/tile/{path:path}",
    operation_id="getTile",
    summary="A hash tile",
    response_class=Response,
    responses={200: raw(TILE_TYPE, "Up to 256 hashes of 32 bytes (C2SP tlog-tiles)."), **failures(400, 404, 503)},
)
async def get_tile(path: str, service: ServiceDep) -> Response:
    """`<level>/<index>[.p/<width>]`; tiles never change."""
    return Response(await service.read(_tile, service, path), media_type=TILE_TYPE, headers=_FOR_EVER)
