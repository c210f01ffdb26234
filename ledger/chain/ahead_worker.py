"""The process that reads ranges of blocks ahead of the one that applies them: answers of a node, decoded.

It gets one frame (four bytes of length, big endian, and a pickled :class:`Asked`) on standard input and answers with a
frame for each range in its order. A frame that does not fit into the pipe waits there until it is taken, so that one
range is held in memory, and little else is ahead. What it cannot read it does not judge: it says why and ends. It also
ends when its input does, so it never outlives whoever started it, however that one ended.
"""

from __future__ import annotations

import gc
import marshal
import os
import pickle
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from ledger.chain.contracts import Deployment
from ledger.chain.events import ChainEvent, EventRange, EventReader, Reads
from ledger.chain.ranges import RangeSize, read_range
from ledger.chain.wire import Block
from ledger.verifying.worker import read_frame, write_frame


class Locator(Protocol):
    """Opens a chain's answers in another process; can be pickled."""

    def open(self) -> AbstractContextManager[Reads]:
        """The same answers again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Blocks ``first`` to ``last`` of a deployment, in ranges that begin with so many ``blocks`` and have at most
    ``most``."""

    locator: Locator
    deployment: Deployment
    first: int
    last: int
    blocks: int
    most: int


def packed(found: EventRange) -> bytes:
    """A range as bytes for :func:`unpacked`, each event with its arguments also as text."""
    blocks = {block.number: _members(block) for block in found.blocks}
    events = [
        (
            event.block.number,
            event.index,
            event.tx_hash,
            event.contract,
            event.name,
            dict(event.args),
            event.args_json(),
        )
        for event in found.events
    ]
    return marshal.dumps((found.first, found.parent, _members(found.last), blocks, events))


def unpacked(frame: bytes | bytearray) -> EventRange:
    """The range that was packed. Raises ``ValueError`` with the reason where one could not be read."""
    answer: Any = marshal.loads(frame)  # noqa: S302 - what our own process wrote
    if isinstance(answer, str):
        raise ValueError(answer)
    first, parent, last, members, told = answer
    blocks = {number: Block(*block) for number, block in members.items()}
    places = {number: (block.ref, block.timestamp) for number, block in blocks.items()}
    events = []
    for number, index, tx_hash, contract, name, args, text in told:
        ref, time = places[number]
        events.append(ChainEvent(ref, index, tx_hash, contract, name, args, time, None, text))
    return EventRange(first, parent, Block(*last), tuple(events), tuple(blocks.values()))


def _members(block: Block) -> tuple[Any, ...]:
    return block.number, block.hash, block.parent, block.timestamp, block.base_fee, block.gas_limit


def ranges(asked: Asked) -> Iterator[EventRange]:
    """The ranges in their order. Raises as ``EventReader.read``."""
    size = RangeSize(asked.most)
    size.blocks = asked.blocks
    with asked.locator.open() as source:
        reader, first = EventReader(source, asked.deployment.readable()), asked.first
        while first <= asked.last:
            found = read_range(reader, size, first, asked.last)
            first = found.last.number + 1
            yield found


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer what is asked, to its end or to the first range that cannot be read: then a frame says why."""
    frame = read_frame(requests)
    if frame is None:
        return
    threading.Thread(target=_end_with, args=(requests,), daemon=True).start()
    try:
        for found in ranges(pickle.loads(frame)):  # noqa: S301 - what the process that started this one wrote
            write_frame(answers, packed(found))
    except BrokenPipeError:
        return
    except Exception as error:
        # Whoever started this reads the range itself, and meets the error there.
        write_frame(answers, marshal.dumps(f"{type(error).__name__}: {error}"))


def _end_with(requests: BinaryIO) -> None:
    requests.read()
    os._exit(0)


def main() -> None:
    """Serve standard input. A terminal's Ctrl-C is for whoever started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # nothing that is made here stands in a cycle
    serve(sys.stdin.buffer, sys.stdout.buffer)
