"""Events as ``text/event-stream`` (WHATWG HTML, section 9.2): each has its id, and lines end with LF."""

from __future__ import annotations

from api.feed_models import EndEvent, event_data, named_in
from ledger.market.feed.events import FeedEvent
from ledger.market.feed.ids import FeedId

RETRY_MS = 2_000
"""After so long a browser that lost the connection asks again."""
_NOBODY = ""
_KEPT = 4_096


def opening(at: FeedId) -> bytes:
    """The first lines: how long to wait before asking again, and where the stream begins."""
    return f"retry: {RETRY_MS}\nid: {at}\n\n".encode("ascii")


def alive(at: FeedId) -> bytes:
    """Nothing happened; what was for others is behind the reader too. Without data no event is dispatched."""
    return f": alive\nid: {at}\n\n".encode("ascii")


def ending(at: FeedId, reason: str) -> bytes:
    """The last event. Its id is where to go on."""
    data = EndEvent.model_validate({"reason": reason, "id": str(at)}).model_dump_json()
    return f"id: {at}\nevent: end\ndata: {data}\n\n".encode()


class Lines:
    """Writes the events of one log; what many streams are told alike is written once."""

    def __init__(self) -> None:
        self._kept: dict[tuple[FeedId, str | None], bytes | None] = {}

    def told(self, event: FeedEvent, seen_by: str | None) -> bytes | None:
        """An event as the body ``seen_by`` is told it (None: who oversees); None: nothing of it is open to it."""
        own = seen_by is None or seen_by in named_in(event.body)
        place = (event.id, seen_by if own else _NOBODY)
        if place not in self._kept:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[place] = _written(event, place[1])
        return self._kept[place]


def _written(event: FeedEvent, seen_by: str | None) -> bytes | None:
    data = event_data(event.body, seen_by)
    if data is None:
        return None
    return f"id: {event.id}\nevent: {event.kind}\ndata: {data.model_dump_json(by_alias=True)}\n\n".encode()
