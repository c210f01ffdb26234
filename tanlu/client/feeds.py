"""The market as it happens, and figures of it: part of ``client.market``.

A stream that is lost, that the service ends or whose sign-in is over is taken up again after the last event that was
read, so that each event comes once, in its order. An id that goes back is a broken promise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import NoReturn
from urllib.parse import quote

import msgspec

from tanlu.client.answers import decode
from tanlu.client.event_lines import Block, blocks
from tanlu.client.feed_answers import (
    BookChanged,
    CandleChanged,
    DayChanged,
    Ended,
    EventBody,
    FillChanged,
    MarketEvent,
    Statistics,
)
from tanlu.client.market_answers import Candle, OrderShown
from tanlu.client.transport import Interrupted, Transport
from tanlu.errors import PromiseBroken

_BODIES: dict[str, type[EventBody]] = {
    "book": BookChanged,
    "trade": FillChanged,
    "candle": CandleChanged,
    "day": DayChanged,
    "order": OrderShown,
    "fill": FillChanged,
}
_ID_PARTS = 4


class _Candles(msgspec.Struct, frozen=True):
    candles: tuple[Candle, ...]


class MarketFeeds:
    """Streams and figures over one transport."""

    _transport: Transport
    _keep: Callable[[PromiseBroken, str], PromiseBroken]

    def events(
        self, asset: str | None = None, *, account: str | None = None, since: str | None = None
    ) -> Iterator[MarketEvent]:
        """What happens from now on, or after ``since`` (an event's id, or a book's): to an ``asset``, or without one to
        one's own orders and fills (``account``: somebody's, for whoever oversees).

        Ends never; stop reading, or close the iterator. Raises RefusedByService: status 409 for an id of another log,
        410 for one that lies too far back (read the book, and go on from its ``id``); ServiceUnavailable where the
        service was not reached for as long as the client's patience; PromiseBroken where ids go back.
        """
        path = "/v1/market/events" if asset is None else f"/v1/market/{quote(asset, safe='')}/events"
        asked = {} if account is None else {"account": account}
        at, patience = since, self._transport.begin()
        while True:
            try:
                with self._transport.listen(path, asked, at) as lines, closing(blocks(lines, at or "")) as told:
                    for block in told:
                        patience = self._transport.begin()
                        at, event = self._passed(at, block)
                        if event is not None:
                            yield event
                raise Interrupted("the stream ended", 0.0)
            except Interrupted as lost:
                patience.wait(lost.reason, lost.retry_after)

    def statistics(self, asset: str, first: int | None = None, last: int | None = None) -> Statistics:
        """Figures of an asset's trading days from ``first`` to ``last`` (20260105), and of all of them together."""
        asked = {name: day for name, day in (("from", first), ("to", last)) if day is not None}
        path = f"/v1/market/{quote(asset, safe='')}/statistics"
        text = self._transport.request("GET", path, params=asked).text
        found = decode(text.encode(), Statistics)
        for one in (found.together, *(day.figures for day in found.days)):
            for total in (one.total, one.listed, one.block, one.bilateral, one.auction, one.counted):
                price = (2 * total.value_fen + total.tonnes) // (2 * total.tonnes) if total.tonnes else None
                if total.vwap_fen != price:
                    self._contradict(f"{total.value_fen} fen for {total.tonnes} t: {total.vwap_fen}", price, text)
        for name in ("total", "listed", "block", "bilateral", "auction", "counted"):
            said = getattr(found.together, name).tonnes
            summed = sum(getattr(day.figures, name).tonnes for day in found.days)
            if said != summed:
                self._contradict(f"{name}: {said} t", f"{summed} t", text)
        return found

    def intraday(self, asset: str, interval: str, day: int | None = None) -> tuple[Candle, ...]:
        """The candles of a day (by default the latest one), ``1m``, ``5m`` or ``1h`` long each, the earliest first."""
        asked: dict[str, str | int] = {"interval": interval} | ({} if day is None else {"day": day})
        path = f"/v1/market/{quote(asset, safe='')}/candles"
        return decode(self._transport.request("GET", path, params=asked).content, _Candles).candles

    def _passed(self, at: str | None, block: Block) -> tuple[str | None, MarketEvent | None]:
        """Where one stands after a block, and its event."""
        if block.data is None:
            return block.id or at, None
        if block.event == "end":
            ended = decode(block.data.encode(), Ended)
            if ended.reason == "signed_out":
                self._transport.sign_in_again()
            raise Interrupted(ended.reason, 0.0)
        kind = _BODIES.get(block.event)
        if kind is None:
            # A later service may tell more.
            return block.id, None
        if at is not None and _place(block.id) <= _place(at):
            self._contradict(f"event {block.id} after {at}", "an id above it", block.data)
        return block.id, MarketEvent(id=block.id, name=block.event, body=decode(block.data.encode(), kind))

    def _contradict(self, value: object, expected: object, text: str) -> NoReturn:
        broken = PromiseBroken(
            rule="answer.market",
            value=value,
            expected=expected,
            message=f"The service's answer does not fit: {value}, expected {expected}",
            message_zh="服务的应答前后不一致",
        )
        raise self._keep(broken, text)


def _place(text: str) -> tuple[int, ...]:
    parts = text.split(".")
    if len(parts) != _ID_PARTS or not all(part.isascii() and part.isdigit() for part in parts):
        return ()
    return tuple(map(int, parts))
