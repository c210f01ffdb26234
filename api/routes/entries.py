"""Entries and their receipts."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.access.guard import Asked, AskedDep
from api.deps import Service, ServiceDep
from api.describe import failures, raw
from api.models import Entry
from api.routes.parameters import IndexPath, IssuerQuery, SeqQuery, StreamQuery, absent, identifier_in
from ledger.view import EntryView

router = APIRouter(tags=["entries"])


def _entry(service: Service, asked: Asked, index: int) -> Entry:
    found = service.view.entry(index)
    _require_reader(asked, found, f"{index}")
    if found is None:
        raise absent("entries.index", index, "entry", "条目")
    return Entry.of(found)


def _entry_at(service: Service, asked: Asked, issuer: str, stream: str, seq: int) -> Entry:
    found = service.view.entry_at(identifier_in(issuer), stream, seq)
    asked.object = f"{issuer} {stream} {seq}"
    asked.require_reader(issuer, None if found is None else found.type, () if found is None else found.about)
    if found is None:
        raise absent("entries.place", f"{issuer} {stream} {seq}", "entry at", "条目")
    return Entry.of(found)


def _receipt(service: Service, asked: Asked, index: int) -> bytes:
    _require_reader(asked, service.view.entry(index), f"receipt of {index}")
    return service.view.receipt(index)


def _require_reader(asked: Asked, found: EntryView | None, what: str) -> None:
    asked.object = what
    if found is None:
        asked.require_reader(None)
    else:
        asked.require_reader(found.issuer, found.type, found.about)


@router.get("/entries", operation_id="findEntry", summary="An entry by its place", responses=failures(400, 404, 503))
async def find_entry(
    issuer: IssuerQuery, stream: StreamQuery, seq: SeqQuery, service: ServiceDep, asked: AskedDep
) -> Entry:
    """The entry at (issuer, stream, seq)."""
    return await service.read(_entry_at, service, asked, issuer, stream, seq)


@router.get("/entries/{index}", operation_id="getEntry", summary="An entry", responses=failures(404, 503))
async def get_entry(index: IndexPath, service: ServiceDep, asked: AskedDep) -> Entry:
    """An entry and its state: accepted, integrated, anchored, final."""
    return await service.read(_entry, service, asked, index)


@router.get(
    "/entries/{index}/receipt",
    operation_id="getReceipt",
    summary="The receipt of an entry",
    response_class=Response,
    responses={200: raw("application/json", "The receipt (docs/design.md §6)."), **failures(404, 409, 503)},
)
async def get_receipt(index: IndexPath, service: ServiceDep, asked: AskedDep) -> Response:
    """409 with Retry-After until the entry is anchored."""
    receipt = await service.read(_receipt, service, asked, index)
    return Response(receipt, media_type="application/json")
