"""Event streams of the market over real sockets: who is told what, once, in order, and how one ends (DOMAIN 12)."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.feeds.limits import FeedLimits
from ledger.serving import Server
from tests.api.test_market import BUREAU, FOOD, PARK, QUOTA, Floor, opened
from tests.ledger.market_desk import DAY_ONE

DEADLINE = 30.0
PATIENCE = 5.0
HUNDRED_TONNES = (100, 6_000)


@dataclass(frozen=True)
class Told:
    """An event as it came over the wire."""

    id: str
    event: str
    data: Any


class Stream:
    """A reader of one stream. ``at``: the last id, as the standard keeps it."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.lines = response.iter_lines()
        self.at = ""

    def next(self) -> Told:
        """The next event, past what dispatches nothing."""
        until = time.monotonic() + PATIENCE
        while True:
            assert time.monotonic() < until, f"nothing after {self.at}"
            found = self.block()
            if "data" in found:
                return Told(self.at, found.get("event", "message"), json.loads(found["data"]))

    def block(self) -> dict[str, str]:
        """The fields up to the next empty line."""
        found: dict[str, str] = {}
        for line in self.lines:
            if not line:
                break
            name, _, value = line.partition(": ")
            found[name] = value
            if name == "id":
                self.at = value
        else:
            raise EOFError
        return found

    def upto(self, event: str) -> list[Told]:
        """Events up to the first of that name."""
        found = [self.next()]
        while found[-1].event != event:
            found.append(self.next())
        return found

    def rest(self) -> list[Told]:
        """Everything until the service hangs up."""
        found = []
        while True:
            try:
                found.append(self.next())
            except EOFError:
                return found


class House:
    """A floor's service behind a socket, of which there may be several."""

    def __init__(self, floor: Floor, **limits: Any) -> None:
        self.floor = floor
        given = {"interval": 0.02, "heartbeat": 0.2} | limits
        self.app = create_app(replace(floor.service, feed_limits=FeedLimits(**given)))
        ready, self.url = threading.Event(), ""

        def up(url: str) -> None:
            self.url = url
            ready.set()

        def stopping() -> None:
            self.app.patience.stop()
            self.app.state.hub.stop()

        self.server = Server(
            self.app, "127.0.0.1", 0, grace=20, refusal=lambda *_: ("text/plain", b""), up=up, stopping=stopping
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        assert ready.wait(DEADLINE)

    @contextmanager
    def follow(self, path: str, who: str, since: str | None = None, **query: str) -> Iterator[Stream]:
        headers = self.floor._bearer(who) | ({} if since is None else {"Last-Event-ID": since})
        with (
            httpx.Client(base_url=self.url, timeout=DEADLINE) as http,
            http.stream("GET", f"/v1/market/{path}", headers=headers, params=query) as response,
        ):
            if response.status_code != 200:
                response.read()
            yield Stream(response)

    def refused(self, path: str, who: str, **query: str) -> tuple[int, str]:
        with self.follow(path, who, **query) as stream:
            body = stream.response.json()
            assert body["detail"]
            assert body["message_zh"]
            return stream.response.status_code, body["rule"]

    def end(self) -> None:
        self.server.stop()
        self.thread.join(DEADLINE)
        assert not self.thread.is_alive()
        self.app.state.hub.close()


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    yield from opened(tmp_path)


@pytest.fixture
def start(floor: Floor) -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def begin(**limits: Any) -> House:
        houses.append(House(floor, **limits))
        return houses[-1]

    yield begin
    for house in houses:
        house.end()


BOOK = f"{QUOTA}/events"


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < until, "it does not come to hold"
        time.sleep(0.01)


def test_a_book_and_what_comes_after_its_id_are_told_as_it_happens(floor: Floor, start: Callable[..., House]) -> None:
    house, work = start(), floor.work
    offer = floor.say(work.sell(700, 6_250), floor.steel)
    book = floor.found(f"/v1/market/{QUOTA}/book", FOOD)
    with house.follow(BOOK, FOOD, since=book["id"]) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["cache-control"] == "no-store"
        floor.say(work.accepting(offer, 500), FOOD)
        trade, candle, changed = stream.upto("book")
        assert [one.event for one in (trade, candle, changed)] == ["trade", "candle", "book"]
        assert trade.data["state"] == "matched"
        assert trade.data["trade"] == floor.found(f"/v1/market/{QUOTA}/trades", FOOD)["trades"][0]
        shown = floor.found(f"/v1/market/{QUOTA}/candles", FOOD)["candles"][0]
        assert candle.data == {"asset": QUOTA, "candle": shown}
        now = floor.found(f"/v1/market/{QUOTA}/book", FOOD)
        assert (changed.data["levels"], changed.data["offers"]) == (now["levels"], now["offers"])
        floor.mine()
        settled = stream.next()
        assert (settled.event, settled.data["state"]) == ("trade", "settled")
        floor.close()
        closed = stream.upto("day")[-1]
        (day,) = floor.found(f"/v1/market/{QUOTA}/days", FOOD)["days"]
        assert (closed.data["what"], closed.data["day"]) == ("close", day)


def test_a_stream_goes_on_after_the_server_is_gone_and_another_took_over(
    floor: Floor, start: Callable[..., House]
) -> None:
    """Exactly once, in order, whoever answers: ids are the record's, not the process's."""
    first, second, work = start(), start(), floor.work
    with first.follow(BOOK, PARK) as whole, ExitStack() as at_first:
        cut = at_first.enter_context(first.follow(BOOK, PARK))
        cut.block()
        offers = [floor.say(work.sell(10, 6_000 + place), floor.steel) for place in range(5)]
        seen = [cut.next() for _ in range(3)]
        at_first.close()
        with second.follow(BOOK, PARK, since=seen[-1].id) as other:
            for offer in offers:
                floor.say(work.accepting(offer), FOOD)
            floor.mine()
            seen += [other.next() for _ in range(2 + 15 + 5)]
        assert [whole.next() for _ in seen] == seen
        assert len({one.id for one in seen}) == len(seen)
        first.server.stop()
        (end,) = whole.rest()
    assert (end.event, end.data["reason"]) == ("end", "stopping")
    floor.say(work.sell(77, 6_100), floor.tiles)
    third = start()
    with third.follow(BOOK, PARK, since=end.data["id"]) as again:
        assert again.next().data["levels"][0]["tonnes"] == 77


def test_what_is_others_never_enters_a_stream(floor: Floor, start: Callable[..., House]) -> None:
    """Offers to a named counterparty, parties of a trade, makers in a central book, orders and fills (DOMAIN 12)."""
    house, work = start(), floor.work
    begin = floor.found(f"/v1/market/{QUOTA}/book", PARK)["id"]
    block = floor.say(work.sell(1_000, 6_900, kind="block", counterparty=FOOD), floor.steel)
    floor.say(work.accepting(block), FOOD)
    floor.say(work.sell(5, 6_400), floor.steel)
    told = {}
    for who in (floor.steel, floor.tiles, FOOD, PARK):
        with house.follow(BOOK, who, since=begin) as stream:
            told[who] = stream.upto("book")
            while not any(level["tonnes"] == 5 for level in told[who][-1].data.get("levels", ())):
                told[who].append(stream.next())
    names = (floor.steel, FOOD, block.hex())
    for one in told[floor.tiles][:-1]:
        assert not any(name in json.dumps(one.data) for name in names), one
    assert [one.event for one in told[floor.tiles]] == ["trade", "book"]
    for who in (floor.steel, FOOD, PARK):
        assert [one.event for one in told[who]] == ["book", "trade", "book", "book"], who
        assert told[who][0].data["offers"][0]["order"] == block.hex()
        assert told[who][2].data["offers"][0]["remaining"] == 0
        assert (told[who][1].data["trade"]["buyer"], told[who][1].data["trade"]["seller"]) == (FOOD, floor.steel)
    with house.follow("events", floor.tiles, since=begin) as own:
        floor.say(work.sell(3, 6_500), floor.tiles)
        first = own.next()
        assert (first.event, first.data["account"], first.data["tonnes"]) == ("order", floor.tiles, 3)
    assert house.refused("events", floor.tiles, account=FOOD) == (403, "access.not_yours")
    assert house.refused(BOOK, BUREAU) == (403, "access.role")


def test_a_central_books_makers_are_nowhere(tmp_path: Path, floor: Floor, start: Callable[..., House]) -> None:
    """Licensed mode: price and tonnes, no maker, no order's hash."""
    work = floor.work
    floor.close()
    floor.mine()
    work.administer(work.approved(work.terms(mode="licensed")))
    work.administer(work.day(day=DAY_ONE + 1))
    house = start()
    begin = floor.found(f"/v1/market/{QUOTA}/book", PARK)["id"]
    sale = floor.say(work.sell(10, 6_000), floor.steel)
    with house.follow(BOOK, floor.tiles, since=begin) as stream:
        floor.say(work.buy(4, 6_000), FOOD)
        told = [stream.next(), *stream.upto("book")]
    assert [one.event for one in told] == ["book", "trade", "candle", "book"]
    assert [one.data["levels"][0]["tonnes"] for one in (told[0], told[-1])] == [10, 6]
    text = json.dumps([one.data for one in told])
    assert not any(name in text for name in (floor.steel, FOOD, sale.hex()))
    assert '"offers": []' in text


def test_ones_own_orders_and_fills_are_told_with_what_became_of_them(floor: Floor, start: Callable[..., House]) -> None:
    house, work = start(), floor.work
    with house.follow("events", floor.steel) as own, house.follow("events", PARK, account=floor.steel) as overseen:
        own.block(), overseen.block()
        floor.trade(floor.steel, FOOD, *HUNDRED_TONNES)
        placed, filled, fill = (own.next() for _ in range(3))
        assert [one.event for one in (placed, filled, fill)] == ["order", "order", "fill"]
        assert (placed.data["status"], placed.data["remaining"]) == ("open", 100)
        assert filled.data == floor.found("/v1/market/orders", floor.steel)["orders"][0]
        assert (fill.data["state"], fill.data["trade"]["buyer"]) == ("matched", FOOD)
        floor.trade(floor.steel, FOOD, 30, 6_100)
        operations = [one["op_id"] for one in floor.found("/v1/market/fills", floor.steel)["trades"]]
        floor.mine(refuse=(bytes.fromhex(operations[0]),))
        fills = [own.upto("fill")[-1].data for _ in range(3)]
        states = [(one["state"], one["trade"]["tonnes"]) for one in fills]
        assert states == [("matched", 30), ("settled", 100), ("undone", 30)]
        floor.say(work.sell(9, 6_000), floor.steel)
        assert own.upto("order")[-1].data["tonnes"] == 9
        ids = [overseen.next().id for _ in range(9)]
        assert (ids[0], ids[-1]) == (placed.id, own.at)


def test_ids_that_cannot_be_gone_on_from_are_refused_with_what_to_do(floor: Floor, start: Callable[..., House]) -> None:
    house = start(history=2)
    for since, status, rule in (
        ("yesterday", 400, "feed.id"),
        ("1.0.1", 400, "feed.id"),
        ("-1.0.1.0", 400, "feed.id"),
        ("999999.0.1.0", 409, "feed.id_unknown"),
        ("0.0.999999.0", 409, "feed.id_unknown"),
        ("0.0.1.0", 410, "feed.id_old"),
    ):
        for path in (BOOK, "events"):
            assert house.refused(path, floor.steel, since=since) == (status, rule), since
    assert floor.get(f"/v1/market/{BOOK}").status_code == 401


def test_who_does_not_read_is_cut_off_and_told(floor: Floor, start: Callable[..., House]) -> None:
    """The queue is bounded: nobody waits for the slowest, and nothing is lost for who comes again."""
    house, work = start(queue=3), floor.work
    hub = house.app.state.hub
    begin = floor.found(f"/v1/market/{QUOTA}/book", PARK)["id"]
    with house.follow(BOOK, PARK, since=begin) as slow:
        slow.block()
        with hub._lock:
            # Its reader stands still meanwhile.
            for place in range(6):
                floor.say(work.sell(1 + place, 6_000 + place), floor.steel)
        *told, end = slow.rest()
    assert (end.event, end.data["reason"]) == ("end", "slow")
    with house.follow(BOOK, PARK, since=end.data["id"]) as again:
        told += [again.next() for _ in range(6 - len(told))]
    assert [one.data["levels"][0]["tonnes"] for one in told] == [1, 2, 3, 4, 5, 6]


def test_a_stream_ends_with_its_sign_in(floor: Floor, start: Callable[..., House]) -> None:
    """At its end, and where the session was ended before."""
    house = start()
    with house.follow(BOOK, floor.steel) as stream:
        stream.block()
        floor.memory.now += floor.access.limits.token_seconds + 1
        (end,) = stream.rest()
    assert (end.event, end.data["reason"]) == ("end", "signed_out")
    headers = floor._bearer(floor.steel)
    with (
        httpx.Client(base_url=house.url, timeout=DEADLINE) as http,
        http.stream("GET", f"/v1/market/{BOOK}", headers=headers) as response,
    ):
        stream = Stream(response)
        stream.block()
        assert http.delete("/v1/sessions", headers=headers).status_code == 204
        (end,) = stream.rest()
    assert end.data["reason"] == "signed_out"


def test_a_quiet_stream_says_that_it_is_alive_and_goes_on_with_the_log(
    floor: Floor, start: Callable[..., House]
) -> None:
    """What was for others is behind its id too, so that it need not be read again."""
    house, work = start(), floor.work
    with house.follow("events", floor.tiles) as stream:
        stream.block()
        begin = stream.at
        floor.say(work.sell(10, 6_000), floor.steel)
        wait_for(lambda: "" in stream.block() and stream.at != begin)
        assert stream.at == floor.found(f"/v1/market/{QUOTA}/book", PARK)["id"]


def test_an_end_of_the_service_waits_for_no_stream(floor: Floor, start: Callable[..., House]) -> None:
    house = start(heartbeat=60.0, interval=5.0)
    with house.follow(BOOK, PARK) as stream:
        stream.block()
        begun = time.monotonic()
        house.end()
        assert time.monotonic() - begun < 5
        (end,) = stream.rest()
        assert end.data["reason"] == "stopping"


def test_streams_are_bounded_for_each_and_given_back(floor: Floor, start: Callable[..., House]) -> None:
    house = start()
    slots = floor.access.streams
    with ExitStack() as all_:
        most = floor.access.limits.streams_each
        streams = [all_.enter_context(house.follow(BOOK, floor.steel)) for _ in range(most)]
        assert all("retry" in one.block() for one in streams)
        assert house.refused(BOOK, floor.steel) == (429, "feed.streams")
        with house.follow(BOOK, FOOD) as other:
            other.block()
    # Whoever went away is noticed, and the next one is let in.
    wait_for(lambda: slots.taken(floor.steel) == 0 and house.app.state.hub.streams == 0)
    with house.follow(BOOK, floor.steel) as stream:
        assert "retry" in stream.block()


def test_two_hundred_idle_streams_cost_one_reader(floor: Floor, start: Callable[..., House]) -> None:
    """The store is asked once for all of them, nobody waits in a queue, and the processor rests."""
    floor.access.streams._each = 200
    house = start(interval=0.1, heartbeat=30.0)
    headers = floor._bearer(PARK)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET /v1/market/{BOOK} HTTP/1.1\r\nHost: t\r\n{lines}\r\n".encode()
    port = int(house.url.rpartition(":")[2])
    with ExitStack() as all_:
        for _ in range(200):
            connection = all_.enter_context(socket.create_connection(("127.0.0.1", port), timeout=DEADLINE))
            connection.sendall(request)
            assert connection.recv(512).startswith(b"HTTP/1.1 200")
        hub = house.app.state.hub
        wait_for(lambda: hub.streams == 200)
        looked, used, begun = hub.looked, time.process_time(), time.monotonic()
        time.sleep(1.0)
        spent = (time.process_time() - used) / (time.monotonic() - begun)
        assert hub.looked - looked <= 11
        assert spent < 0.5, f"{spent:.0%} of a processor for nothing"
        assert all(not one._waiting for one in hub._subscriptions)
        floor.say(floor.work.sell(1, 6_000), floor.steel)
        wait_for(lambda: all(one.reached != one.start for one in hub._subscriptions))
    wait_for(lambda: hub.streams == 0)
