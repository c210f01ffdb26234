"""A worker process of an audit: reads ranges to judge on standard input, and answers on standard output.

Both are pickled values, between a process and one that it started. The first one says how the evidence is opened; then
each task is answered by what :meth:`RangeJudge.judge` gives, or by the error that it raised. It ends when its input
does, so it never outlives whoever started it. It loads what judging an entry needs, and no more.
"""

from __future__ import annotations

import pickle
import signal
import sys
from collections.abc import Mapping
from typing import BinaryIO

from msgspec import Struct

from ledger.audit.evidence import Locator
from ledger.audit.ranges import Cited, Key, RangeJudge
from ledger.heap import settle_heap

Task = tuple[int, int, list[int]]
"""First and last entry of a range, and the sizes of heads in it."""


class Setup(Struct, frozen=True):
    """What a judge of ranges is made from, and how it opens the evidence."""

    locator: Locator
    origin: str
    skew: int
    keys: Mapping[str, Key]
    cited: list[Cited]


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the requests end."""
    setup: Setup = pickle.load(requests)  # noqa: S301 - written by the process that started this one
    try:
        with setup.locator.open() as evidence:
            judge = RangeJudge(setup.origin, setup.skew, setup.keys, setup.cited, evidence.streams())
            settle_heap()
            while (task := _next(requests)) is not None:
                _answer(answers, judge.judge(evidence, *task))
    except Exception as error:
        # Whatever it is, the process that asked raises it.
        _answer(answers, error)


def _next(requests: BinaryIO) -> Task | None:
    try:
        task: Task = pickle.load(requests)  # noqa: S301 - as above
    except EOFError:
        return None
    return task


def _answer(answers: BinaryIO, value: object) -> None:
    pickle.dump(value, answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()


def main() -> None:
    """Serve standard input. A terminal's Ctrl-C is for whoever started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.stdin.buffer, sys.stdout.buffer)
