"""The market as it happens: event streams of an asset, and of one's own orders and fills (docs/market.md)."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from api.access.bearer import bearer_token
from api.access.guard import Asked, AskedDep
from api.deps import Service, ServiceDep
from api.describe import failures
from api.feed_models import AssetEvent, OwnEvent
from api.feeds.hub import Hub, Scope
from api.feeds.stream import MEDIA_TYPE, EventStream, Reader
from api.problems import Refused
from api.routes.market import AccountQuery, AssetPath, holder_of, sees
from attestation.assets import parse_asset
from ledger.market.feed.ids import FeedId
from ledger.market.feed.reading import here

router = APIRouter(tags=["market"])

Since = Annotated[
    str | None,
    Query(max_length=64, description="Events after this id, for clients that cannot send `Last-Event-ID`."),
]
LastEventId = Annotated[
    str | None, Header(max_length=64, description="The id of the last event that was read; counts before `since`.")
]


class Described(Response):
    """What the OpenAPI document says of the answer's media type; the answer itself is an ``EventStream``."""

    media_type = MEDIA_TYPE


def _responses(model: object) -> dict[int | str, dict[str, object]]:
    said = "Each event's `data` is one of these, by its name."
    return {200: {"description": said, "model": model}, **failures(400, 403, 409, 410, 503)}


def _start(service: Service, hub: Hub, since: str | None) -> FeedId | None:
    """Where the stream begins; None: now. Raises Refused: ``feed.id`` (400) for no id, ``feed.id_unknown`` (409) for
    one of which this log knows nothing, ``feed.id_old`` (410) for one that lies too far back."""
    if since is None:
        return None
    try:
        at = FeedId.parse(since)
    except ValueError:
        text = "An id of an event is four numbers with dots.", "事件编号由四个以点分隔的数字组成。"
        raise Refused(400, "feed.id", since, "an `id` of an event or of a book", text) from None
    with service.access.database.read() as store:
        now = here(store)
    if not now.covers(at):
        text = (
            "This log has not come so far: the id is another log's. Read the book and go on from its `id`.",
            "本日志尚无此编号，可能属于另一日志；请读取委托簿并从其 id 继续。",
        )
        raise Refused(409, "feed.id_unknown", since, f"at most {now}", text)
    oldest = max(0, now.entry - hub.limits.history)
    if at.entry < oldest:
        text = (
            "This id lies too far back. Read the book and go on from its `id`; trades and fills have pages.",
            "编号过旧；请读取委托簿并从其 id 继续，历史成交可分页查询。",
        )
        raise Refused(410, "feed.id_old", since, f"an id from entry {oldest} on", text)
    return at


async def _follow(request: Request, service: Service, asked: Asked, scope: Scope, since: str | None) -> EventStream:
    hub: Hub = request.app.state.hub
    token = bearer_token(request.headers) or ""
    with ExitStack() as held:
        held.enter_context(service.access.streams.one(asked.identifier))
        at = await service.read(_start, service, hub, since)
        good_until = await service.read(service.access.sessions.ends_at, token)
        queue = await service.read(hub.subscribe, scope, asyncio.get_running_loop())
        held.callback(hub.leave, queue)
        service.metrics.feed_streams.inc()
        held.callback(service.metrics.feed_streams.dec)
        reader = Reader(token, good_until, sees(asked), queue.start if at is None else at)
        return EventStream(service, hub, queue, reader, held.pop_all())


@router.get(
    "/market/events",
    operation_id="followOwn",
    summary="One's own orders and fills as they change",
    response_class=Described,
    responses=_responses(OwnEvent),
)
async def follow_own(
    *,
    request: Request,
    service: ServiceDep,
    asked: AskedDep,
    account: AccountQuery = None,
    since: Since = None,
    last_event_id: LastEventId = None,
) -> EventStream:
    """Events `order` and `fill`, from now on or after an id; with `account` somebody's, for who oversees."""
    holder = await service.read(holder_of, asked, account)
    asked.object = f"events of {holder}"
    return await _follow(request, service, asked, Scope(account=holder), last_event_id or since)


@router.get(
    "/market/{asset}/events",
    operation_id="followAsset",
    summary="Book, trades, candles and days as they change",
    response_class=Described,
    responses=_responses(AssetEvent),
)
async def follow_asset(
    *,
    asset: AssetPath,
    request: Request,
    service: ServiceDep,
    asked: AskedDep,
    since: Since = None,
    last_event_id: LastEventId = None,
) -> EventStream:
    """Events `book`, `trade`, `candle` and `day`, from now on or after an id: that of a book, to go on from it."""
    asked.object = f"events of {asset}"
    return await _follow(request, service, asked, Scope(asset=parse_asset(asset)), last_event_id or since)
