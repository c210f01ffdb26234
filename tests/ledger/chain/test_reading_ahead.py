"""What a process beside this one reads is what this one would have read, and it ends with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.ahead_worker import packed, unpacked
from ledger.chain.contracts import Deployment
from ledger.chain.errors import ChainUnavailable
from ledger.chain.events import ChainEvent, EventRange
from ledger.chain.reading_ahead import RangeReader
from ledger.chain.rpc import Endpoint, Rpc
from ledger.chain.wire import Block, unavailable
from ledger.projection import Projection

MOST, DEADLINE = 3, 30.0
NOWHERE = Endpoint("http://127.0.0.1:9", 1.0)
SIMPLE = st.none() | st.booleans() | st.integers(0, 2**256 - 1) | st.binary(max_size=40) | st.text(max_size=20)
VALUES = st.recursive(
    SIMPLE, lambda one: st.lists(one, max_size=3) | st.lists(one, max_size=3).map(tuple), max_leaves=8
)
LAST = Block(9, b"\x09" * 32, b"\x08" * 32, 1_700_000_009, 7, 30_000_000)


@given(st.lists(st.dictionaries(st.text(max_size=8), st.integers() | st.binary(), max_size=4), max_size=4), VALUES)
def test_a_range_comes_back_as_it_was_sent(members: list[dict[str, Any]], value: Any) -> None:
    events = tuple(
        ChainEvent(LAST.ref, index, b"\x01" * 32, "Exchange", "Settled", args, LAST.timestamp, None, f"text {index}")
        for index, args in enumerate([*members, {"value": value}])
    )
    found = unpacked(packed(EventRange(3, b"\x02" * 32, LAST, events, (LAST,))))
    assert found == EventRange(3, b"\x02" * 32, LAST, events, (LAST,))
    assert [event.args_json() for event in found.events] == [f"text {index}" for index in range(len(events))]


def gone(process: int) -> bool:
    """Whether it ended, at the latest when the deadline is over."""
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{process}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def walk(reader: RangeReader, deployment: Deployment, tip: int) -> Iterator[EventRange]:
    first = deployment.first_block
    with reader:
        while first <= tip:
            found = reader.read(first, tip)
            yield found
            first = found.last.number + 1


def told(ranges: list[EventRange]) -> list[tuple[ChainEvent, str]]:
    return [(event, event.args_json()) for one in ranges for event in one.events]


@pytest.fixture
def deployment(world: Any) -> Deployment:
    found: Deployment = world.deploy()
    return found


@pytest.fixture
def tip(world: Any, deployment: Deployment) -> int:
    assert deployment.addresses
    number: int = world.rpc.head().number
    return number


@pytest.fixture
def here(world: Any, deployment: Deployment, tip: int) -> list[EventRange]:
    """All ranges, read by this process."""
    found = list(walk(RangeReader(world.rpc, deployment, MOST, worth=10**9), deployment, tip))
    assert len(found) > 3
    assert told(found)
    return found


@pytest.mark.chain
def test_another_process_reads_the_same_ranges(
    world: Any, deployment: Deployment, tip: int, here: list[EventRange], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, found, beside = RangeReader(world.rpc, deployment, MOST, worth=0), [], None
    for one in walk(reader, deployment, tip):
        found.append(one)
        if beside is None:
            beside = reader.beside
            assert beside is not None
            # From here on nothing is asked by this process.
            monkeypatch.setattr(Rpc, "request", None)
    assert found == here
    assert told(found) == told(here)
    assert reader.beside is None
    assert beside is not None
    assert gone(beside)


@pytest.mark.chain
def test_the_same_rows_whoever_reads(world: Any, deployment: Deployment) -> None:
    """Law 5."""
    following = Projection(world.database, world.rpc, deployment, world.finality, range_blocks=MOST)
    following.sync()
    expected = world.projected()
    assert expected["chain_events"]
    again = Projection(world.database, world.rpc, deployment, world.finality, range_blocks=MOST, read_ahead_from=0)
    again.drop()
    assert again.sync().events == len(expected["chain_events"])
    assert world.projected() == expected


@pytest.mark.chain
def test_what_a_killed_process_leaves_is_read_here(
    world: Any, deployment: Deployment, tip: int, here: list[EventRange]
) -> None:
    reader, found, killed = RangeReader(world.rpc, deployment, MOST, worth=0), [], None
    for one in walk(reader, deployment, tip):
        found.append(one)
        if killed is None:
            killed = reader.beside
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
        elif len(found) > 2:
            assert reader.beside is None, "no second one is tried"
    assert told(found) == told(here)


class Misled(Rpc):
    """The node is there, until it is down; whoever opens it again asks elsewhere."""

    down = False

    def request(self, method: str, *params: Any) -> Any:
        if self.down:
            raise unavailable(method, "nobody there")
        return super().request(method, *params)

    def locator(self) -> Endpoint:
        return NOWHERE


@pytest.mark.chain
def test_what_the_other_process_cannot_read_is_read_here_with_its_reason_told(
    world: Any, deployment: Deployment, tip: int, here: list[EventRange], caplog: pytest.LogCaptureFixture
) -> None:
    rpc = Misled(world.engine.rpc_url)
    found = list(walk(RangeReader(rpc, deployment, MOST, worth=0), deployment, tip))
    assert told(found) == told(here)
    assert "ChainUnavailable" in caplog.text
    rpc.close()


@pytest.mark.chain
def test_an_error_is_that_of_this_process_and_ends_the_other(world: Any, deployment: Deployment, tip: int) -> None:
    rpc = Misled(world.engine.rpc_url)
    reader = RangeReader(rpc, deployment, MOST, worth=0)
    ranges = walk(reader, deployment, tip)
    next(ranges)
    beside = reader.beside
    assert beside is not None
    rpc.down = True
    with pytest.raises(ChainUnavailable, match="nobody there"):
        list(ranges)
    assert gone(beside)
    rpc.close()


@pytest.mark.chain
def test_the_other_process_ends_where_the_work_is_given_up(world: Any, deployment: Deployment, tip: int) -> None:
    ranges = walk(reader := RangeReader(world.rpc, deployment, MOST, worth=0), deployment, tip)
    next(ranges)
    beside = reader.beside
    assert beside is not None
    ranges.close()  # type: ignore[attr-defined]  # a generator
    assert gone(beside)


STARTED = """
import os, sys, time, msgspec
from ledger.chain.contracts import Deployment
from ledger.chain.reading_ahead import RangeReader
from ledger.chain.rpc import Rpc
url, deployment, tip = sys.argv[1], msgspec.json.decode(sys.argv[2], type=Deployment), int(sys.argv[3])
reader = RangeReader(Rpc(url), deployment, 3, worth=0)
reader.read(deployment.first_block, tip)
print(reader.beside, flush=True)
time.sleep(60)
"""


@pytest.mark.chain
def test_the_other_process_ends_with_one_that_is_killed(world: Any, deployment: Deployment, tip: int) -> None:
    book = msgspec.json.encode(deployment).decode()
    command = [sys.executable, "-c", STARTED, world.engine.rpc_url, book, str(tip)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        beside = int(process.stdout.readline())
        assert Path(f"/proc/{beside}").exists()
        process.kill()
    assert gone(beside)
