"""Streams: where they stand, what is open or lost in them, how well they are covered."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.access.guard import Asked, AskedDep
from api.cursors import CursorQuery, cursor_after, place_in
from api.deps import Service, ServiceDep
from api.describe import failures
from api.problems import Refused
from api.routes.parameters import IssuerQuery, SeqQuery, StreamQuery, absent, identifier_in
from api.stream_models import CoveredRange, GapRange, Gaps, Stream, Streams
from ledger.view import STREAMS_SHOWN, RangeState

router = APIRouter(tags=["streams"])

_MOST_GAPS = 1_000


def _unknown(issuer: str, stream: str) -> Refused:
    return absent("streams.unknown", f"{issuer} {stream}", "stream", "流")


def _stream(service: Service, asked: Asked, issuer: str, stream: str) -> Stream:
    issuer = identifier_in(issuer)
    asked.object = f"{issuer} {stream}"
    asked.require_reader(issuer)
    found = service.view.stream(issuer, stream)
    if found is None:
        raise _unknown(issuer, stream)
    return Stream.of(found)


def _streams(service: Service, asked: Asked, issuer: str, after: str | None, limit: int) -> Streams:
    issuer = _listed(asked, issuer, "streams")
    place = None if after is None else place_in(after, issuer)[:2]
    # One more than asked for says whether there is another page.
    found = service.view.streams_covered(issuer, after=place, limit=limit + 1)
    shown, more = found[:limit], found[limit:]
    return Streams.of(issuer, shown, cursor_after(issuer, shown[-1].issuer, shown[-1].stream) if more else None)


def _gaps(service: Service, asked: Asked, issuer: str, *, state: str | None, after: str | None, limit: int) -> Gaps:
    issuer = _listed(asked, issuer, "gaps")
    found = service.view.gaps(
        issuer,
        after=None if after is None else place_in(after, issuer),
        limit=limit + 1,
        state=None if state is None else RangeState(state),
    )
    shown, more = found[:limit], found[limit:]
    following = cursor_after(issuer, *shown[-1].place) if more else None
    return Gaps(issuer=issuer, gaps=[GapRange.of(one) for one in shown], next=following)


def _listed(asked: Asked, issuer: str, what: str) -> str:
    issuer = identifier_in(issuer)
    asked.object = f"{what} of {issuer}"
    asked.require_reader(issuer)
    if asked.owner_body is None:
        # A misspelt identifier must not look like one of which nothing is open.
        raise absent("identifiers.unknown", issuer, "identifier", "标识")
    return issuer


def _coverage(
    service: Service, asked: Asked, issuer: str, stream: str, *, first_seq: int, last_seq: int | None
) -> CoveredRange:
    issuer = identifier_in(issuer)
    asked.object = f"coverage of {issuer} {stream} {first_seq} to {'the last' if last_seq is None else last_seq}"
    asked.require_reader(issuer)
    found = service.view.covered(issuer, stream, first_seq, last_seq)
    if found is None:
        raise _unknown(issuer, stream)
    return CoveredRange.told(found)


@router.get("/streams", operation_id="getStreams", summary="A stream, or streams", responses=failures(400, 404, 503))
async def get_streams(
    *,
    issuer: IssuerQuery,
    service: ServiceDep,
    asked: AskedDep,
    stream: Annotated[StreamQuery | None, Query()] = None,
    after: CursorQuery = None,
    limit: Annotated[int, Query(ge=1, le=STREAMS_SHOWN, description="At most so many streams.")] = STREAMS_SHOWN,
) -> Stream | Streams:
    """With `stream`: that one and its gaps. Without: those of the issuer and of its devices, page by page."""
    if stream is None:
        return await service.read(_streams, service, asked, issuer, after, limit)
    return await service.read(_stream, service, asked, issuer, stream)


@router.get(
    "/streams/coverage",
    operation_id="getCoverage",
    summary="What stands at a range of a stream",
    responses=failures(400, 404, 503),
)
async def get_coverage(
    *,
    issuer: IssuerQuery,
    stream: StreamQuery,
    service: ServiceDep,
    asked: AskedDep,
    first_seq: SeqQuery = 1,
    last_seq: Annotated[SeqQuery | None, Query()] = None,
) -> CoveredRange:
    """How many of its numbers hold which kind of reading, are open or lost; without `last_seq` up to the highest."""
    return await service.read(_coverage, service, asked, issuer, stream, first_seq=first_seq, last_seq=last_seq)


@router.get("/gaps", operation_id="getGaps", summary="What is open or lost", responses=failures(400, 404, 503))
async def get_gaps(
    *,
    issuer: IssuerQuery,
    service: ServiceDep,
    asked: AskedDep,
    state: Annotated[Literal["open", "lost"] | None, Query(description="Only these.")] = None,
    after: CursorQuery = None,
    limit: Annotated[int, Query(ge=1, le=_MOST_GAPS, description="At most so many ranges.")] = 100,
) -> Gaps:
    """In the streams of an identifier and of its devices. What is open stays so until it is filled or declared lost."""
    return await service.read(_gaps, service, asked, issuer, state=state, after=after, limit=limit)
