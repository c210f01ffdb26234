"""The client follows a real service: it signs in, takes a lost stream up again, and tells each event once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from api.access.access import Access
from attestation.keys import Algorithm, PrivateKey
from tanlu.client import Client, Credentials
from tanlu.client.event_lines import Block, blocks
from tanlu.client.feed_answers import BookChanged, FillChanged
from tanlu.errors import PromiseBroken, RefusedByService
from tests.api.test_feeds import House
from tests.api.test_market import FOOD, QUOTA, Floor, opened


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    yield from opened(tmp_path)


class Open:
    """A house at an address of its own, where sign-ins are judged by the real clock."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        key = PrivateKey.generate(Algorithm.ED25519)
        self.access = Access(floor.database, floor.parameters, key, audience="")
        floor.service = replace(floor.service, access=self.access)
        self.house = House(floor)
        self.access.proving.serve_at(self.house.url)

    def client(self, who: str, **more: float) -> Client:
        credentials = Credentials(who, self.floor.park.keys[who])
        return Client(self.house.url, trust=None, credentials=credentials, **{"patience": 20.0, **more})

    def end(self) -> None:
        self.house.end()
        self.access.close()


@pytest.fixture
def served(floor: Floor) -> Iterator[Open]:
    made = Open(floor)
    yield made
    made.end()


def test_a_stream_is_taken_up_again_and_nothing_comes_twice(served: Open) -> None:
    """The service ends the sign-in of a stream in the middle; the reader sees one row of events."""
    floor, work = served.floor, served.floor.work
    with served.client(FOOD) as client:
        begin = client.market.book(QUOTA).id
        events = client.market.events(QUOTA, since=begin)
        for place in range(3):
            floor.say(work.sell(1 + place, 6_000 + place), floor.steel)
        told = list(islice(events, 2))
        client._transport.request("DELETE", "/v1/sessions")
        floor.say(work.sell(4, 6_003), floor.steel)
        time.sleep(0.5)
        floor.say(work.sell(5, 6_004), floor.steel)
        told += islice(events, 3)
        again = list(islice(client.market.events(QUOTA, since=begin), 5))
    bodies = [one.body for one in told]
    assert [body.levels[0].tonnes for body in bodies if isinstance(body, BookChanged)] == [1, 2, 3, 4, 5]
    assert told == again


def test_ones_own_fills_come_with_what_became_of_them(served: Open) -> None:
    floor = served.floor
    with served.client(floor.steel) as client:
        begin = client.market.book(QUOTA).id
        floor.trade(floor.steel, FOOD, 100, 6_000)
        floor.mine()
        told = list(islice(client.market.events(since=begin), 4))
        assert [one.name for one in told] == ["order", "order", "fill", "fill"]
        states = [one.body.state for one in told if isinstance(one.body, FillChanged)]
        assert states == ["matched", "settled"]
        figures = client.market.statistics(QUOTA)
        assert (figures.together.listed.tonnes, figures.together.listed.vwap_fen) == (100, 6_000)
        (candle,) = client.market.intraday(QUOTA, "1h")
        assert (candle.volume, candle.start) == (100, floor.memory.now - floor.memory.now % 3_600)


def test_an_id_that_cannot_be_gone_on_from_is_the_readers_to_mend(served: Open) -> None:
    with served.client(FOOD) as client:
        for since, status in (("never", 400), ("99999.0.1.0", 409)):
            with pytest.raises(RefusedByService) as refused:
                next(client.market.events(QUOTA, since=since))
            assert refused.value.status == status


def test_an_id_that_goes_back_is_a_broken_promise(served: Open) -> None:
    with served.client(FOOD) as client, pytest.raises(PromiseBroken):
        client.market._passed("7.1.1.0", Block("7.1.1.0", "book", '{"asset":"quota-2025","levels":[],"offers":[]}'))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["data: a", "data: b", ""], [Block("0", "message", "a\nb")]),
        ([": hello", "id: 5", ""], [Block("5", "message", None)]),
        (["event: x", "data:y", "id: 1", "", "data: z", ""], [Block("1", "x", "y"), Block("1", "message", "z")]),
        (["\N{ZERO WIDTH NO-BREAK SPACE}data: a", "", "data: cut"], [Block("0", "message", "a")]),
        (["retry: 5", "unknown: 1", "id: a\0b", "data", ""], [Block("0", "message", "")]),
    ],
)
def test_lines_are_read_as_the_standard_has_it(lines: list[str], expected: list[Block]) -> None:
    """WHATWG HTML, section 9.2.6."""
    assert list(blocks(lines, "0")) == expected
