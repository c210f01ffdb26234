"""A process beside this one: it is spoken to over pipes, and ends when it is told to, however busy."""

from __future__ import annotations

import os

import pytest

from ledger.child import Child
from ledger.verifying.worker import read_frame, write_frame


def test_what_is_asked_is_answered() -> None:
    child = Child("ledger.verifying.worker")
    try:
        write_frame(child.requests, b"\x90")
        assert read_frame(child.answers) == b""
        assert child.ended_with is None
    finally:
        child.end()


def test_it_ends_when_told_to_and_leaves_no_process_and_no_pipe() -> None:
    child = Child("ledger.verifying.worker")
    child.end()
    assert child.ended_with is not None
    with pytest.raises(ProcessLookupError):
        os.kill(child.id, 0)
    assert child.requests.closed
    assert child.answers.closed
    child.end()


def test_one_that_ends_by_itself_says_so_by_the_end_of_its_answers() -> None:
    child = Child("ledger.no_such_module")
    try:
        assert child.answers.read() == b""
        assert child.wait(30) == child.ended_with == 1
    finally:
        child.end()
