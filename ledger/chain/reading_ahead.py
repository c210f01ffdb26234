"""Ranges of blocks, read by a process beside this one where many are to be caught up.

Reading, JSON and decoding take about as long as applying and writing, so that on two cores a rebuild takes little more
than the longer of both. What is read does not depend on who read it: a process that is gone, or could not read a range,
leaves the rest to this one, which meets the same error if there is one.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import pickle
import select
from types import TracebackType
from typing import Final, Self

from ledger.chain.ahead_worker import Asked, Locator, unpacked
from ledger.chain.contracts import Deployment
from ledger.chain.events import EventRange, EventReader, Reads
from ledger.chain.ranges import RangeSize, read_range
from ledger.child import Child
from ledger.verifying import cores
from ledger.verifying.worker import LENGTH_BYTES, write_frame

_LOG = logging.getLogger(__name__)
WORTH_A_PROCESS: Final = 40_000
"""Events that are still to be read, about: fewer are read sooner than a process has started."""
_PATIENCE: Final = 300.0
"""Seconds without a byte after which the process counts as stuck."""
_PIPE_BYTES: Final = 1 << 20


class RangeReader:
    """Reads ranges one after the other; a context, with which the process beside this one ends.

    Parameters
    ----------
    source
        A node, or recorded answers. One that has a ``locator`` can be opened by another process.
    deployment
        Whose events.
    most
        Blocks of one range.
    worth
        From how many events on another process reads.
    """

    def __init__(self, source: Reads, deployment: Deployment, most: int, *, worth: int = WORTH_A_PROCESS) -> None:
        self._reader = EventReader(source, deployment.readable())
        self._deployment, self._most, self._worth = deployment, most, worth
        self._size = RangeSize(most)
        locator = getattr(source, "locator", None)
        self._locator: Locator | None = None if locator is None else locator()
        self._beside: _Process | None = None
        self._alone = False

    @property
    def beside(self) -> int | None:
        """The id of the process that reads ahead now, ``None`` without one."""
        return None if self._beside is None else self._beside.id

    def __enter__(self) -> Self:
        self._alone = False
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def read(self, first: int, tip: int) -> EventRange:
        """The next range from block ``first`` on, up to block ``tip`` at most. Raises as ``EventReader.read``."""
        if self._beside is not None:
            try:
                found = self._beside.next(first)
            except (OSError, ValueError, EOFError, TypeError) as error:
                _LOG.warning("blocks from %d on are read here: the process that read ahead ended (%s)", first, error)
                self._end()
                self._alone = True
            else:
                if found.last.number >= self._beside.last:
                    self._end()
                return found
        found = read_range(self._reader, self._size, first, tip)
        self._start(found, tip)
        return found

    def _start(self, found: EventRange, tip: int) -> None:
        """Have what comes after ``found`` read while it is applied, if that is worth it."""
        last = found.last.number
        left = len(found.events) * (tip - last) // (last - found.first + 1)
        if self._locator is None or self._alone or left < self._worth or cores() < 2:
            return
        asked = Asked(self._locator, self._deployment, last + 1, tip, self._size.blocks, self._most)
        try:
            self._beside = _Process(asked)
        except OSError as error:
            _LOG.warning("blocks are read by this process alone (%s)", error)
            self._alone = True

    def _end(self) -> None:
        beside, self._beside = self._beside, None
        if beside is not None:
            beside.end()


class _Process:
    def __init__(self, asked: Asked) -> None:
        self.last = asked.last
        self._child = Child("ledger.chain.ahead_worker")
        self._answers = self._child.answers.fileno()
        with contextlib.suppress(OSError, AttributeError):  # a larger pipe is only faster
            fcntl.fcntl(self._answers, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        try:
            write_frame(self._child.requests, pickle.dumps(asked))
        except OSError:
            self.end()
            raise

    @property
    def id(self) -> int:
        """Of the process."""
        return self._child.id

    def next(self, first: int) -> EventRange:
        """The range from block ``first`` on. Raises ``OSError``, ``ValueError`` for any other answer."""
        length = int.from_bytes(self._exactly(LENGTH_BYTES), "big")
        found = unpacked(self._exactly(length))
        if found.first != first:
            raise ValueError(f"block {found.first} where {first} was asked for")
        return found

    def end(self) -> None:
        """End it."""
        self._child.end()

    def _exactly(self, count: int) -> bytearray:
        found = bytearray(count)
        view, at = memoryview(found), 0
        while at < count:
            if not select.select([self._answers], [], [], _PATIENCE)[0]:
                raise TimeoutError(f"nothing in {_PATIENCE:.0f} s")
            taken = os.readv(self._answers, [view[at:]])
            if not taken:
                raise EOFError("its answers end")
            at += taken
        return found
