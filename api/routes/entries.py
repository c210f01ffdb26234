"""Entries, their receipts, and streams."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import Service, ServiceDep
from api.describe import failures, raw
from api.models import Entry, Stream, Streams
from api.routes.parameters import IndexPath, IssuerQuery, SeqQuery, StreamQuery, absent, identifier_in

router = APIRouter(tags=["entries"])


def _entry(service: Service, index: int) -> Entry:
    found = service.view.entry(index)
    if found is None:
        raise absent("entries.index", index, "entry", "条目")
    return Entry.of(found)


def _entry_at(service: Service, issuer: str, stream: str, seq: int) -> Entry:
    found = service.view.entry_at(identifier_in(issuer), stream, seq)
    if found is None:
        raise absent("entries.place", f"{issuer} {stream} {seq}", "entry at", "条目")
    return Entry.of(found)


def _streams(service: Service, issuer: str, stream: str | None) -> Stream | Streams:
    issuer = identifier_in(issuer)
    if stream is None:
        return Streams(issuer=issuer, streams=service.view.streams(issuer))
    found = service.view.stream(issuer, stream)
    if found is None:
        raise absent("streams.unknown", f"{issuer} {stream}", "stream", "流")
    return Stream.of(found)


@router.get("/entries", operation_id="findEntry", summary="An entry by its place", responses=failures(400, 404, 503))
async def find_entry(issuer: IssuerQuery, stream: StreamQuery, seq: SeqQuery, service: ServiceDep) -> Entry:
    """The entry at (issuer, stream, seq)."""
    return await service.read(_entry_at, service, issuer, stream, seq)


@router.get("/entries/{index}", operation_id="getEntry", summary="An entry", responses=failures(404, 503))
async def get_entry(index: IndexPath, service: ServiceDep) -> Entry:
    """An entry and its state: accepted, integrated, anchored, final."""
    return await service.read(_entry, service, index)


@router.get(
    "/entries/{index}/receipt",
    operation_id="getReceipt",
    summary="The receipt of an entry",
    response_class=Response,
    responses={200: raw("application/json", "The receipt (docs/design.md §6)."), **failures(404, 409, 503)},
)
async def get_receipt(index: IndexPath, service: ServiceDep) -> Response:
    """409 with Retry-After until the entry is anchored."""
    receipt = await service.read(service.view.receipt, index)
    return Response(receipt, media_type="application/json")


@router.get("/streams", operation_id="getStreams", summary="A stream and its gaps", responses=failures(400, 404, 503))
async def get_streams(
    issuer: IssuerQuery,
    service: ServiceDep,
    stream: Annotated[StreamQuery | None, Query()] = None,
) -> Stream | Streams:
    """Without `stream`: the names of the issuer's streams. Gaps stay open until they are filled."""
    return await service.read(_streams, service, issuer, stream)
